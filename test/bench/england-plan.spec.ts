import fc from 'fast-check';
import { parseNhsNumber, parseVatNumber } from '../../src/identifiers/index.js';
import { RateCardTermsSchema } from '../../src/pricing/rate-card.schemas.js';
import { ACCEPTED_ON, dayOf, firstMondayOf, isoOf, monthOf } from './england-calendar.js';
import { CARDS, vatNumberOf } from './england-cards.js';
import { deliveredIn, nhsNumberOf, referralsOf } from './england-delivery.js';
import { claimCsv, referralCsv } from './england-files.js';
import { CARD_KINDS, ENGLAND, GROUP_SIZE, planOf, type ProviderPlan } from './england-plan.js';
import { problemOf } from './england.js';

const SMALL = planOf(0.002, 5);

const yearOf = (provider: ProviderPlan, months = 12) =>
  Array.from({ length: months }, (_, month) => [...deliveredIn(SMALL, provider, month)]);

describe('the plan of England’s year', () => {
  it('follows from the share and the seed', () => {
    expect(planOf(0.01, 7)).toEqual(planOf(0.01, 7));
    expect(planOf(0.01, 8)).not.toEqual(planOf(0.01, 7));
    const [provider] = SMALL.providers as [ProviderPlan];
    expect(yearOf(provider)).toEqual(yearOf(provider));
  });

  it('has commissioners and providers as large as in the whole, however small its share', () => {
    const [whole, tenth] = [planOf(1, 1), planOf(0.1, 1)];
    expect([whole.commissioners.length, whole.providers.length]).toEqual([42, 4_032]);
    expect([tenth.commissioners.length, tenth.providers.length]).toEqual([4, 403]);
    expect(new Set(whole.providers.map(({ code }) => code)).size).toBe(4_032);
    for (const share of [0.0001, 0.001, 0.01, 0.059, 0.1, 1]) {
      const { commissioners, providers } = planOf(share, 3);
      const each = commissioners.map(
        (_, place) => providers.filter(({ commissioner }) => commissioner === place).length,
      );
      expect(Math.min(...each)).toBeGreaterThan(0);
      expect(Math.max(...each)).toBeLessThanOrEqual(120);
      expect(new Set(providers.map(({ kind }) => kind)).size).toBe(CARD_KINDS.length);
    }
  });

  it('comes to as many sessions as it says', () => {
    for (const share of [0.01, 0.03]) {
      const plan = planOf(share, 1);
      let rows = 0;
      for (const provider of plan.providers)
        for (let month = 0; month < 12; month++) for (const _ of deliveredIn(plan, provider, month)) rows++;
      expect(Math.abs(rows / (ENGLAND.sessions * share) - 1)).toBeLessThan(0.05);
      expect(Math.abs(rows / plan.expected - 1)).toBeLessThan(0.05);
    }
  });
});

describe('what a provider does', () => {
  it.each(SMALL.providers.slice(0, 5).map((provider) => [provider.kind, provider] as const))(
    'is all that was planned for those who came early enough, under %s',
    (_, provider) => {
      const came = new Map<string, number>();
      for (const { referral } of yearOf(provider).flat()) came.set(referral, (came.get(referral) ?? 0) + 1);
      for (let month = 0; month < 9; month++) {
        for (const { reference, sessionsPlanned } of referralsOf(SMALL, provider, month))
          expect([reference, came.get(reference)]).toEqual([reference, sessionsPlanned]);
      }
    },
  );

  it('lies in the month that claims it, after the referral was accepted, on working days', () => {
    for (const provider of SMALL.providers.slice(0, 5)) {
      for (const [month, rows] of yearOf(provider).entries()) {
        expect(rows.length).toBeGreaterThan(0);
        for (const { referral, on } of rows) {
          expect(on.slice(0, 7)).toBe(monthOf(month));
          const cohort = Number(referral.split('-')[1]) - 1;
          expect(on > dayOf(cohort, ACCEPTED_ON)).toBe(true);
          expect([1, 2, 3, 4, 5]).toContain(new Date(`${on}T12:00:00Z`).getUTCDay());
        }
      }
    }
  });

  it('counts what each person attended and missed so far', () => {
    const [provider] = SMALL.providers as [ProviderPlan];
    const so = new Map<string, [attended: number, missed: number]>();
    for (const { referral, outcome, attendedSoFar, missedSoFar } of yearOf(provider).flat()) {
      const [attended, missed] = so.get(referral) ?? [0, 0];
      const now = [attended + (outcome === 'attended' ? 1 : 0), missed + (outcome === 'missed' ? 1 : 0)] as const;
      expect([attendedSoFar, missedSoFar]).toEqual(now);
      so.set(referral, [...now]);
    }
    expect([...so.values()].some(([, missed]) => missed > 0)).toBe(true);
  });

  it('comes in whole groups where a session is paid as a whole', () => {
    const provider = SMALL.providers.find(({ kind }) => kind === 'split') as ProviderPlan;
    for (const rows of yearOf(provider)) {
      const sizes = new Map<string, number>();
      for (const { session } of rows) sizes.set(session ?? '', (sizes.get(session ?? '') ?? 0) + 1);
      expect([...new Set(sizes.values())]).toEqual([GROUP_SIZE]);
    }
  });
});

describe('what stands in its files', () => {
  it('is a row for each, under a heading', () => {
    const provider = SMALL.providers.find(({ kind }) => kind === 'split') as ProviderPlan;
    const referrals = [...referralsOf(SMALL, provider, 0)];
    const rows = [...deliveredIn(SMALL, provider, 0)];
    expect(referralCsv(referrals, 'SESSION', '2025-04-01').split('\r\n')).toHaveLength(referrals.length + 1);
    const lines = claimCsv(rows, 'SESSION').split('\r\n');
    expect(lines).toHaveLength(rows.length + 1);
    for (const line of lines) expect(line.split(',')).toHaveLength(10);
  });

  it('has NHS numbers of the test range that are well formed, and no two alike', () => {
    const some = Array.from({ length: 5_000 }, (_, person) => nhsNumberOf(person));
    expect(new Set(some).size).toBe(some.length);
    fc.assert(
      fc.property(fc.nat(499_999), (person) => {
        const number = nhsNumberOf(person);
        expect(number).toMatch(/^999\d{7}$/);
        expect(parseNhsNumber(number)).toHaveProperty('ok');
      }),
    );
  });

  it('has VAT numbers and rate cards that are well formed', () => {
    for (let index = 0; index < 200; index++) expect(parseVatNumber(vatNumberOf(index))).toHaveProperty('ok');
    for (const kind of CARD_KINDS) expect(RateCardTermsSchema.safeParse(CARDS[kind]).success).toBe(true);
  });
});

describe('the days of the year', () => {
  it('are those of the financial year from April 2025', () => {
    expect([monthOf(0), monthOf(8), monthOf(11), monthOf(12)]).toEqual(['2025-04', '2025-12', '2026-03', '2026-04']);
    expect([dayOf(0, 30), dayOf(1, 1), dayOf(10, 28), dayOf(10, 29)]).toEqual([
      '2025-04-30',
      '2025-05-01',
      '2026-02-28',
      '2026-03-01',
    ]);
    // 4 August 2025 is a Monday; of May the first after the third is the fifth.
    expect([isoOf(firstMondayOf(4)), isoOf(firstMondayOf(1))]).toEqual(['2025-08-04', '2025-05-05']);
  });
});

describe('before it begins', () => {
  it.each([
    [0, 1, '--share'],
    [1.5, 1, '--share'],
    [Number.NaN, 1, '--share'],
    [0.1, 1.5, '--seed'],
    [0.1, -1, '--seed'],
  ])('share %d and seed %d are refused, naming %s', (share, seed, named) => {
    expect(problemOf(share, seed, Infinity)).toContain(named);
  });

  it('says how much disk it needs where there is less', () => {
    expect(problemOf(1, 1, 1e9)).toMatch(/^It needs \d+ GB of disk .*, where 1 GB are free/);
    expect(problemOf(0.001, 1, 1e10)).toBeUndefined();
    expect(problemOf(1, 1, 1e13)).toBeUndefined();
  });
});

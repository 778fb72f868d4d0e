import { attendance, card, codesOf, days, quote, quoteAll, session } from '../../test/support/pricing.js';
import type { CountedLines, LineKind, Standing } from './price-line.rules.js';
import { priceLines } from './price.calculator.js';
import type { AttendanceTerms } from './rate-card.rules.js';

const PRICE: AttendanceTerms = { basis: 'attendance', priceMinor: 3_200n, didNotAttend: { basisPoints: 5_000 } };
const SIX: AttendanceTerms = { ...PRICE, caps: { perReferral: 6 } };

function earlier(lines: number, kind: LineKind = 'delivered', standing: Standing = 'standing'): CountedLines {
  const person = { referralId: 'referral-1', personId: 'person-1' };
  return { rateKey: 'rate-1', ...person, month: '2026-06', kind, standing, lines, units: lines };
}

describe('caps', () => {
  it('cover number 6 of 6; number 7 is priced and flagged, and so is number 8', () => {
    const priced = quoteAll(SIX, days(8));
    expect(priced.map((line) => line.netMinor)).toEqual(Array.from({ length: 8 }, () => 3_200n));
    expect(priced[5]).toMatchObject({
      flags: [],
      reasons: [{ code: 'unit_price' }, { code: 'covered', cap: 'referral', unit: 'attendance', number: 6, limit: 6 }],
    });
    expect(priced.slice(6).map((line) => line.flags)).toEqual([
      [{ code: 'over_cap', cap: 'referral', unit: 'attendance', number: 7, limit: 6 }],
      [{ code: 'over_cap', cap: 'referral', unit: 'attendance', number: 8, limit: 6 }],
    ]);
  });

  it('go by service time, then id, whatever the order of arrival', () => {
    const priced = quoteAll(SIX, days(8).reverse());
    expect(priced.filter((line) => line.flags.length > 0).map((line) => line.claimId)).toEqual([
      'claim-07',
      'claim-08',
    ]);
  });

  it('never re-rank lines in the history, even later ones', () => {
    const later = { ...earlier(6), month: '2026-12' };
    expect(codesOf(quote(SIX, attendance(), { history: [later] }).flags)).toEqual(['over_cap']);
  });

  it.each<[string, CountedLines[], string[]]>([
    ['an undecided or flagged line counts', [earlier(6)], ['over_cap']],
    ['a rejected one does not', [earlier(5), earlier(1, 'delivered', 'rejected')], []],
    ['a withdrawn one does not', [earlier(5), earlier(1, 'delivered', 'withdrawn')], []],
    ['a cancellation in time does not', [earlier(5), earlier(1, 'nil')], []],
    ['a missed one does not, unless the card says so', [earlier(5), earlier(1, 'did_not_attend')], []],
  ])('%s', (_, history, flags) => {
    expect(codesOf(quote(SIX, attendance(), { history }).flags)).toEqual(flags);
  });

  it('count missed lines where the card says so', () => {
    const terms = { ...SIX, countMissed: true };
    expect(codesOf(quote(terms, attendance(), { history: [earlier(5), earlier(1, 'did_not_attend')] }).flags)).toEqual([
      'over_cap',
    ]);
    expect(codesOf(quote(terms, attendance(), { history: [earlier(6, 'cancelled_late')] }).flags)).toEqual([
      'over_cap',
    ]);
    const missed = attendance({ outcome: 'did_not_attend' });
    expect(codesOf(quote(terms, missed, { history: [earlier(6)] }).flags)).toEqual(['over_cap']);
    expect(codesOf(quote(SIX, missed, { history: [earlier(6)] }).flags)).toEqual([]);
  });

  it('are for each referral', () => {
    const other = attendance({ referralId: 'referral-2' });
    expect(quote(SIX, other, { history: [earlier(6)] }).flags).toEqual([]);
  });

  it('per person start anew with the month of service in London', () => {
    const terms: AttendanceTerms = { ...PRICE, caps: { perPersonPerMonth: 1 } };
    const june = attendance({ claimId: 'a', startsAt: new Date('2026-06-30T11:00:00Z'), referralId: 'referral-9' });
    const julyInLondon = attendance({ claimId: 'b', startsAt: new Date('2026-06-30T23:30:00Z') });
    const again = attendance({ claimId: 'c', startsAt: new Date('2026-07-02T11:00:00Z') });
    expect(quoteAll(terms, [june, julyInLondon, again]).map((line) => codesOf(line.flags))).toEqual([
      [],
      [],
      ['over_cap'],
    ]);
  });

  it('per person are for each person', () => {
    const lines = days(2).map((line, index) => ({ ...line, personId: `person-${index}` }));
    const priced = quoteAll({ ...PRICE, caps: { perPersonPerMonth: 1 } }, lines);
    expect(priced.flatMap((line) => line.flags)).toEqual([]);
  });

  it('per contract count everyone', () => {
    const lines = days(3).map((line, index) => ({ ...line, referralId: `r${index}`, personId: `p${index}` }));
    const priced = quoteAll({ ...PRICE, caps: { perContract: 2 } }, lines);
    expect(priced.map((line) => codesOf(line.flags))).toEqual([[], [], ['over_cap']]);
  });

  it('are flagged when a line names nobody they could be checked for', () => {
    const { referralId: _, personId: __, ...group } = session();
    const caps = { perReferral: 6, perPersonPerMonth: 2 };
    expect(quote({ basis: 'session', priceMinor: 12_000n, caps }, group).flags).toEqual([
      { code: 'limit_not_checked', missing: 'referral' },
      { code: 'limit_not_checked', missing: 'person' },
    ]);
  });
});

describe('marginal tiers', () => {
  const steps = [
    { above: 2, priceMinor: 3_000n },
    { above: 4, priceMinor: 2_800n },
  ];
  const terms: AttendanceTerms = { ...PRICE, tiers: { mode: 'marginal', per: 'contract', steps } };

  it('give each line the price of its place', () => {
    const priced = quoteAll(terms, days(6));
    expect(priced.map((line) => line.netMinor)).toEqual([3_200n, 3_200n, 3_000n, 3_000n, 2_800n, 2_800n]);
    expect(codesOf(priced[1]?.reasons ?? [])).toEqual(['unit_price']);
    expect(priced[2]?.reasons).toEqual([
      { code: 'unit_price', unit: 'person', unitMinor: '3000' },
      { code: 'tier', mode: 'marginal', per: 'contract', above: 2, unitMinor: '3000' },
    ]);
  });

  it('go on from the history', () => {
    expect(quote(terms, attendance(), { history: [{ ...earlier(3), month: '2026-01' }] }).netMinor).toBe(3_000n);
  });

  it('start anew each month where the card says so', () => {
    const monthly: AttendanceTerms = { ...terms, tiers: { mode: 'marginal', per: 'month', steps } };
    expect(quote(monthly, attendance(), { history: [{ ...earlier(3), month: '2026-05' }] }).netMinor).toBe(3_200n);
    expect(quote(monthly, attendance(), { history: [earlier(3)] }).netMinor).toBe(3_000n);
  });

  it('give a missed line the price of its place, which it takes only where the card counts it', () => {
    const lines = days(4).map((line, index) =>
      index === 2 ? ({ ...line, outcome: 'did_not_attend' } as const) : line,
    );
    const shifted = {
      ...terms,
      tiers: { mode: 'marginal', per: 'contract', steps: [{ above: 3, priceMinor: 3_000n }] },
    } as const;
    expect(quoteAll(terms, lines).map((line) => line.netMinor)).toEqual([3_200n, 3_200n, 1_500n, 3_000n]);
    expect(quoteAll(shifted, lines).map((line) => line.netMinor)).toEqual([3_200n, 3_200n, 1_600n, 3_200n]);
    expect(quoteAll({ ...shifted, countMissed: true }, lines).map((line) => line.netMinor)).toEqual([
      3_200n,
      3_200n,
      1_600n,
      3_000n,
    ]);
  });
});

describe('whole-volume tiers', () => {
  const terms: AttendanceTerms = {
    ...PRICE,
    tiers: { mode: 'whole_volume', per: 'month', steps: [{ above: 3, priceMinor: 2_800n }] },
  };

  it('give every new line the price of the volume reached', () => {
    expect(quoteAll(terms, days(3)).map((line) => line.netMinor)).toEqual([3_200n, 3_200n, 3_200n]);
    const priced = quoteAll(terms, days(4));
    expect(priced.map((line) => line.netMinor)).toEqual([2_800n, 2_800n, 2_800n, 2_800n]);
    expect(priced[0]?.reasons.at(-1)).toMatchObject({ code: 'tier', mode: 'whole_volume', above: 3 });
  });

  it('do not price again what is in the history, but count it', () => {
    const [last] = days(1);
    const priced = quoteAll(terms, last ? [last] : [], { history: [earlier(3)] });
    expect(priced.map((line) => line.netMinor)).toEqual([2_800n]);
  });

  it('keep months apart in one set', () => {
    const july = attendance({ claimId: 'july', startsAt: new Date('2026-07-01T11:00:00Z') });
    expect(quoteAll(terms, [...days(4), july]).at(-1)?.netMinor).toBe(3_200n);
  });
});

it('counts referrals by tier, too', () => {
  const lines = [1, 2].map((day) => ({
    claimId: `claim-${day}`,
    fact: 'referral' as const,
    acceptedAt: new Date(Date.UTC(2026, 5, day, 9)),
    referralId: `referral-${day}`,
  }));
  const tiers = { mode: 'marginal', per: 'contract', steps: [{ above: 1, priceMinor: 1_000n }] } as const;
  const priced = priceLines(lines, { cardOf: () => card({ basis: 'referral', priceMinor: 1_500n, tiers }) });
  expect(priced.map((line) => line.netMinor)).toEqual([1_500n, 1_000n]);
});

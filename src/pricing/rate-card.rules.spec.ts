import { card } from '../../test/support/pricing.js';
import {
  cardInForce,
  earningFactOf,
  whyNotPublish,
  type Basis,
  type EarningFact,
  type OutOfHours,
  type PublishSetting,
  type RateCard,
  type RateCardTerms,
} from './rate-card.rules.js';

const TERMS: RateCardTerms = { basis: 'attendance', priceMinor: 3_200n };

function version(id: string, effectiveFrom: string, agreedOn: string, effectiveTo?: string): RateCard {
  return { ...card(TERMS), id, effectiveFrom, agreedOn, ...(effectiveTo === undefined ? {} : { effectiveTo }) };
}

describe('the card in force', () => {
  const spring = version('spring', '2026-04-01', '2026-03-01', '2026-06-30');

  it.each([
    ['2026-03-31', undefined],
    ['2026-04-01', 'spring'],
    ['2026-06-30', 'spring'],
    ['2026-07-01', undefined],
  ])('on %s, with both its first and last day', (on, id) => {
    expect(cardInForce([spring], on)?.id).toBe(id);
  });

  it('is the latest to take effect, and gives way again when that ends', () => {
    const always = version('always', '2026-01-01', '2026-05-01');
    expect(cardInForce([spring, always], '2026-05-01')?.id).toBe('spring');
    expect(cardInForce([always, spring], '2026-07-01')?.id).toBe('always');
  });

  it('is the one agreed later of those that take effect together', () => {
    const revised = version('revised', '2026-04-01', '2026-05-20');
    expect(cardInForce([revised, spring], '2026-05-01')?.id).toBe('revised');
    expect(cardInForce([spring, revised], '2026-05-01')?.id).toBe('revised');
    expect(cardInForce([spring, revised], '2026-05-01', '2026-05-19')?.id).toBe('spring');
    expect(cardInForce([spring, revised], '2026-05-01', '2026-05-20')?.id).toBe('revised');
  });

  it('does not depend on their order, even on a full tie', () => {
    const twins = [version('a', '2026-04-01', '2026-03-01'), version('b', '2026-04-01', '2026-03-01')];
    expect(cardInForce(twins, '2026-05-01')).toEqual(cardInForce(twins.toReversed(), '2026-05-01'));
  });
});

it.each<[Basis, EarningFact]>([
  ['session', 'session'],
  ['hour', 'session'],
  ['attendance', 'attendance'],
  ['group_split', 'attendance'],
  ['recognised', 'attendance'],
  ['referral', 'referral'],
  ['milestone', 'milestone'],
  ['block', 'period'],
])('a charge by %s cites a %s', (basis, fact) => {
  expect(earningFactOf(basis)).toBe(fact);
});

describe('publishing', () => {
  const setting: PublishSetting = { contractStartsOn: '2026-01-01', contractEndsOn: '2026-12-31', others: [] };
  const findings = (candidate: RateCard, others: readonly RateCard[] = []) =>
    whyNotPublish(candidate, { ...setting, others }).map(({ code, field }) => `${code} ${field}`);

  const working: OutOfHours = {
    supplement: { kind: 'fixed', amountMinor: 500n },
    from: '09:00',
    until: '17:30',
    weekends: false,
    bankHolidays: false,
  };
  const step = (above: number) => ({ above, priceMinor: 3_000n });
  const tiers = (...steps: { above: number; priceMinor: bigint }[]) =>
    ({ mode: 'marginal', per: 'contract', steps }) as const;

  it('has nothing against a sound card', () => {
    const sound = { ...card({ ...TERMS, tiers: tiers(step(10), step(20)), outOfHours: working }), id: 'new' };
    expect(findings(sound, [version('old', '2026-01-01', '2025-11-01')])).toEqual([]);
    expect(findings({ ...sound, effectiveFrom: '2026-12-31', effectiveTo: '2026-12-31' })).toEqual([]);
    expect(whyNotPublish(sound, { ...setting, contractEndsOn: undefined })).toEqual([]);
  });

  it.each<[string, Partial<RateCard>]>([
    ['ends_before_start effectiveTo', { effectiveTo: '2025-12-31' }],
    ['before_contract effectiveFrom', { effectiveFrom: '2025-12-31' }],
    ['after_contract effectiveFrom', { effectiveFrom: '2027-01-01' }],
  ])('finds %s', (found, dates) => {
    expect(findings({ ...card(TERMS), ...dates })).toEqual([found]);
  });

  it('finds another version with the same dates, of the same rate only', () => {
    const candidate = { ...card(TERMS), id: 'new' };
    expect(findings(candidate, [card(TERMS)])).toEqual(['same_dates agreedOn']);
    expect(findings(candidate, [{ ...card(TERMS), rateKey: 'rate-2' }])).toEqual([]);
    expect(findings(candidate, [candidate])).toEqual([]);
  });

  it('finds a volume that would mix hours and lines', () => {
    const hour: RateCardTerms = { basis: 'hour', priceMinor: 3_000n, minuteStep: 1, minuteRounding: 'up' };
    const old = version('old', '2025-01-01', '2025-01-01');
    expect(findings({ ...card({ ...hour, tiers: tiers(step(10)) }), id: 'new' }, [old])).toEqual([
      'volume_differs tiers',
    ]);
    expect(findings({ ...card(hour), id: 'new' }, [old])).toEqual([]);
    const tiered = { ...old, terms: { ...TERMS, tiers: tiers(step(10)) } };
    expect(findings({ ...card(hour), id: 'new' }, [tiered])).toEqual(['volume_differs tiers']);
  });

  it.each<[string[], RateCardTerms]>([
    [['tiers_not_ascending tiers.steps.1.above'], { ...TERMS, tiers: tiers(step(10), step(10)) }],
    [['half_a_working_day outOfHours'], { ...TERMS, outOfHours: { ...working, until: undefined } }],
    [['working_day_is_empty outOfHours.until'], { ...TERMS, outOfHours: { ...working, until: '09:00' } }],
    [['never_out_of_hours outOfHours'], { ...TERMS, outOfHours: { ...working, from: undefined, until: undefined } }],
    [
      ['below_no_minimum belowMinimumBasisPoints'],
      { basis: 'session', priceMinor: 100n, belowMinimumBasisPoints: 5_000 },
    ],
    [
      ['absent_do_not_share absentShareBasisPoints', 'absent_do_not_share noticeMinutes'],
      { basis: 'group_split', priceMinor: 100n, splitBy: 'present', absentShareBasisPoints: 0, noticeMinutes: 60 },
    ],
    [
      ['milestone_twice milestones.1.code'],
      {
        basis: 'milestone',
        milestones: [
          { code: 'completed', name: 'Completed', priceMinor: 1n },
          { code: 'completed', name: 'Again', priceMinor: 2n },
        ],
      },
    ],
    [
      ['ceiling_below_floor ceiling.units'],
      { basis: 'block', monthlyMinor: 1n, floor: { units: 10, rule: 'flag' }, ceiling: { units: 9, rule: 'flag' } },
    ],
  ])('finds %j', (found, terms) => {
    expect(findings(card(terms))).toEqual(found);
  });
});

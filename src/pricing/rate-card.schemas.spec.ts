import { z } from 'zod';
import type { RateCardTerms } from './rate-card.rules.js';
import { RateCardTermsSchema, termsFromWire, termsToWire } from './rate-card.schemas.js';

const supplement = { kind: 'percentage', basisPoints: 2_500 } as const;
const delivered = {
  caps: { perReferral: 6, perPersonPerMonth: 4, perContract: 200 },
  countMissed: true,
  minimumChargeMinor: 1_000n,
  outOfHours: { supplement, from: '09:00', until: '17:30', weekends: true, bankHolidays: false },
  travel: { kind: 'fixed', amountMinor: 500n },
} as const;
const tiers = { mode: 'marginal', per: 'month', steps: [{ above: 50, priceMinor: 3_000n }] } as const;
const missed = { basisPoints: 5_000, maximumPerReferral: 2 };
const late = { ...missed, noticeMinutes: 1_440 };

/** Every basis with every field. */
const TERMS: RateCardTerms[] = [
  {
    basis: 'session',
    priceMinor: 9_007_199_254n,
    tiers,
    lateCancel: late,
    ...delivered,
    minimumAttendance: 4,
    belowMinimumBasisPoints: 0,
  },
  { basis: 'attendance', priceMinor: 3_200n, tiers, didNotAttend: missed, lateCancel: late, ...delivered },
  {
    basis: 'group_split',
    priceMinor: 10_000n,
    splitBy: 'booked',
    absentShareBasisPoints: 5_000,
    noticeMinutes: 60,
    ...delivered,
    minimumAttendance: 4,
    belowMinimumBasisPoints: 5_000,
  },
  {
    basis: 'hour',
    priceMinor: 3_000n,
    minuteStep: 15,
    minuteRounding: 'nearest',
    tiers,
    didNotAttend: missed,
    lateCancel: late,
    ...delivered,
    minimumAttendance: 1,
  },
  { basis: 'referral', priceMinor: 1_500n, tiers, caps: delivered.caps },
  { basis: 'milestone', milestones: [{ code: 'completed', name: 'Completed', priceMinor: 0n }], countMissed: false },
  { basis: 'block', monthlyMinor: 150_000n, floor: { units: 40, rule: 'in_proportion' } },
  { basis: 'block', monthlyMinor: 150_000n, ceiling: { units: 60, rule: 'each_further_unit', unitPriceMinor: 2_000n } },
  { basis: 'block', monthlyMinor: 150_000n, ceiling: { units: 60, rule: 'flag' } },
  { basis: 'recognised', indicativeMinor: 900n, caps: { perContract: 100 } },
];

it.each(TERMS.map((terms) => [terms.basis, terms] as const))('carries %s there and back', (_, terms) => {
  const wire = termsToWire(terms);
  expect(RateCardTermsSchema.parse(JSON.parse(JSON.stringify(wire)))).toEqual(wire);
  expect(termsFromWire(wire)).toEqual(terms);
});

it('writes amounts as text and percentages as integers', () => {
  expect(termsToWire({ basis: 'attendance', priceMinor: 3_200n, didNotAttend: missed })).toEqual({
    basis: 'attendance',
    priceMinor: '3200',
    didNotAttend: { basisPoints: 5_000, maximumPerReferral: 2 },
  });
});

it.each<[string, object]>([
  ['an amount as a number', { priceMinor: 3_200 }],
  ['an amount with a decimal', { priceMinor: '32.00' }],
  ['a negative amount', { priceMinor: '-3200' }],
  ['an amount with a leading nought', { priceMinor: '03200' }],
  ['a percentage above the whole', { didNotAttend: { basisPoints: 10_001 } }],
  ['a fraction of a basis point', { didNotAttend: { basisPoints: 12.5 } }],
  ['a late-cancel without its notice', { lateCancel: { basisPoints: 5_000 } }],
  ['a cap of nought', { caps: { perReferral: 0 } }],
  ['tiers without a step', { tiers: { mode: 'marginal', per: 'month', steps: [] } }],
  ['a misspelt modifier', { didNotAtend: missed }],
  ['a modifier of another basis', { minimumAttendance: 4 }],
  ['a time that is none', { outOfHours: { ...delivered.outOfHours, supplement, from: '9:00' } }],
  ['an unknown basis', { basis: 'per_mile' }],
])('refuses %s', (_, field) => {
  const wire = { basis: 'attendance', priceMinor: '3200' };
  expect(RateCardTermsSchema.safeParse(wire).success).toBe(true);
  expect(RateCardTermsSchema.safeParse({ ...wire, ...field }).success).toBe(false);
});

it('describes itself, with a name for every part', () => {
  const names = Object.keys(z.toJSONSchema(RateCardTermsSchema).$defs ?? {});
  expect(names).toEqual(
    expect.arrayContaining(['SessionTerms', 'HourTerms', 'BlockTerms', 'Tiers', 'Caps', 'Supplement', 'Milestone']),
  );
});

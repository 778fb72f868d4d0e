import { z } from 'zod';
import type { RateCardTerms } from './rate-card.rules.js';

/** A value as JSON carries it: amounts are decimal strings of integer minor units. */
type Wire<T> = T extends bigint ? string : T extends object ? { -readonly [K in keyof T]: Wire<T[K]> } : T;

const minor = z
  .string()
  .regex(/^(?:0|[1-9]\d{0,11})$/, 'must be whole pence as text, without a sign, such as "3200"')
  .describe('Pence, as a string of digits: "3200" is £32.00.');
const share = z.int().min(0).max(10_000).describe('Hundredths of a per cent: 5000 is 50 %.');
const count = z.int().min(1).max(1_000_000);
const noticeMinutes = z.int().min(1).max(43_200).describe('Elapsed minutes before the start.');
const localTime = z
  .string()
  .regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'must be a local time, such as "17:30"')
  .describe('Time of day in Europe/London.');

const Supplement = z
  .discriminatedUnion('kind', [
    z.strictObject({ kind: z.literal('fixed'), amountMinor: minor }),
    z.strictObject({ kind: z.literal('percentage'), basisPoints: z.int().min(1).max(100_000) }),
  ])
  .meta({ id: 'Supplement' });

const OutOfHours = z
  .strictObject({
    supplement: Supplement,
    from: localTime.optional(),
    until: localTime.optional(),
    weekends: z.boolean(),
    bankHolidays: z.boolean(),
  })
  .meta({ id: 'OutOfHours' });

const MissedTerms = z
  .strictObject({ basisPoints: share, maximumPerReferral: count.optional() })
  .meta({ id: 'MissedTerms' });

const LateCancelTerms = z
  .strictObject({ basisPoints: share, maximumPerReferral: count.optional(), noticeMinutes })
  .meta({ id: 'LateCancelTerms' });

const Tiers = z
  .strictObject({
    mode: z.enum(['marginal', 'whole_volume']),
    per: z.enum(['contract', 'month']),
    steps: z
      .array(z.strictObject({ above: count, priceMinor: minor }))
      .min(1)
      .max(20),
  })
  .meta({ id: 'Tiers' });

const Caps = z
  .strictObject({
    perReferral: count.optional(),
    perPersonPerMonth: count.optional(),
    perContract: count.optional(),
  })
  .meta({ id: 'Caps' });

const counted = { caps: Caps.optional(), countMissed: z.boolean().optional() };
const delivered = {
  minimumChargeMinor: minor.optional(),
  outOfHours: OutOfHours.optional(),
  travel: Supplement.optional(),
};
const withMinimumAttendance = {
  minimumAttendance: count.optional(),
  belowMinimumBasisPoints: share.optional(),
};

const SessionTerms = z
  .strictObject({
    basis: z.literal('session'),
    priceMinor: minor,
    tiers: Tiers.optional(),
    lateCancel: LateCancelTerms.optional(),
    ...counted,
    ...delivered,
    ...withMinimumAttendance,
  })
  .meta({ id: 'SessionTerms' });

const AttendanceTerms = z
  .strictObject({
    basis: z.literal('attendance'),
    priceMinor: minor,
    tiers: Tiers.optional(),
    didNotAttend: MissedTerms.optional(),
    lateCancel: LateCancelTerms.optional(),
    ...counted,
    ...delivered,
  })
  .meta({ id: 'AttendanceTerms' });

const GroupSplitTerms = z
  .strictObject({
    basis: z.literal('group_split'),
    priceMinor: minor,
    splitBy: z.enum(['booked', 'present']),
    absentShareBasisPoints: share.optional(),
    noticeMinutes: noticeMinutes.optional(),
    ...counted,
    ...delivered,
    ...withMinimumAttendance,
  })
  .meta({ id: 'GroupSplitTerms' });

const HourTerms = z
  .strictObject({
    basis: z.literal('hour'),
    priceMinor: minor,
    minuteStep: z.int().min(1).max(60),
    minuteRounding: z.enum(['up', 'down', 'nearest']),
    tiers: Tiers.optional(),
    didNotAttend: MissedTerms.optional(),
    lateCancel: LateCancelTerms.optional(),
    ...counted,
    ...delivered,
    ...withMinimumAttendance,
  })
  .meta({ id: 'HourTerms' });

const ReferralTerms = z
  .strictObject({ basis: z.literal('referral'), priceMinor: minor, tiers: Tiers.optional(), ...counted })
  .meta({ id: 'ReferralTerms' });

const Milestone = z
  .strictObject({
    code: z.string().regex(/^[a-z][a-z0-9_]{1,39}$/, 'must be lower case with underscores, such as "completed"'),
    name: z.string().trim().min(1).max(80),
    priceMinor: minor,
  })
  .meta({ id: 'Milestone' });

const MilestoneTerms = z
  .strictObject({ basis: z.literal('milestone'), milestones: z.array(Milestone).min(1).max(20), ...counted })
  .meta({ id: 'MilestoneTerms' });

const BlockTerms = z
  .strictObject({
    basis: z.literal('block'),
    monthlyMinor: minor,
    floor: z.strictObject({ units: count, rule: z.enum(['flag', 'in_proportion']) }).optional(),
    ceiling: z
      .discriminatedUnion('rule', [
        z.strictObject({ units: count, rule: z.enum(['flag', 'in_proportion']) }),
        z.strictObject({ units: count, rule: z.literal('each_further_unit'), unitPriceMinor: minor }),
      ])
      .optional(),
  })
  .meta({ id: 'BlockTerms' });

const RecognisedTerms = z
  .strictObject({ basis: z.literal('recognised'), indicativeMinor: minor, ...counted })
  .meta({ id: 'RecognisedTerms' });

/** The terms of a rate card on the wire and at rest. Unknown fields are refused: a misspelt modifier is not a missing one. */
export const RateCardTermsSchema = z
  .discriminatedUnion('basis', [
    SessionTerms,
    AttendanceTerms,
    GroupSplitTerms,
    HourTerms,
    ReferralTerms,
    MilestoneTerms,
    BlockTerms,
    RecognisedTerms,
  ])
  .meta({ id: 'RateCardTerms' });
export type RateCardTermsWire = z.infer<typeof RateCardTermsSchema>;

/** Checked wire terms as the rules use them, with amounts in bigint. */
export function termsFromWire(wire: RateCardTermsWire): RateCardTerms {
  return JSON.parse(JSON.stringify(wire), (key, value: unknown) =>
    key.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value,
  ) as FromWire<RateCardTermsWire>;
}

/** The inverse of `termsFromWire`. */
export function termsToWire(terms: RateCardTerms): RateCardTermsWire {
  return JSON.parse(
    JSON.stringify(terms, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value)),
  ) as Wire<RateCardTerms>;
}

/** What `termsFromWire` makes of a type: the compiler checks that schema and terms have the same fields. */
type FromWire<T> = T extends object
  ? {
      [K in keyof T]: K extends `${string}Minor`
        ? T[K] extends string | undefined
          ? BigOf<T[K]>
          : never
        : FromWire<T[K]>;
    }
  : T;
type BigOf<T> = T extends string ? bigint : T;

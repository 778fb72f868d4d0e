import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';

/** A percentage in hundredths of a per cent, an integer: `5_000` is 50 %. */
export type BasisPoints = number;

/** One version of a rate. Never edited: a new rate is a new card with its own dates. */
export interface RateCard {
  readonly id: string;
  /**
   * What the versions of one rate share: the contract, the service and the charge kind. Caps, tiers and maxima are counted
   * within it, across versions.
   */
  readonly rateKey: string;
  /** Both included, in Europe/London. Without a last day the card holds until a later one takes over. */
  readonly effectiveFrom: IsoDate;
  readonly effectiveTo?: IsoDate;
  readonly agreedOn: IsoDate;
  readonly terms: RateCardTerms;
}

export type RateCardTerms =
  | SessionTerms
  | AttendanceTerms
  | GroupSplitTerms
  | HourTerms
  | ReferralTerms
  | MilestoneTerms
  | BlockTerms
  | RecognisedTerms;

/** Terms of work that is delivered in sessions. */
export type DeliveryTerms = SessionTerms | AttendanceTerms | GroupSplitTerms | HourTerms | RecognisedTerms;

export type Basis = RateCardTerms['basis'];

/** The fact that earns a charge: it is cited once per contract and charge kind. */
export type EarningFact = 'session' | 'attendance' | 'referral' | 'milestone' | 'period';

/** A fixed price for each session held, however many came. */
export interface SessionTerms extends Counted, Delivered, WithMinimumAttendance {
  readonly basis: 'session';
  readonly priceMinor: Minor;
  readonly tiers?: Tiers;
  /** For a session that is called off as a whole. */
  readonly lateCancel?: LateCancelTerms;
}

/** A price for each person who attended. */
export interface AttendanceTerms extends Counted, Delivered {
  readonly basis: 'attendance';
  readonly priceMinor: Minor;
  readonly tiers?: Tiers;
  readonly didNotAttend?: MissedTerms;
  readonly lateCancel?: LateCancelTerms;
}

/** A session price divided by people: rounded first, then divided; the odd pennies go to the earlier in booking order. */
export interface GroupSplitTerms extends Counted, Delivered, WithMinimumAttendance {
  readonly basis: 'group_split';
  /** For the whole session. */
  readonly priceMinor: Minor;
  /** `booked`: those booked when the session began (or who cancelled too late); `present`: those who attended. */
  readonly splitBy: 'booked' | 'present';
  /** With `booked`: what is due of an absent person's share. 100 % if none is given. */
  readonly absentShareBasisPoints?: BasisPoints;
  /** With `booked`: a person who cancels with at least this notice is no longer booked. Without it: before the start. */
  readonly noticeMinutes?: number;
}

/** A price for an hour, by elapsed minutes. Pence are rounded half up once, after the minutes. */
export interface HourTerms extends Counted, Delivered, WithMinimumAttendance {
  readonly basis: 'hour';
  readonly priceMinor: Minor;
  /** Minutes are brought to a multiple of the step, in the direction: 1 to 60. */
  readonly minuteStep: number;
  readonly minuteRounding: 'up' | 'down' | 'nearest';
  /** `above` counts hours. */
  readonly tiers?: Tiers;
  /** For one-to-one work. Without it an hour that was held is due although nobody came. */
  readonly didNotAttend?: MissedTerms;
  readonly lateCancel?: LateCancelTerms;
}

/** Once per accepted referral, on the day of acceptance. */
export interface ReferralTerms extends Counted {
  readonly basis: 'referral';
  readonly priceMinor: Minor;
  readonly tiers?: Tiers;
}

/** Once per named outcome. */
export interface MilestoneTerms extends Counted {
  readonly basis: 'milestone';
  readonly milestones: readonly Milestone[];
}

export interface Milestone {
  /** `first_attendance`, `completed`, `follow_up_12_weeks`, or the contract's own: lower case and underscores. */
  readonly code: string;
  readonly name: string;
  readonly priceMinor: Minor;
}

/** A monthly amount; a part month is by its calendar days. */
export interface BlockTerms {
  readonly basis: 'block';
  readonly monthlyMinor: Minor;
  /** Below `units` of activity a month: flag only, or pay in proportion. */
  readonly floor?: { readonly units: number; readonly rule: 'flag' | 'in_proportion' };
  /** Above `units` of activity a month: flag only, pay in proportion, or pay each further unit. */
  readonly ceiling?:
    | { readonly units: number; readonly rule: 'flag' | 'in_proportion' }
    | { readonly units: number; readonly rule: 'each_further_unit'; readonly unitPriceMinor: Minor };
}

/** Not paid: each attendance is counted and shown at an indicative value, so that unfunded work is acknowledged. */
export interface RecognisedTerms extends Counted {
  readonly basis: 'recognised';
  readonly indicativeMinor: Minor;
}

/** What may be counted on a card. */
export interface Counted {
  readonly caps?: Caps;
  /** Whether missed lines (did not attend, cancelled late) count towards caps and tiers. They do not, unless said. */
  readonly countMissed?: boolean;
}

/** How many lines the card covers. A line over a cap is priced and flagged; a person decides. */
export interface Caps {
  readonly perReferral?: number;
  readonly perPersonPerMonth?: number;
  readonly perContract?: number;
}

/** Paid on lines that were delivered, never on missed ones. */
export interface Delivered {
  /** The least that a delivered line costs, before supplements. */
  readonly minimumChargeMinor?: Minor;
  readonly outOfHours?: OutOfHours;
  readonly travel?: Supplement;
}

/** Below this number of people who attended, the percentage is due instead of the price, and the line is flagged. */
export interface WithMinimumAttendance {
  readonly minimumAttendance?: number;
  /** Nothing is due if none is given. */
  readonly belowMinimumBasisPoints?: BasisPoints;
}

export type Supplement =
  | { readonly kind: 'fixed'; readonly amountMinor: Minor }
  | { readonly kind: 'percentage'; readonly basisPoints: BasisPoints };

/** By the local start time in Europe/London. A session that starts at `until` or later, or before `from`, is out of hours. */
export interface OutOfHours {
  readonly supplement: Supplement;
  /** Local times of the working day, `HH:MM`. Left out together: every hour is a working hour. */
  readonly from?: string;
  readonly until?: string;
  /** Saturdays and Sundays. */
  readonly weekends: boolean;
  /** The bank holidays that the operator lists. */
  readonly bankHolidays: boolean;
}

/** A part of the price that is due although the person did not come. */
export interface MissedTerms {
  readonly basisPoints: BasisPoints;
  /** Beyond it a line is priced and flagged. */
  readonly maximumPerReferral?: number;
}

export interface LateCancelTerms extends MissedTerms {
  /** Elapsed time before the start. Exactly this much is in time. */
  readonly noticeMinutes: number;
}

/**
 * Prices by volume. Units are lines, or hours on an `hour` card.
 * - `marginal`: each unit has the price of the step that it falls in
 * - `whole_volume`: the volume reached gives the price of every unit that is not yet approved
 */
export interface Tiers {
  readonly mode: 'marginal' | 'whole_volume';
  readonly per: 'contract' | 'month';
  /** Ascending. The card's own price holds up to the first. */
  readonly steps: readonly TierStep[];
}

export interface TierStep {
  /** The step begins with the unit after this one: `above: 50` begins with the 51st. */
  readonly above: number;
  readonly priceMinor: Minor;
}

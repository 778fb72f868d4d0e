import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { EarningFact, RateCard } from './rate-card.rules.js';
import type { Flag, Reason } from './price-reasons.rules.js';

/** What one claim charges for, as plain data. Ids are opaque. */
export type PricingLine = SessionLine | AttendanceLine | ReferralLine | MilestoneLine | PeriodLine;

interface LineBase {
  readonly claimId: string;
  readonly fact: EarningFact;
}

/** How it ended. A session as a whole is `attended` when it was held, and `cancelled` when it was called off. */
export type Outcome = 'attended' | 'did_not_attend' | 'cancelled_late' | 'cancelled';

interface DeliveredLine extends LineBase {
  readonly session: SessionFacts;
  readonly outcome: Outcome;
  /** When notice was given. Where it is known, elapsed notice decides; where not, the recorded outcome does. */
  readonly cancelledAt?: Date;
  /** The worker travelled for it: the card's travel supplement is due. */
  readonly travelled?: boolean;
  readonly referralId?: string;
  readonly personId?: string;
}

export interface SessionLine extends DeliveredLine {
  readonly fact: 'session';
}

export interface AttendanceLine extends DeliveredLine {
  readonly fact: 'attendance';
  /** Where this person stands on the session's roll. */
  readonly attendanceId: string;
}

export interface SessionFacts {
  readonly startsAt: Date;
  readonly endsAt: Date;
  /** How many people attended, whether or not each of them is charged for. */
  readonly attendedCount: number;
  /** Everyone who was ever booked, in booking order. Only a group split reads it. */
  readonly roll?: readonly RollEntry[];
}

export interface RollEntry {
  readonly attendanceId: string;
  readonly outcome: Outcome;
  readonly cancelledAt?: Date;
}

export interface ReferralLine extends LineBase {
  readonly fact: 'referral';
  readonly acceptedAt: Date;
  readonly referralId: string;
  readonly personId?: string;
}

export interface MilestoneLine extends LineBase {
  readonly fact: 'milestone';
  /** The code on the card. */
  readonly milestone: string;
  readonly reachedAt: Date;
  readonly referralId: string;
  readonly personId?: string;
}

/** A month, or the part of one for which the card is in force. Both days are included and lie in one month. */
export interface PeriodLine extends LineBase {
  readonly fact: 'period';
  readonly firstDay: IsoDate;
  readonly lastDay: IsoDate;
  /** Activity delivered in these days. */
  readonly activityUnits: number;
}

/** What happened to an earlier line. Undecided, flagged and approved lines stand; the others no longer count. */
export type Standing = 'standing' | 'rejected' | 'withdrawn';

/** Lines counted before: one, or many that share everything here. Their own prices and numbers never change. */
export interface CountedLines {
  readonly rateKey: string;
  readonly referralId?: string;
  readonly personId?: string;
  /** `YYYY-MM` of the day of service. */
  readonly month: string;
  readonly kind: LineKind;
  readonly standing: Standing;
  readonly lines: number;
  /** Volume for tiers: billed minutes on an `hour` card, lines on the others. */
  readonly units: number;
}

/** As a card counts it. `nil` is a line on which nothing was delivered or missed, such as a cancellation in time. */
export type LineKind = 'delivered' | 'did_not_attend' | 'cancelled_late' | 'nil';

export interface PricingContext {
  /** The card in force for the line on its day, or none. */
  readonly cardOf: (line: PricingLine) => RateCard | undefined;
  readonly history?: readonly CountedLines[];
  readonly bankHolidays?: ReadonlySet<IsoDate>;
}

export interface PricedLine {
  readonly claimId: string;
  readonly cardId: string | undefined;
  /** In Europe/London; the first day of a period. */
  readonly servedOn: IsoDate;
  readonly netMinor: Minor;
  /** The value of recognised work; nought on every paid basis. */
  readonly indicativeMinor: Minor;
  /** For the invoice: `quantity × unitPriceMinor` is `netMinor`. */
  readonly quantity: number;
  readonly unit: Unit;
  readonly unitPriceMinor: Minor;
  readonly reasons: readonly Reason[];
  readonly flags: readonly Flag[];
  /** How this line counts in the history of later ones. Absent where there was no card. */
  readonly counted: CountedLines | undefined;
}

export type Unit = 'session' | 'person' | 'hour' | 'referral' | 'milestone' | 'month';

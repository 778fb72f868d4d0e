/** Integer minor units as decimal text, so that a reason is stored as it is: `"3200"`. */
export type MinorText = string;

/** Why a line has its price, in the order in which the price was made. Codes are stored and never renamed. */
export type Reason =
  /** The price on the card of one session, one person or one accepted referral. */
  | { readonly code: 'unit_price'; readonly unit: 'session' | 'person' | 'referral'; readonly unitMinor: MinorText }
  | {
      readonly code: 'hours';
      readonly elapsedMinutes: number;
      readonly billedMinutes: number;
      /** More than one where a marginal tier begins inside the line. Rounded once, over all of them. */
      readonly rates: readonly { readonly minutes: number; readonly hourMinor: MinorText }[];
      readonly amountMinor: MinorText;
    }
  /** The volume reached decides the price; `above` is the step's threshold, in lines or hours. */
  | {
      readonly code: 'tier';
      readonly mode: 'marginal' | 'whole_volume';
      readonly per: 'contract' | 'month';
      readonly above: number;
      readonly unitMinor: MinorText;
    }
  | {
      readonly code: 'group_share';
      readonly splitBy: 'booked' | 'present';
      readonly people: number;
      readonly sessionMinor: MinorText;
      readonly amountMinor: MinorText;
    }
  | {
      readonly code: 'absent_share';
      readonly basisPoints: number;
      readonly shareMinor: MinorText;
      readonly amountMinor: MinorText;
    }
  | ({ readonly code: 'did_not_attend' } & MissedFigures)
  | ({ readonly code: 'cancelled_late' } & MissedFigures)
  | {
      readonly code: 'cancelled_in_time';
      readonly noticeMinutes: number | null;
      readonly requiredMinutes: number | null;
    }
  /** The card pays nothing for it. */
  | { readonly code: 'missed_not_paid'; readonly outcome: 'did_not_attend' | 'cancelled_late' }
  | {
      readonly code: 'below_minimum';
      readonly attended: number;
      readonly minimum: number;
      readonly basisPoints: number;
      readonly baseMinor: MinorText;
      readonly amountMinor: MinorText;
    }
  | { readonly code: 'minimum_charge'; readonly priceMinor: MinorText; readonly minimumMinor: MinorText }
  | {
      readonly code: 'out_of_hours';
      readonly when: 'early_or_late' | 'weekend' | 'bank_holiday';
      readonly basisPoints: number | null;
      readonly amountMinor: MinorText;
    }
  | { readonly code: 'travel'; readonly basisPoints: number | null; readonly amountMinor: MinorText }
  | {
      readonly code: 'covered';
      readonly cap: Cap;
      readonly unit: CountedUnit;
      readonly number: number;
      readonly limit: number;
    }
  | { readonly code: 'milestone'; readonly milestone: string; readonly name: string; readonly amountMinor: MinorText }
  | {
      readonly code: 'block_month';
      readonly days: number;
      readonly daysInMonth: number;
      readonly monthlyMinor: MinorText;
      readonly amountMinor: MinorText;
    }
  /** Activity was outside the floor or the ceiling, and the card pays in proportion. Units are of a whole month. */
  | {
      readonly code: 'block_in_proportion';
      readonly bound: 'floor' | 'ceiling';
      readonly activityUnits: number;
      readonly units: number;
      readonly amountMinor: MinorText;
    }
  | {
      readonly code: 'block_further_units';
      readonly furtherUnits: number;
      readonly unitMinor: MinorText;
      readonly amountMinor: MinorText;
    }
  | { readonly code: 'recognised'; readonly indicativeMinor: MinorText };

export interface MissedFigures {
  readonly basisPoints: number;
  /** Elapsed before the start, negative after it; null where nobody recorded it. */
  readonly noticeMinutes: number | null;
  readonly requiredMinutes: number | null;
  readonly baseMinor: MinorText;
  readonly amountMinor: MinorText;
}

/** What a person should look at before the line is approved. Codes are stored and never renamed. */
export type Flag =
  | {
      readonly code: 'over_cap';
      readonly cap: Cap;
      readonly unit: CountedUnit;
      readonly number: number;
      readonly limit: number;
    }
  | {
      readonly code: 'over_missed_maximum';
      readonly outcome: 'did_not_attend' | 'cancelled_late';
      readonly number: number;
      readonly maximum: number;
    }
  | { readonly code: 'below_minimum_attendance'; readonly attended: number; readonly minimum: number }
  | { readonly code: 'nobody_to_split'; readonly splitBy: 'booked' | 'present' }
  /** A limit per referral or person cannot be checked, because the line names none. */
  | { readonly code: 'limit_not_checked'; readonly missing: 'referral' | 'person' }
  | { readonly code: 'notice_not_recorded' }
  | { readonly code: 'block_below_floor'; readonly activityUnits: number; readonly units: number }
  | { readonly code: 'block_above_ceiling'; readonly activityUnits: number; readonly units: number }
  | { readonly code: 'no_rate_card' }
  /** The card in force is earned by another kind of fact than the line cites. */
  | { readonly code: 'fact_does_not_earn'; readonly fact: string; readonly basis: string }
  | { readonly code: 'milestone_not_on_card'; readonly milestone: string };

export type Cap = 'referral' | 'person_month' | 'contract';

/** What a cap counts. */
export type CountedUnit = 'session' | 'attendance' | 'referral' | 'milestone';

export type ReasonCode = Reason['code'];
export type FlagCode = Flag['code'];

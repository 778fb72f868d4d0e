import type { ClaimFlagCode } from '../../delivery/index.js';
import type { FlagCode, ReasonCode } from '../../pricing/index.js';

/** Every reason that a price can have. The compiler sees to it that none is left out. */
const REASONS: Readonly<Record<ReasonCode, true>> = {
  unit_price: true,
  hours: true,
  tier: true,
  group_share: true,
  absent_share: true,
  did_not_attend: true,
  cancelled_late: true,
  cancelled_in_time: true,
  missed_not_paid: true,
  below_minimum: true,
  minimum_charge: true,
  out_of_hours: true,
  travel: true,
  covered: true,
  milestone: true,
  block_month: true,
  block_in_proportion: true,
  block_further_units: true,
  recognised: true,
};

/** Every flag that a claim can have, and where the demo raises it. */
const FLAGS: Readonly<Record<ClaimFlagCode, 'claim' | 'quote'>> = {
  over_cap: 'claim',
  over_missed_maximum: 'claim',
  below_minimum_attendance: 'claim',
  nobody_to_split: 'claim',
  limit_not_checked: 'claim',
  notice_not_recorded: 'claim',
  block_below_floor: 'claim',
  block_above_ceiling: 'claim',
  fact_does_not_earn: 'claim',
  milestone_not_on_card: 'claim',
  no_rate_card: 'quote', // a row without a card is refused before it is a claim
  late_claim: 'claim',
  unconfirmed_referral: 'claim',
  referral_closed: 'claim',
  before_acceptance: 'claim',
  service_differs: 'claim',
  amount_differs: 'claim',
  another_that_day: 'claim',
  roll_incomplete: 'claim',
};

/** Those that can be met through the API. */
export const CODES = {
  reasons: Object.keys(REASONS) as ReasonCode[],
  flags: Object.keys(FLAGS) as (ClaimFlagCode | FlagCode)[],
};

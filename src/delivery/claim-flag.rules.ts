import { formatPounds } from '../money/index.js';
import type { Flag } from '../pricing/index.js';

/**
 * What a person should look at before a claim is approved, besides what the price function finds. Codes are stored and
 * never renamed.
 */
export type DeliveryFlag =
  /** Past the contract's late window: a second person must accept it, with a reason. */
  | { readonly code: 'late_claim'; readonly lastDay: string; readonly submittedOn: string }
  /** The provider recorded the referral itself, and nobody has confirmed it. */
  | { readonly code: 'unconfirmed_referral' }
  | { readonly code: 'referral_closed'; readonly closedOn: string }
  | { readonly code: 'before_acceptance'; readonly acceptedOn: string }
  | { readonly code: 'service_differs' }
  | { readonly code: 'amount_differs'; readonly expectedMinor: string; readonly priceMinor: string }
  /** Another session of the same service, on the same day, for the same person or under the same reference. */
  | { readonly code: 'another_that_day' }
  /** The price is divided by the people booked, and not all of them are recorded. */
  | { readonly code: 'roll_incomplete'; readonly booked: number; readonly recorded: number };

export type ClaimFlag = Flag | DeliveryFlag;
export type ClaimFlagCode = ClaimFlag['code'];

type Wording = {
  readonly [Code in DeliveryFlag['code']]: (figures: Extract<DeliveryFlag, { readonly code: Code }>) => string;
};

const FLAGS: Wording = {
  late_claim: ({ lastDay, submittedOn }) =>
    `Claimed on ${submittedOn}, after the contract's last day for it, ${lastDay}: a second person must accept it`,
  unconfirmed_referral: () => 'Nobody has confirmed the referral, which the provider recorded itself',
  referral_closed: ({ closedOn }) => `The referral was closed on ${closedOn}, before the session`,
  before_acceptance: ({ acceptedOn }) => `The session was held before the referral was accepted on ${acceptedOn}`,
  service_differs: () => 'The referral is for another service of the contract',
  amount_differs: ({ expectedMinor, priceMinor }) =>
    `The provider expected ${formatPounds(BigInt(expectedMinor))}; the contract gives ${formatPounds(BigInt(priceMinor))}`,
  another_that_day: () =>
    'Another session of this service is recorded on the same day for the same person or under the same reference',
  roll_incomplete: ({ booked, recorded }) =>
    `${booked} people were booked, ${recorded} are recorded: the price is divided by those who are`,
};

/** What a person is asked to look at, in one line of plain English; undefined for a flag of the price function. */
export function wordDeliveryFlag(flag: ClaimFlag): string | undefined {
  return isDeliveryFlag(flag) ? (FLAGS[flag.code] as (figures: DeliveryFlag) => string)(flag) : undefined;
}

function isDeliveryFlag(flag: ClaimFlag): flag is DeliveryFlag {
  return Object.hasOwn(FLAGS, flag.code);
}

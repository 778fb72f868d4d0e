import { BATCH_ENTITIES } from './batches/index.js';
import { DELIVERY_ENTITIES } from './delivery/index.js';
import { INVOICING_ENTITIES } from './invoicing/index.js';
import { ORGANISATION_ENTITIES } from './organisations/index.js';
import { PAYOUT_ENTITIES } from './payouts/index.js';
import { PRICING_ENTITIES } from './pricing/index.js';
import { REFERRAL_ENTITIES } from './referrals/index.js';
import { WORDS_ENTITIES } from './words/index.js';
import { SIGN_IN_ENTITIES } from './sign-in/index.js';

/** Every entity of every module. */
export const ENTITIES = [
  ...WORDS_ENTITIES,
  ...SIGN_IN_ENTITIES,
  ...ORGANISATION_ENTITIES,
  ...PRICING_ENTITIES,
  ...REFERRAL_ENTITIES,
  ...DELIVERY_ENTITIES,
  ...BATCH_ENTITIES,
  ...INVOICING_ENTITIES,
  ...PAYOUT_ENTITIES,
];

import { PRICING_ENTITIES } from './pricing/index.js';
import { REFERRAL_ENTITIES } from './referrals/index.js';
import { ORGANISATION_ENTITIES } from './organisations/index.js';

/** Every entity of every module. */
export const ENTITIES = [...ORGANISATION_ENTITIES, ...PRICING_ENTITIES, ...REFERRAL_ENTITIES];

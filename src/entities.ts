import { REFERRAL_ENTITIES } from './referrals/index.js';
import { ORGANISATION_ENTITIES } from './organisations/index.js';

/** Every entity of every module. */
export const ENTITIES = [...ORGANISATION_ENTITIES, ...REFERRAL_ENTITIES];

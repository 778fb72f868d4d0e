import { Referral } from './referral.entity.js';

export { ReferralsModule } from './referrals.module.js';
export { ReferralsService } from './referrals.service.js';
export type { Referral, ReferralSource, ReferralState } from './referral.entity.js';
export { isOverdue } from './referral.rules.js';
export { referralAccepted } from './referrals.events.js';

export const REFERRAL_ENTITIES = [Referral];

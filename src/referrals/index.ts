import { Referral } from './referral.entity.js';

export { ReferralsModule } from './referrals.module.js';
export { ReferralsService, type Acceptance, type AcceptedMany } from './referrals.service.js';
export { ReferralDestinations, type ServiceToRefer } from './referral-destinations.service.js';
export type { Referral, ReferralSource, ReferralState } from './referral.entity.js';
export { isOverdue } from './referral.rules.js';

/** For screens: the same services that the API uses, and lists with names. */
export { ReferralRegister, type ListedReferral } from './referral-register.service.js';
export { type ReferralContract, type ReferredService } from './referral-list.queries.js';
export { ReferralFilesService, type ReferralFileResult } from './referral-files.service.js';
export { referralColumns } from './referral-file.columns.js';
export { referralFileTemplate, type LawfulBasis } from './referral-file.rules.js';
export { REFERRAL_SOURCES, REFERRAL_STATES } from './referral.entity.js';
export { CLOSE_REASONS, DECLINE_REASONS, respondBy, whyNotDays } from './referral.rules.js';
export { MakeReferral } from './referrals.schemas.js';
export { nhsNumberInvalid, referralReferenceTaken, noContractForService } from './referrals.errors.js';

/** What identifies people who were referred. */
export { PersonVault, type SealedPerson } from './person-vault.service.js';
export { type PersonIdentity, type PersonSecret } from './person-identity.rules.js';

export { referralAccepted } from './referrals.events.js';

export const REFERRAL_ENTITIES = [Referral];

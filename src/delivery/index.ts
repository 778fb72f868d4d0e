import { Attendance } from './attendance.entity.js';
import { ClaimFile } from './claim-file.entity.js';
import { Claim } from './claim.entity.js';
import { Milestone } from './milestone.entity.js';
import { NilDeclaration } from './nil-declaration.entity.js';
import { Session } from './session.entity.js';

export { DeliveryModule } from './delivery.module.js';

/** For what is made of claims: batches, invoices, statements. */
export { ClaimsService, wordClaimFlag, type BatchedClaim, type OpenClaim } from './claims.service.js';
export { type Charge, type ClaimPrice } from './claim-charge.rules.js';
export { type ClaimFlag, type ClaimFlagCode, type DeliveryFlag } from './claim-flag.rules.js';
export { type Claim } from './claim.entity.js';
export { claimsSubmitted } from './delivery.events.js';
export { claimFactClaimed, claimNotFound } from './delivery.errors.js';

/** For screens and commands: the same services that the API uses. */
export { ClaimDesk, type Submitted } from './claim-desk.service.js';
export { ClaimRegister, claimView } from './claim-register.service.js';
export { ClaimFilesService } from './claim-files.service.js';
export { SessionsService } from './sessions.service.js';

export const DELIVERY_ENTITIES = [Session, Attendance, Milestone, Claim, ClaimFile, NilDeclaration];

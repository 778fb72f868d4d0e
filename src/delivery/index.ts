import { Attendance } from './attendance.entity.js';
import { ClaimFile } from './claim-file.entity.js';
import { Claim } from './claim.entity.js';
import { CompletionDeclaration } from './completion-declaration.entity.js';
import { Milestone } from './milestone.entity.js';
import { NilDeclaration } from './nil-declaration.entity.js';
import { Session } from './session.entity.js';

export { DeliveryModule } from './delivery.module.js';

/** For what is made of claims: batches, invoices, statements. */
export { ClaimsService, wordClaimFlag, type AlikeClaims, type BatchedClaim, type OpenClaim } from './claims.service.js';
export { type Charge, type ClaimPrice } from './claim-charge.rules.js';
export { type ClaimFlag, type ClaimFlagCode, type DeliveryFlag } from './claim-flag.rules.js';
export { type Claim } from './claim.entity.js';
export { claimFactClaimed, claimNotFound } from './delivery.errors.js';

/** By when a month is claimed, and what of it is not. */
export { lastClaimDay, lastDayOfMonth, periodOf, workingDayAfter, type ClaimWindow } from './claim-window.rules.js';
export { type ClaimMonth } from './claim-months.rules.js';
export { ClaimMonths } from './claim-months.service.js';

/** For screens and commands: the same services that the API uses. */
export { ClaimDesk } from './claim-desk.service.js';
export { FactClaims, type Submitted } from './fact-claims.service.js';
export { ClaimRegister, claimView } from './claim-register.service.js';
export { ClaimFilesService } from './claim-files.service.js';
export { SessionRecording } from './session-recording.service.js';
export { SessionsService } from './sessions.service.js';
export { DeclareNil, yourReference } from './claims.schemas.js';
export { RecordSession, MODES, OUTCOMES } from './sessions.schemas.js';
export { claimColumns } from './claim-file.columns.js';
export { claimFileTemplate } from './claim-file.rules.js';
export { type ClaimFile } from './claim-file.entity.js';

/** What people look at and gather before they claim. */
export { SessionRegister, type Roll, type SessionOnPaper } from './session-register.service.js';
export { type ContractService, type ListedSession } from './session-list.queries.js';
export { UnclaimedDelivery, type UnclaimedSession } from './unclaimed-delivery.service.js';
export { ClaimLists, type ClaimableFacts, type PricedClaim, type PricedList } from './claim-list.service.js';
export { ListedFacts, type DescribedFact } from './listed-facts.service.js';
export { keyOfFact, type ListedClaim, type ListedFact } from './claim-list.rules.js';
export { CompletionDeclarations, type MonthSent, type MonthToSend } from './completion-declarations.service.js';

export { londonInstant } from './london-time.rules.js';

export const DELIVERY_ENTITIES = [
  Session,
  Attendance,
  Milestone,
  Claim,
  ClaimFile,
  NilDeclaration,
  CompletionDeclaration,
];

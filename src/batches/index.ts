import { Batch } from './batch.entity.js';
import { ClaimQuery } from './claim-query.entity.js';

export { BatchesModule } from './batches.module.js';

/** For what is made of an approved batch: documents, statements. */
export { BatchesService, type BatchFilter, type BatchSummary } from './batches.service.js';
export { type Batch } from './batch.entity.js';
export {
  BATCH_STATES,
  isAboveLimit,
  isMonthComplete,
  lastDayOf,
  LINE_STATES,
  lineState,
  whyNotApprove,
  type ApprovalObstacle,
  type BatchState,
  type LineState,
  type MonthStanding,
} from './batch.rules.js';
export { batchApproved } from './batches.events.js';

/** For screens and commands: the same services that the API uses. */
export { BatchApprovalService } from './batch-approval.service.js';
export { BatchReviewService } from './batch-review.service.js';
export { type BatchCandidate } from './batch-candidates.service.js';
export {
  BatchMaking,
  type Approver,
  type MadeBatch,
  type MonthToMake,
  type QuietContract,
  type ReadyBatch,
} from './batch-making.service.js';
export { BatchSubmissionService } from './batch-submission.service.js';
export {
  BatchRegister,
  type BatchDetail,
  type BatchOnDesk,
  type ListedBatch,
  type ListedBatches,
} from './batch-register.service.js';
export { type BatchChoice, type NextBatch } from './batch-register.queries.js';
export { type LineThatLeft, type ReviewLine } from './review-line.queries.js';
export { REVIEW_WORDS } from './review-words.rules.js';
export { LineReviewService } from './line-review.service.js';
export { ClaimQueriesService } from './claim-queries.service.js';
export { ClaimStandings, type ClaimInFull } from './claim-standings.service.js';
export { type ClaimStanding, type StandingFilter } from './claim-standing.queries.js';
export { type ClaimQuery } from './claim-query.entity.js';
export { AnswerQuery } from './batches.schemas.js';

export const BATCH_ENTITIES = [Batch, ClaimQuery];

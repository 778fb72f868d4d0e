import { Module, type OnModuleInit } from '@nestjs/common';
import { ClaimDesk, DeliveryModule } from '../delivery/index.js';
import { BatchApprovalService } from './batch-approval.service.js';
import { BatchCandidates } from './batch-candidates.service.js';
import { BatchMaking } from './batch-making.service.js';
import { BatchRegister } from './batch-register.service.js';
import { BatchReviewService } from './batch-review.service.js';
import { BatchSubmissionService } from './batch-submission.service.js';
import { BatchesController } from './batches.controller.js';
import { BatchesService } from './batches.service.js';
import { ClaimQueriesController } from './claim-queries.controller.js';
import { ClaimQueriesService } from './claim-queries.service.js';
import { ClaimStandings } from './claim-standings.service.js';
import { LineReviewService } from './line-review.service.js';
import { registerBatchState } from './batch-state.queries.js';
import { registerBatchInvariants } from './invariants.queries.js';

@Module({
  imports: [DeliveryModule],
  controllers: [BatchesController, ClaimQueriesController],
  providers: [
    BatchesService,
    BatchCandidates,
    BatchMaking,
    BatchRegister,
    BatchSubmissionService,
    BatchReviewService,
    BatchApprovalService,
    LineReviewService,
    ClaimQueriesService,
    ClaimStandings,
  ],
  exports: [
    BatchesService,
    BatchMaking,
    BatchRegister,
    BatchSubmissionService,
    BatchReviewService,
    BatchApprovalService,
    LineReviewService,
    ClaimQueriesService,
    ClaimStandings,
  ],
})
export class BatchesModule implements OnModuleInit {
  constructor(
    private readonly desk: ClaimDesk,
    private readonly queries: ClaimQueriesService,
  ) {}

  onModuleInit(): void {
    registerBatchInvariants();
    registerBatchState();
    this.desk.onWithdrawn((tx, claim, at) => this.queries.closeFor(tx, claim, at));
  }
}

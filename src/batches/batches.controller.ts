import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { tooBusy } from '../platform/gathering.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { PageQuery } from '../platform/page.js';
import { orderExceeded, orderMissing, vatTreatmentMissing } from '../pricing/index.js';
import { BatchApprovalService } from './batch-approval.service.js';
import { batchDetailView, batchView, previewView } from './batch-view.schemas.js';
import { BatchRegister } from './batch-register.service.js';
import { BatchReviewService } from './batch-review.service.js';
import { BatchSubmissionService } from './batch-submission.service.js';
import { firstDayOf } from './batch.rules.js';
import {
  batchAboveLimit,
  batchChanged,
  batchDecided,
  batchEmpty,
  batchFlagged,
  batchNotSelfBillable,
  batchOverBudget,
  batchOwn,
  batchTooEarly,
  batchUnderReview,
  batchWithoutClaims,
  lineNotHeld,
} from './batches.errors.js';
import {
  ApproveBatch,
  ApprovedBatchView,
  AskQuery,
  BatchDetailView,
  BatchLineList,
  BatchList,
  BatchPreview,
  BatchQuery,
  BatchView,
  ClaimInBatch,
  PreviewQuery,
  RejectWithReason,
  SubmitBatch,
  SubmittedBatches,
} from './batches.schemas.js';
import { BatchesService } from './batches.service.js';
import { LineReviewService } from './line-review.service.js';

type Id = z.infer<typeof IdParameter>;
const READERS = { commissioner: 'any', provider: 'any' } as const;
const REVIEWERS = { commissioner: ['contract_manager', 'approver'] } as const;
const SUBMISSION = [
  batchWithoutClaims,
  batchTooEarly,
  batchUnderReview,
  batchOverBudget,
  orderMissing,
  orderExceeded,
  vatTreatmentMissing,
  batchNotSelfBillable,
];

@Heading('Batches')
@Controller('v1/batches')
export class BatchesController {
  constructor(
    private readonly batches: BatchesService,
    private readonly register: BatchRegister,
    private readonly submission: BatchSubmissionService,
    private readonly review: BatchReviewService,
    private readonly approvals: BatchApprovalService,
    private readonly lineReview: LineReviewService,
  ) {}

  @Post()
  @Operation({
    summary: 'Submit the claims of a month for approval',
    description:
      'One batch for each contract of the provider that has open claims up to the month, or none at all when one of them ' +
      'is refused. Prices are fixed now, and the budget is committed.',
    permit: { commissioner: ['contract_manager'] },
    status: 201,
    answer: SubmittedBatches,
    errors: SUBMISSION,
    idempotent: true,
  })
  async submit(@CurrentActor() actor: Actor, @Body({ schema: SubmitBatch }) body: SubmitBatch): Promise<unknown> {
    return { items: (await this.submission.submit(actor, body)).map(batchView) };
  }

  @Get('preview')
  @Operation({
    summary: 'What the batches of a month would be, without submitting them',
    permit: { commissioner: 'any' },
    answer: BatchPreview,
    errors: [batchWithoutClaims, batchTooEarly],
  })
  async preview(@CurrentActor() actor: Actor, @Query({ schema: PreviewQuery }) query: PreviewQuery): Promise<unknown> {
    const candidates = await this.submission.preview(actor, query);
    return { items: candidates.map((candidate) => previewView(candidate, query.limit)) };
  }

  @Get()
  @Operation({ summary: 'Batches, the latest first', permit: READERS, answer: BatchList })
  async list(@CurrentActor() actor: Actor, @Query({ schema: BatchQuery }) query: BatchQuery): Promise<unknown> {
    const { period, ...filter } = query;
    const where = { ...filter, ...(period !== undefined && { period: firstDayOf(period) }) };
    const { items, next } = await this.batches.list(actor, where);
    return { items: items.map(batchView), next };
  }

  @Get(':id')
  @Operation({ summary: 'One batch, with what its reviewer asks first', permit: READERS, answer: BatchDetailView })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return batchDetailView(await this.register.read(actor, id));
  }

  @Get(':id/lines')
  @Operation({
    summary: 'The lines of a batch, flagged ones first',
    permit: READERS,
    answer: BatchLineList,
    sensitive: 'claims',
  })
  async lines(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: PageQuery }) query: PageQuery,
  ): Promise<unknown> {
    return this.batches.lines(actor, id, query);
  }

  @Post(':id/claims/:claimId/query')
  @Operation({
    summary: 'Ask the provider about a line: it leaves the batch, and the rest goes on',
    permit: REVIEWERS,
    status: 201,
    answer: BatchView,
    errors: [batchDecided, lineNotHeld],
    idempotent: true,
  })
  async query(
    @CurrentActor() actor: Actor,
    @Param({ schema: ClaimInBatch }) { id, claimId }: z.infer<typeof ClaimInBatch>,
    @Body({ schema: AskQuery }) { question }: z.infer<typeof AskQuery>,
  ): Promise<unknown> {
    return batchView(await this.lineReview.query(actor, id, claimId, question));
  }

  @Post(':id/claims/:claimId/reject')
  @Operation({
    summary: 'Reject a line of the batch, or one that was queried from it; its fact can be claimed again',
    permit: REVIEWERS,
    status: 201,
    answer: BatchView,
    errors: [batchDecided, lineNotHeld],
    idempotent: true,
  })
  async rejectLine(
    @CurrentActor() actor: Actor,
    @Param({ schema: ClaimInBatch }) { id, claimId }: z.infer<typeof ClaimInBatch>,
    @Body({ schema: RejectWithReason }) { reason }: z.infer<typeof RejectWithReason>,
  ): Promise<unknown> {
    return batchView(await this.lineReview.reject(actor, id, claimId, reason));
  }

  @Post(':id/reject')
  @Operation({
    summary: 'Reject a batch: its lines wait for the next one',
    permit: REVIEWERS,
    status: 201,
    answer: BatchView,
    errors: [batchDecided],
    idempotent: true,
  })
  async reject(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: RejectWithReason }) { reason }: z.infer<typeof RejectWithReason>,
  ): Promise<unknown> {
    return batchView(await this.review.reject(actor, id, reason));
  }

  @Post(':id/approve')
  @Operation({
    summary: 'Approve a batch that somebody else submitted: its total is owed from now on',
    permit: { commissioner: ['approver'] },
    status: 201,
    answer: ApprovedBatchView,
    errors: [batchDecided, batchOwn, batchChanged, batchEmpty, batchAboveLimit, batchFlagged, batchOverBudget, tooBusy],
    idempotent: true,
  })
  async approve(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: ApproveBatch }) body: ApproveBatch,
  ): Promise<unknown> {
    return batchView(await this.approvals.approve(actor, id, body));
  }
}

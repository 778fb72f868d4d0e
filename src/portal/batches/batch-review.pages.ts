import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { BatchRegister, type BatchDetail } from '../../batches/index.js';
import { IdParameter } from '../../organisations/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import { hasRole, type Visit } from '../page/visit.rules.js';
import { addressOf } from '../page/address.rules.js';
import { factsOf, wordObstaclesIn } from './batch-words.rules.js';
import { LinesAddress, PAGE_LINES } from './batches.schemas.js';
import { referenceIn, wordLinesIn } from './line-words.rules.js';

type Id = z.infer<typeof IdParameter>;

const DECISIONS = ['approve', 'query', 'reject'] as const;

/** One batch: read by both sides, and decided by the reviewers of the commissioner. */
@Controller('batches')
export class BatchReviewPages {
  constructor(private readonly register: BatchRegister) {}

  @Page({ permit: { commissioner: 'any', provider: 'any' }, sensitive: 'claims' })
  @Get(':id')
  async show(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: LinesAddress }) address: LinesAddress,
  ): Promise<PageAnswer> {
    return this.page(visit, id, address);
  }

  /** Which of the lines, and what with them: on to the page that asks for the reason and confirms. */
  @Action({ permit: { commissioner: ['contract_manager', 'approver'] }, sensitive: 'claims' })
  @Post(':id')
  async choose(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: LinesAddress }) { after }: LinesAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const decision = form.choice('decision', DECISIONS, 'batches.review.decisionMissing');
    if (decision === 'approve') {
      const [digest, count, total] = ['digest', 'count', 'total'].map((name) => fields.text(name));
      return seeOther(addressOf(`/batches/${id}/approve`, { digest, count, total }));
    }
    const { line } = LinesAddress.parse({ line: fields.all('line') });
    if (decision !== undefined && line.length === 0) form.refuse('line', 'batches.review.noneSelected');
    if (decision === undefined || !form.ok) return this.page(visit, id, { after, line }, form);
    return seeOther(addressOf(`/batches/${id}/${decision}`, { line, after }));
  }

  private async page(visit: Visit, id: string, { after, line }: LinesAddress, form?: Form): Promise<View> {
    const { t } = visit;
    const { batch, lines, next, left } = await this.register.open(visit.actor, id, { after, limit: PAGE_LINES });
    const rows = wordLinesIn(t, lines);
    const mayReview = hasRole(visit, 'approver', 'contract_manager') && visit.membership?.kind === 'commissioner';
    const isOpen = batch.state === 'submitted';
    return view(
      'batches/review.njk',
      {
        batch,
        flagged: rows.filter(({ isFlagged }) => isFlagged),
        others: rows.filter(({ isFlagged }) => !isFlagged),
        shown: rows.length,
        selected: new Set(line),
        left: left.map((one) => ({ ...one, reference: referenceIn(t, one) })),
        first: after === undefined ? undefined : `/batches/${id}`,
        next: next === null ? undefined : addressOf(`/batches/${id}`, { after: next }),
        here: addressOf(`/batches/${id}`, { after }),
        nextBatch: mayReview && !isOpen ? await this.register.next(visit.actor) : null,
        ...reviewerData(visit, batch, mayReview && isOpen),
        overOrderMinor: -(batch.purchaseOrderLeftMinor ?? 0n),
        side: visit.membership?.kind,
      },
      form && { errors: form.errors },
    );
  }
}

/** What depends on who looks: whether they decide, what stands against it, and how much they may approve. */
function reviewerData(visit: Visit, batch: BatchDetail, isReviewer: boolean) {
  const isApprover = isReviewer && hasRole(visit, 'approver');
  return {
    mayDecide: isReviewer,
    isApprover,
    mayApprove: isApprover && batch.obstacles.length === 0,
    obstacles: isApprover ? wordObstaclesIn(visit.t, batch.obstacles) : [],
    rows: factsOf(visit.t, batch, {
      side: visit.membership?.kind,
      isApprover,
      limitMinor: visit.actor.approvalLimitMinor,
    }),
  };
}

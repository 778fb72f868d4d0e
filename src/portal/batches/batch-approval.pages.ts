import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { BatchApprovalService, BatchRegister, REVIEW_WORDS, type BatchDetail } from '../../batches/index.js';
import { IdParameter } from '../../organisations/index.js';
import { DomainError } from '../../platform/errors.js';
import { seeOther, seeOtherNoting, view, type PageAnswer } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import {
  approvalFactsOf,
  decidedAlready,
  nextStepsOf,
  readWords,
  wordChangeIn,
  wordObstaclesIn,
} from './batch-words.rules.js';
import { SeenAddress } from './batches.schemas.js';
import { wordLinesIn } from './line-words.rules.js';

type Id = z.infer<typeof IdParameter>;

/** As many flagged lines as the confirmation repeats. */
const FLAGGED_SHOWN = 20;

const APPROVER = { commissioner: ['approver'] } as const;

/** The approval of a batch as it was reviewed: from here its total is owed. */
@Controller('batches')
export class BatchApprovalPages {
  constructor(
    private readonly register: BatchRegister,
    private readonly approvals: BatchApprovalService,
  ) {}

  @Page({ permit: APPROVER, stepUp: true })
  @Get(':id/approve')
  async confirm(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: SeenAddress }) seen: SeenAddress,
  ): Promise<PageAnswer> {
    return this.page(visit, id, seen);
  }

  @Action({ permit: APPROVER, stepUp: true })
  @Post(':id/approve')
  async approve(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const form = new Form(visit.t, fields);
    const seen = SeenAddress.parse(fields.values());
    const reason = {
      name: 'flagsReason',
      text: fields.text('flagsReason'),
      missing: 'batches.approve.reasonMissing',
    };
    const flagsReason = fields.has('flagged') ? readWords(form, reason, REVIEW_WORDS) : undefined;
    if (form.ok && seen.digest !== undefined) {
      try {
        await this.approvals.approve(visit.command(), id, { digest: seen.digest, flagsReason });
        return seeOther(`/batches/${id}/approved`);
      } catch (error) {
        if (!(error instanceof DomainError)) throw error;
        if (error.code !== 'batch.decided') form.refused(error);
      }
    }
    return this.page(visit, id, seen, form);
  }

  @Page({ permit: { commissioner: 'any' } })
  @Get(':id/approved')
  async done(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    const batch = await this.register.read(visit.actor, id);
    if (batch.state !== 'approved') return seeOther(`/batches/${id}`);
    const nextBatch = await this.register.next(visit.actor);
    return view('batches/approved.njk', { batch, steps: nextStepsOf(visit.t, batch), nextBatch });
  }

  private async page(visit: Visit, id: string, seen: SeenAddress, form?: Form): Promise<PageAnswer> {
    const { t } = visit;
    const { batch, lines } = await this.register.open(visit.actor, id, { limit: FLAGGED_SHOWN });
    if (batch.state !== 'submitted') return decided(visit, batch);
    if (seen.digest === undefined) return seeOther(`/batches/${id}`);
    const obstacles = wordObstaclesIn(t, batch.obstacles);
    const change = wordChangeIn(t, batch, seen);
    const data = {
      batch,
      change,
      obstacles,
      flagged: wordLinesIn(
        t,
        lines.filter(({ isFlagged }) => isFlagged),
      ),
      rows: approvalFactsOf(t, batch),
      mayApprove: obstacles.length === 0,
      wordsMax: REVIEW_WORDS.max,
    };
    return view('batches/approve.njk', data, form && { errors: form.errors, values: form.values });
  }
}

/** Somebody was faster. One's own approval, sent twice, is told as what it is. */
function decided(visit: Visit, batch: BatchDetail): PageAnswer {
  const isOwn = batch.state === 'approved' && batch.decidedBy === visit.actor.memberId;
  return isOwn
    ? seeOther(`/batches/${batch.id}/approved`)
    : seeOtherNoting(`/batches/${batch.id}`, decidedAlready(batch, visit.actor.memberId));
}

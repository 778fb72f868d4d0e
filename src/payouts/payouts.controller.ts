import { Body, Controller, Get, Inject, Param, Post, Query, Res, StreamableFile } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import { attemptViewOf, payoutViewOf } from './payout-view.rules.js';
import {
  lookUpContradicts,
  payoutStepNotPossible,
  railNoAnswer,
  remittanceNotReady,
  tooEarlyToDecide,
} from './payouts.errors.js';
import { DecidePayout, PayoutDetailView, PayoutList, PayoutQuery, RemittanceView } from './payouts.schemas.js';
import { PayoutsService } from './payouts.service.js';
import { remittanceToJson } from './remittance.document.js';
import { RemittancesService } from './remittances.service.js';

type Id = z.infer<typeof IdParameter>;
const READS = { commissioner: 'any', provider: 'any', scope: 'payouts:read' } as const;
const FINANCE = { commissioner: ['finance'] } as const;

@Heading('Payouts')
@Controller('v1/payouts')
export class PayoutsController {
  constructor(
    private readonly payouts: PayoutsService,
    private readonly remittances: RemittancesService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get()
  @Operation({ summary: 'Payouts that you make or receive', permit: READS, answer: PayoutList })
  async list(@CurrentActor() actor: Actor, @Query({ schema: PayoutQuery }) query: PayoutQuery): Promise<unknown> {
    const { items, next } = await this.payouts.list(actor, query);
    return { items: items.map((payout) => payoutViewOf(payout, this.config.sandbox)), next };
  }

  @Get(':id')
  @Operation({
    summary: 'One payout: its invoices, and the calls that were made for it',
    permit: READS,
    answer: PayoutDetailView,
  })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.detail(actor, id);
  }

  @Post(':id/decide')
  @Operation({
    summary: 'End what is unknown, by what the platform shows',
    description: 'The payment is looked up there first; only the decision that this supports is accepted.',
    permit: FINANCE,
    answer: PayoutDetailView,
    errors: [payoutStepNotPossible, lookUpContradicts, tooEarlyToDecide, railNoAnswer],
    idempotent: true,
  })
  async decide(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: DecidePayout }) { decision }: z.infer<typeof DecidePayout>,
  ): Promise<unknown> {
    await this.payouts.decide(actor, id, decision);
    return this.detail(actor, id);
  }

  @Post(':id/return')
  @Operation({
    summary: 'Take home what a bank did not take; its invoices are owed again',
    permit: FINANCE,
    answer: PayoutDetailView,
    errors: [payoutStepNotPossible],
    idempotent: true,
  })
  async return(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    await this.payouts.askReturn(actor, id);
    return this.detail(actor, id);
  }

  @Get(':id/remittance')
  @Operation({
    summary: 'The remittance advice of a paid payout',
    permit: READS,
    answer: RemittanceView,
    errors: [remittanceNotReady],
  })
  async remittance(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return remittanceToJson(await this.remittances.read(actor, id));
  }

  @Get(':id/remittance.pdf')
  @Operation({
    summary: 'The remittance advice as PDF',
    permit: READS,
    produces: 'application/pdf',
    errors: [remittanceNotReady],
  })
  async remittancePdf(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Res({ passthrough: true }) reply: FastifyReply,
  ): Promise<StreamableFile> {
    const { bytes, name } = await this.remittances.readPdf(actor, id);
    void reply.header('content-disposition', `attachment; filename="${name}"`);
    return new StreamableFile(bytes, { type: 'application/pdf' });
  }

  private async detail(actor: Actor, id: string): Promise<unknown> {
    const { payout, items, advances, attempts, choices } = await this.payouts.read(actor, id);
    return {
      ...payoutViewOf(payout, this.config.sandbox),
      items,
      advances,
      attempts: attempts.map(attemptViewOf),
      choices,
    };
  }
}

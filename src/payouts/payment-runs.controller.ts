import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { sumMinor } from '../money/index.js';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import type { RunState } from './payment-run.rules.js';
import type { PaymentRun } from './payment-runs.queries.js';
import { PaymentRunsService } from './payment-runs.service.js';
import { payoutViewOf } from './payout-view.rules.js';
import { runDayNotPossible, runNotCancellable } from './payouts.errors.js';
import {
  MakePaymentRun,
  PayablePreviewView,
  PaymentRunDetail,
  PaymentRunList,
  PaymentRunProgress,
  PaymentRunQuery,
} from './payouts.schemas.js';

type Id = z.infer<typeof IdParameter>;
const READS = { commissioner: 'any', scope: 'payouts:read' } as const;
const PAYS = { commissioner: ['finance'] } as const;

@Heading('Payment runs')
@Controller('v1/payment-runs')
export class PaymentRunsController {
  constructor(
    private readonly runs: PaymentRunsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('preview')
  @Operation({
    summary: 'What a run would pay now, and whom it would let wait',
    permit: READS,
    answer: PayablePreviewView,
  })
  async preview(@CurrentActor() actor: Actor): Promise<unknown> {
    const { groups, ...sums } = await this.runs.preview(actor);
    return {
      ...sums,
      groups: groups.map(({ invoices, advances, recoveries, ...group }) => ({
        ...group,
        invoiceCount: invoices.length,
        advanceCount: advances.length,
        recoveredMinor: sumMinor(recoveries.map(({ amountMinor }) => amountMinor)),
      })),
      sandbox: this.config.sandbox,
    };
  }

  @Post()
  @Operation({
    summary: 'Pay what is payable',
    description: 'Background work carries it out, provider by provider: read the run again for its progress.',
    permit: PAYS,
    status: 201,
    answer: PaymentRunDetail,
    errors: [runDayNotPossible],
    idempotent: true,
  })
  async make(
    @CurrentActor() actor: Actor,
    @Body({ schema: MakePaymentRun }) { paysOn }: z.infer<typeof MakePaymentRun>,
  ): Promise<unknown> {
    const { id } = await this.runs.make(actor, paysOn);
    return this.detail(actor, id);
  }

  @Get()
  @Operation({ summary: 'Payment runs', permit: READS, answer: PaymentRunList })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: PaymentRunQuery }) query: PaymentRunQuery,
  ): Promise<unknown> {
    const { items, next } = await this.runs.list(actor, query);
    return { items: items.map((run) => viewOf(run, run.state)), next };
  }

  @Get(':id')
  @Operation({ summary: 'One payment run: its progress, and who waits', permit: READS, answer: PaymentRunDetail })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.detail(actor, id);
  }

  @Get(':id/progress')
  @Operation({ summary: 'How far a payment run has come', permit: READS, answer: PaymentRunProgress })
  async progress(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.runs.progress(actor, id);
  }

  @Post(':id/cancel')
  @Operation({
    summary: 'Cancel a run that waits for its day',
    permit: PAYS,
    answer: PaymentRunDetail,
    errors: [runNotCancellable],
    idempotent: true,
  })
  async cancel(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    await this.runs.cancel(actor, id);
    return this.detail(actor, id);
  }

  private async detail(actor: Actor, id: string): Promise<unknown> {
    const { run, state, payouts, waits } = await this.runs.read(actor, id);
    const progress: Record<string, number> = {};
    for (const payout of payouts) progress[payout.state] = (progress[payout.state] ?? 0) + 1;
    const { sandbox } = this.config;
    return {
      ...viewOf(run, state),
      progress,
      payouts: payouts.map((one) => payoutViewOf(one, sandbox)),
      waits,
      sandbox,
    };
  }
}

function viewOf({ id, paysOn, madeAt, finishedAt }: PaymentRun, state: RunState): object {
  return { id, paysOn, state, madeAt, finishedAt };
}

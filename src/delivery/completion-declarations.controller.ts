import { Body, Controller, Get, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { contractCodeAmbiguous } from '../pricing/index.js';
import {
  CompletionList,
  CompletionQuery,
  CompletionView,
  DeclareCompletion,
} from './completion-declarations.schemas.js';
import { CompletionDeclarations } from './completion-declarations.service.js';
import { completionNothingNew, periodNotOver } from './delivery.errors.js';

@Heading('Claims')
@Controller('v1/completion-declarations')
export class CompletionDeclarationsController {
  constructor(private readonly declarations: CompletionDeclarations) {}

  @Post()
  @Operation({
    summary: 'Declare that all of a month is claimed, so that it can be reviewed',
    description: 'The commissioner puts claims into batches when it likes; this says that no more are to come.',
    permit: { provider: ['coordinator'], scope: 'claims:write' },
    status: 201,
    answer: CompletionView,
    errors: [periodNotOver, completionNothingNew, contractCodeAmbiguous],
    idempotent: true,
  })
  async declare(
    @CurrentActor() actor: Actor,
    @Body({ schema: DeclareCompletion }) body: DeclareCompletion,
  ): Promise<unknown> {
    return completionView(await this.declarations.declare(actor, body));
  }

  @Get()
  @Operation({
    summary: 'Months that were declared complete, the latest first',
    permit: { commissioner: 'any', provider: 'any', scope: 'claims:read' },
    answer: CompletionList,
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: CompletionQuery }) query: CompletionQuery,
  ): Promise<unknown> {
    const { items, next } = await this.declarations.list(actor, query);
    return { items: items.map(completionView), next };
  }
}

interface Declared {
  readonly id: string;
  readonly code: string;
  readonly contractId: string;
  readonly period: string;
  readonly claimCount: number;
  readonly flaggedCount: number;
  readonly totalMinor: bigint;
  readonly indicativeMinor: bigint;
  readonly declaredAt: Date;
}

function completionView(declared: Declared): z.infer<typeof CompletionView> {
  const { id, code, contractId, period, claimCount, flaggedCount, totalMinor, indicativeMinor, declaredAt } = declared;
  return {
    id,
    code,
    contractId,
    period: period.slice(0, 7),
    claimCount,
    flaggedCount,
    totalMinor: totalMinor.toString(),
    indicativeMinor: indicativeMinor.toString(),
    declaredAt: declaredAt.toISOString(),
  };
}

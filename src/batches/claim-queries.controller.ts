import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { queryClosed } from './batches.errors.js';
import { AnswerQuery, ClaimQueryFilter, ClaimQueryList, ClaimQueryView } from './batches.schemas.js';
import { ClaimQueriesService } from './claim-queries.service.js';
import type { ClaimQuery } from './claim-query.entity.js';

type Id = z.infer<typeof IdParameter>;

@Heading('Batches')
@Controller('v1/queries')
export class ClaimQueriesController {
  constructor(private readonly queries: ClaimQueriesService) {}

  @Get()
  @Operation({
    summary: 'What was asked about claims, the latest first',
    permit: { commissioner: 'any', provider: 'any', scope: 'claims:read' },
    answer: ClaimQueryList,
    sensitive: 'claims',
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ClaimQueryFilter }) query: ClaimQueryFilter,
  ): Promise<unknown> {
    const { items, next } = await this.queries.list(actor, { ...query, open: query.open === 'true' });
    return { items: items.map(queryView), next };
  }

  @Post(':id/answer')
  @Operation({
    summary: 'Answer a query: the claim goes into the next batch',
    permit: { provider: ['coordinator', 'treasurer'], scope: 'claims:write' },
    status: 201,
    answer: ClaimQueryView,
    errors: [queryClosed],
    idempotent: true,
  })
  async answer(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: AnswerQuery }) { answer }: z.infer<typeof AnswerQuery>,
  ): Promise<unknown> {
    return queryView(await this.queries.answer(actor, id, answer));
  }
}

function queryView(query: ClaimQuery) {
  const { id, claimId, batchId, providerId, question, askedAt, answer, answeredAt, closedAt } = query;
  const open = answeredAt === null && closedAt === null;
  return { id, claimId, batchId, providerId, open, question, askedAt, answer, answeredAt, closedAt };
}

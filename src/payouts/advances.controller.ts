import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { contractNotInForce } from '../pricing/index.js';
import {
  advanceAboveLimit,
  advanceDayNotPossible,
  advanceDecided,
  advanceInPayment,
  advanceNotCovered,
  advanceOwn,
} from './advances.errors.js';
import { AdvanceDetailView, AdvanceList, AdvanceQuery, DeclineAdvance, ProposeAdvance } from './advances.schemas.js';
import { AdvancesService, type AdvanceDetail, type AdvanceNow } from './advances.service.js';

type Id = z.infer<typeof IdParameter>;
const READS = { commissioner: 'any', provider: 'any', scope: 'payouts:read' } as const;
const PROPOSES = { commissioner: ['finance', 'contract_manager'] } as const;
const DECIDES = { commissioner: ['approver'] } as const;

@Heading('Advances')
@Controller('v1/advances')
export class AdvancesController {
  constructor(private readonly advances: AdvancesService) {}

  @Post()
  @Operation({
    summary: 'Propose an advance to a provider, with the terms on which it comes back',
    permit: PROPOSES,
    status: 201,
    answer: AdvanceDetailView,
    errors: [contractNotInForce, advanceDayNotPossible, advanceNotCovered],
    idempotent: true,
  })
  async propose(
    @CurrentActor() actor: Actor,
    @Body({ schema: ProposeAdvance }) body: ProposeAdvance,
  ): Promise<unknown> {
    return detailOf(await this.advances.propose(actor, body));
  }

  @Get()
  @Operation({
    summary: 'Advances, the latest first',
    description: 'A provider sees those that were approved.',
    permit: READS,
    answer: AdvanceList,
  })
  async list(@CurrentActor() actor: Actor, @Query({ schema: AdvanceQuery }) query: AdvanceQuery): Promise<unknown> {
    const { items, next } = await this.advances.list(actor, query);
    return { items: items.map(viewOf), next };
  }

  @Get(':id')
  @Operation({ summary: 'One advance, with what invoices gave back of it', permit: READS, answer: AdvanceDetailView })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return detailOf(await this.advances.read(actor, id));
  }

  @Post(':id/approve')
  @Operation({
    summary: 'Approve an advance that somebody else proposed: the next payment run pays it',
    permit: DECIDES,
    answer: AdvanceDetailView,
    errors: [advanceDecided, advanceOwn, advanceAboveLimit, contractNotInForce, advanceNotCovered],
    idempotent: true,
  })
  async approve(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return detailOf(await this.advances.approve(actor, id));
  }

  @Post(':id/decline')
  @Operation({
    summary: 'Decline an advance that was proposed',
    permit: DECIDES,
    answer: AdvanceDetailView,
    errors: [advanceDecided],
    idempotent: true,
  })
  async decline(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: DeclineAdvance }) { reason }: z.infer<typeof DeclineAdvance>,
  ): Promise<unknown> {
    return detailOf(await this.advances.decline(actor, id, reason));
  }

  @Post(':id/cancel')
  @Operation({
    summary: 'Withdraw a proposal, or cancel an approved advance before it is paid',
    permit: PROPOSES,
    answer: AdvanceDetailView,
    errors: [advanceDecided, advanceInPayment],
    idempotent: true,
  })
  async cancel(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return detailOf(await this.advances.cancel(actor, id));
  }
}

/** What only the commissioner knows is null for a provider. */
function viewOf({ sharePercent, instalmentMinor, recoverBy, ...advance }: AdvanceNow): object {
  const { state: _decided, payoutState: _paying, approvedBy: _by, closedBy: _closer, ...shown } = advance;
  return {
    reason: null,
    declineReason: null,
    proposedBy: null,
    proposedAt: null,
    ...shown,
    recovery: { sharePercent, instalmentMinor, recoverBy },
  };
}

function detailOf({ recoveries, ...advance }: AdvanceDetail): object {
  return { ...viewOf(advance), recoveries };
}

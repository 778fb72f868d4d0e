import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter, organisationNotFound } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { tooBusy } from '../platform/gathering.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { contractCodeAmbiguous, serviceUnknown } from '../pricing/index.js';
import { ClaimDesk } from './claim-desk.service.js';
import { ClaimRegister, claimView } from './claim-register.service.js';
import {
  ClaimList,
  ClaimQuery,
  ClaimView,
  DeclareNil,
  NilView,
  RecordedMilestoneView,
  RecordMilestone,
  SubmitClaim,
  SubmittedView,
} from './claims.schemas.js';
import {
  claimEarnsNothing,
  claimFactClaimed,
  claimNotFound,
  claimNotWithdrawable,
  milestoneRecordedTwice,
  nilDeclaredTwice,
  nilThoughClaimed,
  periodNotOver,
  ROW_ERRORS,
} from './delivery.errors.js';
import { FactClaims, type Submitted } from './fact-claims.service.js';

type Id = z.infer<typeof IdParameter>;

const FACT_ERRORS = [
  claimEarnsNothing,
  claimFactClaimed,
  contractCodeAmbiguous,
  ROW_ERRORS.claimed_before,
  ROW_ERRORS.referral_not_accepted,
  ROW_ERRORS.referral_of_other_contract,
  ROW_ERRORS.outside_contract,
  ROW_ERRORS.no_rate_card,
];

@Heading('Claims')
@Controller('v1')
export class ClaimsController {
  constructor(
    private readonly claims: FactClaims,
    private readonly desk: ClaimDesk,
    private readonly register: ClaimRegister,
  ) {}

  @Post('claims')
  @Operation({
    summary: 'Claim what a recorded fact earns',
    description: 'The price is provisional until a batch fixes it. The same again has no second effect.',
    permit: { provider: ['coordinator'], scope: 'claims:write' },
    status: 201,
    answer: SubmittedView,
    errors: [...FACT_ERRORS, ROW_ERRORS.minutes_needed, periodNotOver, serviceUnknown, organisationNotFound, tooBusy],
    idempotent: true,
  })
  async submit(@CurrentActor() actor: Actor, @Body({ schema: SubmitClaim }) body: SubmitClaim): Promise<unknown> {
    return submittedView(await this.claims.submit(actor, body));
  }

  @Get('claims')
  @Operation({
    summary: 'Claims, in the order in which they came',
    permit: { commissioner: 'any', provider: 'any', scope: 'claims:read' },
    answer: ClaimList,
    sensitive: 'claims',
  })
  async list(@CurrentActor() actor: Actor, @Query({ schema: ClaimQuery }) query: ClaimQuery): Promise<unknown> {
    const { items, next } = await this.register.list(actor, query);
    return { items: items.map(claimView), next };
  }

  @Get('claims/:id')
  @Operation({
    summary: 'One claim with its price, its reasons and its flags',
    permit: { commissioner: 'any', provider: 'any', scope: 'claims:read' },
    answer: ClaimView,
    errors: [claimNotFound],
    sensitive: 'claims',
  })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return claimView(await this.register.read(actor, id));
  }

  @Post('claims/:id/withdraw')
  @Operation({
    summary: 'Withdraw a claim before a batch holds it; its fact is free for a new one',
    permit: { provider: ['coordinator'], scope: 'claims:write' },
    answer: ClaimView,
    errors: [claimNotFound, claimNotWithdrawable],
    idempotent: true,
  })
  async withdraw(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return claimView(await this.desk.withdraw(actor, id));
  }

  @Post('milestones')
  @Operation({
    summary: 'Record that a milestone was reached, and claim it',
    permit: { provider: ['coordinator'], scope: 'delivery:write' },
    status: 201,
    answer: RecordedMilestoneView,
    errors: [...FACT_ERRORS, milestoneRecordedTwice, ROW_ERRORS.in_future],
    idempotent: true,
  })
  async reachMilestone(
    @CurrentActor() actor: Actor,
    @Body({ schema: RecordMilestone }) body: RecordMilestone,
  ): Promise<unknown> {
    const { milestone, ...submitted } = await this.desk.reachMilestone(actor, body);
    const { id, referralId, name, reachedOn } = milestone;
    return { milestone: { id, referralId, name, reachedOn }, ...submittedView(submitted) };
  }

  @Post('nil-declarations')
  @Operation({
    summary: 'Declare that nothing was delivered in a month',
    permit: { provider: ['coordinator'], scope: 'claims:write' },
    status: 201,
    answer: NilView,
    errors: [nilThoughClaimed, nilDeclaredTwice, periodNotOver, ROW_ERRORS.outside_contract],
    idempotent: true,
  })
  async declareNil(@CurrentActor() actor: Actor, @Body({ schema: DeclareNil }) body: DeclareNil): Promise<unknown> {
    const { id, contractId, period, declaredAt } = await this.desk.declareNil(actor, body);
    return { id, contractId, period: period.slice(0, 7), declaredAt };
  }
}

function submittedView({ claims, repeated }: Submitted): z.infer<typeof SubmittedView> {
  return { claims: claims.map(claimView), repeated };
}

import { Body, Controller, Get, Header, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { CsvBody } from '../platform/csv-body.js';
import { csvEmpty, csvNotText, csvTooLarge, csvUnreadableHeading } from '../platform/csv-reader.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { referralFileTemplate } from './referral-file.rules.js';
import { referralFileHeading, ReferralFilesService } from './referral-files.service.js';
import type { Referral } from './referral.entity.js';
import { isOverdue } from './referral.rules.js';
import {
  nhsNumberInvalid,
  noContractForService,
  referralNotPossible,
  referralReferenceTaken,
} from './referrals.errors.js';
import {
  Accept,
  AcceptedManyView,
  AcceptMany,
  Close,
  Decline,
  MakeReferral,
  ReferralDetail,
  ReferralFileAnswer,
  ReferralFileQuery,
  ReferralList,
  ReferralQuery,
  type ReferralView,
} from './referrals.schemas.js';
import { ReferralsService, type ReferralWithBudget } from './referrals.service.js';

type Id = z.infer<typeof IdParameter>;

@Heading('Referrals')
@Controller('v1')
export class ReferralsController {
  constructor(
    private readonly referrals: ReferralsService,
    private readonly files: ReferralFilesService,
    private readonly clock: Clock,
  ) {}

  @Post('referrals')
  @Operation({
    summary: 'Make a referral; from a provider it stays unconfirmed',
    permit: {
      commissioner: ['contract_manager'],
      provider: ['coordinator'],
      referrer: ['referrer'],
      scope: 'referrals:write',
    },
    status: 201,
    answer: ReferralDetail,
    errors: [noContractForService, referralReferenceTaken, nhsNumberInvalid],
    idempotent: true,
  })
  async make(@CurrentActor() actor: Actor, @Body({ schema: MakeReferral }) body: MakeReferral): Promise<unknown> {
    return this.detail({ referral: await this.referrals.make(actor, body), budget: null });
  }

  @Get('referrals')
  @Operation({
    summary: 'Referrals that you made, deliver or pay for',
    permit: { commissioner: 'any', provider: 'any', referrer: 'any', scope: 'referrals:read' },
    answer: ReferralList,
    sensitive: 'referrals',
  })
  async list(@CurrentActor() actor: Actor, @Query({ schema: ReferralQuery }) query: ReferralQuery): Promise<unknown> {
    const { items, next } = await this.referrals.list(actor, query);
    return { items: items.map((referral) => this.view(referral)), next };
  }

  @Get('referrals/:id')
  @Operation({
    summary: 'One referral, with what is left of the contract’s budget',
    permit: { commissioner: 'any', provider: 'any', referrer: 'any', scope: 'referrals:read' },
    answer: ReferralDetail,
    sensitive: 'referrals',
  })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.detail(await this.referrals.read(actor, id));
  }

  @Post('referrals/accept')
  @Operation({
    summary: 'Accept several referrals',
    description: 'All that can be accepted are; the others come back with the code of what stands in the way.',
    permit: { provider: ['coordinator'], scope: 'referrals:write' },
    answer: AcceptedManyView,
    idempotent: true,
  })
  acceptMany(
    @CurrentActor() actor: Actor,
    @Body({ schema: AcceptMany }) { referrals }: z.infer<typeof AcceptMany>,
  ): Promise<unknown> {
    return this.referrals.acceptMany(actor, referrals);
  }

  @Post('referrals/:id/accept')
  @Operation({
    summary: 'Accept a referral',
    permit: { provider: ['coordinator'], scope: 'referrals:write' },
    answer: ReferralDetail,
    errors: [referralNotPossible],
    idempotent: true,
  })
  async accept(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: Accept }) body: z.infer<typeof Accept>,
  ): Promise<unknown> {
    return this.detail(await this.referrals.accept(actor, id, body.acceptedOn));
  }

  @Post('referrals/:id/decline')
  @Operation({
    summary: 'Decline a referral, with a reason',
    permit: { provider: ['coordinator'], scope: 'referrals:write' },
    answer: ReferralDetail,
    errors: [referralNotPossible],
    idempotent: true,
  })
  async decline(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: Decline }) body: z.infer<typeof Decline>,
  ): Promise<unknown> {
    return this.detail(await this.referrals.decline(actor, id, body.reason));
  }

  @Post('referrals/:id/close')
  @Operation({
    summary: 'Close a referral',
    permit: { provider: ['coordinator'], scope: 'referrals:write' },
    answer: ReferralDetail,
    errors: [referralNotPossible],
    idempotent: true,
  })
  async close(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: Close }) body: z.infer<typeof Close>,
  ): Promise<unknown> {
    return this.detail(await this.referrals.close(actor, id, body.reason, body.closedOn));
  }

  @Post('referrals/:id/confirm')
  @Operation({
    summary: 'Confirm a referral that only the provider recorded',
    permit: { commissioner: ['contract_manager'] },
    answer: ReferralDetail,
    errors: [referralNotPossible],
    idempotent: true,
  })
  async confirm(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.detail(await this.referrals.confirm(actor, id));
  }

  @Post('referral-files')
  @Operation({
    consumes: 'text/csv',
    summary: 'Import referrals from another system’s CSV export',
    description:
      'Good rows go in; bad rows come back with reasons; rows whose reference is known have no second effect.',
    permit: {
      commissioner: ['contract_manager'],
      provider: ['coordinator'],
      referrer: ['referrer'],
      scope: 'referrals:write',
    },
    answer: ReferralFileAnswer,
    errors: [referralFileHeading, csvTooLarge, csvNotText, csvEmpty, csvUnreadableHeading],
  })
  async importFile(
    @CurrentActor() actor: Actor,
    @Query({ schema: ReferralFileQuery }) query: ReferralFileQuery,
    @CsvBody() bytes: AsyncIterable<Buffer>,
  ): Promise<unknown> {
    return this.files.importFile(actor, query, bytes);
  }

  @Get('referral-files/template.csv')
  @Header('content-type', 'text/csv; charset=utf-8')
  @Operation({ summary: 'The columns of a referral file', permit: 'public', produces: 'text/csv' })
  template(): string {
    return referralFileTemplate();
  }

  private view(referral: Referral): z.infer<typeof ReferralView> {
    const { actorOrgId: _actor, personId: _person, confirmedAt, confirmedBy: _by, createdAt: _at, ...shown } = referral;
    const { lawfulBasis: _basis, sharingAgreement: _agreement, personErasedAt, ...view } = shown;
    return {
      ...view,
      unconfirmed: confirmedAt === null,
      overdue: isOverdue(referral, this.clock.today()),
      personErasedAt: personErasedAt?.toISOString() ?? null,
    };
  }

  private detail({ referral, budget }: ReferralWithBudget): Record<string, unknown> {
    return { ...this.view(referral), budget };
  }
}

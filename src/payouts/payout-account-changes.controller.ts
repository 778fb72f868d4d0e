import { Body, Controller, Get, Inject, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import type { PayoutAccountChange } from './payout-account-change.entity.js';
import { changeAsSeenBy } from './payout-account-change.rules.js';
import {
  changeNotForRail,
  changeNotPossible,
  changeOpen,
  commissionerNotNeeded,
  nothingNew,
  ownChange,
} from './payout-account-changes.errors.js';
import {
  PayoutAccountChangeList,
  PayoutAccountChangeQuery,
  PayoutAccountChangeView,
  ProposePayoutAccountChange,
} from './payout-account-changes.schemas.js';
import { PayoutAccountChangesService } from './payout-account-changes.service.js';
import { accountNotForRail } from './payouts.errors.js';

type Id = z.infer<typeof IdParameter>;
const PAYEES = { provider: ['treasurer', 'admin'] } as const;
const READS = { commissioner: 'any', provider: 'any', scope: 'payouts:read' } as const;

@Heading('Payout accounts')
@Controller('v1')
export class PayoutAccountChangesController {
  constructor(
    private readonly changes: PayoutAccountChangesService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post('payout-accounts/:id/changes')
  @Operation({
    summary: 'Propose a change of where a commissioner pays you',
    description:
      'Another person confirms it, and it takes effect 48 hours after that. Until it is applied or cancelled, payments ' +
      'into the account wait with the reason `account_change_pending`.',
    permit: PAYEES,
    status: 201,
    answer: PayoutAccountChangeView,
    errors: [changeOpen, changeNotForRail, nothingNew, accountNotForRail],
    idempotent: true,
  })
  async propose(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: ProposePayoutAccountChange }) body: ProposePayoutAccountChange,
  ): Promise<unknown> {
    return this.read(actor, { id: await this.changes.propose(actor, id, body) });
  }

  @Get('payout-account-changes')
  @Operation({
    summary: 'Changes of payout accounts, those that were made too',
    permit: READS,
    answer: PayoutAccountChangeList,
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: PayoutAccountChangeQuery }) query: PayoutAccountChangeQuery,
  ): Promise<unknown> {
    const { items, next } = await this.changes.list(actor, query);
    return { items: items.map((one) => this.view(actor, one)), next };
  }

  @Get('payout-account-changes/:id')
  @Operation({ summary: 'One change of a payout account', permit: READS, answer: PayoutAccountChangeView })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.view(actor, await this.changes.get(actor, id));
  }

  @Post('payout-account-changes/:id/confirm')
  @Operation({
    summary: 'Confirm, as a second person, a change that a colleague proposed',
    permit: PAYEES,
    answer: PayoutAccountChangeView,
    errors: [ownChange, changeNotPossible],
    idempotent: true,
  })
  async confirm(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    await this.changes.confirm(actor, id);
    return this.read(actor, { id });
  }

  @Post('payout-account-changes/:id/confirm-for-provider')
  @Operation({
    summary: 'Confirm a change of a provider that has nobody else who could',
    description: 'Ask the provider first, by a telephone number that you had before the change was proposed.',
    permit: { commissioner: ['finance', 'contract_manager'] },
    answer: PayoutAccountChangeView,
    errors: [ownChange, commissionerNotNeeded, changeNotPossible],
    idempotent: true,
  })
  async confirmForProvider(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    await this.changes.confirm(actor, id);
    return this.read(actor, { id });
  }

  @Post('payout-account-changes/:id/cancel')
  @Operation({
    summary: 'Stop a change before it takes effect',
    description: 'Anyone of the provider can, and so can those of the commissioner who may be asked to confirm it.',
    permit: { provider: 'any', commissioner: ['finance', 'contract_manager'] },
    answer: PayoutAccountChangeView,
    errors: [changeNotPossible],
    idempotent: true,
  })
  async cancel(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    await this.changes.cancel(actor, id);
    return this.read(actor, { id });
  }

  private view(actor: Actor, change: PayoutAccountChange): unknown {
    return { ...changeAsSeenBy(actor, change), sandbox: this.config.sandbox };
  }
}

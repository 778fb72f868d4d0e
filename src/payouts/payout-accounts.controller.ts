import { Body, Controller, Get, Inject, Param, Post } from '@nestjs/common';
import { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import type { PayoutAccount } from './payout-account.entity.js';
import { accountAsSeenBy } from './payout-account.rules.js';
import { linkNeedsChange } from './payout-account-changes.errors.js';
import {
  OnboardingLinkView,
  OpenedPayoutAccount,
  OpenPayoutAccount,
  PayoutAccountView,
} from './payout-accounts.schemas.js';
import { PayoutAccountsService } from './payout-accounts.service.js';
import {
  accountExists,
  accountNotForRail,
  formNotSupported,
  railNoAnswer,
  railNotConfigured,
  railRefused,
} from './payouts.errors.js';

type Id = z.infer<typeof IdParameter>;
const PAYEES = { provider: ['treasurer', 'admin'] } as const;
const RAIL_ERRORS = [accountNotForRail, railNoAnswer, railRefused, railNotConfigured] as const;

@Heading('Payout accounts')
@Controller('v1/payout-accounts')
export class PayoutAccountsController {
  constructor(
    private readonly payoutAccounts: PayoutAccountsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Post()
  @Operation({
    summary: 'Say where a commissioner pays you',
    description:
      'With rail "stripe" the answer has a link where the platform asks for what it needs, bank details too.',
    permit: PAYEES,
    status: 201,
    answer: OpenedPayoutAccount,
    errors: [accountExists, formNotSupported, ...RAIL_ERRORS],
    idempotent: true,
  })
  async open(
    @CurrentActor() actor: Actor,
    @Body({ schema: OpenPayoutAccount }) body: OpenPayoutAccount,
  ): Promise<unknown> {
    const { account, onboarding } = await this.payoutAccounts.open(actor, body);
    return { account: this.view(actor, account), onboarding };
  }

  @Get()
  @Operation({
    summary: 'Payout accounts that you are paid into, or pay into',
    permit: { commissioner: 'any', provider: 'any', scope: 'payouts:read' },
    answer: z.object({ items: z.array(PayoutAccountView) }),
  })
  async list(@CurrentActor() actor: Actor): Promise<unknown> {
    const all = await this.payoutAccounts.list(actor);
    return { items: all.map((account) => this.view(actor, account)) };
  }

  @Post(':id/onboarding-link')
  @Operation({
    summary: 'A new link to the pages of the platform',
    description:
      'While the platform asks for something, for that. For an account that can be paid into only within seven days after ' +
      'a change of it was applied.',
    permit: PAYEES,
    status: 201,
    answer: OnboardingLinkView,
    errors: [linkNeedsChange, ...RAIL_ERRORS],
  })
  async link(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.payoutAccounts.onboardingLink(actor, id);
  }

  @Post(':id/refresh')
  @Operation({
    summary: 'Read the account from the platform now',
    permit: { ...PAYEES, commissioner: ['finance'] },
    answer: PayoutAccountView,
    errors: RAIL_ERRORS,
  })
  async refresh(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return this.view(actor, await this.payoutAccounts.refresh(actor, id));
  }

  private view(actor: Actor, account: PayoutAccount): unknown {
    return { ...accountAsSeenBy(actor, account), sandbox: this.config.sandbox };
  }
}

import { Controller, Get, Inject, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import type { Actor } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CONFIG } from '../platform/platform.module.js';
import { FundsService } from './funds.service.js';
import { railNoAnswer, railNotConfigured } from './payouts.errors.js';
import { FundsDetail, FundsView, NoticeList, NoticeQuery } from './payouts.schemas.js';
import { WebhooksService } from './webhooks.service.js';

const READS = { commissioner: 'any', scope: 'payouts:read' } as const;

@Heading('Funds')
@Controller('v1')
export class FundsController {
  constructor(
    private readonly funds: FundsService,
    private readonly webhooks: WebhooksService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  @Get('funds')
  @Operation({ summary: 'Your money on the payment platform', permit: READS, answer: FundsDetail })
  async read(@CurrentActor() actor: Actor): Promise<unknown> {
    const [funds, arrivals] = [await this.funds.read(actor, actor.orgId), await this.funds.arrivals(actor)];
    return { ...funds, arrivals, sandbox: this.config.sandbox };
  }

  @Post('funds/refresh')
  @Operation({
    summary: 'Read from the platform now what came in',
    permit: { commissioner: ['finance'] },
    answer: FundsView,
    errors: [railNoAnswer, railNotConfigured],
  })
  async refresh(@CurrentActor() actor: Actor): Promise<unknown> {
    return { ...(await this.funds.refresh(actor.orgId, actor)), sandbox: this.config.sandbox };
  }

  @Get('rail-notices')
  @Operation({
    summary: 'Notices of the platform; those parked wait for a person',
    permit: { commissioner: ['finance', 'auditor', 'admin'], scope: 'payouts:read' },
    answer: NoticeList,
  })
  async notices(
    @CurrentActor() actor: Actor,
    @Query({ schema: NoticeQuery }) { state }: z.infer<typeof NoticeQuery>,
  ): Promise<unknown> {
    return { items: await this.webhooks.list(actor, state) };
  }
}

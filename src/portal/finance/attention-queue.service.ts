import { Injectable } from '@nestjs/common';
import { PayoutsService, WebhooksService, type Payout, type StoredNotice } from '../../payouts/index.js';
import type { Actor } from '../../platform/actor.js';

const ROWS = 100;
const RETURNED_ROWS = 20;

/** Payments and notices that do not go on by themselves. */
export interface Attention {
  /** Calls whose answer was lost. */
  readonly unknown: readonly Payout[];
  /** What a bank did not take. */
  readonly failed: readonly Payout[];
  /** What came back lately, for information: it is owed again. */
  readonly returned: readonly Payout[];
  readonly notices: readonly StoredNotice[];
}

/** What finance has to look at, in one list. */
@Injectable()
export class AttentionQueue {
  constructor(
    private readonly payouts: PayoutsService,
    private readonly webhooks: WebhooksService,
  ) {}

  async of(actor: Actor): Promise<Attention> {
    return {
      unknown: await this.inState(actor, 'unknown', ROWS),
      failed: await this.inState(actor, 'failed', ROWS),
      returned: await this.inState(actor, 'returned', RETURNED_ROWS),
      notices: await this.webhooks.list(actor, 'parked'),
    };
  }

  private async inState(actor: Actor, state: Payout['state'], limit: number): Promise<Payout[]> {
    return (await this.payouts.list(actor, { state, order: 'latest', limit })).items;
  }
}

import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { systemActor } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { DomainError } from '../platform/errors.js';
import { LOG } from '../platform/jobs.js';
import { FundsService } from './funds.service.js';
import { PayoutAccount } from './payout-account.entity.js';
import { PayoutAccountStates } from './payout-account-states.service.js';

/** Reads from the rail what a notice may have failed to tell, before it decides whom a run can pay. */
@Injectable()
export class RailReadings {
  constructor(
    private readonly database: Database,
    private readonly funds: FundsService,
    private readonly states: PayoutAccountStates,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Funds, and the accounts of these providers that are not active. Without an answer the books stand as they are. */
  async readBeforePaying(commissionerId: string, providerIds: readonly string[]): Promise<void> {
    if (providerIds.length === 0) return;
    await this.tried(() => this.funds.refresh(commissionerId));
    const accounts = await this.database.read(systemActor(commissionerId, commissionerId), (reader) =>
      reader.find(PayoutAccount, { where: { commissionerId, rail: 'stripe' } }),
    );
    const waiting = accounts.filter(
      ({ providerId, state, externalId }) =>
        state !== 'active' && externalId !== null && providerIds.includes(providerId),
    );
    for (const { id } of waiting) await this.tried(() => this.states.refresh(commissionerId, id));
  }

  private async tried(read: () => Promise<unknown>): Promise<void> {
    try {
      await read();
    } catch (error) {
      if (!(error instanceof DomainError)) throw error;
      this.log.warn({ code: error.code }, 'the rail could not be read before paying');
    }
  }
}

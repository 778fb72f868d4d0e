import { Injectable } from '@nestjs/common';
import { accounts, LedgerService, type Posting } from '../ledger/index.js';
import { systemActor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { AdvanceRecovery } from './advance.entity.js';
import type { PayableGroup } from './payable.rules.js';
import type { PaymentRun } from './payment-runs.queries.js';

/** Takes back from invoices, at the moment when they are paid, what was advanced. */
@Injectable()
export class AdvanceRecoveries {
  constructor(
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Posts what the invoices of a group give back, and with it the payout of the rest where there is one: all or nothing.
   * Under the lock of payments, under which the group was read, so that no invoice gives twice and no advance takes twice.
   */
  async post(
    tx: Tx,
    commissionerId: string,
    { providerId, recoveries }: Pick<PayableGroup, 'providerId' | 'recoveries'>,
    run: PaymentRun,
    request?: Posting,
  ): Promise<void> {
    const recoveredAt = request?.event.occurredAt ?? this.clock.now();
    const postings = recoveries.map(({ advanceId, causeId, contractId, amountMinor, ...rest }): Posting => ({
      event: {
        type: 'advance.recovered',
        commissionerId,
        subjectId: advanceId,
        providerId,
        causeId,
        actor: systemActor(commissionerId, run.id),
        occurredAt: recoveredAt,
        data: { contractId, amountMinor, invoiceId: rest.invoiceId, remainingMinor: rest.remainingMinor },
      },
      transfers: [
        {
          debit: accounts.owed(providerId, contractId),
          credit: accounts.advance(providerId, contractId),
          amountMinor,
        },
      ],
    }));
    const posted = await this.ledger.postAll(tx, request ? [...postings, request] : postings);
    if (recoveries.length === 0) return;
    const rows = recoveries.map(({ causeId: _cause, ...recovery }, place) => {
      const event = posted[place];
      assert(event, 'each recovery has its event');
      return { ...recovery, commissionerId, providerId, eventId: event.id, recoveredAt };
    });
    await tx.insert(AdvanceRecovery, rows);
  }
}

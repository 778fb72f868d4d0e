import { Injectable } from '@nestjs/common';
import { systemActor, type Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { isUuid } from '../platform/ids.js';
import { PayoutBooks, railAccountOf } from './payout-books.service.js';
import type { Happening } from './payout-consequence.rules.js';
import { attemptsOf } from './payout-rows.queries.js';
import { bankHappening } from './payout-state.rules.js';
import { latestOf, PAID_WATCHED_MS, WATCH_MS, WATCH_PAID_MS } from './payout-step.rules.js';
import { Payout } from './payout.entity.js';
import type { RailPayout, RailTransfer } from './rail.js';

/**
 * - `moved`: it was news.
 * - `known`: it is what was known.
 * - `unexpected`: it cannot be, and a person has to look.
 * - `foreign`: it is not about a payout of this product.
 */
export type Observation = 'moved' | 'known' | 'unexpected' | 'foreign';

/** Takes in what was just read from the rail, whoever had it read: the worker, a notice, or a person. */
@Injectable()
export class PayoutObserver {
  constructor(
    private readonly database: Database,
    private readonly books: PayoutBooks,
    private readonly clock: Clock,
  ) {}

  /** A transfer as the rail has it now: sent, perhaps reversed. */
  observeTransfer(commissionerId: string, found: RailTransfer, actor?: Actor): Promise<Observation> {
    return this.inPayout(commissionerId, found.instructionId, async (tx, payout) => {
      if (!(await isOf(tx, payout, found))) return 'unexpected';
      const { attempt = 1, transferId: externalId, reversedMinor, amountMinor } = found;
      const sent = await this.books.apply(tx, payout, { kind: 'transfer_done', attempt, externalId }, actor);
      if (sent === 'unexpected' || reversedMinor === 0n) return sent;
      if (reversedMinor !== amountMinor) return 'unexpected';
      // Only the answer to a reversal tells its own id: here the transfer, which was reversed in full, stands for it.
      const reversal = latestOf(await attemptsOf(tx, payout), 'reversal');
      const reversed = { kind: 'transfer_reversed', attempt: reversal?.attempt ?? null, externalId } as const;
      return this.books.apply(tx, payout, reversed, actor);
    });
  }

  /** A bank payout as the rail has it now. */
  observeBankPayout(commissionerId: string, found: RailPayout, actor?: Actor): Promise<Observation> {
    return this.inPayout(commissionerId, found.instructionId, async (tx, payout) => {
      if (!(await isOf(tx, payout, found))) return 'unexpected';
      const verdict = await this.books.apply(tx, payout, happeningOf(found), actor);
      if (verdict === 'known') await this.watchOn(tx, payout);
      return verdict;
    });
  }

  private inPayout(
    commissionerId: string,
    payoutId: string | undefined,
    work: (tx: Tx, payout: Payout) => Promise<Observation>,
  ): Promise<Observation> {
    if (payoutId === undefined || !isUuid(payoutId)) return Promise.resolve('foreign');
    return this.database.transaction(systemActor(commissionerId, payoutId), async (tx) => {
      const lock = { mode: 'pessimistic_write' } as const;
      const payout = await tx.findOne(Payout, { where: { commissionerId, id: payoutId }, lock });
      return payout ? work(tx, payout) : 'foreign';
    });
  }

  /** Nothing new: look again later, and not for ever. */
  private async watchOn(tx: Tx, payout: Payout): Promise<void> {
    const now = this.clock.now().getTime();
    const ends = (payout.settledAt?.getTime() ?? now) + PAID_WATCHED_MS;
    if (payout.state === 'sent') await this.books.store(tx, payout, { nextTryAt: new Date(now + WATCH_MS) });
    if (payout.state === 'paid') {
      await this.books.store(tx, payout, { nextTryAt: now < ends ? new Date(now + WATCH_PAID_MS) : null });
    }
  }
}

/** The amount and the account that were ordered; what differs is never taken for ours. */
async function isOf(tx: Tx, payout: Payout, found: { accountId: string; amountMinor: bigint }): Promise<boolean> {
  if (payout.rail !== 'stripe' || found.amountMinor !== payout.amountMinor) return false;
  return found.accountId === (await railAccountOf(tx, payout));
}

function happeningOf(found: RailPayout): Happening {
  const { attempt = 1, payoutId: externalId, status, failureCode } = found;
  const kind = bankHappening(status);
  if (kind !== 'bank_failed') return { kind, attempt, externalId };
  return { kind, attempt, externalId, reasonCode: failureCode ?? status };
}

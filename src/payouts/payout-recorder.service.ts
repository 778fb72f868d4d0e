import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { systemActor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { LOG } from '../platform/jobs.js';
import { PayoutBooks } from './payout-books.service.js';
import type { Answer, TakenStep } from './payout-caller.service.js';
import { PayoutObserver, type Observation } from './payout-observer.service.js';
import { lockPayout } from './payout-rows.queries.js';
import { backOffMs, KEY_LIFE_MS, WATCH_MS, type AttemptOutcome } from './payout-step.rules.js';
import type { Payout } from './payout.entity.js';

const DAY_MS = 86_400_000;

/** Records what came of a step. Somebody else may have recorded it first, or something later: then it is old news. */
@Injectable()
export class PayoutRecorder {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly books: PayoutBooks,
    private readonly observer: PayoutObserver,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async record(taken: TakenStep, answer: Answer): Promise<void> {
    const { commissionerId } = taken.payout;
    switch (answer.kind) {
      case 'transfer':
        return this.judge(taken, await this.observer.observeTransfer(commissionerId, answer.found));
      case 'bank':
        return this.judge(taken, await this.observer.observeBankPayout(commissionerId, answer.found));
      case 'reversed':
        return this.reversed(taken, answer.externalId);
      case 'refused':
        return this.refused(taken, answer.reasonCode);
      case 'turned_away':
        return this.turnedAway(taken, answer.reasonCode);
      case 'unknown':
        return this.unknown(taken, answer.reasonCode, answer.resend);
      case 'absent':
        return this.absent(taken);
      case 'account':
        return this.rechecked(taken, answer.payable);
      case 'unread':
        return this.inPayout(taken, (tx, payout) => this.lookAgain(tx, payout, backOffMs(4)));
    }
  }

  /** What cannot be is left alone and shown: no worker tries it again. */
  private async judge(taken: TakenStep, observed: Observation): Promise<void> {
    if (observed === 'moved' || observed === 'known') return;
    this.log.error({ payoutId: taken.payout.id, step: taken.step.kind, observed }, 'the rail contradicts the books');
    await this.inPayout(taken, (tx, payout) =>
      this.books.store(tx, payout, { nextTryAt: null, reasonCode: 'rail_contradicts' }),
    );
  }

  private reversed(taken: TakenStep, externalId: string): Promise<void> {
    return this.inPayout(taken, async (tx, payout) => {
      const attempt = taken.attempt?.attempt ?? null;
      await this.books.apply(tx, payout, { kind: 'transfer_reversed', attempt, externalId });
    });
  }

  private refused(taken: TakenStep, reasonCode: string): Promise<void> {
    const attempt = taken.attempt?.attempt ?? 1;
    return this.inPayout(taken, async (tx, payout) => {
      const step = taken.attempt?.step;
      if (step === 'transfer') await this.books.apply(tx, payout, { kind: 'transfer_refused', attempt, reasonCode });
      else if (step === 'bank_payout') {
        await this.books.apply(tx, payout, { kind: 'bank_failed', attempt, reasonCode, externalId: null });
      } else if (await this.answered(tx, taken, 'refused', reasonCode)) {
        await this.lookAgain(tx, payout, DAY_MS);
      }
    });
  }

  /** The key is unused: the attempt is as it was before the call, also when that was unknown. */
  private turnedAway(taken: TakenStep, reasonCode: string): Promise<void> {
    return this.inPayout(taken, async (tx, payout) => {
      const { attempt } = taken;
      const outcome = attempt?.outcome === 'unknown' ? 'unknown' : 'planned';
      if (
        !(await this.answered(tx, taken, outcome, outcome === 'unknown' ? (attempt?.reasonCode ?? null) : reasonCode))
      )
        return;
      await this.lookAgain(tx, payout, reasonCode === 'balance_pending' ? WATCH_MS : backOffMs(attempt?.calls ?? 1));
    });
  }

  private unknown(taken: TakenStep, reasonCode: string, resend: boolean): Promise<void> {
    return this.inPayout(taken, async (tx, payout) => {
      const { attempt } = taken;
      if (!(await this.answered(tx, taken, 'unknown', reasonCode))) return;
      const afterMs = resend ? backOffMs(attempt?.calls ?? 1) : 0;
      const tryAt = new Date(this.clock.now().getTime() + afterMs);
      if (attempt?.step === 'transfer' || attempt?.step === 'bank_payout') {
        const kind = attempt.step === 'transfer' ? 'transfer_unknown' : 'bank_unknown';
        await this.books.apply(tx, payout, { kind, attempt: attempt.attempt, reasonCode, tryAt });
      }
      await this.lookAgain(tx, payout, afterMs);
    });
  }

  /**
   * It was looked for and is not to be seen. While its key lives a late answer may still do it; after that a person
   * decides. A reversal shows on its transfer, so that it can simply be ordered anew.
   */
  private absent(taken: TakenStep): Promise<void> {
    return this.inPayout(taken, async (tx, payout) => {
      const { attempt } = taken;
      if (!attempt) return;
      const keyEnds = (attempt.firstCalledAt ?? this.clock.now()).getTime() + KEY_LIFE_MS;
      const leftMs = keyEnds - this.clock.now().getTime();
      if (attempt.step === 'reversal') {
        const over = leftMs <= 0;
        if (over) await this.answered(tx, taken, 'refused', 'not_to_be_found');
        await this.lookAgain(tx, payout, over ? 0 : leftMs);
        return;
      }
      const kind = attempt.step === 'transfer' ? 'transfer_unknown' : 'bank_unknown';
      const reasonCode = attempt.reasonCode ?? 'connection';
      const tryAt = leftMs > 0 ? new Date(keyEnds) : null;
      await this.books.apply(tx, payout, { kind, attempt: attempt.attempt, reasonCode, tryAt });
      if (payout.state === 'unknown') {
        await this.books.store(tx, payout, { nextTryAt: tryAt, reasonCode: tryAt ? reasonCode : 'needs_decision' });
      }
    });
  }

  private rechecked(taken: TakenStep, payable: boolean): Promise<void> {
    return this.inPayout(taken, async (tx, payout) => {
      const attempt = (taken.attempt?.attempt ?? 0) + 1;
      if (payable) await this.books.apply(tx, payout, { kind: 'bank_retried', attempt });
      else await this.lookAgain(tx, payout, WATCH_MS);
    });
  }

  private async lookAgain(tx: Tx, payout: Payout, afterMs: number): Promise<void> {
    await this.books.store(tx, payout, { nextTryAt: new Date(this.clock.now().getTime() + afterMs) });
  }

  /** Writes the answer of this worker's call; false when the attempt was called again or answered since. */
  private async answered(
    tx: Tx,
    { payout, attempt }: TakenStep,
    outcome: AttemptOutcome,
    reasonCode: string | null,
  ): Promise<boolean> {
    if (!attempt) return false;
    const written = await tx.execute(
      `update payout_attempt set outcome = $5, reason_code = $6, answered_at = $7,
              first_called_at = case when $5 = 'planned' then null else first_called_at end
       where commissioner_id = $1 and payout_id = $2 and step = $3 and attempt = $4
         and outcome in ('calling', 'unknown') and calls = $8`,
      [
        payout.commissionerId,
        payout.id,
        attempt.step,
        attempt.attempt,
        outcome,
        reasonCode,
        this.clock.now(),
        attempt.calls,
      ],
    );
    return written === 1;
  }

  private inPayout(taken: TakenStep, work: (tx: Tx, payout: Payout) => Promise<void>): Promise<void> {
    const { commissionerId, id } = taken.payout;
    return this.database.transaction(systemActor(commissionerId, id), async (tx) =>
      work(tx, await lockPayout(tx, commissionerId, id)),
    );
  }
}

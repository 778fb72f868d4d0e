import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { systemActor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';
import { Jobs, LOG } from '../platform/jobs.js';
import { Sealer } from '../sealing/index.js';
import { PayoutAttempt } from './payout-attempt.entity.js';
import { PayoutBooks, railAccountOf, sha256 } from './payout-books.service.js';
import { PayoutCaller, type Answer, type TakenStep } from './payout-caller.service.js';
import { PayoutRecorder } from './payout-recorder.service.js';
import { orderOf, orderText } from './payout-orders.rules.js';
import { attemptsOf, DUE_PAYOUTS, lockPayout } from './payout-rows.queries.js';
import { isFirstCall, latestOf, LEASE_MS, nextStep, SEAL_AGAIN_MS } from './payout-step.rules.js';
import type { Payout } from './payout.entity.js';
import { payoutDue } from './payouts.events.js';

/** More steps than any payout has: a worker that comes here goes round in circles. */
const STEPS_MAX = 20;

const NOT_SEALED = 'not_sealed';

/**
 * Brings payouts forward, step by step: take a step on in one transaction, call outside of any, record in another. It may
 * run twice at the same time, and may die anywhere: the row says who is on it and until when, and the key of an attempt
 * makes the rail do it once.
 */
@Injectable()
export class PayoutWorker implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
    private readonly books: PayoutBooks,
    private readonly caller: PayoutCaller,
    private readonly recorder: PayoutRecorder,
    private readonly sealer: Sealer,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'payout-step',
      on: [payoutDue],
      due: (reader) => reader.query<TopicData>(DUE_PAYOUTS, [this.clock.now()]),
      run: ({ commissionerId, id }) => this.advance(commissionerId, id),
    });
  }

  /**
   * Takes every step that can be taken now. Money leaves only once its approval is sealed, so that nobody can take back
   * afterwards that it was approved: the event that asked for the payout comes after the approvals it is for, and a log
   * that holds it holds them.
   */
  async advance(commissionerId: string, id: string): Promise<void> {
    let isSealed = false;
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const taken = await this.take(commissionerId, id, isSealed);
      if (!taken) return;
      if ('requestedBy' in taken) {
        isSealed = await this.sealer.ensureSealed(commissionerId, taken.requestedBy);
        if (isSealed) continue;
        return this.postpone(commissionerId, id);
      }
      const answer = await this.caller.call(taken);
      await this.recorder.record(taken, answer);
      this.watch(taken, answer);
    }
    throw new Error('A payout takes steps without end');
  }

  /** Gives the event that must be sealed first where money would leave and that is not known yet; nothing is taken then. */
  private take(
    commissionerId: string,
    id: string,
    isSealed: boolean,
  ): Promise<TakenStep | { readonly requestedBy: string } | undefined> {
    return this.database.transaction(systemActor(commissionerId, id), async (tx) => {
      const payout = await lockPayout(tx, commissionerId, id);
      const now = this.clock.now();
      if (payout.nextTryAt === null || payout.nextTryAt > now) return undefined;
      const known = await attemptsOf(tx, payout);
      const step = nextStep(payout, known, now);
      if (!isSealed && isFirstCall(step, known)) return { requestedBy: payout.eventId };
      if (step.kind === 'rest') {
        await this.books.store(tx, payout, { nextTryAt: null });
        return undefined;
      }
      if (step.kind === 'plan') await this.books.plan(tx, payout, step.step, step.attempt);
      await this.books.store(tx, payout, { nextTryAt: new Date(now.getTime() + LEASE_MS) });
      const attempts = await attemptsOf(tx, payout);
      const attempt =
        'step' in step
          ? attempts.find((one) => one.step === step.step && one.attempt === step.attempt)
          : latestOf(attempts, 'bank_payout');
      const railAccountId = await railAccountOf(tx, payout);
      if (attempt && (step.kind === 'send' || step.kind === 'plan')) {
        assertSameBody(attempt, payout, railAccountId);
        const called = {
          calls: attempt.calls + 1,
          outcome: attempt.outcome === 'planned' ? 'calling' : 'unknown',
          firstCalledAt: attempt.firstCalledAt ?? now,
          reasonCode: attempt.reasonCode === NOT_SEALED ? null : attempt.reasonCode,
        } as const;
        const { payoutId, step: of, attempt: number } = attempt;
        await tx.update(PayoutAttempt, { commissionerId, payoutId, step: of, attempt: number }, called);
        Object.assign(attempt, called);
      }
      return { step, payout, attempt, railAccountId };
    });
  }

  /** Nothing was called, and no attempt is used up: the money stays reserved, and finance sees what it waits for. */
  private async postpone(commissionerId: string, id: string): Promise<void> {
    await this.database.transaction(systemActor(commissionerId, id), async (tx) => {
      const payout = await lockPayout(tx, commissionerId, id);
      const now = this.clock.now();
      const known = await attemptsOf(tx, payout);
      const step = nextStep(payout, known, now);
      if (!('step' in step) || !isFirstCall(step, known)) return;
      const { step: of, attempt } = step;
      await tx.update(PayoutAttempt, { commissionerId, payoutId: id, step: of, attempt }, { reasonCode: NOT_SEALED });
      await this.books.store(tx, payout, { nextTryAt: new Date(now.getTime() + SEAL_AGAIN_MS) });
    });
    this.log.warn({ payoutId: id }, 'payout waits until its approval is sealed');
  }

  private watch({ step, payout, attempt }: TakenStep, answer: Answer): void {
    const { kind } = answer;
    const about = { payoutId: payout.id, step: step.kind, attempt: attempt?.attempt, kind };
    if (kind === 'unknown' || kind === 'refused' || kind === 'absent')
      this.log.warn(about, 'payout needs another look');
  }
}

/** The key of an attempt goes with the body that was hashed when it was planned, or not at all. */
function assertSameBody(attempt: PayoutAttempt, payout: Payout, railAccountId: string): void {
  const text = orderText(orderOf(payout, railAccountId, attempt.step, attempt.attempt));
  if (!sha256(text).equals(attempt.requestSha256)) throw new Error('An attempt would be sent with another body');
}

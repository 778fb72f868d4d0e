import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import { systemActor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';
import { Jobs, LOG } from '../platform/jobs.js';
import { PayoutAttempt } from './payout-attempt.entity.js';
import { PayoutBooks, railAccountOf, sha256 } from './payout-books.service.js';
import { PayoutCaller, type Answer, type TakenStep } from './payout-caller.service.js';
import { PayoutRecorder } from './payout-recorder.service.js';
import { orderOf, orderText } from './payout-orders.rules.js';
import { attemptsOf, DUE_PAYOUTS, lockPayout } from './payout-rows.queries.js';
import { latestOf, LEASE_MS, nextStep } from './payout-step.rules.js';
import type { Payout } from './payout.entity.js';
import { payoutDue } from './payouts.events.js';

/** More steps than any payout has: a worker that comes here goes round in circles. */
const STEPS_MAX = 20;

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

  /** Takes every step that can be taken now. */
  async advance(commissionerId: string, id: string): Promise<void> {
    for (let steps = 0; steps < STEPS_MAX; steps++) {
      const taken = await this.take(commissionerId, id);
      if (!taken) return;
      const answer = await this.caller.call(taken);
      await this.recorder.record(taken, answer);
      this.watch(taken, answer);
    }
    throw new Error('A payout takes steps without end');
  }

  private take(commissionerId: string, id: string): Promise<TakenStep | undefined> {
    return this.database.transaction(systemActor(commissionerId, id), async (tx) => {
      const payout = await lockPayout(tx, commissionerId, id);
      const now = this.clock.now();
      if (payout.nextTryAt === null || payout.nextTryAt > now) return undefined;
      const step = nextStep(payout, await attemptsOf(tx, payout), now);
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
        } as const;
        const { payoutId, step: of, attempt: number } = attempt;
        await tx.update(PayoutAttempt, { commissionerId, payoutId, step: of, attempt: number }, called);
        Object.assign(attempt, called);
      }
      return { step, payout, attempt, railAccountId };
    });
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

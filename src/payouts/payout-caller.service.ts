import { Injectable } from '@nestjs/common';
import { PayoutAccountStates } from './payout-account-states.service.js';
import { bankOrderOf, reversalOrderOf, transferOrderOf } from './payout-orders.rules.js';
import type { PayoutAttempt } from './payout-attempt.entity.js';
import type { AttemptStep, NextStep } from './payout-step.rules.js';
import type { Payout } from './payout.entity.js';
import { RailCredentials } from './rail-credentials.service.js';
import type { Outcome, PayoutRail, RailPayout, RailTransfer } from './rail.js';

/** A step that this worker has taken on: committed, so that a crash is seen and no other worker takes it too. */
export interface TakenStep {
  readonly step: Exclude<NextStep, { kind: 'rest' }>;
  readonly payout: Payout;
  readonly attempt: PayoutAttempt | undefined;
  readonly railAccountId: string;
}

/**
 * What came of a call, in the words of a payout:
 * - `transfer`, `bank`, `reversed`: the object as the rail has it;
 * - `refused`: the rail will never do this under this key;
 * - `turned_away`: it has not looked at it, and the same key goes again;
 * - `unknown`: it may have been done; with `resend` the same key goes again;
 * - `absent`: it was looked for and is not to be seen;
 * - `account`: whether the recipient can be paid, and has the money to be paid out; not while where it leads is changing;
 * - `unread`: a reading failed, so that nothing new is known.
 */
export type Answer =
  | { readonly kind: 'transfer'; readonly found: RailTransfer }
  | { readonly kind: 'bank'; readonly found: RailPayout }
  | { readonly kind: 'reversed'; readonly externalId: string }
  | { readonly kind: 'refused' | 'turned_away'; readonly reasonCode: string }
  | { readonly kind: 'unknown'; readonly reasonCode: string; readonly resend: boolean }
  | { readonly kind: 'account'; readonly payable: boolean }
  | { readonly kind: 'absent' | 'unread' };

const UNREAD = { kind: 'unread' } as const;

/** Calls the rail for a step that was taken on. Nothing here touches the database while it waits. */
@Injectable()
export class PayoutCaller {
  constructor(
    private readonly credentials: RailCredentials,
    private readonly accounts: PayoutAccountStates,
  ) {}

  async call(taken: TakenStep): Promise<Answer> {
    const rail = await this.credentials.railOf(taken.payout.commissionerId);
    const { step } = taken;
    switch (step.kind) {
      case 'send':
      case 'plan':
        return send(rail, taken, step.step);
      case 'find':
        return find(rail, taken, step.step);
      case 'watch':
        return watch(rail, taken);
      default:
        return this.recheck(rail, taken);
    }
  }

  private async recheck(rail: PayoutRail, { payout, railAccountId }: TakenStep): Promise<Answer> {
    const account = await this.accounts.refresh(payout.commissionerId, payout.accountId ?? '').catch(() => null);
    if (account === null) return UNREAD;
    const isOpen = account.state === 'active' && !(await this.accounts.isChanging(account));
    if (!isOpen) return { kind: 'account', payable: false };
    const balance = await rail.balance(railAccountId);
    if (balance.kind !== 'done') return UNREAD;
    return { kind: 'account', payable: balance.value.availableMinor >= payout.amountMinor };
  }
}

async function send(rail: PayoutRail, taken: TakenStep, step: AttemptStep): Promise<Answer> {
  const { payout, railAccountId } = taken;
  const attempt = taken.attempt?.attempt ?? 1;
  if (step === 'transfer') {
    return answerOf(await rail.sendTransfer(transferOrderOf(payout, railAccountId, attempt)), (found) => ({
      kind: 'transfer',
      found,
    }));
  }
  if (step === 'reversal') {
    return answerOf(await rail.reverseTransfer(reversalOrderOf(payout, attempt)), ({ reversalId }) => ({
      kind: 'reversed',
      externalId: reversalId,
    }));
  }
  // What was transferred may take days to become available: a refusal would use up the key for nothing.
  if (taken.attempt?.outcome === 'calling') {
    const balance = await rail.balance(railAccountId);
    if (balance.kind !== 'done') return { kind: 'turned_away', reasonCode: 'balance_unread' };
    if (balance.value.availableMinor < payout.amountMinor)
      return { kind: 'turned_away', reasonCode: 'balance_pending' };
  }
  return answerOf(await rail.createPayout(bankOrderOf(payout, railAccountId, attempt)), (found) => ({
    kind: 'bank',
    found,
  }));
}

async function find(rail: PayoutRail, taken: TakenStep, step: AttemptStep): Promise<Answer> {
  const { payout, railAccountId: accountId } = taken;
  const sought = { instructionId: payout.id, attempt: taken.attempt?.attempt ?? 1, accountId };
  if (step === 'transfer') {
    const outcome = await rail.findTransfer({ ...sought, transferGroup: payout.runId });
    return outcome.kind === 'done' ? seen(outcome.value, (found) => ({ kind: 'transfer', found })) : UNREAD;
  }
  if (step === 'bank_payout') {
    const outcome = await rail.findPayout({ ...sought, since: dayBefore(payout.requestedAt) });
    return outcome.kind === 'done' ? seen(outcome.value, (found) => ({ kind: 'bank', found })) : UNREAD;
  }
  const outcome = await rail.getTransfer(payout.transferId ?? '');
  if (outcome.kind !== 'done') return UNREAD;
  return outcome.value.reversedMinor === 0n ? { kind: 'absent' } : { kind: 'transfer', found: outcome.value };
}

async function watch(rail: PayoutRail, { payout, railAccountId, attempt }: TakenStep): Promise<Answer> {
  const outcome = await rail.getPayout(railAccountId, attempt?.externalId ?? payout.bankPayoutId ?? '');
  return outcome.kind === 'done' ? { kind: 'bank', found: outcome.value } : UNREAD;
}

function answerOf<T>(outcome: Outcome<T>, read: (value: T) => Answer): Answer {
  if (outcome.kind === 'done') return read(outcome.value);
  if (outcome.kind === 'unknown') return { kind: 'unknown', reasonCode: outcome.reason, resend: outcome.resend };
  return { kind: outcome.retryable ? 'turned_away' : 'refused', reasonCode: outcome.code };
}

function seen<T>(found: T | undefined, read: (found: T) => Answer): Answer {
  return found === undefined ? { kind: 'absent' } : read(found);
}

/** Clocks differ, and a payout cannot be older than its instruction. */
function dayBefore(at: Date): Date {
  return new Date(at.getTime() - 86_400_000);
}

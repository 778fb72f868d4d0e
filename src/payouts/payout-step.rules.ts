import { positionOf, type PayoutState } from './payout-state.rules.js';

export type AttemptStep = 'transfer' | 'bank_payout' | 'reversal';
/**
 * `planned`: not called yet. `calling`: called, and no answer yet. `done`, `refused`: the rail's final answer. `unknown`:
 * the answer was lost. `failed`: it was done, and has failed since.
 */
export type AttemptOutcome = 'planned' | 'calling' | 'done' | 'refused' | 'unknown' | 'failed';

export interface AttemptFacts {
  readonly step: AttemptStep;
  readonly attempt: number;
  readonly outcome: AttemptOutcome;
  readonly reasonCode: string | null;
  readonly firstCalledAt: Date | null;
}

export interface PayoutFacts {
  readonly rail: 'stripe' | 'outside';
  readonly state: PayoutState;
  readonly transferId: string | null;
  readonly settledAt: Date | null;
  readonly failedAt: Date | null;
  readonly nextTryAt: Date | null;
}

/**
 * What a worker does next for a payout: `send` an attempt (again, under its key), `find` on the rail what an attempt did,
 * `plan` a further attempt and send it, `watch` the bank payout, ask whether the account can be paid again (`recheck`), or
 * nothing (`rest`).
 */
export type NextStep =
  | { readonly kind: 'rest' | 'watch' | 'recheck' }
  | { readonly kind: 'send' | 'find' | 'plan'; readonly step: AttemptStep; readonly attempt: number };

const MINUTE_MS = 60_000;
const HOUR_MS = 60 * MINUTE_MS;
const DAY_MS = 24 * HOUR_MS;

/** Stripe forgets a key after 24 hours, and would then do the same thing twice. An hour is left for clocks that differ. */
export const RESEND_MS = 23 * HOUR_MS;
/** After this a key is forgotten for certain, and what was not found will not be done by a late answer. */
export const KEY_LIFE_MS = 24 * HOUR_MS;
/** How long a worker may take for one call; after that it counts as dead, and its call as unanswered. */
export const LEASE_MS = 90_000;
export const WATCH_MS = HOUR_MS;
/** Sealing takes a second; where it does not come, somebody has to mend it first. */
export const SEAL_AGAIN_MS = 10_000;
/** A bank may give back what it took: looked at daily, for ten days. */
export const WATCH_PAID_MS = DAY_MS;
export const PAID_WATCHED_MS = 10 * DAY_MS;
/** Finance has this long to speak with a provider whose bank gave money back, before it goes home by itself. */
export const RETURN_PAID_MS = DAY_MS;
/** A provider has this long to give a bank account that works. */
export const RETURN_UNPAID_MS = 14 * DAY_MS;
export const BANK_ATTEMPTS_MAX = 5;
export const REVERSAL_ATTEMPTS_MAX = 10;

/** Reasons after which a key is never sent again. See `UnknownReason` in rail.ts. */
const NEVER_RESEND: ReadonlySet<string> = new Set(['key_reused', 'answer_mismatch']);
const BACK_OFF_MS = [10_000, 30_000, 2 * MINUTE_MS, 10 * MINUTE_MS, 30 * MINUTE_MS];

/** How long to wait before a call goes again, after so many of the same. */
export function backOffMs(calls: number): number {
  return BACK_OFF_MS[Math.max(calls, 1) - 1] ?? HOUR_MS;
}

/** The latest attempt at a step, if there was one. */
export function latestOf<A extends Pick<AttemptFacts, 'step' | 'attempt'>>(
  attempts: readonly A[],
  step: AttemptStep,
): A | undefined {
  return attempts
    .filter((one) => one.step === step)
    .reduce<A | undefined>((latest, one) => (latest && latest.attempt > one.attempt ? latest : one), undefined);
}

/** Decides from what is stored alone, so that any worker decides the same, also after a crash. */
export function nextStep(payout: PayoutFacts, attempts: readonly AttemptFacts[], now: Date): NextStep {
  if (payout.rail !== 'stripe' || payout.nextTryAt === null || payout.nextTryAt > now) return REST;
  switch (positionOf(payout)) {
    case 'requested':
    case 'transfer_unknown':
      return stepOf(latestOf(attempts, 'transfer'), now);
    case 'sent':
    case 'bank_unknown': {
      const latest = latestOf(attempts, 'bank_payout');
      return latest?.outcome === 'done' ? { kind: 'watch' } : stepOf(latest, now);
    }
    case 'paid':
      return { kind: 'watch' };
    case 'failed':
      return stepOfFailed(payout, attempts, now);
    default:
      return REST;
  }
}

/**
 * Whether the step is the one with which money leaves: the first call of a transfer. After that the rail may have done it,
 * and what is asked again under the same key moves nothing more.
 */
export function isFirstCall(step: NextStep, attempts: readonly AttemptFacts[]): boolean {
  if (step.kind !== 'send' || step.step !== 'transfer') return false;
  const of = attempts.find((one) => one.step === step.step && one.attempt === step.attempt);
  return of?.outcome === 'planned';
}

const REST = { kind: 'rest' } as const;

function stepOf(latest: AttemptFacts | undefined, now: Date): NextStep {
  if (!latest) return REST;
  const { step, attempt, outcome } = latest;
  if (outcome === 'planned') return { kind: 'send', step, attempt };
  if (outcome !== 'calling' && outcome !== 'unknown') return REST;
  return { kind: mayResend(latest, now) ? 'send' : 'find', step, attempt };
}

/** Whether the same key and body may go again. */
export function mayResend({ reasonCode, firstCalledAt }: AttemptFacts, now: Date): boolean {
  if (reasonCode !== null && NEVER_RESEND.has(reasonCode)) return false;
  return firstCalledAt === null || now.getTime() - firstCalledAt.getTime() < RESEND_MS;
}

function stepOfFailed(payout: PayoutFacts, attempts: readonly AttemptFacts[], now: Date): NextStep {
  const reversal = latestOf(attempts, 'reversal');
  if (!reversal)
    return mustReturn(payout, attempts, now) ? { kind: 'plan', step: 'reversal', attempt: 1 } : recheck(payout);
  if (reversal.outcome !== 'refused') return stepOf(reversal, now);
  const attempt = reversal.attempt + 1;
  return attempt <= REVERSAL_ATTEMPTS_MAX ? { kind: 'plan', step: 'reversal', attempt } : REST;
}

/** Money that was paid once and came back is not sent again under the same advice: it goes home, and the next run pays it. */
function recheck({ settledAt }: PayoutFacts): NextStep {
  return settledAt === null ? { kind: 'recheck' } : REST;
}

function mustReturn(payout: PayoutFacts, attempts: readonly AttemptFacts[], now: Date): boolean {
  const waitedMs = now.getTime() - (payout.failedAt ?? now).getTime();
  if (payout.settledAt !== null) return waitedMs >= RETURN_PAID_MS;
  const tried = latestOf(attempts, 'bank_payout')?.attempt ?? 0;
  return tried >= BANK_ATTEMPTS_MAX || waitedMs >= RETURN_UNPAID_MS;
}

/** When a failed payout is looked at again. */
export function failedAgainMs(payout: Pick<PayoutFacts, 'settledAt'>): number {
  return payout.settledAt === null ? WATCH_MS : RETURN_PAID_MS;
}

/** What finance can do about a payout that does not go on by itself. */
export interface PayoutChoices {
  /** Say what the platform shows of it. */
  readonly decide: boolean;
  /** From when on it may be said that the platform does not show it; null where that is now, or nothing is to decide. */
  readonly absentFrom: Date | null;
  /** Ask for it to come home. */
  readonly askReturn: boolean;
  /** When it comes home by itself; null where it does not, or is on its way home. */
  readonly returnsBy: Date | null;
}

export function choicesOf(payout: PayoutFacts, attempts: readonly AttemptFacts[], now: Date): PayoutChoices {
  const reversal = latestOf(attempts, 'reversal');
  const isHome = reversal !== undefined && reversal.outcome !== 'refused';
  const failed = payout.state === 'failed' && !isHome;
  return {
    decide: payout.state === 'unknown',
    absentFrom: absentFrom(payout, attempts, now),
    askReturn: failed,
    returnsBy: failed && !reversal && payout.failedAt ? returnsBy(payout, payout.failedAt) : null,
  };
}

function absentFrom(payout: PayoutFacts, attempts: readonly AttemptFacts[], now: Date): Date | null {
  if (payout.state !== 'unknown') return null;
  const attempt = latestOf(attempts, payout.transferId === null ? 'transfer' : 'bank_payout');
  if (!attempt?.firstCalledAt || whyNotDecide('not_sent', false, attempt.firstCalledAt, now) === undefined) return null;
  return keyEndOf(attempt.firstCalledAt);
}

/** When a key is forgotten for certain. */
export function keyEndOf(firstCalledAt: Date): Date {
  return new Date(firstCalledAt.getTime() + KEY_LIFE_MS);
}

function returnsBy({ settledAt }: PayoutFacts, failedAt: Date): Date {
  return new Date(failedAt.getTime() + (settledAt === null ? RETURN_UNPAID_MS : RETURN_PAID_MS));
}

/** Why a person may not decide what the rail cannot say; undefined when the decision is what the look-up supports. */
export function whyNotDecide(
  decision: 'sent' | 'not_sent',
  found: boolean,
  firstCalledAt: Date | null,
  now: Date,
): 'contradicts' | 'too_early' | undefined {
  if (found !== (decision === 'sent')) return 'contradicts';
  if (found || firstCalledAt === null) return undefined;
  return now.getTime() - firstCalledAt.getTime() < KEY_LIFE_MS ? 'too_early' : undefined;
}

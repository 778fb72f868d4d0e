import type { PayoutAttempt } from './payout-attempt.entity.js';
import { positionOf, transitionOf, type PayoutState } from './payout-state.rules.js';
import {
  failedAgainMs,
  latestOf,
  WATCH_MS,
  WATCH_PAID_MS,
  type AttemptOutcome,
  type AttemptStep,
} from './payout-step.rules.js';
import type { Payout } from './payout.entity.js';

/** Something that has happened to a payout. `attempt` is the one that it is about, or the new one where it is retried. */
export type Happening =
  | { readonly kind: 'transfer_done'; readonly attempt: number; readonly externalId: string }
  | { readonly kind: 'transfer_refused'; readonly attempt: number; readonly reasonCode: string }
  | {
      readonly kind: 'transfer_unknown' | 'bank_unknown';
      readonly attempt: number;
      readonly reasonCode: string;
      readonly tryAt: Date | null;
    }
  | { readonly kind: 'transfer_absent'; readonly attempt: number }
  /** Without an attempt: somebody reversed it on the rail itself. */
  | { readonly kind: 'transfer_reversed'; readonly attempt: number | null; readonly externalId: string }
  | { readonly kind: 'bank_begun' | 'bank_paid'; readonly attempt: number; readonly externalId: string }
  /** Without an id at the rail: it was never begun. */
  | {
      readonly kind: 'bank_failed';
      readonly attempt: number;
      readonly externalId: string | null;
      readonly reasonCode: string;
    }
  | { readonly kind: 'bank_retried'; readonly attempt: number }
  | { readonly kind: 'confirmed'; readonly confirmedBy: string }
  | { readonly kind: 'withdrawn' };

export type Verdict = { readonly kind: 'unexpected' | 'known' } | { readonly kind: 'moves'; readonly to: PayoutState };

type Known = Pick<Payout, 'state' | 'transferId'>;
type KnownAttempt = Pick<PayoutAttempt, 'step' | 'attempt' | 'outcome' | 'externalId'>;

const UNEXPECTED = { kind: 'unexpected' } as const;
const KNOWN = { kind: 'known' } as const;

/** Whether a happening moves a payout, is old news, or cannot be (another object, an attempt that was never made). */
export function verdictOn(payout: Known, attempts: readonly KnownAttempt[], happening: Happening): Verdict {
  const of = stepOf(happening);
  if (of === 'transfer' && isAnother(payout.transferId, happening)) return UNEXPECTED;
  if (of === 'bank_payout' && happening.kind !== 'bank_retried' && 'attempt' in happening) {
    const latest = latestOf(attempts, 'bank_payout');
    const about = attempts.find((one) => one.step === of && one.attempt === happening.attempt);
    if (!latest || !about || isAnother(about.externalId, happening)) return UNEXPECTED;
    if (about !== latest) return isEnded(about) && happening.kind !== 'bank_paid' ? KNOWN : UNEXPECTED;
    if (happening.kind === 'bank_begun' && about.outcome === 'done') return KNOWN;
  }
  if (happening.kind === 'transfer_reversed' && isUnderWay(latestOf(attempts, 'bank_payout'))) return UNEXPECTED;
  const to = transitionOf(positionOf(payout), happening.kind);
  if (to === undefined) return UNEXPECTED;
  return to === payout.state && happening.kind !== 'bank_begun' ? KNOWN : { kind: 'moves', to };
}

function isAnother(externalId: string | null, happening: Happening): boolean {
  const given = 'externalId' in happening ? happening.externalId : null;
  return externalId !== null && given !== null && given !== externalId;
}

function isEnded({ outcome }: KnownAttempt): boolean {
  return outcome === 'failed' || outcome === 'refused';
}

/** A bank payout that was or may have been ordered: the same money cannot have gone home. */
function isUnderWay(latest: KnownAttempt | undefined): boolean {
  return latest !== undefined && latest.outcome !== 'planned' && !isEnded(latest);
}

/** The step whose attempt a happening is about. */
export function stepOf({ kind }: Happening): AttemptStep | undefined {
  if (kind === 'transfer_reversed') return 'reversal';
  if (kind.startsWith('transfer_')) return 'transfer';
  return kind.startsWith('bank_') ? 'bank_payout' : undefined;
}

/** How a happening leaves the attempt that it is about; undefined when there is none, or it is a new one. */
export function outcomeOf(happening: Happening): { outcome: AttemptOutcome; reasonCode: string | null } | undefined {
  switch (happening.kind) {
    case 'transfer_done':
    case 'transfer_reversed':
    case 'bank_begun':
    case 'bank_paid':
      return { outcome: 'done', reasonCode: null };
    case 'transfer_refused':
      return { outcome: 'refused', reasonCode: happening.reasonCode };
    case 'transfer_absent':
      return { outcome: 'refused', reasonCode: 'not_to_be_found' };
    case 'transfer_unknown':
    case 'bank_unknown':
      return { outcome: 'unknown', reasonCode: happening.reasonCode };
    case 'bank_failed':
      return { outcome: happening.externalId === null ? 'refused' : 'failed', reasonCode: happening.reasonCode };
    default:
      return undefined;
  }
}

/**
 * What a happening moves in the books, per contract:
 * - `sent`: the rail has taken what was reserved;
 * - `paid`: the provider has it, and `unpaid`: it has not, after all;
 * - `returned`: it is free again on the platform, and owed;
 * - `confirmed`: the commissioner's own bank has paid it;
 * - `released`: the reserve is undone.
 */
export type Movement = 'sent' | 'paid' | 'unpaid' | 'returned' | 'confirmed' | 'released';

export interface Consequence {
  readonly eventType: string;
  readonly movement: Movement | null;
  readonly change: Partial<Payout>;
  readonly topic: 'paid' | 'failed' | 'returned' | null;
}

/** Follows from the happening and the payout as it was; pure, so that the table of it is the specification. */
export function consequenceOf(payout: Payout, happening: Happening, now: Date): Consequence {
  const after = (ms: number) => new Date(now.getTime() + ms);
  const plain = { movement: null, topic: null } as const;
  switch (happening.kind) {
    case 'transfer_done':
      return {
        ...plain,
        eventType: 'payout.sent',
        movement: 'sent',
        change: { transferId: happening.externalId, sentAt: now, nextTryAt: now },
      };
    case 'transfer_refused':
      return { ...plain, eventType: 'payout.refused', movement: 'released', change: { nextTryAt: null } };
    case 'transfer_absent':
    case 'withdrawn':
      return { ...plain, eventType: 'payout.cancelled', movement: 'released', change: { nextTryAt: null } };
    case 'transfer_unknown':
    case 'bank_unknown':
      return { ...plain, eventType: 'payout.answer_lost', change: { nextTryAt: happening.tryAt } };
    case 'transfer_reversed':
      return { eventType: 'payout.returned', movement: 'returned', topic: 'returned', change: { nextTryAt: null } };
    case 'bank_begun':
      return {
        ...plain,
        eventType: 'payout.forwarded',
        change: { bankPayoutId: happening.externalId, nextTryAt: after(WATCH_MS) },
      };
    case 'bank_paid':
      return {
        eventType: 'payout.paid',
        movement: 'paid',
        topic: 'paid',
        change: { bankPayoutId: happening.externalId, settledAt: now, nextTryAt: after(WATCH_PAID_MS) },
      };
    case 'bank_failed':
      return {
        eventType: 'payout.failed',
        movement: payout.state === 'paid' ? 'unpaid' : null,
        topic: 'failed',
        change: { failedAt: now, nextTryAt: after(failedAgainMs(payout)) },
      };
    case 'bank_retried':
      return { ...plain, eventType: 'payout.retried', change: { nextTryAt: now } };
    default:
      return {
        eventType: 'payout.paid',
        movement: 'confirmed',
        topic: 'paid',
        change: { settledAt: now, confirmedBy: happening.confirmedBy, nextTryAt: null },
      };
  }
}

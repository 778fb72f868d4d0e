import { basisPoints, multiply, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';

export const ADVANCE_STATES = ['proposed', 'declined', 'withdrawn', 'approved', 'cancelled'] as const;
/** What people have decided about an advance. */
export type AdvanceState = (typeof ADVANCE_STATES)[number];

export const ADVANCE_STANDINGS = [...ADVANCE_STATES, 'in_payment', 'paid', 'recovered'] as const;
/** Where an advance stands for whoever looks at it: what was decided, then what became of its money. */
export type AdvanceStanding = (typeof ADVANCE_STANDINGS)[number];

export const ADVANCE_REASONS = ['start_up', 'cash_flow', 'late_invoicing', 'other'] as const;
export type AdvanceReason = (typeof ADVANCE_REASONS)[number];

/** How an advance comes back: one of the first two is set. */
export interface RecoveryTerms {
  /** Of each later invoice's gross total, in whole per cent. */
  readonly sharePercent: number | null;
  /** Of each later invoice, in pence. */
  readonly instalmentMinor: Minor | null;
  /** The last day of these terms: an invoice issued later gives back all that it can. */
  readonly recoverBy: IsoDate;
}

/** An advance that has reached its provider and is not all recovered. */
export interface OpenAdvance extends RecoveryTerms {
  readonly id: string;
  readonly contractId: string;
  readonly approvedEventId: string;
  readonly remainingMinor: Minor;
}

/** An invoice that is about to be paid. */
export interface RecoverableInvoice {
  readonly id: string;
  readonly contractId: string;
  readonly grossMinor: Minor;
  /** Of it, what no advance has taken yet. */
  readonly openMinor: Minor;
  readonly issuedOn: IsoDate;
  /** The advances that have taken their part of it: none takes twice. */
  readonly takenBy: readonly string[];
}

export interface PlannedRecovery {
  readonly advanceId: string;
  /** What approved the advance. */
  readonly causeId: string;
  readonly invoiceId: string;
  readonly contractId: string;
  /** Above zero. */
  readonly amountMinor: Minor;
  /** What the advance still has to recover afterwards. */
  readonly remainingMinor: Minor;
}

/**
 * What one invoice gives back to one advance: the share of its gross total, rounded down to a whole penny so that the
 * provider never gives more than the share, or the instalment; after the last day all that is left. Never more than the
 * advance has to recover, nor than the invoice still pays.
 */
export function recoveryFrom(
  { sharePercent, instalmentMinor, recoverBy, remainingMinor }: RecoveryTerms & Pick<OpenAdvance, 'remainingMinor'>,
  { grossMinor, openMinor, issuedOn }: Pick<RecoverableInvoice, 'grossMinor' | 'openMinor' | 'issuedOn'>,
): Minor {
  if (openMinor <= 0n || remainingMinor <= 0n) return 0n;
  const wanted =
    issuedOn > recoverBy
      ? remainingMinor
      : (instalmentMinor ?? multiply(grossMinor, basisPoints((sharePercent ?? 100) * 100), 'down'));
  return [wanted, remainingMinor, openMinor].reduce((least, one) => (one < least ? one : least));
}

/**
 * What invoices give back, in the order given: each first to the oldest advance of its contract. The same invoices and
 * advances always give the same pence.
 */
export function planRecoveries(
  advances: readonly OpenAdvance[],
  invoices: readonly RecoverableInvoice[],
): PlannedRecovery[] {
  const remaining = new Map(advances.map(({ id, remainingMinor }) => [id, remainingMinor]));
  const planned: PlannedRecovery[] = [];
  for (const invoice of invoices) {
    let { openMinor } = invoice;
    for (const advance of advances) {
      if (advance.contractId !== invoice.contractId || invoice.takenBy.includes(advance.id)) continue;
      const before = remaining.get(advance.id) ?? 0n;
      const amountMinor = recoveryFrom({ ...advance, remainingMinor: before }, { ...invoice, openMinor });
      if (amountMinor === 0n) continue;
      openMinor -= amountMinor;
      remaining.set(advance.id, before - amountMinor);
      const { id: invoiceId, contractId } = invoice;
      const { id: advanceId, approvedEventId: causeId } = advance;
      const remainingMinor = before - amountMinor;
      planned.push({ advanceId, causeId, invoiceId, contractId, amountMinor, remainingMinor });
    }
  }
  return planned;
}

/** Where an advance stands. `payoutState` is of the payout that pays it, or may still; null where none does. */
export function standingOf(state: AdvanceState, payoutState: string | null, remainingMinor: Minor): AdvanceStanding {
  if (state !== 'approved') return state;
  if (remainingMinor === 0n) return 'recovered';
  if (payoutState === null) return 'approved';
  return payoutState === 'paid' ? 'paid' : 'in_payment';
}

export type AdvanceRefusal =
  | { readonly code: 'decided'; readonly figures: { readonly state: AdvanceState } }
  | { readonly code: 'own'; readonly figures: Record<string, never> }
  | { readonly code: 'above_limit'; readonly figures: { readonly amountMinor: Minor; readonly limitMinor: Minor } };

/** Why this person cannot approve the advance: it is decided, their own, or above their limit. */
export function whyNotApproveAdvance(
  advance: { readonly state: AdvanceState; readonly proposedBy: string; readonly amountMinor: Minor },
  { memberId, approvalLimitMinor: limitMinor }: Pick<Actor, 'memberId' | 'approvalLimitMinor'>,
): AdvanceRefusal | undefined {
  const { state, proposedBy, amountMinor } = advance;
  if (state !== 'proposed') return { code: 'decided', figures: { state } };
  if (proposedBy === memberId) return { code: 'own', figures: {} };
  if (limitMinor !== null && amountMinor > limitMinor)
    return { code: 'above_limit', figures: { amountMinor, limitMinor } };
  return undefined;
}

/** What a contract's budget can still bring in: nothing beyond it can be recovered from invoices. */
export function whyNotCovered(
  askedMinor: Minor,
  { leftMinor, committedMinor, outstandingMinor }: Record<'leftMinor' | 'committedMinor' | 'outstandingMinor', Minor>,
): { readonly askedMinor: Minor; readonly coveredMinor: Minor; readonly shortfallMinor: Minor } | undefined {
  const free = leftMinor + committedMinor - outstandingMinor;
  const coveredMinor = free < 0n ? 0n : free;
  return askedMinor <= coveredMinor
    ? undefined
    : { askedMinor, coveredMinor, shortfallMinor: askedMinor - coveredMinor };
}

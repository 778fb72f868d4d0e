import { canonicalJson, type CanonicalObject } from '../platform/canonical-json.js';
import type { AttemptStep } from './payout-step.rules.js';
import type { Payout } from './payout.entity.js';
import type { PayoutOrder, ReversalOrder, TransferOrder } from './rail.js';

type Ordered = Pick<Payout, 'id' | 'runId' | 'reference' | 'amountMinor' | 'transferId'>;

const LETTERS: Record<AttemptStep, string> = { transfer: 'tr', bank_payout: 'po', reversal: 'rv' };

/** The key of an attempt, for ever: it follows from ids that are stored before any call, and from nothing else. */
export function keyOf(payoutId: string, step: AttemptStep, attempt: number): string {
  return `${LETTERS[step]}:${payoutId}:${attempt}`;
}

export function transferOrderOf(payout: Ordered, railAccountId: string, attempt: number): TransferOrder {
  return {
    instructionId: payout.id,
    attempt,
    accountId: railAccountId,
    amountMinor: payout.amountMinor,
    transferGroup: payout.runId,
    idempotencyKey: keyOf(payout.id, 'transfer', attempt),
  };
}

export function bankOrderOf(payout: Ordered, railAccountId: string, attempt: number): PayoutOrder {
  return {
    instructionId: payout.id,
    attempt,
    accountId: railAccountId,
    amountMinor: payout.amountMinor,
    statementDescriptor: payout.reference,
    idempotencyKey: keyOf(payout.id, 'bank_payout', attempt),
  };
}

/** Takes the whole transfer back. Throws RangeError before there is one. */
export function reversalOrderOf(payout: Ordered, attempt: number): ReversalOrder {
  if (payout.transferId === null) throw new RangeError('Nothing was transferred that could be reversed');
  const idempotencyKey = keyOf(payout.id, 'reversal', attempt);
  return { transferId: payout.transferId, amountMinor: payout.amountMinor, reversalRef: payout.id, idempotencyKey };
}

/** An order of any step. */
export function orderOf(payout: Ordered, railAccountId: string, step: AttemptStep, attempt: number) {
  if (step === 'transfer') return transferOrderOf(payout, railAccountId, attempt);
  return step === 'bank_payout' ? bankOrderOf(payout, railAccountId, attempt) : reversalOrderOf(payout, attempt);
}

/** What is hashed of an order, so that it can be proved that a key always went with one body. */
export function orderText(order: TransferOrder | PayoutOrder | ReversalOrder): string {
  return canonicalJson({ ...order } satisfies CanonicalObject);
}

/** `NELICB-P000012`: what people, bank statements and payment files call a payout. At most 22 characters. */
export function referenceOf(commissionerCode: string, number: number): string {
  return `${commissionerCode}-P${String(number).padStart(6, '0')}`;
}

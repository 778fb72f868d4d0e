import { sumMinor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';

/**
 * A remittance advice: what one payout pays for. Plain data, pence sterling in bigint, dates `YYYY-MM-DD`. Opaque
 * references only; bank details and personal data have no field.
 */
export interface RemittanceDocument {
  readonly format: 'wellpaid.remittance.1';
  /** Of the payout. */
  readonly reference: string;
  readonly payer: RemittanceParty;
  readonly payee: RemittanceParty;
  readonly paidOn: IsoDate;
  readonly rail: RemittanceRail;
  /** The rail's own reference, such as a payout id or a BACS reference. */
  readonly railReference: string;
  readonly currency: 'GBP';
  readonly invoices: readonly PaidInvoice[];
  readonly advancesRecovered: readonly RecoveredAdvance[];
  readonly invoicesMinor: bigint;
  readonly recoveredMinor: bigint;
  /** What reaches the payee: `invoicesMinor − recoveredMinor`. */
  readonly totalMinor: bigint;
  readonly claimCount: number;
  /** Null when the platform's log held nothing of these books yet. */
  readonly checkpoint: RemittanceCheckpoint | null;
  readonly sandbox: boolean;
}

/** A signed head of the platform's log, as it was when the advice was made, so that each side holds a witness of it. */
export interface RemittanceCheckpoint {
  readonly origin: string;
  readonly size: number;
  /** Base64. */
  readonly root: string;
}

export type RemittanceRail = 'stripe' | 'outside' | 'bank_file';

export interface RemittanceParty {
  readonly name: string;
  readonly addressLines: readonly string[];
  readonly postcode: string;
}

export interface PaidInvoice {
  readonly number: string;
  /** Credit notes have a negative `paidMinor`; an advance is of no claims. */
  readonly kind: 'invoice' | 'self_billed_invoice' | 'grant_notice' | 'credit_note' | 'advance';
  readonly issuedOn: IsoDate;
  readonly claimCount: number;
  readonly grossMinor: bigint;
  readonly paidMinor: bigint;
}

export interface RecoveredAdvance {
  readonly reference: string;
  readonly advancedOn: IsoDate;
  /** Positive: taken off this payout. */
  readonly recoveredMinor: bigint;
  readonly remainingMinor: bigint;
}

export interface RemittanceInput extends Omit<
  RemittanceDocument,
  'format' | 'currency' | 'invoicesMinor' | 'recoveredMinor' | 'totalMinor' | 'claimCount'
> {
  /** What the payout was ordered for. */
  readonly payoutMinor: bigint;
}

/**
 * Draws up the advice of one payout. Throws RangeError when invoices less recovered advances are not the payout: money
 * is never sent with an advice that explains another amount.
 */
export function remittanceOf(input: RemittanceInput): RemittanceDocument {
  const { reference, payer, payee, paidOn, rail, railReference, invoices, advancesRecovered, checkpoint, sandbox } =
    input;
  const invoicesMinor = sumMinor(invoices.map((invoice) => invoice.paidMinor));
  const recoveredMinor = sumMinor(advancesRecovered.map((advance) => advance.recoveredMinor));
  const totalMinor = invoicesMinor - recoveredMinor;
  if (totalMinor !== input.payoutMinor) {
    throw new RangeError(`The payout is ${input.payoutMinor}, its invoices and advances come to ${totalMinor}`);
  }
  return {
    format: 'wellpaid.remittance.1',
    reference,
    payer,
    payee,
    paidOn,
    rail,
    railReference,
    currency: 'GBP',
    invoices,
    advancesRecovered,
    invoicesMinor,
    recoveredMinor,
    totalMinor,
    claimCount: invoices.reduce((sum, invoice) => sum + invoice.claimCount, 0),
    checkpoint,
    sandbox,
  };
}

/** The wire form: the same fields, amounts as decimal strings of pence. */
export function remittanceToJson(document: RemittanceDocument) {
  return {
    ...document,
    invoices: document.invoices.map((invoice) => ({
      ...invoice,
      grossMinor: invoice.grossMinor.toString(),
      paidMinor: invoice.paidMinor.toString(),
    })),
    advancesRecovered: document.advancesRecovered.map((advance) => ({
      ...advance,
      recoveredMinor: advance.recoveredMinor.toString(),
      remainingMinor: advance.remainingMinor.toString(),
    })),
    invoicesMinor: document.invoicesMinor.toString(),
    recoveredMinor: document.recoveredMinor.toString(),
    totalMinor: document.totalMinor.toString(),
  };
}

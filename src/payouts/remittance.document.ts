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
  /** The signed head of the platform's log, when there is one: size and root in hexadecimal. */
  readonly checkpoint: { readonly size: number; readonly rootHash: string } | null;
  readonly sandbox: boolean;
}

export type RemittanceRail = 'stripe' | 'outside' | 'bank_file';

export interface RemittanceParty {
  readonly name: string;
  readonly addressLines: readonly string[];
  readonly postcode: string;
}

export interface PaidInvoice {
  readonly number: string;
  /** Credit notes have a negative `paidMinor`. */
  readonly kind: 'invoice' | 'self_billed_invoice' | 'grant_notice' | 'credit_note';
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

import type { IsoDate } from '../platform/clock.js';

/**
 * A statement of account: what stands before the lines, and what stands after them. The lines travel beside it as an
 * async iterable, so that a statement of any size is rendered with flat memory.
 *
 * Balances and effects are what the commissioner owes the provider, in pence sterling; positive is owed, negative is
 * paid in advance. Dates are `YYYY-MM-DD`. References are opaque.
 */
export interface StatementHead {
  readonly format: 'wellpaid.statement.1';
  readonly subject: StatementSubject;
  readonly period: { readonly from: IsoDate; readonly to: IsoDate };
  readonly preparedOn: IsoDate;
  readonly currency: 'GBP';
  readonly openingMinor: bigint;
  readonly sandbox: boolean;
}

/** Whose statement: one provider with a commissioner, a commissioner with all its providers, or one contract. */
export interface StatementSubject {
  readonly kind: 'provider' | 'commissioner' | 'contract';
  readonly code: string;
  readonly name: string;
  /** The other side, or for a contract its two parties. */
  readonly parties: readonly string[];
}

export type StatementLineKind =
  | 'invoice'
  | 'credit_note'
  | 'grant_notice'
  | 'payout'
  | 'payout_returned'
  | 'payment_outside'
  | 'advance'
  | 'advance_recovered'
  | 'repayment';

/** A fact as the ledger knows it, before the running balance. */
export interface StatementEntry {
  readonly effectiveOn: IsoDate;
  readonly kind: StatementLineKind;
  readonly reference: string;
  /** What is owed grows by it. Signed. */
  readonly effectMinor: bigint;
}

export interface StatementLine extends StatementEntry {
  readonly balanceMinor: bigint;
}

/** Known once the last line has passed. */
export interface StatementFoot {
  readonly lineCount: number;
  readonly increasedMinor: bigint;
  readonly decreasedMinor: bigint;
  readonly closingMinor: bigint;
  readonly accrued: AccruedNotInvoiced;
  readonly ageing: Ageing;
}

/** What has been delivered and is not on an invoice yet, by how far it has come. */
export interface AccruedNotInvoiced {
  readonly deliveredNotClaimedMinor: bigint;
  readonly claimedNotApprovedMinor: bigint;
  readonly approvedNotInvoicedMinor: bigint;
}

/** Unpaid invoices by days past their due day on the last day of the period. */
export interface Ageing {
  readonly notDueMinor: bigint;
  readonly days1To30Minor: bigint;
  readonly days31To60Minor: bigint;
  readonly days61To90Minor: bigint;
  readonly over90Minor: bigint;
}

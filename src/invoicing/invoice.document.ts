import type { IsoDate } from '../platform/clock.js';

/**
 * An invoice as plain data: everything is grouped, priced, totalled and worded as far as a rule decides it. The PDF, the
 * e-invoices and the JSON are renderings of this one value, and compute nothing.
 *
 * Amounts are pence sterling in bigint, rates basis points (2000 is 20 %), quantities thousandths of a unit, dates
 * `YYYY-MM-DD` in Europe/London. No type here has room for a person, a claim's reference or free text.
 */
export interface InvoiceDocument {
  readonly format: 'wellpaid.invoice.1';
  readonly kind: InvoiceKind;
  readonly status: 'draft' | 'issued';
  /** From the series, given at issue; null in a draft. */
  readonly number: string | null;
  readonly issuedOn: IsoDate;
  /** The time of supply, VAT Regulations 1995 reg 14(1)(b). */
  readonly taxPointOn: IsoDate;
  /** First and last day of service in the lines. */
  readonly period: DayRange;
  readonly terms: PaymentTerms;
  readonly deadlines: DueDays;
  readonly supplier: Supplier;
  readonly customer: Customer;
  readonly references: InvoiceReferences;
  readonly currency: 'GBP';
  readonly lines: readonly InvoiceLine[];
  /** One entry for each VAT treatment, in the order of `VAT_CATEGORIES`, the higher rate first. */
  readonly vat: readonly VatTotal[];
  readonly totals: InvoiceTotals;
  /** Statements that the law or HMRC asks for, in the order in which to print them. */
  readonly notices: readonly InvoiceNotice[];
  /** No money moves for this document: every rendering says so. */
  readonly sandbox: boolean;
}

export type InvoiceKind = 'invoice' | 'self_billed_invoice' | 'grant_notice';

export interface DayRange {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

export interface PostalAddress {
  /** Building, street, town: one to five lines, without the postcode. */
  readonly lines: readonly string[];
  readonly postcode: string;
}

/** An organisation as a document names it. Never a person. */
export interface Organisation {
  readonly name: string;
  readonly address: PostalAddress;
  /** With its country prefix; null when not registered. */
  readonly vatNumber: string | null;
  readonly odsCode: string | null;
}

export interface Supplier extends Organisation {
  readonly charityNumber: string | null;
  readonly companyNumber: string | null;
}

export interface Customer extends Organisation {
  /** NHS SBS: invoices that do not show it are returned. */
  readonly payablesCode: string | null;
}

/** What the customer's accounts payable match the invoice by. Codes only. */
export interface InvoiceReferences {
  readonly contractCode: string;
  readonly purchaseOrder: string | null;
  readonly buyerReference: string | null;
  readonly costCode: string | null;
  /** The approved batch that the lines come from. */
  readonly batchCode: string | null;
}

/** In the order in which documents list them. */
export const VAT_CATEGORIES = ['standard', 'reduced', 'zero', 'exempt', 'outside_scope'] as const;
export type VatCategory = (typeof VAT_CATEGORIES)[number];

/** Why no VAT is charged. A closed list, so that no free text reaches a document. */
export type VatReason =
  | 'welfare'
  | 'health'
  | 'education'
  | 'zero_rated'
  | 'not_registered'
  | 'not_business'
  | 'grant'
  | 'other';

export interface VatTreatment {
  readonly category: VatCategory;
  readonly rateBasisPoints: number;
  /** Null where VAT is charged. */
  readonly reason: VatReason | null;
}

export type ChargeUnit = 'session' | 'attendance' | 'hour' | 'referral' | 'milestone' | 'month' | 'charge';

/** One line of the invoice. `netMinor` is exactly `unitPriceMinor × quantityThousandths / 1000`. */
export interface InvoiceLine {
  /** Counts from 1. */
  readonly position: number;
  readonly serviceCode: string;
  /** The service's name and, where it is not a plain charge, what is charged: "Singing group — did not attend, 50 %". */
  readonly description: string;
  /** `YYYY-MM`. */
  readonly month: string;
  readonly period: DayRange;
  readonly unit: ChargeUnit;
  readonly quantityThousandths: bigint;
  readonly unitPriceMinor: bigint;
  readonly netMinor: bigint;
  readonly vat: VatTreatment;
  /** How many claims stand behind the line. */
  readonly claimCount: number;
}

export interface VatTotal extends VatTreatment {
  readonly netMinor: bigint;
  /** Computed once on `netMinor`, rounded half away from zero (HMRC VATREC12030). */
  readonly vatMinor: bigint;
}

export interface InvoiceTotals {
  /** Net of what VAT is or could be charged on: standard, reduced and zero rate. */
  readonly taxableNetMinor: bigint;
  readonly exemptNetMinor: bigint;
  readonly outsideScopeNetMinor: bigint;
  readonly netMinor: bigint;
  readonly vatMinor: bigint;
  readonly grossMinor: bigint;
  readonly claimCount: number;
}

export interface PaymentTerms {
  /** Days from the date of issue to the due date. */
  readonly paymentDays: number;
  /** Whether Procurement Act 2023 s68 applies: the contract says so. */
  readonly regime: 'procurement_act' | 'provider_selection' | 'other';
  readonly customerIsPublicAuthority: boolean;
  /** When a valid invoice reached the customer; null until it has. */
  readonly receivedOn: IsoDate | null;
}

export interface DueDays {
  /** The day that the invoice asks for. */
  readonly dueOn: IsoDate;
  /** The last day under Procurement Act 2023 s68; null where it does not apply or the receipt is not known. */
  readonly section68On: IsoDate | null;
  /** The last day under the Late Payment of Commercial Debts (Interest) Act 1998; interest runs from the day after. */
  readonly latePaymentActOn: IsoDate;
}

export type InvoiceNotice =
  /** Prints "SELF-BILLING", Notice 700/62. */
  | 'self_billing'
  /** Prints "The VAT shown is your output tax due to HMRC", Notice 700/62; only where VAT is charged. */
  | 'output_tax_due'
  | 'exempt_supplies'
  | 'outside_scope'
  | 'grant_no_supply';

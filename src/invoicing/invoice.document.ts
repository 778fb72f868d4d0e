import { isVatTreatment, mayShareInvoice, sumMinor, vatTotals, type VatTotal } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import {
  groupLines,
  type ApprovedLine,
  type DayRange,
  type InvoiceLine,
  type VatReason,
} from './invoice-lines.rules.js';
import { dueDays, type DueDays, type DueDaysInput, type PaymentTerms } from './payment-terms.rules.js';

export type {
  ApprovedLine,
  DayRange,
  InvoiceLine,
  InvoiceUnit,
  InvoiceVat,
  LineReason,
  VatReason,
} from './invoice-lines.rules.js';
export type { DueDays, PaymentTerms } from './payment-terms.rules.js';

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
  readonly due: DueDays;
  readonly supplier: Supplier;
  readonly customer: Customer;
  readonly references: InvoiceReferences;
  readonly currency: 'GBP';
  readonly lines: readonly InvoiceLine[];
  /** One entry for each VAT category and rate: standard, reduced, zero, exempt, outside the scope. */
  readonly vat: readonly InvoiceVatTotal[];
  readonly totals: InvoiceTotals;
  /** Statements that the law or HMRC asks for, in the order in which to print them. */
  readonly notices: readonly InvoiceNotice[];
  /** No money moves for this document: every rendering says so. */
  readonly sandbox: boolean;
}

export type InvoiceKind = 'invoice' | 'self_billed_invoice' | 'grant_notice';

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

/** VAT is worked out once on `netMinor`, half away from zero (HMRC VATREC12030). */
export interface InvoiceVatTotal extends VatTotal {
  /** Of the lines it sums; empty where VAT is charged. */
  readonly reasons: readonly VatReason[];
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

export type InvoiceNotice =
  /** Prints "SELF-BILLING", Notice 700/62. */
  | 'self_billing'
  /** Prints "The VAT shown is your output tax due to HMRC", Notice 700/62; only where VAT is charged. */
  | 'output_tax_due'
  | 'exempt_supplies'
  | 'outside_scope'
  | 'grant_no_supply';

export interface InvoiceDraftInput {
  readonly kind: InvoiceKind;
  readonly lines: readonly ApprovedLine[];
  readonly supplier: Supplier;
  readonly customer: Customer;
  readonly references: InvoiceReferences;
  readonly terms: PaymentTerms;
  readonly issuedOn: IsoDate;
  readonly sandbox: boolean;
}

/**
 * Drafts the documents of one supplier's approved lines: one, or two where some are outside the scope of VAT, because that
 * category cannot share an e-invoice with another. The order of the lines does not matter. A grant is no supply, so all
 * its lines are outside the scope.
 *
 * Throws RangeError for what cannot be invoiced: no lines, a rate that does not fit its category, VAT charged by a
 * supplier (or self-billed to a customer) without a VAT number, or a negative total, which is credited instead.
 */
export function draftInvoice(input: InvoiceDraftInput): InvoiceDocument[] {
  if (input.lines.length === 0) throw new RangeError('An invoice has at least one line');
  const lines = input.kind === 'grant_notice' ? input.lines.map(asGrant) : input.lines;
  const [outside, others] = [true, false].map((apart) =>
    lines.filter((line) => !mayShareInvoice(line.vat.category, 'S') === apart),
  );
  return [others, outside]
    .filter((part) => part !== undefined && part.length > 0)
    .map((part) => draftPart(input, part ?? []));
}

export interface InvoiceIssue {
  readonly number: string;
  readonly issuedOn: IsoDate;
  /** When it reached the customer; the day of issue where Wellpaid delivers it. */
  readonly receivedOn: IsoDate | null;
  /** Where the parties agreed on another than `taxPointOf` gives. */
  readonly taxPointOn?: IsoDate;
}

/** Turns a draft into the issued document: its number, and every date that follows from the day of issue. */
export function issueInvoice(draft: InvoiceDocument, issue: InvoiceIssue): InvoiceDocument {
  if (draft.status === 'issued') throw new RangeError(`Already issued as ${draft.number ?? 'unnumbered'}`);
  const { number, issuedOn, receivedOn } = issue;
  const terms = { ...draft.terms, receivedOn };
  return {
    ...draft,
    status: 'issued',
    number,
    issuedOn,
    taxPointOn: issue.taxPointOn ?? taxPointOf(draft.kind, issuedOn, draft.period),
    terms,
    due: dueOf(draft.kind, { ...terms, issuedOn, performedOn: draft.period.to }),
  };
}

/**
 * The time of supply where the parties agreed on none: the day of issue; for a self-billed invoice the last day of
 * service, because it is not issued by the supplier and so moves no tax point (reg 13(3F), HMRC VATTOS2310).
 */
export function taxPointOf(kind: InvoiceKind, issuedOn: IsoDate, period: DayRange): IsoDate {
  return kind === 'self_billed_invoice' ? period.to : issuedOn;
}

function draftPart(input: InvoiceDraftInput, approved: readonly ApprovedLine[]): InvoiceDocument {
  const { kind, supplier, customer, references, terms, issuedOn, sandbox } = input;
  const lines = groupLines(approved);
  const vat = invoiceVat(lines);
  const totals = invoiceTotals(lines, vat);
  refuseUnlawful(input, vat, totals);
  const days = approved.map((line) => line.servedOn).sort();
  const period = { from: days[0] ?? issuedOn, to: days.at(-1) ?? issuedOn };
  return {
    format: 'wellpaid.invoice.1',
    kind,
    status: 'draft',
    number: null,
    issuedOn,
    taxPointOn: taxPointOf(kind, issuedOn, period),
    period,
    terms,
    due: dueOf(kind, { ...terms, issuedOn, performedOn: period.to }),
    supplier,
    customer,
    references,
    currency: 'GBP',
    lines,
    vat,
    totals,
    notices: noticesOf(kind, vat),
    sandbox,
  };
}

/** A grant is paid for no supply, so neither act sets it a last day. */
function dueOf(kind: InvoiceKind, input: DueDaysInput): DueDays {
  const due = dueDays(input);
  return kind === 'grant_notice' ? { dueOn: due.dueOn, section68On: null, latePaymentActOn: null } : due;
}

function asGrant(line: ApprovedLine): ApprovedLine {
  return { ...line, vat: { category: 'O', rateBasisPoints: 0, reason: 'grant' } };
}

/** VAT by category and rate, each worked out once, with the reasons of its lines. */
export function invoiceVat(lines: readonly InvoiceLine[]): InvoiceVatTotal[] {
  const entries = lines.map(({ netMinor, vat }) => ({ netMinor, ...vat }));
  return vatTotals(entries).map((total) => {
    const own = entries.filter(
      (entry) => entry.category === total.category && entry.rateBasisPoints === total.rateBasisPoints,
    );
    const reasons = new Set(own.flatMap(({ reason }) => (reason === null ? [] : [reason])));
    return { ...total, reasons: [...reasons].sort() };
  });
}

export function invoiceTotals(lines: readonly InvoiceLine[], vat: readonly VatTotal[]): InvoiceTotals {
  const netOf = (wanted: (total: VatTotal) => boolean): bigint =>
    sumMinor(vat.filter(wanted).map((total) => total.netMinor));
  const netMinor = sumMinor(lines.map((line) => line.netMinor));
  const vatMinor = sumMinor(vat.map((total) => total.vatMinor));
  return {
    taxableNetMinor: netOf(({ category }) => category !== 'E' && category !== 'O'),
    exemptNetMinor: netOf(({ category }) => category === 'E'),
    outsideScopeNetMinor: netOf(({ category }) => category === 'O'),
    netMinor,
    vatMinor,
    grossMinor: netMinor + vatMinor,
    claimCount: lines.reduce((sum, line) => sum + line.claimCount, 0),
  };
}

function refuseUnlawful(input: InvoiceDraftInput, vat: readonly VatTotal[], totals: InvoiceTotals): void {
  const wrong = vat.find((total) => !isVatTreatment(total));
  if (wrong !== undefined)
    throw new RangeError(`VAT category ${wrong.category} does not go with ${wrong.rateBasisPoints}`);
  if (totals.grossMinor < 0n) throw new RangeError('A negative total is credited, not invoiced');
  if (!vat.some(isCharged)) return;
  if (input.supplier.vatNumber === null) throw new RangeError('Only a registered supplier charges VAT');
  if (input.kind === 'self_billed_invoice' && input.customer.vatNumber === null) {
    throw new RangeError('Self-billing with VAT needs a registered customer');
  }
}

function noticesOf(kind: InvoiceKind, vat: readonly VatTotal[]): InvoiceNotice[] {
  if (kind === 'grant_notice') return ['grant_no_supply'];
  const selfBilled = kind === 'self_billed_invoice';
  const said: readonly (readonly [boolean, InvoiceNotice])[] = [
    [selfBilled, 'self_billing'],
    [selfBilled && vat.some(isCharged), 'output_tax_due'],
    [vat.some(({ category }) => category === 'E'), 'exempt_supplies'],
    [vat.some(({ category }) => category === 'O'), 'outside_scope'],
  ];
  return said.flatMap(([applies, notice]) => (applies ? [notice] : []));
}

function isCharged({ rateBasisPoints }: VatTotal): boolean {
  return rateBasisPoints > 0;
}

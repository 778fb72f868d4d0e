import { counted, longDay, percent, quantity } from '../platform/pdf/index.js';
import type {
  DueDays,
  InvoiceDocument,
  InvoiceKind,
  InvoiceLine,
  InvoiceNotice,
  InvoiceUnit,
  InvoiceVat,
  VatReason,
} from './invoice.document.js';

export const TITLES: Readonly<Record<InvoiceKind, string>> = {
  invoice: 'Invoice',
  self_billed_invoice: 'Self-billed invoice',
  grant_notice: 'Grant payment notice',
};

const UNITS: Readonly<Record<InvoiceUnit, readonly [one: string, many: string]>> = {
  session: ['session', 'sessions'],
  // Taken or missed alike.
  person: ['place', 'places'],
  hour: ['hour', 'hours'],
  referral: ['referral', 'referrals'],
  milestone: ['milestone', 'milestones'],
  month: ['month', 'months'],
  charge: ['charge', 'charges'],
};

const REASONS: Readonly<Record<VatReason, string>> = {
  welfare: 'welfare services, VATA 1994 Schedule 9 Group 7',
  health: 'health services, VATA 1994 Schedule 9 Group 7',
  education: 'education, VATA 1994 Schedule 9 Group 6',
  zero_rated: 'zero-rated, VATA 1994 Schedule 8',
  not_registered: 'the supplier is not registered for VAT',
  not_business: 'not a business activity',
  grant: 'a grant, for which nothing is supplied in return',
  other: 'by the terms of the contract',
};

export const DRAFT_NOTICES: Readonly<Record<InvoiceKind, string>> = {
  invoice: 'DRAFT: not an invoice for VAT',
  self_billed_invoice: 'DRAFT: not an invoice for VAT',
  grant_notice: 'DRAFT: not issued yet',
};

/** The wording that VAT Notice 700/62 gives. */
export const OUTPUT_TAX_DUE = 'The VAT shown is your output tax due to HMRC';

export const NOTICES: Readonly<Record<InvoiceNotice, (document: InvoiceDocument) => string>> = {
  self_billing: ({ customer, supplier }) =>
    `Self-billing: ${customer.name} has made out this invoice for ${supplier.name}.`,
  output_tax_due: () => OUTPUT_TAX_DUE,
  exempt_supplies: (document) => `No VAT is payable on the exempt supplies${reasonsOf(document, 'E')}.`,
  outside_scope: (document) => `Outside the scope of VAT${reasonsOf(document, 'O')}.`,
  grant_no_supply: () =>
    'This notice is not an invoice. The payment is a grant: nothing is supplied in return, and no VAT is charged.',
};

/** Service code, quantity in words, and how many claims stand behind the line. */
export function lineNote(line: InvoiceLine): string {
  const [one, many] = UNITS[line.unit];
  const units = `${quantity(line.quantityThousandths)} ${line.quantityThousandths === 1000n ? one : many}`;
  return `${line.serviceCode} · ${units} · ${counted(line.claimCount, 'claim')}`;
}

/** The rate in a line: "20 %", "Exempt". */
export function rateWord({ category, rateBasisPoints }: Pick<InvoiceVat, 'category' | 'rateBasisPoints'>): string {
  if (category === 'E') return 'Exempt';
  return category === 'O' ? 'No VAT' : percent(rateBasisPoints);
}

const CATEGORIES: Readonly<Record<InvoiceVat['category'], string>> = {
  S: 'Standard rate',
  AA: 'Reduced rate',
  Z: 'Zero rate',
  E: 'Exempt from VAT',
  O: 'Outside the scope of VAT',
};

/** The treatment in the summary: "Standard rate 20 %", "Exempt from VAT". */
export function treatmentWord({ category, rateBasisPoints }: Pick<InvoiceVat, 'category' | 'rateBasisPoints'>): string {
  const words = CATEGORIES[category];
  return category === 'E' || category === 'O' ? words : `${words} ${percent(rateBasisPoints)}`;
}

/** The last days by law, as far as they are known. */
export function deadlineTexts({ section68On, latePaymentActOn }: DueDays): string[] {
  const texts: string[] = [];
  if (section68On !== null) texts.push(`Procurement Act 2023, section 68: to be paid by ${longDay(section68On)}.`);
  if (latePaymentActOn !== null) {
    const act = 'Late Payment of Commercial Debts (Interest) Act 1998';
    texts.push(`${act}: interest may be claimed from the day after ${longDay(latePaymentActOn)}.`);
  }
  return texts;
}

function reasonsOf({ vat }: InvoiceDocument, category: 'E' | 'O'): string {
  const reasons = vat.filter((total) => total.category === category).flatMap((total) => total.reasons);
  return reasons.length === 0 ? '' : `: ${reasons.map((reason) => REASONS[reason]).join('; ')}`;
}

import type { IsoDate } from '../platform/clock.js';

/** A valid invoice that reached the commissioner, with what the law and its terms say of it. Never a grant notice. */
export interface ReceivedInvoice {
  readonly invoiceId: string;
  readonly number: string;
  readonly providerId: string;
  readonly providerName: string;
  readonly contractId: string;
  readonly grossMinor: bigint;
  readonly receivedOn: IsoDate;
  /** The last day by Procurement Act 2023 s68, else by the Late Payment Act 1998, else by the invoice. */
  readonly lastDayOn: IsoDate;
  /** When the money reached the provider's bank; null while it has not. */
  readonly paidOn: IsoDate | null;
}

export interface CountAndValue {
  readonly count: number;
  readonly valueMinor: bigint;
}

/** How the invoices received in some time were paid. The first day is that of receipt, so that day 30 is the last of 30 days. */
export interface PaymentFigures {
  readonly received: CountAndValue;
  readonly within30Days: CountAndValue;
  readonly days31To60: CountAndValue;
  readonly after60Days: CountAndValue;
  /** Not paid, and day 30 is over. */
  readonly overdue: CountAndValue;
  /** Not paid, and within its 30 days. */
  readonly open: CountAndValue;
  /** Of those that are paid or overdue, in hundredths of a per cent; null when there is none. */
  readonly within30BasisPoints: { readonly ofCount: number; readonly ofValue: number } | null;
  /** Until the money arrived, to one decimal; null when nothing is paid. */
  readonly averageDays: number | null;
}

export interface LateInvoice extends ReceivedInvoice {
  /** Until it was paid, or until today. */
  readonly days: number;
  /** Past the last day that the law or the terms allow; 0 when it is not. */
  readonly daysPastLastDay: number;
}

export interface MonthOfPayments extends PaymentFigures {
  /** The first day of the month of receipt. */
  readonly month: IsoDate;
}

export interface PaymentPerformance {
  readonly total: PaymentFigures;
  readonly months: readonly MonthOfPayments[];
  /** Paid after day 30, or not paid and past it; the longest first. */
  readonly late: readonly LateInvoice[];
}

/** Procurement Act 2023 s68. */
const DAYS_MAX = 30;
const DAY_MS = 86_400_000;

/**
 * How fast a public body pays what it receives: for the payments compliance notice that Procurement Act 2023 s69 asks for,
 * half-year by half-year (to 31 March and to 30 September), and before that for whoever pays. What counts is when a valid
 * invoice was received (s68), and when its money arrived.
 */
export function paymentPerformance(invoices: readonly ReceivedInvoice[], today: IsoDate): PaymentPerformance {
  const judged = invoices.map((invoice) => ({ ...invoice, days: daysOf(invoice, today) }));
  const months = [...new Set(judged.map(({ receivedOn }) => monthOf(receivedOn)))].sort();
  return {
    total: figuresOf(judged),
    months: months.map((month) => ({
      month,
      ...figuresOf(judged.filter(({ receivedOn }) => monthOf(receivedOn) === month)),
    })),
    late: judged
      .filter(({ days }) => days > DAYS_MAX)
      .map((invoice) => ({ ...invoice, daysPastLastDay: daysPast(invoice, today) }))
      .toSorted((a, b) => b.days - a.days || (a.number < b.number ? -1 : 1)),
  };
}

type Judged = ReceivedInvoice & { readonly days: number };

function figuresOf(invoices: readonly Judged[]): PaymentFigures {
  const paid = invoices.filter(({ paidOn }) => paidOn !== null);
  const unpaid = invoices.filter(({ paidOn }) => paidOn === null);
  const isPrompt = ({ days }: Judged) => days <= DAYS_MAX;
  const within30Days = sumOf(paid.filter(isPrompt));
  const overdue = unpaid.filter((invoice) => !isPrompt(invoice));
  const daysTotal = paid.reduce((sum, { days }) => sum + days, 0);
  return {
    received: sumOf(invoices),
    within30Days,
    days31To60: sumOf(paid.filter(({ days }) => days > DAYS_MAX && days <= 60)),
    after60Days: sumOf(paid.filter(({ days }) => days > 60)),
    overdue: sumOf(overdue),
    open: sumOf(unpaid.filter(isPrompt)),
    within30BasisPoints: shareOf(within30Days, sumOf([...paid, ...overdue])),
    averageDays: paid.length === 0 ? null : Math.round((daysTotal * 10) / paid.length) / 10,
  };
}

function sumOf(invoices: readonly Judged[]): CountAndValue {
  return { count: invoices.length, valueMinor: invoices.reduce((sum, { grossMinor }) => sum + grossMinor, 0n) };
}

/** Rounded down: nearly all is not all. */
function shareOf(part: CountAndValue, whole: CountAndValue): PaymentFigures['within30BasisPoints'] {
  if (whole.count === 0) return null;
  const ofValue = whole.valueMinor === 0n ? 10_000n : (part.valueMinor * 10_000n) / whole.valueMinor;
  return { ofCount: Math.floor((part.count * 10_000) / whole.count), ofValue: Number(ofValue) };
}

/** Which day after receipt it was paid on, or today is; receipt is day 1. */
function daysOf({ receivedOn, paidOn }: ReceivedInvoice, today: IsoDate): number {
  return daysBetween(receivedOn, paidOn ?? today) + 1;
}

function daysPast({ lastDayOn, paidOn }: ReceivedInvoice, today: IsoDate): number {
  return Math.max(daysBetween(lastDayOn, paidOn ?? today), 0);
}

function daysBetween(from: IsoDate, to: IsoDate): number {
  return Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS);
}

function monthOf(day: IsoDate): IsoDate {
  return `${day.slice(0, 7)}-01`;
}

import type { IsoDate } from '../platform/clock.js';

export interface PaymentTerms {
  /** Days from the date of issue to the due date. */
  readonly paymentDays: number;
  /** Whether Procurement Act 2023 s68 applies: the contract says so. */
  readonly regime: 'procurement_act' | 'provider_selection' | 'other';
  readonly customerIsPublicAuthority: boolean;
  /** When a valid invoice reached the customer; null until it has. An invalid one does not start the clock. */
  readonly receivedOn: IsoDate | null;
}

export interface DueDays {
  /** The day that the invoice asks for. */
  readonly dueOn: IsoDate;
  /** The last day under Procurement Act 2023 s68; null where it does not apply or the receipt is not known. */
  readonly section68On: IsoDate | null;
  /**
   * The relevant day of the Late Payment of Commercial Debts (Interest) Act 1998 s4: interest runs from the day after. Null
   * where it depends on a receipt that is not known.
   */
  readonly latePaymentActOn: IsoDate | null;
}

export interface DueDaysInput extends PaymentTerms {
  readonly issuedOn: IsoDate;
  /** The last day of service. */
  readonly performedOn: IsoDate;
}

/** Both periods begin with their first day, so their last is 29 days later. */
const THIRTY_DAYS = 29;

/**
 * The days by which an invoice is to be paid. Calendar days, weekends included.
 * - s68: 30 days beginning with the later of receipt and the day on which it falls due by the invoice.
 * - 1998 Act: the agreed day; for a public authority no later than the 30th day beginning with the later of receipt and
 *   performance (s4).
 */
export function dueDays(input: DueDaysInput): DueDays {
  const { paymentDays, regime, customerIsPublicAuthority, receivedOn, issuedOn, performedOn } = input;
  if (!Number.isInteger(paymentDays) || paymentDays < 0) throw new RangeError(`Not a number of days: ${paymentDays}`);
  const dueOn = addDays(issuedOn, paymentDays);
  return {
    dueOn,
    section68On:
      regime === 'procurement_act' && receivedOn !== null ? addDays(later(receivedOn, dueOn), THIRTY_DAYS) : null,
    latePaymentActOn: customerIsPublicAuthority
      ? receivedOn && earlier(dueOn, addDays(later(receivedOn, performedOn), THIRTY_DAYS))
      : dueOn,
  };
}

function addDays(day: IsoDate, days: number): IsoDate {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

function later(a: IsoDate, b: IsoDate): IsoDate {
  return a > b ? a : b;
}

function earlier(a: IsoDate, b: IsoDate): IsoDate {
  return a < b ? a : b;
}

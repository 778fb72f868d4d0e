import type { IsoDate } from '../platform/clock.js';
import { lastDayOfMonth, workingDayAfter } from './claim-window.rules.js';

/** What a contract says about how long things take. */
export interface PaymentPace {
  /** Working day of the next month by which a month is claimed. */
  readonly claimDay: number;
  /** Working days in which claims that were sent for review are decided. */
  readonly decideDays: number;
  /** Calendar days from the invoice, which follows the decision, to the payment. */
  readonly paymentDays: number;
}

export interface ExpectedPayment {
  /** By when the month should be sent for review. */
  readonly claimBy: IsoDate;
  /** By when it is decided, if it was sent in time or, after that, today. */
  readonly decideBy: IsoDate;
  /** By when it is paid, if it is approved by then. */
  readonly payBy: IsoDate;
}

const DAY_MS = 86_400_000;

/**
 * When the claims of a month can be expected to be paid. Review starts on the day on which the month is sent: `sentOn`
 * or, for a month that has not been sent, its claim day or today, whichever is later.
 *
 * @param period the first day of the month
 */
export function expectedPayment(
  period: IsoDate,
  pace: PaymentPace,
  bankHolidays: ReadonlySet<IsoDate>,
  { today, sentOn }: { readonly today: IsoDate; readonly sentOn?: IsoDate },
): ExpectedPayment {
  const claimBy = workingDayAfter(lastDayOfMonth(period), pace.claimDay, bankHolidays);
  const reviewedFrom = sentOn ?? (claimBy > today ? claimBy : today);
  const decideBy = workingDayAfter(reviewedFrom, pace.decideDays, bankHolidays);
  return { claimBy, decideBy, payBy: daysAfter(decideBy, pace.paymentDays) };
}

function daysAfter(day: IsoDate, days: number): IsoDate {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

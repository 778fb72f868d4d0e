import type { IsoDate } from '../platform/clock.js';
import { lastClaimDay, lastDayOfMonth, periodOf, type ClaimWindow } from './claim-window.rules.js';

/** A month of a contract, for whoever claims it. */
export interface ClaimMonth extends ClaimWindow {
  readonly commissionerId: string;
  readonly contractId: string;
  /** The first day of the month. */
  readonly period: IsoDate;
  /** The last day on which it can be claimed without a second person. */
  readonly lastClaimDay: IsoDate;
}

/** What a contract says of one day, as far as months go. */
export interface MonthTerms extends ClaimWindow {
  readonly commissionerId: string;
  readonly isInForce: boolean;
}

export interface MonthsOfContract {
  readonly contractId: string;
  readonly termsOn: (day: IsoDate) => MonthTerms;
  readonly bankHolidays: ReadonlySet<IsoDate>;
}

/** Late windows are of 400 days at the most, after at most 28 working days. */
const MONTHS_BACK = 15;

/** A month of a contract, whether it is over or not. Its terms are those of its last day. */
export function claimMonth({ contractId, termsOn, bankHolidays }: MonthsOfContract, period: IsoDate): ClaimMonth {
  const { commissionerId, claimDay, lateWindowDays } = termsOn(lastDayOfMonth(period));
  const window = { claimDay, lateWindowDays };
  return {
    commissionerId,
    contractId,
    period,
    ...window,
    lastClaimDay: lastClaimDay(period, window, bankHolidays),
  };
}

/**
 * The months that are over, in which the contract was in force, and that can still be claimed without a second person; the
 * oldest first.
 */
export function monthsToClaim(contract: MonthsOfContract, today: IsoDate): ClaimMonth[] {
  const { termsOn } = contract;
  return monthsBefore(today)
    .filter((period) => termsOn(period).isInForce || termsOn(lastDayOfMonth(period)).isInForce)
    .map((period) => claimMonth(contract, period))
    .filter((month) => month.lastClaimDay >= today);
}

/** The first of the months that are looked at. */
export function firstMonthOf(today: IsoDate): IsoDate {
  return monthBefore(today, MONTHS_BACK);
}

function monthsBefore(today: IsoDate): IsoDate[] {
  return Array.from({ length: MONTHS_BACK }, (_, index) => monthBefore(today, MONTHS_BACK - index));
}

function monthBefore(today: IsoDate, months: number): IsoDate {
  const month = new Date(`${periodOf(today)}T00:00:00Z`);
  month.setUTCMonth(month.getUTCMonth() - months);
  return month.toISOString().slice(0, 10);
}

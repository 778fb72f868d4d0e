import { digits } from './england-plan.js';

const DAY_MS = 86_400_000;
const FIRST_YEAR = 2025;
/** April, from 0. */
const FIRST_MONTH = 3;

/** The financial year whose work is done, and the days around it. */
export const YEAR = { from: '2025-04-01', to: '2026-03-31', agreedOn: '2025-03-20' } as const;

/** Months are counted from 0, April 2025; the twelfth and later are those in which the last are paid. */
export function monthOf(month: number): string {
  return dayOf(month, 1).slice(0, 7);
}

/** `YYYY-MM-DD`; a day beyond the end of the month is one of the next. */
export function dayOf(month: number, day: number): string {
  return isoOf(dayNumberOf(month, day));
}

/** Nine in the morning in London, or an hour later while the clocks are forward. */
export function morningOf(month: number, day: number): Date {
  return new Date(`${dayOf(month, day)}T09:00:00Z`);
}

/** Days since 1 January 1970. */
export function dayNumberOf(month: number, day: number): number {
  return Date.UTC(FIRST_YEAR, FIRST_MONTH + month, day) / DAY_MS;
}

export function isoOf(dayNumber: number): string {
  const date = new Date(dayNumber * DAY_MS);
  return `${date.getUTCFullYear()}-${digits(date.getUTCMonth() + 1, 2)}-${digits(date.getUTCDate(), 2)}`;
}

/** Referrals are taken on on the third of a month; the first sessions are in the week that begins with the next Monday. */
export const ACCEPTED_ON = 3;

/** The first Monday after the day on which a month's referrals are accepted. */
export function firstMondayOf(month: number): number {
  const day = dayNumberOf(month, ACCEPTED_ON + 1);
  const sinceMonday = (new Date(day * DAY_MS).getUTCDay() + 6) % 7;
  return day + ((7 - sinceMonday) % 7);
}

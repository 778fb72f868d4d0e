import type { IsoDate } from '../platform/clock.js';

const DAY_MS = 86_400_000;

export interface ClaimWindow {
  /** Working day of the next month by which a month is claimed. */
  readonly claimDay: number;
  /** Calendar days after it in which a late claim needs nobody's leave. */
  readonly lateWindowDays: number;
}

/** The first day of the month of a day: the period that its claims belong to. */
export function periodOf(day: IsoDate): IsoDate {
  return `${day.slice(0, 7)}-01`;
}

/** The last day of the month of a day. */
export function lastDayOfMonth(day: IsoDate): IsoDate {
  const [year = 0, month = 0] = day.split('-').map(Number);
  return isoOf(Date.UTC(year, month, 0));
}

/**
 * The last day on which a period can be claimed without a second person: the claim day, counted in working days of the
 * next month (neither weekends nor the bank holidays that the operator lists), and the late window after it.
 */
export function lastClaimDay(period: IsoDate, window: ClaimWindow, bankHolidays: ReadonlySet<IsoDate>): IsoDate {
  const claimDay = workingDayAfter(lastDayOfMonth(period), window.claimDay, bankHolidays);
  return isoOf(Date.parse(claimDay) + window.lateWindowDays * DAY_MS);
}

/** The working day that is so many working days after a day; the day itself when it is none after it. */
export function workingDayAfter(day: IsoDate, workingDays: number, bankHolidays: ReadonlySet<IsoDate>): IsoDate {
  let atMs = Date.parse(day);
  for (let passed = 0; passed < workingDays;) {
    atMs += DAY_MS;
    if (isWorkingDay(atMs, bankHolidays)) passed += 1;
  }
  return isoOf(atMs);
}

function isWorkingDay(atMs: number, bankHolidays: ReadonlySet<IsoDate>): boolean {
  const weekday = new Date(atMs).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !bankHolidays.has(isoOf(atMs));
}

function isoOf(atMs: number): IsoDate {
  return new Date(atMs).toISOString().slice(0, 10);
}

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
  let atMs = Date.parse(lastDayOfMonth(period));
  for (let workingDays = 0; workingDays < window.claimDay;) {
    atMs += DAY_MS;
    if (isWorkingDay(atMs, bankHolidays)) workingDays += 1;
  }
  return isoOf(atMs + window.lateWindowDays * DAY_MS);
}

function isWorkingDay(atMs: number, bankHolidays: ReadonlySet<IsoDate>): boolean {
  const weekday = new Date(atMs).getUTCDay();
  return weekday !== 0 && weekday !== 6 && !bankHolidays.has(isoOf(atMs));
}

function isoOf(atMs: number): IsoDate {
  return new Date(atMs).toISOString().slice(0, 10);
}

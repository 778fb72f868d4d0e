import type { IsoDate } from '../../platform/clock.js';

/** Months as far back as anybody claims them, the latest first: that of the day, and those before it. `YYYY-MM`. */
export function monthsUpTo(day: IsoDate, count: number): string[] {
  const [year, month] = [Number(day.slice(0, 4)), Number(day.slice(5, 7))];
  return Array.from({ length: count }, (_, index) => {
    const months = year * 12 + (month - 1) - index;
    return `${Math.floor(months / 12)}-${String((months % 12) + 1).padStart(2, '0')}`;
  });
}

/** The month before that of the day. */
export function lastMonth(day: IsoDate): string {
  return monthsUpTo(day, 2)[1] ?? '';
}

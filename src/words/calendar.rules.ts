import type { IsoDate } from '../platform/clock.js';

export const LOCALES = ['en', 'cy'] as const;
export type Locale = (typeof LOCALES)[number];

const MONTHS: Readonly<Record<Locale, readonly string[]>> = {
  en: [
    'January',
    'February',
    'March',
    'April',
    'May',
    'June',
    'July',
    'August',
    'September',
    'October',
    'November',
    'December',
  ],
  cy: [
    'Ionawr',
    'Chwefror',
    'Mawrth',
    'Ebrill',
    'Mai',
    'Mehefin',
    'Gorffennaf',
    'Awst',
    'Medi',
    'Hydref',
    'Tachwedd',
    'Rhagfyr',
  ],
};
const HALVES: Readonly<Record<Locale, readonly [string, string]>> = { en: ['am', 'pm'], cy: ['yb', 'yp'] };

/** A day as people write it: `27 September 2026`. By hand, because Intl takes fifty times as long. */
export function dayInWords(locale: Locale, day: IsoDate): string {
  return `${Number(day.slice(8, 10))} ${monthInWords(locale, day)}`;
}

/** The month of a day: `September 2026`. */
export function monthInWords(locale: Locale, day: IsoDate): string {
  return `${MONTHS[locale][Number(day.slice(5, 7)) - 1] ?? ''} ${day.slice(0, 4)}`;
}

/** The name of a month, 1 to 12. */
export function monthName(locale: Locale, month: number): string {
  return MONTHS[locale][month - 1] ?? '';
}

/** The number of the month that this begins: `9` for `Sept`, `sep` and `Medi`; undefined for anything else. */
export function monthNumber(text: string): number | undefined {
  const start = text.trim().toLowerCase();
  if (start.length < 3) return undefined;
  for (const locale of LOCALES) {
    const index = MONTHS[locale].findIndex((name) => name.toLowerCase().startsWith(start.slice(0, name.length)));
    const name = MONTHS[locale][index]?.toLowerCase();
    if (name !== undefined && (start.length <= name.length || start === name)) return index + 1;
  }
  return undefined;
}

/** A clock's time of 24 hours as people write it: `9:05am`. */
export function hourInWords(locale: Locale, hour: number, minute: number): string {
  const [morning, afternoon] = HALVES[locale];
  const twelve = hour % 12 === 0 ? 12 : hour % 12;
  return `${twelve}:${String(minute).padStart(2, '0')}${hour < 12 ? morning : afternoon}`;
}

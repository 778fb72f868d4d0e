import type { IsoDate } from '../../platform/clock.js';
import type { Translate } from '../../words/index.js';

/** Some days that people ask for together, both ends included. */
export interface Range {
  /** As an address has it: `year-2026`, `half-2026-10`, `month-2026-10`, `last-12`. */
  readonly value: string;
  readonly from: IsoDate;
  readonly to: IsoDate;
}

const VALUE = /^(?:(year)-(\d{4})|(half|month)-(\d{4})-(\d\d)|(last)-(3|12))$/;

/**
 * The days that a value names; undefined when it names none. A financial year begins on 1 April, and so does its first
 * half; a half is named by its first month.
 */
export function rangeOf(value: string, today: IsoDate): Range | undefined {
  const [, year, inYear, part, partYear, partMonth, last, months] = VALUE.exec(value) ?? [];
  if (year !== undefined) return { value, from: `${inYear}-04-01`, to: `${Number(inYear) + 1}-03-31` };
  if (last !== undefined) return { value, from: monthsAfter(today, 1 - Number(months)), to: lastDayOf(today) };
  if (part === undefined) return undefined;
  const from = `${partYear}-${partMonth}-01`;
  const allowed = part === 'half' ? ['04', '10'] : MONTHS;
  if (!allowed.includes(partMonth ?? '')) return undefined;
  return { value, from, to: lastDayOf(part === 'half' ? monthsAfter(from, 5) : from) };
}

const MONTHS = Array.from({ length: 12 }, (_, index) => String(index + 1).padStart(2, '0'));

/** For figures: the financial year and the one before, the last months together, and each of the last twelve. */
export function rangesForFigures(today: IsoDate): Range[] {
  const year = financialYearOf(today);
  return named(today, [`year-${year}`, `year-${year - 1}`, 'last-12', 'last-3', ...monthsBack(today, 12)]);
}

/** For reports on payments: half-years to 31 March and 30 September, and financial years. */
export function rangesForReports(today: IsoDate): Range[] {
  const half = halfOf(today);
  const halves = [0, -6, -12, -18].map((months) => `half-${monthsAfter(half, months).slice(0, 7)}`);
  const year = financialYearOf(today);
  return named(today, [...halves, `year-${year}`, `year-${year - 1}`]);
}

/** For statements, which close on a day that has come: each month, then the financial year so far and the one before. */
export function rangesForStatements(today: IsoDate): Range[] {
  const year = financialYearOf(today);
  return named(today, [...monthsBack(today, 12), `year-${year}`, `year-${year - 1}`]).map((range) => ({
    ...range,
    to: range.to < today ? range.to : today,
  }));
}

function named(today: IsoDate, values: readonly string[]): Range[] {
  return values.flatMap((value) => rangeOf(value, today) ?? []);
}

function monthsBack(today: IsoDate, count: number): string[] {
  return Array.from({ length: count }, (_, index) => `month-${monthsAfter(today, -index).slice(0, 7)}`);
}

/** The year in which the financial year of a day began. */
function financialYearOf(day: IsoDate): number {
  return Number(day.slice(0, 4)) - (day.slice(5, 7) < '04' ? 1 : 0);
}

/** The first day of the half of a financial year in which a day lies. */
function halfOf(day: IsoDate): IsoDate {
  const month = day.slice(5, 7);
  if (month >= '04' && month < '10') return `${day.slice(0, 4)}-04-01`;
  return month >= '10' ? `${day.slice(0, 4)}-10-01` : `${Number(day.slice(0, 4)) - 1}-10-01`;
}

/** The first day of the month so many months after that of a day. */
function monthsAfter(day: IsoDate, months: number): IsoDate {
  const count = Number(day.slice(0, 4)) * 12 + Number(day.slice(5, 7)) - 1 + months;
  return `${Math.floor(count / 12)}-${String((count % 12) + 1).padStart(2, '0')}-01`;
}

function lastDayOf(day: IsoDate): IsoDate {
  const next = new Date(`${monthsAfter(day, 1)}T00:00:00Z`);
  next.setUTCDate(0);
  return next.toISOString().slice(0, 10);
}

/** What a range is called: `October 2026`, `Financial year 2026 to 2027`. */
export function rangeInWords(t: Translate, { value, from, to }: Range): string {
  const [kind] = value.split('-');
  if (kind === 'month') return t.month(from);
  if (kind === 'year') return t('insights.range.year', { from: from.slice(0, 4), to: Number(from.slice(0, 4)) + 1 });
  if (kind === 'last') return t('insights.range.last', { count: Number(value.slice('last-'.length)) });
  return t('insights.range.half', { from: t.day(from), to: t.day(to) });
}

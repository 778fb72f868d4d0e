import type { IsoDate } from '../clock.js';

const MONTHS = [
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
] as const;

/** Thousandths of a unit: 12000n is "12", 1500n is "1.5". */
export function quantity(thousandths: bigint): string {
  const digits = (thousandths < 0n ? -thousandths : thousandths).toString().padStart(4, '0');
  const fraction = digits.slice(-3).replace(/0+$/, '');
  return `${thousandths < 0n ? '-' : ''}${digits.slice(0, -3)}${fraction === '' ? '' : `.${fraction}`}`;
}

/** Basis points as a percentage: 2000 is "20 %", 1750 is "17.5 %". */
export function percent(basisPoints: number): string {
  return `${basisPoints / 100} %`;
}

/** "2026-11-05" is "5 November 2026". */
export function longDay(day: IsoDate): string {
  return `${Number(day.slice(8, 10))} ${longMonth(day.slice(0, 7))}`;
}

/** "1 September to 5 October 2026"; one day is said once, and so is a year. */
export function dayRange({ from, to }: { readonly from: IsoDate; readonly to: IsoDate }): string {
  if (from === to) return longDay(from);
  const first = longDay(from);
  return `${from.slice(0, 4) === to.slice(0, 4) ? first.slice(0, -5) : first} to ${longDay(to)}`;
}

/** "2026-11-05" is "5 Nov 2026", for table cells. */
export function shortDay(day: IsoDate): string {
  return `${Number(day.slice(8, 10))} ${shortMonth(day.slice(0, 7))}`;
}

/** "2026-11" is "November 2026". */
export function longMonth(month: string): string {
  return `${monthName(month)} ${month.slice(0, 4)}`;
}

/** "2026-11" is "Nov 2026". */
export function shortMonth(month: string): string {
  return `${monthName(month).slice(0, 3)} ${month.slice(0, 4)}`;
}

/** "1 claim", "12 claims". */
export function counted(count: number, one: string, many = `${one}s`): string {
  return `${count} ${count === 1 ? one : many}`;
}

function monthName(month: string): string {
  const name = MONTHS[Number(month.slice(5, 7)) - 1];
  if (name === undefined) throw new RangeError(`Not a month: ${month}`);
  return name;
}

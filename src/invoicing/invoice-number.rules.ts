const PREFIX = /^(?=.*[A-Z]$)[A-Z0-9]{1,16}$/;
const DIGITS = 6;

/**
 * The number of an invoice in its series: prefix, year, count, such as `RIVSB2026000001`. NHS Shared Business Services
 * accept at most 30 characters, digits and capital letters. The prefix ends with a letter, so that numbers of two series
 * can never meet.
 * Throws RangeError for a prefix, a year or a count that would not give such a number.
 */
export function invoiceNumber(seriesPrefix: string, year: number, n: number): string {
  if (!PREFIX.test(seriesPrefix)) throw new RangeError(`Not a series prefix: ${seriesPrefix}`);
  if (!Number.isInteger(year) || year < 2000 || year > 9999) throw new RangeError(`Not a year: ${year}`);
  if (!Number.isInteger(n) || n < 1 || n >= 10 ** 10) throw new RangeError(`Not a count from 1: ${n}`);
  return `${seriesPrefix}${year}${String(n).padStart(DIGITS, '0')}`;
}

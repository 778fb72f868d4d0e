import { compact, refuse, type Parsed } from './parsed.js';

/** Ten digits. `testRange` marks 999 000 0000 to 999 999 9999, which is never issued to a person. */
export interface NhsNumber {
  readonly value: string;
  readonly testRange: boolean;
}

/** Where a valid NHS number stands in a text: offsets into the string, end excluded. */
export interface NhsNumberFound {
  readonly start: number;
  readonly end: number;
}

/** Ten digits, as one block or 3 3 4 with spaces, hyphens or stops between, not inside a longer run of digits. */
const candidate = /(?<!\d)\d{3}[\s.\u2010-\u2015\u2212-]{0,2}\d{3}[\s.\u2010-\u2015\u2212-]{0,2}\d{4}(?!\d)/gu;

/**
 * Reads an NHS number: spaces and hyphens are dropped, ASCII digits only, check digit by modulus 11. One repeated digit
 * is refused: such a number may satisfy the check and is what people type to get past a field.
 * Source: NHS Data Dictionary, NHS NUMBER (weights 10 to 2; 11 is written 0; a check of 10 is invalid).
 */
export function parseNhsNumber(text: string): Parsed<NhsNumber> {
  const digits = compact(text);
  if (!/^[0-9]{10}$/.test(digits)) return refuse('An NHS number has 10 digits, usually written 3 3 4.');
  if (isRepeated(digits)) return refuse('An NHS number is never one digit repeated.');
  if (!checks(digits)) {
    return refuse(
      'This is not an NHS number: its last digit does not agree with the others. Look for a mistyped digit.',
    );
  }
  return { ok: true, value: digits, testRange: digits.startsWith('999') };
}

/** All valid NHS numbers in free text, left to right. Repeated digits and numbers that fail the check are not reported. */
export function findNhsNumbers(text: string): NhsNumberFound[] {
  return [...text.matchAll(candidate)]
    .filter(([match]) => parseNhsNumber(match.replaceAll('.', '')).ok)
    .map((match) => ({ start: match.index, end: match.index + match[0].length }));
}

const isRepeated = (digits: string): boolean => /^(\d)\1{9}$/.test(digits);

function checks(digits: string): boolean {
  const sum = Array.from(digits.slice(0, 9)).reduce((total, digit, place) => total + Number(digit) * (10 - place), 0);
  return (11 - (sum % 11)) % 11 === Number(digits[9]);
}

import { refuse, type Parsed } from './parsed.js';

/** `value` is six digits; `shown` is 12-34-56. */
export interface SortCode {
  readonly value: string;
  readonly shown: string;
}

/**
 * Reads a UK sort code: six digits, plain or with the same separator (hyphen or space) after the second and the fourth.
 * No modulus check is made: the tables that it needs change monthly, and the payout rail checks.
 */
export function parseSortCode(text: string): Parsed<SortCode> {
  const match = /^(\d{2})([ -]?)(\d{2})\2(\d{2})$/.exec(text.trim().replace(/[\u2010-\u2015\u2212]/gu, '-'));
  if (!match) return refuse('A sort code has 6 digits, such as 12-34-56.');
  const [, first, , second, third] = match;
  return { ok: true, value: `${first}${second}${third}`, shown: `${first}-${second}-${third}` };
}

/** Reads a UK account number: eight digits, leading noughts included; spaces and hyphens are dropped. */
export function parseAccountNumber(text: string): Parsed {
  const digits = text.trim().replace(/[\s-]+/g, '');
  if (/^\d{6,7}$/.test(digits)) {
    return refuse('An account number has 8 digits: put a nought in front of a shorter one.');
  }
  if (!/^\d{8}$/.test(digits)) return refuse('An account number has 8 digits.');
  return { ok: true, value: digits };
}

/**
 * An account number as people copy it from a statement, with the noughts in front that shorter ones of six or seven digits
 * have in payments (Pay.UK, "Validating account numbers": they are filled up from the left). Any other text stays as it is.
 */
export function paddedAccountNumber(text: string): string {
  const digits = text.trim().replace(/[\s-]+/g, '');
  return /^\d{6,7}$/.test(digits) ? digits.padStart(8, '0') : text;
}

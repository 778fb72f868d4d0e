import { compact, refuse, type Parsed } from './parsed.js';

/**
 * Reads a Global Location Number: 13 digits, the last a check digit (weights 1 and 3 in turn from the left, the whole
 * divisible by 10). Peppol addresses it under scheme 0088.
 * Source: GS1 General Specifications, section 7.9.
 */
export function parseGln(text: string): Parsed {
  const digits = compact(text);
  if (!/^\d{13}$/.test(digits)) return refuse('A Global Location Number has 13 digits.');
  const sum = Array.from(digits).reduce((total, digit, place) => total + Number(digit) * (place % 2 === 0 ? 1 : 3), 0);
  if (/^0+$/.test(digits) || sum % 10 !== 0) {
    return refuse('This is not a Global Location Number: its last digit does not agree with the others.');
  }
  return { ok: true, value: digits };
}

import { compact, refuse, type Parsed } from './parsed.js';

/** `value` is `GB` or `XI` and the number: `GB980780684`, `GB980780684001`, `GBGD001`, `XIHA599`. */
export interface VatNumber {
  readonly value: string;
  readonly kind: 'standard' | 'branch' | 'government' | 'health_authority';
}

const weights = [8, 7, 6, 5, 4, 3, 2];

/**
 * Reads a VAT registration number of the United Kingdom: 9 digits, or 12 for a branch (the first 9 carry the check);
 * GD and 000–499 for a government department; HA and 500–999 for a health authority. The prefix is GB, or XI for
 * trade in goods under the Northern Ireland protocol; GB is assumed when there is none.
 * Check: the sum of seven digits weighted 8 to 2 plus the last two, divisible by 97, or 42 apart from it for the
 * numbers issued since November 2009 ("modulus 97" and "modulus 9755"). The check says that a number is well formed,
 * not that it is registered.
 */
export function parseVatNumber(text: string): Parsed<VatNumber> {
  const match = /^(GB|XI)?(.*)$/.exec(compact(text));
  const prefix = match?.[1] ?? 'GB';
  const number = match?.[2] ?? '';
  const accept = (kind: VatNumber['kind']): Parsed<VatNumber> => ({ ok: true, value: prefix + number, kind });
  if (/^GD[0-4]\d{2}$/.test(number)) return accept('government');
  if (/^HA[5-9]\d{2}$/.test(number)) return accept('health_authority');
  if (!/^\d{9}(\d{3})?$/.test(number)) {
    return refuse('A VAT number has 9 digits, or 12 for a branch, with or without GB or XI in front.');
  }
  if (!vatChecks(number.slice(0, 9))) {
    return refuse(
      'This is not a VAT number: its last two digits do not agree with the others. Look for a mistyped digit.',
    );
  }
  return accept(number.length === 9 ? 'standard' : 'branch');
}

function vatChecks(digits: string): boolean {
  if (/^0{7}/.test(digits)) return false;
  const weighted = weights.reduce((sum, weight, place) => sum + weight * Number(digits[place]), 0);
  const total = weighted + Number(digits.slice(7));
  return total % 97 === 0 || (total + 55) % 97 === 0;
}

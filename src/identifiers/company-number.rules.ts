import { compact, refuse, type Parsed } from './parsed.js';

/**
 * Reads a Companies House number: eight characters, either all digits or a prefix of one or two letters and digits
 * (SC Scotland, NI and R Northern Ireland, OC partnerships, CE charitable incorporated organisations, IP and RS societies).
 * Spreadsheets drop a leading nought, so seven digits are refused with that hint and never padded: a digit may as well
 * be missing at the end.
 */
export function parseCompanyNumber(text: string): Parsed {
  const number = compact(text);
  if (/^\d{7}$/.test(number)) {
    return refuse(
      'A company number has 8 characters, and this has 7 digits: put back the leading nought if it was dropped.',
    );
  }
  if (
    /^\d{8}$/.test(number) ||
    /^[A-Z]{2}\d{6}$/.test(number) ||
    /^R\d{7}$/.test(number) ||
    /^(IP|SP|NP)\d{5}R$/.test(number)
  ) {
    return { ok: true, value: number };
  }
  return refuse(
    'A company number has 8 characters: 8 digits, or two letters and 6 digits, such as 01234567 or SC123456.',
  );
}

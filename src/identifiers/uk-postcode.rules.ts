import { compact, refuse, type Parsed } from './parsed.js';

/**
 * Reads a UK postcode into its written form, `SW1A 1AA`. The shape is checked (BS 7666), not whether the Royal Mail
 * delivers there.
 */
export function parsePostcode(text: string): Parsed {
  const code = compact(text);
  if (!/^([A-Z]{1,2}\d{1,2}|[A-Z]{1,2}\d[A-Z])\d[A-Z]{2}$/.test(code)) {
    return refuse('A postcode looks like SW1A 1AA: one or two letters, a number, then a digit and two letters.');
  }
  return { ok: true, value: `${code.slice(0, -3)} ${code.slice(-3)}` };
}

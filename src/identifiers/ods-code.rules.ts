import { compact, refuse, type Parsed } from './parsed.js';

/**
 * Reads an ODS (Organisation Data Service) code: one to nine letters and digits. Nothing is inferred from it: since the
 * codes of five characters such as G7H8J, a prefix no longer tells what an organisation is.
 * Source: NHS England, ODS developer guide.
 */
export function parseOdsCode(text: string): Parsed {
  const code = compact(text);
  if (!/^[0-9A-Z]{1,9}$/.test(code)) return refuse('An ODS code has one to nine letters and digits, such as G7H8J.');
  return { ok: true, value: code };
}

import { parseMinor } from '../money/index.js';
import { invoiceTotals, invoiceVat, type InvoiceDocument } from './invoice.document.js';

export type Json = string | number | boolean | null | readonly Json[] | { readonly [key: string]: Json };

/** Fields of this name hold a bigint, which JSON writes as decimal text: `"grossMinor": "123456"`. */
const BIGINT_FIELD = /(?:Minor|Thousandths)$/;

/** The document as JSON: the same fields, amounts and quantities as decimal strings of integers. */
export function invoiceDocumentToJson(document: InvoiceDocument): Json {
  return toJson(document);
}

/**
 * Reads what `invoiceDocumentToJson` wrote. Throws RangeError for another format, an amount that is not a decimal
 * integer, or totals that do not follow from the lines: a document never says two things.
 */
export function invoiceDocumentFromJson(json: Json): InvoiceDocument {
  const document = fromJson('', json) as InvoiceDocument;
  if (document?.format !== 'wellpaid.invoice.1') throw new RangeError('Not an invoice of format wellpaid.invoice.1');
  const vat = invoiceVat(document.lines);
  const following = toJson({ vat, totals: invoiceTotals(document.lines, vat) });
  const said = toJson({ vat: document.vat, totals: document.totals });
  if (JSON.stringify(following) !== JSON.stringify(said))
    throw new RangeError('The totals do not follow from the lines');
  return document;
}

/** Keys in order, so that two equal values are the same text. */
function toJson(value: unknown): Json {
  if (typeof value === 'bigint') return value.toString();
  if (Array.isArray(value)) return value.map(toJson);
  if (value === null || typeof value !== 'object') return value as Json;
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fields.map(([key, field]) => [key, toJson(field)]));
}

function fromJson(name: string, value: Json): unknown {
  if (BIGINT_FIELD.test(name)) {
    const amount = typeof value === 'string' ? parseMinor(value) : undefined;
    if (amount === undefined) throw new RangeError(`${name} is not a decimal integer`);
    return amount;
  }
  if (Array.isArray(value)) return value.map((item: Json) => fromJson('', item));
  if (value === null || typeof value !== 'object') return value;
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, fromJson(key, field)]));
}

import { approvedLine, issued, STANDARD } from '../../test/support/invoices.js';
import { invoiceDocumentFromJson, invoiceDocumentToJson, type Json } from './invoice-json.document.js';

const document = issued({ lines: [approvedLine(), approvedLine({ vat: STANDARD, quantity: 1.5, netMinor: 4800n })] });

/** The JSON of the document after a stored text was changed. */
const changed = (from: string, to: string): Json => {
  const text = JSON.stringify(invoiceDocumentToJson(document));
  expect(text).toContain(from);
  return JSON.parse(text.replace(from, to)) as Json;
};

describe('the JSON of an invoice', () => {
  it('writes amounts and quantities as decimal text', () => {
    expect(invoiceDocumentToJson(document)).toMatchObject({
      number: 'RIV2026000001',
      lines: [{ netMinor: '3200' }, { netMinor: '4800', quantityThousandths: '1500' }],
      totals: { grossMinor: '8960', claimCount: 2 },
    });
  });

  it('reads back as the same document, through text and in any order of keys', () => {
    const stored = JSON.parse(JSON.stringify(invoiceDocumentToJson(document))) as Json;
    expect(invoiceDocumentFromJson(stored)).toEqual(document);
    const reversed = Object.fromEntries(Object.entries(stored as object).toReversed()) as Json;
    expect(invoiceDocumentFromJson(reversed)).toEqual(document);
  });

  it.each([
    ['another format', '"wellpaid.invoice.1"', '"wellpaid.invoice.9"', 'Not an invoice'],
    ['a total that does not follow', '"grossMinor":"8960"', '"grossMinor":"8961"', 'do not follow'],
    ['VAT that does not follow', '"vatMinor":"960"', '"vatMinor":"961"', 'do not follow'],
    ['a line that was changed', '"netMinor":"3200"', '"netMinor":"3201"', 'do not follow'],
    ['an amount that is a number', '"grossMinor":"8960"', '"grossMinor":8960', 'grossMinor is not a decimal integer'],
    [
      'an amount with a fraction',
      '"grossMinor":"8960"',
      '"grossMinor":"8960.5"',
      'grossMinor is not a decimal integer',
    ],
  ])('refuses %s', (_name, from, to, message) => {
    expect(() => invoiceDocumentFromJson(changed(from, to))).toThrow(message);
  });
});

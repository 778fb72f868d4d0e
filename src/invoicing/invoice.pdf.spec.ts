import { createHash } from 'node:crypto';
import { execFileSync } from 'node:child_process';
import { pdfText } from '../../test/support/pdf-text.js';
import { approvedLine, draftInput, EXEMPT, issued, OUTSIDE, STANDARD } from '../../test/support/invoices.js';
import { draftInvoice, issueInvoice, type ApprovedLine, type InvoiceDocument } from './invoice.document.js';
import { INVOICE_PDF_VERSION, renderInvoicePdf } from './invoice.pdf.js';

async function textOf(document: InvoiceDocument): Promise<string> {
  return (await pdfText((await renderInvoicePdf(document)).bytes)).join('\n');
}

/** Lines that no two share. */
const distinct = (count: number): ApprovedLine[] =>
  Array.from({ length: count }, (_, index) =>
    approvedLine({ serviceCode: `S${1000 + index}`, serviceName: `Walking group ${1000 + index}` }),
  );

const mixed = [
  approvedLine({ quantity: 12, netMinor: 38_400n, claimCount: 12 }),
  approvedLine({ unitPriceMinor: 1600n, netMinor: 1600n, reasons: [{ code: 'did_not_attend', basisPoints: 5000 }] }),
  approvedLine({
    serviceCode: 'ADV',
    serviceName: 'Welfare advice',
    unitPriceMinor: 5001n,
    netMinor: 5001n,
    vat: STANDARD,
  }),
];

describe('a VAT invoice', () => {
  it('shows what VAT Regulations 1995 reg 14(1) asks for', async () => {
    const [draft] = draftInvoice(draftInput({ lines: mixed }));
    if (draft === undefined) throw new Error('Expected a draft');
    const days = { issuedOn: '2026-11-05', receivedOn: '2026-11-05', taxPointOn: '2026-10-31' };
    const text = await textOf(issueInvoice(draft, { number: 'RIV2026000001', ...days }));
    // (a) the number, (b) time of supply, (c) date of issue
    expect(text).toContain('Invoice number RIV2026000001');
    expect(text).toContain('Tax point 31 October 2026');
    expect(text).toContain('Date of issue 5 November 2026');
    // (d) name, address and VAT number of the supplier; (e) name and address of the customer
    for (const said of [
      'Riverside Carers & Friends CIO',
      'The Old Library',
      '12 Mill Lane',
      'LS1 4AB',
      'VAT number GB123456782',
    ]) {
      expect(text).toContain(said);
    }
    for (const said of ['NHS West Example Integrated Care Board', 'PO Box 312', 'LS11 1HP'])
      expect(text).toContain(said);
    // (g) description; (h) quantity, rate and amount excluding VAT for each; (m) unit price
    expect(text).toContain('Singing group Oct 2026 12 £32.00 Exempt £384.00');
    expect(text).toContain('Singing group — did not attend, 50 % Oct 2026 1 £16.00 Exempt £16.00');
    expect(text).toContain('Welfare advice Oct 2026 1 £50.01 20 % £50.01');
    expect(text).toContain('SING · 12 places · 12 claims');
    // (i) total excluding VAT, (l) VAT in sterling, and each rate apart
    expect(text).toContain('Total excluding VAT £450.01');
    expect(text).toContain('Total VAT (pounds sterling) £10.00');
    expect(text).toContain('Total due £460.01');
    expect(text).toContain('Standard rate 20 % £50.01 £10.00');
    expect(text).toContain('Exempt from VAT £400.00 £0.00');
    expect(text).toContain('No VAT is payable on the exempt supplies: welfare services, VATA 1994 Schedule 9 Group 7.');
  });

  it('shows what accounts payable match it by, and both last days', async () => {
    const text = await textOf(issued());
    for (const said of [
      'Purchase order PO7781234',
      'Contract SP2026017',
      'Buyer reference BR55',
      'Cost code 5517-8820',
      'Batch B202610',
      'Payables code F475',
      'Payment due 19 November 2026',
      'Payment terms 14 days from the date of issue',
      'Period 6 October 2026',
      'Charity number 1123456',
      'section 68: to be paid by 18 December 2026',
      'from the day after 19 November 2026',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toMatch(/draft|self-bill|output tax|sandbox/i);
  });

  it('leaves out what is not there', async () => {
    const { supplier, references } = draftInput();
    const text = await textOf(
      issued({
        supplier: { ...supplier, vatNumber: null, charityNumber: null },
        references: { ...references, purchaseOrder: null },
        lines: [approvedLine({ vat: OUTSIDE })],
      }),
    );
    expect(text).not.toMatch(/Charity number|Purchase order|null|undefined/);
    expect(text).toContain('Outside the scope of VAT: the supplier is not registered for VAT.');
  });
});

describe('kinds and states', () => {
  it.each([
    [STANDARD, true],
    [EXEMPT, false],
  ])('says SELF-BILLING, and whose the output tax is where VAT is charged: %j', async (vat, charged) => {
    const text = await textOf(issued({ kind: 'self_billed_invoice', lines: [approvedLine({ vat })], sandbox: true }));
    expect(text).toMatch(/^SELF-BILLING$/m);
    expect(text.includes('The VAT shown is your output tax due to HMRC')).toBe(charged);
    expect(text).toContain('Tax point 6 October 2026');
    expect(text).toContain('Sandbox: no money moves');
  });

  it('calls a grant payment what it is, without a word of invoice or VAT columns', async () => {
    const text = await textOf(issued({ kind: 'grant_notice' }));
    expect(text).toMatch(/^Grant payment notice Riverside Carers/m);
    expect(text).toContain('This notice is not an invoice.');
    expect(text).toContain('Total grant payment £32.00');
    expect(text).not.toMatch(/Invoice number|Invoice to|Tax point|Total VAT|VAT rate|Procurement Act|Late Payment/);
  });

  it('marks a draft on every page, and gives it no number', async () => {
    const [draft] = draftInvoice(draftInput({ lines: distinct(60) }));
    if (draft === undefined) throw new Error('Expected a draft');
    const pages = await pdfText((await renderInvoicePdf(draft)).bytes);
    expect(pages.length).toBeGreaterThan(2);
    expect(pages.every((page) => page.includes('DRAFT') && page.includes('Draft: Invoice'))).toBe(true);
    expect(pages[0]).toContain('Invoice number given at issue');
    expect(pages[0]).toContain('DRAFT: not an invoice for VAT');
  });
});

describe('pages and bytes', () => {
  it.each([
    [1, 1],
    [12, 1],
    [300, 12],
  ])('draws %d lines on %d pages, each once, with header and count', async (count, expected) => {
    const { bytes, pages, rendererVersion, replacedCharacters } = await renderInvoicePdf(
      issued({ lines: distinct(count) }),
    );
    expect({ pages, rendererVersion, replacedCharacters }).toEqual({
      pages: expected,
      rendererVersion: INVOICE_PDF_VERSION,
      replacedCharacters: [],
    });
    const text = await pdfText(bytes);
    text.forEach((page, index) => expect(page).toContain(`Page ${index + 1} of ${expected} Invoice RIV2026000001`));
    const withLines = text.filter((page) => page.includes('Walking group'));
    expect(
      withLines.every((page) => page.includes('Description Month Quantity Unit price VAT rate Amount excl. VAT')),
    ).toBe(true);
    const drawn = text.join('\n').match(/Walking group \d+/g);
    expect(drawn).toEqual(distinct(count).map(({ serviceName }) => serviceName));
  });

  it('draws long names, Welsh letters and large figures whole', async () => {
    const { supplier } = draftInput();
    const name = 'Cymdeithas Gwirfoddol Llanfairpwllgwyngyllgogerychwyrndrobwllllantysiliogogogoch a’r Cyffiniau';
    const serviceName = `Côr Tŷ Gŵyl ${'yn y gymuned '.repeat(20)}`.trim();
    const large = approvedLine({ serviceName, unitPriceMinor: 12_345_678_901n, netMinor: 12_345_678_901n });
    const document = issued({ supplier: { ...supplier, name }, lines: [large] });
    const { bytes, replacedCharacters } = await renderInvoicePdf(document);
    const text = (await pdfText(bytes)).join('\n');
    const squeezed = text.replaceAll(/\s/g, '');
    expect(replacedCharacters).toEqual([]);
    expect(text).toContain('Llanfairpwllgwyngyll');
    expect(squeezed).toContain('CôrTŷGŵylynygymuned');
    expect(squeezed.match(/gymuned/g)).toHaveLength(20);
    expect(text).toContain('Total due £123,456,789.01');
  });

  it('is the same bytes twice, and in another process', async () => {
    const bytesOf = async (): Promise<string> => {
      const { bytes } = await renderInvoicePdf(issued({ lines: mixed }));
      return createHash('sha256').update(bytes).digest('hex');
    };
    const first = await bytesOf();
    expect(await bytesOf()).toBe(first);
    const moduleAt = (path: string): string => JSON.stringify(new URL(path, import.meta.url).href);
    const lines = JSON.stringify(mixed, (_key, value: unknown) => (typeof value === 'bigint' ? `${value}n` : value));
    const script = `
      import { createHash } from 'node:crypto';
      const { renderInvoicePdf } = await import(${moduleAt('./invoice.pdf.js')});
      const { issued } = await import(${moduleAt('../../test/support/invoices.js')});
      const lines = JSON.parse(${JSON.stringify(lines)}, (_key, value) =>
        typeof value === 'string' && /^\\d+n$/.test(value) ? BigInt(value.slice(0, -1)) : value);
      const { bytes } = await renderInvoicePdf(issued({ lines }));
      process.stdout.write(createHash('sha256').update(bytes).digest('hex'));`;
    expect(execFileSync(process.execPath, ['--input-type=module', '-e', script], { encoding: 'utf8' })).toBe(first);
  });

  it('holds nothing of a person, even where a line carries it', async () => {
    const person = { personName: 'CANARY Person', nhsNumber: '9999999999' };
    expect(await textOf(issued({ lines: [{ ...approvedLine(), ...person }] }))).not.toMatch(/CANARY|9999999999/);
  });
});

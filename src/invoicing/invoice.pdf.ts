import { formatPounds } from '../money/index.js';
import {
  ACCENT,
  BODY,
  counted,
  dayRange,
  HAIRLINE,
  longDay,
  MUTED,
  PdfTable,
  quantity,
  renderPdf,
  shortMonth,
  type Column,
  type PdfCanvas,
  type RenderedPdf,
  type Sum,
} from '../platform/pdf/index.js';
import type { Customer, InvoiceDocument, InvoiceKind, Supplier } from './invoice.document.js';
import {
  deadlineTexts,
  DRAFT_NOTICES,
  lineNote,
  NOTICES,
  OUTPUT_TAX_DUE,
  rateWord,
  TITLES,
  treatmentWord,
} from './invoice-wording.pdf.js';

/** Changes with anything that changes a byte. It is kept beside the hash of each issued document. */
export const INVOICE_PDF_VERSION = 'invoice-pdf 1, pdfkit 0.20.2';

/** Renders an invoice, a self-billed invoice or a grant notice as PDF. Nothing is computed here. */
export function renderInvoicePdf(document: InvoiceDocument): Promise<RenderedPdf> {
  const title = TITLES[document.kind];
  const name = `${document.status === 'draft' ? 'Draft: ' : ''}${title} ${document.number ?? ''}`.trim();
  const head = {
    title: name,
    subject: `${title} for ${dayRange(document.period)}`,
    author: document.supplier.name,
    createdOn: document.issuedOn,
    rendererVersion: INVOICE_PDF_VERSION,
    footer: name,
    sandbox: document.sandbox,
    watermark: document.status === 'draft' ? 'DRAFT' : null,
  };
  return renderPdf(head, (canvas) => {
    drawHead(canvas, document);
    canvas.space(10);
    drawLines(canvas, document);
    canvas.space(8);
    drawTotals(canvas, document);
    canvas.space(10);
    drawNotes(canvas, document);
  });
}

function drawHead(canvas: PdfCanvas, document: InvoiceDocument): void {
  const { supplier, customer } = document;
  canvas.columns([
    {
      share: 1,
      draw: () => {
        canvas.text(TITLES[document.kind], { size: 22, weight: 'bold', colour: ACCENT });
        if (document.notices.includes('self_billing')) canvas.text('SELF-BILLING', { size: 12, weight: 'bold' });
        if (document.status === 'draft') canvas.text(DRAFT_NOTICES[document.kind], { size: 9.5, weight: 'bold' });
        if (document.number !== null) canvas.text(document.number, { size: 12 });
      },
    },
    { share: 1, draw: () => drawSupplier(canvas, supplier, document.kind) },
  ]);
  canvas.space(8);
  canvas.rule(HAIRLINE);
  canvas.space(8);
  canvas.columns([
    { share: 1, draw: () => drawCustomer(canvas, customer, document.kind) },
    { share: 1, draw: () => drawFacts(canvas, document) },
  ]);
}

function drawSupplier(canvas: PdfCanvas, supplier: Supplier, kind: InvoiceKind): void {
  canvas.text(kind === 'grant_notice' ? 'Paid to' : 'From', { size: 8, colour: MUTED });
  canvas.text(supplier.name, { size: 11.5, weight: 'bold' });
  drawAddress(canvas, supplier);
  drawNumbers(canvas, [
    ['VAT number', supplier.vatNumber],
    ['Charity number', supplier.charityNumber],
    ['Company number', supplier.companyNumber],
    ['ODS code', supplier.odsCode],
  ]);
}

function drawCustomer(canvas: PdfCanvas, customer: Customer, kind: InvoiceKind): void {
  canvas.text(kind === 'grant_notice' ? 'Paid by' : 'Invoice to', { size: 8, colour: MUTED });
  canvas.text(customer.name, { size: 11.5, weight: 'bold' });
  drawAddress(canvas, customer);
  drawNumbers(canvas, [
    ['Payables code', customer.payablesCode],
    ['ODS code', customer.odsCode],
    ['VAT number', customer.vatNumber],
  ]);
}

function drawAddress(canvas: PdfCanvas, { address }: Supplier | Customer): void {
  for (const line of [...address.lines, address.postcode]) canvas.text(line, { size: 9 });
}

function drawNumbers(canvas: PdfCanvas, numbers: readonly (readonly [string, string | null])[]): void {
  canvas.space(3);
  for (const [label, number] of numbers) if (number !== null) canvas.text(`${label} ${number}`, { size: 9 });
}

function drawFacts(canvas: PdfCanvas, document: InvoiceDocument): void {
  const { references, kind, period, terms } = document;
  const isGrant = kind === 'grant_notice';
  canvas.facts([
    [isGrant ? 'Notice number' : 'Invoice number', document.number ?? 'given at issue'],
    ['Date of issue', longDay(document.issuedOn)],
    ['Tax point', isGrant ? null : longDay(document.taxPointOn)],
    ['Period', dayRange(period)],
    ['Payment due', longDay(document.due.dueOn)],
    ['Payment terms', `${counted(terms.paymentDays, 'day')} from the date of issue`],
    ['Purchase order', references.purchaseOrder],
    ['Contract', references.contractCode],
    ['Buyer reference', references.buyerReference],
    ['Cost code', references.costCode],
    ['Batch', references.batchCode],
  ]);
}

function drawLines(canvas: PdfCanvas, document: InvoiceDocument): void {
  const isGrant = document.kind === 'grant_notice';
  const vatColumn: Column[] = isGrant ? [] : [{ title: 'VAT rate', width: 46, align: 'right' }];
  const table = new PdfTable(canvas, [
    { title: 'Description' },
    { title: 'Month', width: 48 },
    { title: 'Quantity', width: 44, align: 'right' },
    { title: 'Unit price', width: 62, align: 'right' },
    ...vatColumn,
    { title: isGrant ? 'Amount' : 'Amount excl. VAT', width: 76, align: 'right' },
  ]);
  for (const line of document.lines) {
    table.row([
      { text: line.description, note: lineNote(line) },
      shortMonth(line.month),
      quantity(line.quantityThousandths),
      formatPounds(line.unitPriceMinor),
      ...(isGrant ? [] : [rateWord(line.vat)]),
      formatPounds(line.netMinor),
    ]);
  }
}

function drawTotals(canvas: PdfCanvas, document: InvoiceDocument): void {
  const { totals, vat, kind } = document;
  canvas.keep(40 + 16 * (vat.length + 3));
  if (kind === 'grant_notice') {
    canvas.sums([sum('Total grant payment', totals.grossMinor, true)]);
    return;
  }
  canvas.columns([
    { share: 11, draw: () => drawVat(canvas, document) },
    {
      share: 8,
      draw: () =>
        canvas.sums([
          sum('Total excluding VAT', totals.netMinor),
          sum('Total VAT (pounds sterling)', totals.vatMinor),
          sum('Total due', totals.grossMinor, true),
        ]),
    },
  ]);
}

/** VAT by rate, exempt supplies apart. */
function drawVat(canvas: PdfCanvas, { vat }: InvoiceDocument): void {
  const table = new PdfTable(canvas, [
    { title: 'VAT summary' },
    { title: 'Excl. VAT', width: 74, align: 'right' },
    { title: 'VAT', width: 66, align: 'right' },
  ]);
  for (const total of vat) {
    table.row([treatmentWord(total), formatPounds(total.netMinor), formatPounds(total.vatMinor)]);
  }
}

function sum(label: string, amountMinor: bigint, grand = false): Sum {
  return { label, figure: formatPounds(amountMinor), grand };
}

function drawNotes(canvas: PdfCanvas, document: InvoiceDocument): void {
  const notes = [...document.notices.map((notice) => NOTICES[notice](document)), ...deadlineTexts(document.due)];
  for (const note of notes) {
    const stands = note === OUTPUT_TAX_DUE;
    canvas.text(note, {
      size: stands ? 10 : 8.5,
      weight: stands ? 'bold' : 'regular',
      colour: stands ? BODY.colour : MUTED,
    });
    canvas.space(3);
  }
}

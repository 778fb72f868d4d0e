import Document from 'pdfkit';
import type { InvoiceDocument } from '../../src/invoicing/index.js';
import { formatPounds } from '../../src/money/index.js';
import { fontFile } from '../../src/platform/pdf/typeface.js';

const MARGIN = 46;
const COLUMNS = [
  [MARGIN, 200, 'left'],
  [252, 48, 'left'],
  [305, 44, 'right'],
  [354, 62, 'right'],
  [421, 46, 'right'],
  [472, 76, 'right'],
] as const;

const FONTS = { regular: Buffer.from(fontFile('regular')), bold: Buffer.from(fontFile('bold')) };

/** Both fonts parsed once, which pdfkit offers to whoever looks inside; opening them for each document is slower still. */
const parsed = (weight: keyof typeof FONTS): Buffer => {
  const { _font: opened } = new Document().font(FONTS[weight]) as unknown as { _font: { font: Buffer } };
  return opened.font;
};
const [regular, bold] = [parsed('regular'), parsed('bold')];

/** The same words and lines as our invoice, by pdfkit alone as its guide shows it: `text` at a place, `moveDown`, a font embedded. */
export async function renderStockInvoice(document: InvoiceDocument): Promise<Buffer> {
  const doc = new Document({ size: 'A4', margin: MARGIN, info: { Title: `Invoice ${document.number ?? ''}` } });
  doc.registerFont('regular', regular);
  doc.registerFont('bold', bold);
  const chunks: Buffer[] = [];
  doc.on('data', (chunk: Buffer) => chunks.push(chunk));
  const ended = new Promise((resolve) => doc.on('end', resolve));
  drawHead(doc, document);
  drawLines(doc, document);
  drawTotals(doc, document);
  doc.end();
  await ended;
  return Buffer.concat(chunks);
}

function drawHead(doc: PDFKit.PDFDocument, document: InvoiceDocument): void {
  const { supplier, customer, references, period } = document;
  doc.font('bold').fontSize(22).text('Invoice');
  doc
    .fontSize(12)
    .text(document.number ?? '')
    .moveDown();
  for (const party of [supplier, customer]) {
    doc.font('bold').fontSize(11.5).text(party.name);
    doc.font('regular').fontSize(9);
    for (const line of [...party.address.lines, party.address.postcode]) doc.text(line);
    if (party.vatNumber !== null) doc.text(`VAT number ${party.vatNumber}`);
    doc.moveDown();
  }
  const facts = [
    ['Date of issue', document.issuedOn],
    ['Tax point', document.taxPointOn],
    ['Period', `${period.from} to ${period.to}`],
    ['Payment due', document.due.dueOn],
    ['Purchase order', references.purchaseOrder],
    ['Contract', references.contractCode],
    ['Buyer reference', references.buyerReference],
    ['Cost code', references.costCode],
    ['Batch', references.batchCode],
  ];
  for (const [label, value] of facts) doc.text(`${label ?? ''}: ${value ?? ''}`);
  doc.moveDown();
}

function drawLines(doc: PDFKit.PDFDocument, document: InvoiceDocument): void {
  row(doc, 'bold', ['Description', 'Month', 'Quantity', 'Unit price', 'VAT rate', 'Amount excl. VAT']);
  for (const line of document.lines) {
    row(doc, 'regular', [
      line.description,
      line.month,
      String(line.quantityThousandths),
      formatPounds(line.unitPriceMinor),
      line.vat.category,
      formatPounds(line.netMinor),
    ]);
    doc.fontSize(7.5).text(`${line.serviceCode} · ${line.claimCount} claims`, MARGIN);
    doc.moveTo(MARGIN, doc.y).lineTo(548, doc.y).stroke();
  }
  doc.moveDown();
}

function drawTotals(doc: PDFKit.PDFDocument, { totals, vat }: InvoiceDocument): void {
  for (const total of vat) row(doc, 'regular', [total.category, '', '', '', '', formatPounds(total.netMinor)]);
  row(doc, 'regular', ['Total excluding VAT', '', '', '', '', formatPounds(totals.netMinor)]);
  row(doc, 'regular', ['Total VAT', '', '', '', '', formatPounds(totals.vatMinor)]);
  row(doc, 'bold', ['Total due', '', '', '', '', formatPounds(totals.grossMinor)]);
}

function row(doc: PDFKit.PDFDocument, font: 'regular' | 'bold', cells: readonly string[]): void {
  const { y } = doc;
  doc.font(font).fontSize(9);
  for (const [index, [x, width, align]] of COLUMNS.entries()) {
    const cell = cells[index] ?? '';
    if (cell !== '') doc.text(cell, x, y, { width, align });
  }
  doc.y = y + 14;
}

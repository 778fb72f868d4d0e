import { formatPounds } from '../money/index.js';
import {
  ACCENT,
  BODY,
  counted,
  HAIRLINE,
  longDay,
  MUTED,
  PdfTable,
  renderPdf,
  shortDay,
  type PdfCanvas,
  type RenderedPdf,
} from '../platform/pdf/index.js';
import type { PaidInvoice, RemittanceDocument, RemittanceParty, RemittanceRail } from './remittance.document.js';

/** Changes with anything that changes a byte. */
export const REMITTANCE_PDF_VERSION = 'remittance-pdf 2, pdfkit 0.20.2';

const RAILS: Readonly<Record<RemittanceRail, string>> = {
  stripe: 'Stripe payout to your bank account',
  outside: 'Bank payment by accounts payable',
  bank_file: 'Bank payment by file',
};

const KINDS: Readonly<Record<PaidInvoice['kind'], string>> = {
  invoice: 'Invoice',
  self_billed_invoice: 'Self-billed invoice',
  grant_notice: 'Grant payment notice',
  credit_note: 'Credit note',
  advance: 'Advance paid',
};

/** Renders a remittance advice as PDF. Nothing is computed here. */
export function renderRemittancePdf(document: RemittanceDocument): Promise<RenderedPdf> {
  const name = `Remittance advice ${document.reference}`;
  const head = {
    title: name,
    subject: `Payment of ${longDay(document.paidOn)}`,
    author: document.payer.name,
    createdOn: document.paidOn,
    rendererVersion: REMITTANCE_PDF_VERSION,
    footer: name,
    sandbox: document.sandbox,
    watermark: null,
  };
  return renderPdf(head, (canvas) => {
    drawHead(canvas, document);
    canvas.space(12);
    drawInvoices(canvas, document);
    if (document.advancesRecovered.length > 0) drawAdvances(canvas, document);
    drawTotal(canvas, document);
    drawCheckpoint(canvas, document);
  });
}

function drawHead(canvas: PdfCanvas, document: RemittanceDocument): void {
  canvas.text('Remittance advice', { size: 22, weight: 'bold', colour: ACCENT });
  canvas.text(`${formatPounds(document.totalMinor)} paid on ${longDay(document.paidOn)}`, { size: 12 });
  canvas.space(8);
  canvas.rule(HAIRLINE);
  canvas.space(8);
  canvas.columns([
    {
      share: 1,
      draw: () => {
        drawParty(canvas, 'Paid to', document.payee);
        canvas.space(8);
        drawParty(canvas, 'Paid by', document.payer);
      },
    },
    {
      share: 1,
      draw: () =>
        canvas.facts([
          ['Payout', document.reference],
          ['Date', longDay(document.paidOn)],
          ['Paid through', RAILS[document.rail]],
          ['Reference', document.railReference],
          ['Pays for', counted(document.claimCount, 'claim')],
        ]),
    },
  ]);
}

function drawParty(canvas: PdfCanvas, label: string, party: RemittanceParty): void {
  canvas.text(label, { size: 8, colour: MUTED });
  canvas.text(party.name, { size: 11.5, weight: 'bold' });
  for (const line of [...party.addressLines, party.postcode]) canvas.text(line, { size: 9 });
}

function drawInvoices(canvas: PdfCanvas, document: RemittanceDocument): void {
  const table = new PdfTable(canvas, [
    { title: 'Document' },
    { title: 'Number', width: 150 },
    { title: 'Issued', width: 64 },
    { title: 'Claims', width: 40, align: 'right' },
    { title: 'Its total', width: 70, align: 'right' },
    { title: 'Paid now', width: 70, align: 'right' },
  ]);
  for (const invoice of document.invoices) {
    table.row([
      KINDS[invoice.kind],
      invoice.number,
      shortDay(invoice.issuedOn),
      String(invoice.claimCount),
      formatPounds(invoice.grossMinor),
      formatPounds(invoice.paidMinor),
    ]);
  }
}

function drawAdvances(canvas: PdfCanvas, document: RemittanceDocument): void {
  canvas.space(12);
  const table = new PdfTable(canvas, [
    { title: 'Advance recovered' },
    { title: 'Advanced', width: 64 },
    { title: 'Still to recover', width: 88, align: 'right' },
    { title: 'Taken off now', width: 88, align: 'right' },
  ]);
  for (const advance of document.advancesRecovered) {
    table.row([
      advance.reference,
      shortDay(advance.advancedOn),
      formatPounds(advance.remainingMinor),
      formatPounds(advance.recoveredMinor),
    ]);
  }
}

function drawTotal(canvas: PdfCanvas, document: RemittanceDocument): void {
  canvas.keep(80);
  canvas.space(10);
  const sums: [string, bigint, boolean][] = [['Paid', document.totalMinor, true]];
  if (document.advancesRecovered.length > 0) {
    sums.unshift(['Invoices', document.invoicesMinor, false], ['Advances recovered', -document.recoveredMinor, false]);
  }
  canvas.columns([
    { share: 11, draw: () => undefined },
    {
      share: 8,
      draw: () => canvas.sums(sums.map(([label, amount, grand]) => ({ label, figure: formatPounds(amount), grand }))),
    },
  ]);
}

function drawCheckpoint(canvas: PdfCanvas, { checkpoint }: RemittanceDocument): void {
  canvas.space(14);
  const small = { ...BODY, size: 8, colour: MUTED };
  if (checkpoint === null) {
    canvas.text('Not sealed yet: the log of the platform held no record of these books when this was made.', small);
    return;
  }
  const { origin, size, root } = checkpoint;
  canvas.text('Keep this record of the platform: nothing sealed before it can be changed unseen.', small);
  canvas.text(`Log ${origin}, checkpoint ${size}, root ${root}`, small);
}

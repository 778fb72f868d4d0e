import type { Writable } from 'node:stream';
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
  shortDay,
  streamPdf,
  type DrawnPdf,
  type PdfCanvas,
} from '../platform/pdf/index.js';
import type {
  Statement,
  StatementFoot,
  StatementHead,
  StatementLine,
  StatementLineKind,
  StatementSubject,
} from './statement.document.js';

/** Changes with anything that changes a byte. */
export const STATEMENT_PDF_VERSION = 'statement-pdf 3, pdfkit 0.20.2';

export const STATEMENT_LINE_WORDS: Readonly<Record<StatementLineKind, string>> = {
  invoice: 'Invoice',
  credit_note: 'Credit note',
  grant_notice: 'Grant payment notice',
  payout: 'Payment',
  payout_returned: 'Payment returned',
  payment_outside: 'Payment by accounts payable',
  repayment: 'Repayment',
  adjustment: 'Adjustment',
};

const SUBJECTS: Readonly<Record<StatementSubject['kind'], string>> = {
  provider: 'Provider',
  commissioner: 'Commissioner',
  contract: 'Contract',
};

/**
 * Renders a statement as PDF into a stream, which it ends. Lines are drawn as they come and pages leave as they are
 * full, so memory does not grow with the statement. Rejects, with the stream destroyed, when the lines do not add up.
 */
export function renderStatementPdf(statement: Statement, out: Writable): Promise<DrawnPdf> {
  const { head } = statement;
  const name = `Statement ${head.subject.code}, ${dayRange(head.period)}`;
  const pdfHead = {
    title: name,
    subject: `Statement of account for ${head.subject.name}`,
    author: head.subject.name,
    createdOn: head.preparedOn,
    rendererVersion: STATEMENT_PDF_VERSION,
    footer: name,
    sandbox: head.sandbox,
    watermark: null,
  };
  return streamPdf(pdfHead, out, async (canvas, drained) => {
    drawHead(canvas, head);
    const table = openTable(canvas);
    table.row(balanceRow(head.period.from, 'Opening balance', head.openingMinor));
    for await (const page of statement.pages) {
      for (const line of page) {
        table.row(rowOf(line, head.subject));
        await drained();
      }
    }
    const foot = statement.foot();
    table.row(balanceRow(head.period.to, 'Closing balance', foot.closingMinor));
    drawFoot(canvas, foot);
    drawSeal(canvas, foot);
  });
}

function drawHead(canvas: PdfCanvas, { subject, period, preparedOn }: StatementHead): void {
  canvas.text('Statement of account', { size: 22, weight: 'bold', colour: ACCENT });
  canvas.text(subject.name, { size: 12, weight: 'bold' });
  canvas.space(8);
  canvas.rule(HAIRLINE);
  canvas.space(8);
  canvas.facts([
    [SUBJECTS[subject.kind], subject.code],
    ['With', subject.parties.join(' and ')],
    ['Period', dayRange(period)],
    ['Prepared', longDay(preparedOn)],
    ['Balances', 'What is owed to the provider; a negative balance is paid in advance'],
  ]);
  canvas.space(10);
}

function openTable(canvas: PdfCanvas): PdfTable {
  return new PdfTable(canvas, [
    { title: 'Date', width: 58 },
    { title: 'Entry' },
    { title: 'Charged', width: 70, align: 'right' },
    { title: 'Paid', width: 70, align: 'right' },
    { title: 'Balance', width: 74, align: 'right' },
  ]);
}

function balanceRow(day: string, text: string, balanceMinor: bigint): Parameters<PdfTable['row']>[0] {
  return [shortDay(day), { text, weight: 'bold' }, '', '', { text: formatPounds(balanceMinor), weight: 'bold' }];
}

/** The provider stands where there are several, the contract unless the statement is of one. */
function rowOf(line: StatementLine, { kind }: StatementSubject): Parameters<PdfTable['row']>[0] {
  const { effectiveOn, reference, provider, contract, effectMinor, vatMinor, balanceMinor } = line;
  const notes = [
    kind === 'commissioner' ? provider.name : '',
    kind === 'contract' ? '' : contract,
    vatMinor === 0n ? '' : `with VAT of ${formatPounds(vatMinor)}`,
  ].filter((note) => note !== '');
  const text = `${STATEMENT_LINE_WORDS[line.kind]} ${reference}`;
  return [
    shortDay(effectiveOn),
    notes.length === 0 ? text : { text, note: notes.join(', ') },
    effectMinor > 0n ? formatPounds(effectMinor) : '',
    effectMinor < 0n ? formatPounds(-effectMinor) : '',
    formatPounds(balanceMinor),
  ];
}

function drawFoot(canvas: PdfCanvas, foot: StatementFoot): void {
  canvas.keep(240);
  canvas.space(16);
  const { parts, notInvoiced, ageing } = foot;
  canvas.columns([
    {
      share: 1,
      draw: () =>
        drawFigures(canvas, 'The closing balance is', [
          ['Invoiced, to be paid', parts.owedMinor],
          ['On its way to the bank', parts.inTransitMinor],
          ['Less: paid in advance', -parts.advancedMinor],
          ['Less: to be given back', -parts.recoverableMinor],
        ]),
    },
    {
      share: 1,
      draw: () =>
        drawFigures(canvas, 'Unpaid invoices by age', [
          ['Not due yet', ageing.notDueMinor],
          ['1 to 30 days late', ageing.days1To30Minor],
          ['31 to 60 days late', ageing.days31To60Minor],
          ['61 to 90 days late', ageing.days61To90Minor],
          ['More than 90 days late', ageing.over90Minor],
        ]),
    },
  ]);
  canvas.space(10);
  drawFigures(canvas, 'No part of the balance: not invoiced', [
    ['Approved, not invoiced', notInvoiced.approvedNotInvoicedMinor],
    ['Claimed, not approved', notInvoiced.claimedNotApprovedMinor],
    ['Delivered without funding, at its indicative value', notInvoiced.recognisedMinor],
  ]);
  canvas.space(10);
  canvas.text(
    `${counted(foot.lineCount, 'entry', 'entries')}: ${formatPounds(foot.increasedMinor)} charged, ${formatPounds(foot.decreasedMinor)} paid.`,
  );
}

function drawSeal(canvas: PdfCanvas, { bookedSize, checkpoint }: StatementFoot): void {
  canvas.space(14);
  const small = { ...BODY, size: 8, colour: MUTED };
  const booked = bookedSize === null ? 'Not sealed yet.' : `Booked in the first ${bookedSize} events of the journal.`;
  if (checkpoint === null) {
    canvas.text(`${booked} The log of the platform holds no record of these books yet.`, small);
    return;
  }
  const { origin, size, root } = checkpoint;
  canvas.text(`${booked} Keep this record of the platform: nothing sealed before it can be changed unseen.`, small);
  canvas.text(`Log ${origin}, checkpoint ${size}, root ${root}`, small);
}

function drawFigures(canvas: PdfCanvas, title: string, figures: readonly (readonly [string, bigint])[]): void {
  const table = new PdfTable(canvas, [{ title }, { title: 'Amount', width: 90, align: 'right' }]);
  for (const [label, amount] of figures) table.row([label, formatPounds(amount)]);
}

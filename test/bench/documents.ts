import type { InvoiceDocument } from '../../src/invoicing/index.js';
import { renderInvoicePdf } from '../../src/invoicing/invoice.pdf.js';
import { approvedLine, issued } from '../support/invoices.js';
import { percentile, type Row } from './row.js';
import { renderStockInvoice } from './stock-invoice.js';

const LINES = 12;
const SECONDS = 6;

/** Invoices of twelve lines, drawn in turns with those of pdfkit alone; per second of processor, so that others do not count. */
export async function* rows(): AsyncGenerator<Row> {
  const document = issued({
    lines: Array.from({ length: LINES }, (_, index) =>
      approvedLine({ serviceCode: `S${100 + index}`, serviceName: `Walking group ${100 + index}`, claimCount: 6 }),
    ),
  });
  const ours: number[] = [];
  const stock: number[] = [];
  await times(document);
  let bytes = [0, 0];
  const until = performance.now() + SECONDS * 1_000;
  while (performance.now() < until) {
    const one = await times(document);
    ours.push(one.ours);
    stock.push(one.stock);
    bytes = one.bytes;
  }
  yield {
    suite: 'documents',
    name: `an invoice of ${LINES} lines`,
    figure: 1_000 / percentile(ours, 0.5),
    unit: 'a second of processor',
    comparator: { name: 'pdfkit alone, same words, same fonts parsed once', figure: 1_000 / percentile(stock, 0.5) },
    p50Ms: percentile(ours, 0.5),
    p99Ms: percentile(ours, 0.99),
    conditions: `one process, in turns; ${bytes.map((count) => `${Math.round(count / 1_000)} KB`).join(' and ')}`,
    target: { of: 'ratio', atLeast: 1.3 },
  };
}

/** Milliseconds of processor for ten of each, by one. */
async function times(document: InvoiceDocument): Promise<{ ours: number; stock: number; bytes: number[] }> {
  const each = 10;
  const measured = async (draw: () => Promise<{ length: number }>): Promise<[ms: number, bytes: number]> => {
    const before = process.cpuUsage();
    let length = 0;
    for (let count = 0; count < each; count++) length = (await draw()).length;
    const { user, system } = process.cpuUsage(before);
    return [(user + system) / 1_000 / each, length];
  };
  const [ours, ourBytes] = await measured(async () => (await renderInvoicePdf(document)).bytes);
  const [stock, stockBytes] = await measured(() => renderStockInvoice(document));
  return { ours, stock, bytes: [ourBytes, stockBytes] };
}

import { PassThrough, Writable } from 'node:stream';
import { pdfText } from '../../test/support/pdf-text.js';
import { closingAt, OF_RIVERSIDE, pounds, STATEMENT_HEAD } from '../../test/support/statements.js';
import { openStatement, type StatementClosing, type StatementEntry } from './statement.document.js';
import { renderStatementPdf } from './statement.pdf.js';

async function rendered(
  pages: Iterable<readonly StatementEntry[]>,
  closingMinor: bigint,
  head = STATEMENT_HEAD,
  sealed: Partial<StatementClosing> = {},
): Promise<Buffer> {
  const out = new PassThrough();
  const chunks: Buffer[] = [];
  out.on('data', (chunk: Buffer) => chunks.push(chunk));
  await renderStatementPdf(openStatement(head, pages, { ...closingAt(closingMinor), ...sealed }), out);
  return Buffer.concat(chunks);
}

describe('a statement', () => {
  it('runs from the opening to the closing balance, then says what is accrued and how old the rest is', async () => {
    const entries: StatementEntry[] = [
      {
        effectiveOn: '2026-10-05',
        kind: 'invoice',
        reference: 'RIV2026000001',
        effectMinor: 62_784n,
        ...OF_RIVERSIDE,
        vatMinor: 10_464n,
      },
      { effectiveOn: '2026-10-12', kind: 'payout', reference: 'PAY2026000012', effectMinor: -80_000n, ...OF_RIVERSIDE },
    ];
    const [text = ''] = await pdfText(await rendered([entries], -7216n));
    for (const said of [
      'Statement of account',
      'Riverside Carers & Friends CIO',
      'Provider RIV',
      'With NHS West Example Integrated Care Board',
      'Period 1 October to 31 October 2026',
      '1 Oct 2026 Opening balance £100.00',
      '5 Oct 2026 Invoice RIV2026000001 £627.84 £727.84',
      '12 Oct 2026 Payment PAY2026000012 £800.00 -£72.16',
      '31 Oct 2026 Closing balance -£72.16',
      'WALK-26, with VAT of £104.64',
      'Invoiced, to be paid -£72.16',
      'On its way to the bank £4.00',
      'Less: paid in advance -£3.00',
      'Less: to be given back -£1.00',
      'Approved, not invoiced £33.00',
      'Claimed, not approved £22.00',
      'Delivered without funding, at its indicative value £11.00',
      '1 to 30 days late £5.00',
      '2 entries: £627.84 charged, £800.00 paid.',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toContain('Sandbox');
  });

  it.each([
    ['commissioner', 'Commissioner ICB'],
    ['contract', 'Contract ICB'],
  ] as const)('of a %s says so', async (kind, said) => {
    const subject = { kind, code: 'ICB', name: 'West Example', parties: ['One', 'Two'] };
    const [text] = await pdfText(await rendered([], 10_000n, { ...STATEMENT_HEAD, subject, sandbox: true }));
    expect(text).toContain(said);
    expect(text).toContain('With One and Two');
    expect(text).toContain('Sandbox: no money moves');
  });

  it('says where the journal stood, and what to keep of it', async () => {
    const [text] = await pdfText(await rendered(pounds(1), 10_100n));
    const { root } = closingAt(0n).checkpoint ?? {};
    expect(text).toContain('Booked in the first 812 events of the journal. Keep this record of the platform');
    expect(text).toContain(`Log wellpaid.example/platform, checkpoint 40, root ${root}`);
  });

  it('says so where nothing is sealed yet', async () => {
    const none = { bookedSize: null, checkpoint: null };
    const [text] = await pdfText(await rendered(pounds(1), 10_100n, STATEMENT_HEAD, none));
    expect(text).toContain('Not sealed yet. The log of the platform holds no record of these books yet.');
    expect(text).not.toMatch(/Booked|checkpoint/);
  });

  it('draws every line once over its pages', async () => {
    const pages = await pdfText(await rendered(pounds(200), 30_000n));
    expect(pages.length).toBeGreaterThan(3);
    pages.forEach((page, index) => expect(page).toContain(`Page ${index + 1} of ${pages.length}`));
    expect(pages.join('\n').match(/Invoice RIV2026\d{6} £1\.00/g)).toHaveLength(200);
  });

  it('lets pages go while lines still come', async () => {
    let received = 0;
    let sentBeforeTheEnd = 0;
    const out = new Writable({
      write(chunk: Buffer, _encoding, done) {
        received += chunk.length;
        done();
      },
    });
    async function* entries(): AsyncGenerator<readonly StatementEntry[]> {
      yield* pounds(1000);
      sentBeforeTheEnd = received;
    }
    await renderStatementPdf(openStatement(STATEMENT_HEAD, entries(), closingAt(110_000n)), out);
    expect(sentBeforeTheEnd).toBeGreaterThan(20_000);
  });

  it('ends in an error, not in a document, when it does not add up', async () => {
    const out = new PassThrough();
    out.resume();
    const writing = renderStatementPdf(openStatement(STATEMENT_HEAD, pounds(3), closingAt(1n)), out);
    await expect(writing).rejects.toThrow('The entries come to 10300, the ledger to 1');
    expect(out.destroyed).toBe(true);
  });

  it('is the same bytes twice', async () => {
    const [first, second] = [await rendered(pounds(5), 10_500n), await rendered(pounds(5), 10_500n)];
    expect(first.equals(second)).toBe(true);
  });
});

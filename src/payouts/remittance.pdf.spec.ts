import { pdfText } from '../../test/support/pdf-text.js';
import { PAID, remittanceInput } from '../../test/support/remittances.js';
import { remittanceOf, type RemittanceInput } from './remittance.document.js';
import { REMITTANCE_PDF_VERSION, renderRemittancePdf } from './remittance.pdf.js';

async function textOf(differs: Partial<RemittanceInput> = {}): Promise<string> {
  return (await pdfText((await renderRemittancePdf(remittanceOf(remittanceInput(differs)))).bytes)).join('\n');
}

describe('a remittance advice', () => {
  it('names both sides, the day, the rail and its reference, and each invoice with its claims', async () => {
    const text = await textOf();
    for (const said of [
      '£627.84 paid on 12 November 2026',
      'Paid to Payout PAY2026000012',
      'Riverside Carers & Friends CIO',
      'NHS West Example Integrated Care Board',
      'Paid through Stripe payout to your bank account',
      'Reference po_1QabcDEF',
      'Pays for 12 claims',
      'Invoice RIV2026000001 5 Nov 2026 12 £627.84 £627.84',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).toMatch(/^Paid £627\.84$/m);
    expect(text).not.toMatch(/Advance|checkpoint|Sandbox/);
    expect(text).toContain('Not sealed yet: the log of the platform held no record of these books');
  });

  it('takes recovered advances off, and prints the checkpoint', async () => {
    const advance = { reference: 'ADV1', advancedOn: '2026-04-01', recoveredMinor: 10_000n, remainingMinor: 20_000n };
    const root = Buffer.alloc(32, 'ab', 'hex').toString('base64');
    const text = await textOf({
      advancesRecovered: [advance],
      payoutMinor: 52_784n,
      checkpoint: { origin: 'wellpaid.example/platform', size: 10_234, root },
      sandbox: true,
    });
    expect(text).toContain('ADV1 1 Apr 2026 £200.00 £100.00');
    expect(text).toContain('Invoices £627.84');
    expect(text).toContain('Advances recovered -£100.00');
    expect(text).toMatch(/^Paid £527\.84$/m);
    expect(text).toContain(`Log wellpaid.example/platform, checkpoint 10234, root ${root}`);
    expect(text).not.toContain('Not sealed');
    expect(text).toContain('Sandbox: no money moves');
  });

  it('lists as many invoices as were paid, over pages', async () => {
    const invoices = Array.from({ length: 120 }, (_, n) => ({
      ...PAID,
      number: `RIV2026${String(n).padStart(6, '0')}`,
    }));
    const document = remittanceOf(remittanceInput({ invoices, payoutMinor: 120n * PAID.paidMinor }));
    const { bytes, pages, rendererVersion } = await renderRemittancePdf(document);
    const text = await pdfText(bytes);
    expect(rendererVersion).toBe(REMITTANCE_PDF_VERSION);
    expect(pages).toBeGreaterThan(2);
    expect(text.at(-1)).toContain(`Page ${pages} of ${pages}`);
    expect(text.join('\n').match(/^Invoice RIV2026\d{6} 5 Nov 2026/gm)).toHaveLength(120);
  });

  it('is the same bytes twice', async () => {
    const document = remittanceOf(remittanceInput());
    const [first, second] = [await renderRemittancePdf(document), await renderRemittancePdf(document)];
    expect(first.bytes.equals(second.bytes)).toBe(true);
  });
});

import fc from 'fast-check';
import { PAID, remittanceInput } from '../../test/support/remittances.js';
import { remittanceOf, remittanceToJson } from './remittance.document.js';

const ADVANCE = { reference: 'ADV1', advancedOn: '2026-04-01', recoveredMinor: 10_000n, remainingMinor: 20_000n };
const CREDIT = {
  ...PAID,
  number: 'RIVCN2026000001',
  kind: 'credit_note',
  claimCount: 1,
  grossMinor: -3200n,
  paidMinor: -3200n,
} as const;

describe('remittanceOf', () => {
  it('totals invoices, credits and recovered advances', () => {
    const input = remittanceInput({ invoices: [PAID, CREDIT], advancesRecovered: [ADVANCE], payoutMinor: 49_584n });
    expect(remittanceOf(input)).toMatchObject({
      format: 'wellpaid.remittance.1',
      invoicesMinor: 59_584n,
      recoveredMinor: 10_000n,
      totalMinor: 49_584n,
      claimCount: 13,
    });
  });

  it('explains exactly the payout, or nothing', () => {
    const pence = fc.bigInt({ min: -1_000_000n, max: 1_000_000n });
    fc.assert(
      fc.property(
        fc.array(pence, { maxLength: 6 }),
        fc.array(pence, { maxLength: 3 }),
        pence,
        (paid, recovered, off) => {
          const total =
            paid.reduce((sum, minor) => sum + minor, 0n) - recovered.reduce((sum, minor) => sum + minor, 0n);
          const input = remittanceInput({
            invoices: paid.map((paidMinor) => ({ ...PAID, paidMinor })),
            advancesRecovered: recovered.map((recoveredMinor) => ({ ...ADVANCE, recoveredMinor })),
            payoutMinor: total,
          });
          expect(remittanceOf(input).totalMinor).toBe(total);
          fc.pre(off !== 0n);
          expect(() => remittanceOf({ ...input, payoutMinor: total + off })).toThrow(RangeError);
        },
      ),
    );
  });

  it('copies nothing that an advice has no field for', () => {
    const carrying = Object.assign(remittanceInput(), { accountNumber: '55779911' });
    const document = remittanceOf(carrying);
    expect(Object.keys(document)).not.toContain('accountNumber');
    expect(Object.keys(document)).not.toContain('payoutMinor');
  });
});

describe('remittanceToJson', () => {
  it('writes amounts as decimal text', () => {
    const input = remittanceInput({ advancesRecovered: [ADVANCE], payoutMinor: 52_784n });
    expect(JSON.parse(JSON.stringify(remittanceToJson(remittanceOf(input))))).toMatchObject({
      invoices: [{ grossMinor: '62784', paidMinor: '62784', claimCount: 12 }],
      advancesRecovered: [{ recoveredMinor: '10000', remainingMinor: '20000' }],
      invoicesMinor: '62784',
      recoveredMinor: '10000',
      totalMinor: '52784',
    });
  });
});

import fc from 'fast-check';
import {
  en16931CategoryOf,
  isVatTreatment,
  mayShareInvoice,
  sumMinor,
  vatOn,
  vatOnCredit,
  vatTotals,
  vatTreatmentOn,
  type VatLine,
  type VatTreatment,
} from './index.js';

const STANDARD: VatTreatment = { category: 'S', rateBasisPoints: 2_000 };
const REDUCED: VatTreatment = { category: 'AA', rateBasisPoints: 500 };
const EXEMPT: VatTreatment = { category: 'E', rateBasisPoints: 0 };

describe('vatTotals', () => {
  it('works VAT out once for each rate, not by line (VATREC12030)', () => {
    // By line it would be 3 × £0.01 = £0.03: 20 % of 3p is 0.6p, of 9p is 1.8p.
    const lines = [3n, 3n, 3n].map((netMinor) => ({ ...STANDARD, netMinor }));
    expect(vatTotals(lines)).toEqual([{ ...STANDARD, netMinor: 9n, vatMinor: 2n }]);
  });

  it('keeps categories and rates apart, in their order', () => {
    const lines: VatLine[] = [
      { ...EXEMPT, netMinor: 5_000n },
      { category: 'S', rateBasisPoints: 1_750, netMinor: 100n },
      { ...REDUCED, netMinor: 1_010n },
      { ...STANDARD, netMinor: 1_000n },
      { category: 'Z', rateBasisPoints: 0, netMinor: 7n },
      { ...EXEMPT, netMinor: 1n },
    ];
    expect(vatTotals(lines)).toEqual([
      { ...STANDARD, netMinor: 1_000n, vatMinor: 200n },
      { category: 'S', rateBasisPoints: 1_750, netMinor: 100n, vatMinor: 18n },
      { ...REDUCED, netMinor: 1_010n, vatMinor: 51n },
      { category: 'Z', rateBasisPoints: 0, netMinor: 7n, vatMinor: 0n },
      { ...EXEMPT, netMinor: 5_001n, vatMinor: 0n },
    ]);
  });

  it('mirrors and keeps the net', () => {
    const line = fc.record({
      netMinor: fc.bigInt({ min: -100_000n, max: 100_000n }),
      treatment: fc.constantFrom(STANDARD, REDUCED, EXEMPT),
    });
    fc.assert(
      fc.property(fc.array(line), (drawn) => {
        const lines = drawn.map(({ netMinor, treatment }) => ({ ...treatment, netMinor }));
        const totals = vatTotals(lines);
        const mirrored = vatTotals(lines.map((each) => ({ ...each, netMinor: -each.netMinor })));
        expect(sumMinor(totals.map((total) => total.netMinor))).toBe(sumMinor(lines.map((each) => each.netMinor)));
        expect(mirrored.map((total) => -total.vatMinor)).toEqual(totals.map((total) => total.vatMinor));
      }),
    );
  });
});

it('rounds half a penny away from zero', () => {
  expect(vatOn(1_010n, REDUCED)).toBe(51n);
  expect(vatOn(-1_010n, REDUCED)).toBe(-51n);
  expect(vatOn(1_009n, REDUCED)).toBe(50n);
});

it('is outside the scope for a provider that is not registered on the day', () => {
  expect(vatTreatmentOn(false, STANDARD)).toEqual({ category: 'O', rateBasisPoints: 0 });
  expect(vatTreatmentOn(true, STANDARD)).toEqual(STANDARD);
});

it('gives the VAT that is left to the credit that completes an invoice', () => {
  // £0.30 at 5 %: VAT 1.5p, charged 2p. Three credits of £0.10: 0.5p each, rounded to 1p.
  const charged = { ...REDUCED, netMinor: 30n, vatMinor: vatOn(30n, REDUCED) };
  const first = vatOnCredit(10n, charged);
  const second = vatOnCredit(10n, { ...charged, netMinor: 20n, vatMinor: charged.vatMinor - first });
  const last = vatOnCredit(10n, { ...charged, netMinor: 10n, vatMinor: charged.vatMinor - first - second });
  expect([first, second, last]).toEqual([1n, 1n, 0n]);
});

it('leaves no VAT behind where every credit alone would round down', () => {
  // £0.40 at 5 %: 2p. Credits of £0.09 give back nothing each; the last, of £0.13, would give 1p.
  const charged = { ...REDUCED, netMinor: 40n, vatMinor: vatOn(40n, REDUCED) };
  expect(vatOnCredit(9n, charged)).toBe(0n);
  expect(vatOnCredit(13n, { ...charged, netMinor: 13n })).toBe(2n);
});

it('never gives back more VAT than is left', () => {
  expect(vatOnCredit(10n, { ...REDUCED, netMinor: 11n, vatMinor: 0n })).toBe(0n);
});

it.each<[VatTreatment, boolean]>([
  [STANDARD, true],
  [REDUCED, true],
  [EXEMPT, true],
  [{ category: 'S', rateBasisPoints: 0 }, false],
  [{ category: 'E', rateBasisPoints: 2_000 }, false],
  [{ category: 'S', rateBasisPoints: 17.5 }, false],
  [{ category: 'S', rateBasisPoints: 10_001 }, false],
])('knows whether %j is a treatment', (treatment, expected) => {
  expect(isVatTreatment(treatment)).toBe(expected);
});

it('keeps what is outside the scope on an invoice of its own', () => {
  expect(mayShareInvoice('O', 'S')).toBe(false);
  expect(mayShareInvoice('O', 'O')).toBe(true);
  expect(mayShareInvoice('E', 'S')).toBe(true);
});

it('writes a reduced rate as S in an e-invoice', () => {
  expect(en16931CategoryOf('AA')).toBe('S');
  expect(en16931CategoryOf('E')).toBe('E');
});

import fc from 'fast-check';
import { multiply, sumMinor } from '../money/index.js';
import { approvedLine, draftInput, EXEMPT, issued, OUTSIDE, STANDARD } from '../../test/support/invoices.js';
import {
  draftInvoice,
  issueInvoice,
  type ApprovedLine,
  type InvoiceDocument,
  type InvoiceVat,
} from './invoice.document.js';

const REDUCED: InvoiceVat = { category: 'AA', rateBasisPoints: 500, reason: null };
const ZERO: InvoiceVat = { category: 'Z', rateBasisPoints: 0, reason: 'zero_rated' };

const treatment = fc.constantFrom(EXEMPT, STANDARD, OUTSIDE, REDUCED, ZERO, { ...EXEMPT, reason: 'health' as const });

const line: fc.Arbitrary<ApprovedLine> = fc
  .record({
    serviceCode: fc.constantFrom('SING', 'WALK'),
    day: fc.integer({ min: 1, max: 28 }),
    month: fc.constantFrom('2026-09', '2026-10'),
    quantity: fc.constantFrom(1, 2, 0.5, 1.25),
    unitPriceMinor: fc.bigInt({ min: 0n, max: 20_000n }),
    odd: fc.bigInt({ min: 0n, max: 3n }),
    vat: treatment,
    claimCount: fc.integer({ min: 1, max: 4 }),
    missed: fc.boolean(),
  })
  .map(({ day, odd, missed, ...rest }) =>
    approvedLine({
      ...rest,
      servedOn: `${rest.month}-${String(day).padStart(2, '0')}`,
      netMinor: (rest.unitPriceMinor * BigInt(rest.quantity * 1000)) / 1000n + odd,
      reasons: missed ? [{ code: 'did_not_attend', basisPoints: 5000 }] : [],
    }),
  );
const lines = fc.array(line, { minLength: 1, maxLength: 25 });

const draft = (approved: readonly ApprovedLine[]): InvoiceDocument[] => draftInvoice(draftInput({ lines: approved }));
const one = (approved: readonly ApprovedLine[]): InvoiceDocument => {
  const [document] = draft(approved);
  if (document === undefined) throw new Error('Expected a document');
  return document;
};

describe('lines', () => {
  it('sums what shares service, price, treatment, month and what is charged for', () => {
    const document = one([
      approvedLine({ servedOn: '2026-10-20' }),
      approvedLine({ quantity: 2, netMinor: 6400n, claimCount: 2, servedOn: '2026-10-02' }),
      approvedLine({
        unitPriceMinor: 1600n,
        netMinor: 1600n,
        reasons: [{ code: 'did_not_attend', basisPoints: 5000 }],
      }),
      approvedLine({ month: '2026-09', servedOn: '2026-09-30' }),
      approvedLine({ vat: STANDARD }),
    ]);
    expect(
      document.lines.map(
        ({ position, description, month, quantityThousandths, unitPriceMinor, netMinor, claimCount, vat }) => [
          position,
          description,
          month,
          quantityThousandths,
          unitPriceMinor,
          netMinor,
          claimCount,
          vat.category,
        ],
      ),
    ).toEqual([
      [1, 'Singing group', '2026-09', 1000n, 3200n, 3200n, 1, 'E'],
      [2, 'Singing group', '2026-10', 3000n, 3200n, 9600n, 3, 'E'],
      [3, 'Singing group', '2026-10', 1000n, 3200n, 3200n, 1, 'S'],
      [4, 'Singing group — did not attend, 50 %', '2026-10', 1000n, 1600n, 1600n, 1, 'E'],
    ]);
    expect(document.lines[1]?.period).toEqual({ from: '2026-10-02', to: '2026-10-20' });
    expect(document.period).toEqual({ from: '2026-09-30', to: '2026-10-20' });
  });

  it('keeps services of different names or codes apart, in the order of their names', () => {
    const service = (serviceName: string, serviceCode: string): ApprovedLine =>
      approvedLine({ serviceName, serviceCode });
    const { lines: drawn } = one([
      service('Walking', 'A'),
      service('Singing', 'B'),
      service('Singing', 'A'),
      service('Art', 'B'),
    ]);
    expect(drawn.map((l) => `${l.description} ${l.serviceCode}`)).toEqual([
      'Art B',
      'Singing A',
      'Singing B',
      'Walking A',
    ]);
  });

  it.each([
    [[{ code: 'unit_price' }], 'Singing group'],
    [[{ code: 'cancelled_late', basisPoints: 2550 }], 'Singing group — cancelled late, 25.5 %'],
    [[{ code: 'milestone', milestone: 'follow_up_12_weeks' }], 'Singing group — follow up 12 weeks'],
    [[{ code: 'out_of_hours', basisPoints: null }, { code: 'travel' }], 'Singing group — out of hours; with travel'],
  ])('words the reasons %j', (reasons, description) => {
    expect(one([approvedLine({ reasons })]).lines[0]?.description).toBe(description);
  });

  it('states a charge whose quantity and price do not multiply to it as one of its net', () => {
    const third = approvedLine({ unit: 'hour', quantity: 0.333, unitPriceMinor: 3000n, netMinor: 1000n });
    expect(one([third]).lines[0]).toMatchObject({ unit: 'charge', quantityThousandths: 1000n, unitPriceMinor: 1000n });
  });

  it('puts the sign of a difference on the quantity, never on the price', () => {
    const down = approvedLine({ unitPriceMinor: -200n, netMinor: -400n, quantity: 2 });
    const difference = one([approvedLine(), down]).lines.find(({ netMinor }) => netMinor < 0n);
    expect(difference).toMatchObject({ unitPriceMinor: 200n, quantityThousandths: -2000n, netMinor: -400n });
  });

  it('copies nothing that a line has no field for', () => {
    const extra = { personName: 'CANARY Person', nhsNumber: '9999999999', note: 'CANARY note' };
    const text = JSON.stringify(draft([{ ...approvedLine(), ...extra }]), (_key, value: unknown) =>
      typeof value === 'bigint' ? value.toString() : value,
    );
    expect(text).not.toMatch(/CANARY|9999999999/);
  });
});

describe('totals', () => {
  it('works VAT out once for each rate, not by line', () => {
    const penny = (serviceCode: string): ApprovedLine =>
      approvedLine({ serviceCode, unitPriceMinor: 3n, netMinor: 3n, vat: STANDARD });
    const document = one(['A', 'B', 'C', 'D'].map(penny));
    expect(document.lines).toHaveLength(4);
    expect(document.vat).toEqual([{ category: 'S', rateBasisPoints: 2000, netMinor: 12n, vatMinor: 2n, reasons: [] }]);
  });

  it('totals exempt and taxed supplies apart', () => {
    const document = one([
      approvedLine(),
      approvedLine({ vat: STANDARD, unitPriceMinor: 1001n, netMinor: 1001n }),
      approvedLine({ vat: REDUCED, unitPriceMinor: 10n, netMinor: 10n }),
      approvedLine({ vat: ZERO, unitPriceMinor: 500n, netMinor: 500n }),
      approvedLine({ vat: { ...EXEMPT, reason: 'health' } }),
    ]);
    expect(
      document.vat.map(({ category, netMinor, vatMinor, reasons }) => [category, netMinor, vatMinor, reasons]),
    ).toEqual([
      ['S', 1001n, 200n, []],
      ['AA', 10n, 1n, []],
      ['Z', 500n, 0n, ['zero_rated']],
      ['E', 6400n, 0n, ['health', 'welfare']],
    ]);
    expect(document.totals).toEqual({
      taxableNetMinor: 1511n,
      exemptNetMinor: 6400n,
      outsideScopeNetMinor: 0n,
      netMinor: 7911n,
      vatMinor: 201n,
      grossMinor: 8112n,
      claimCount: 5,
    });
  });

  it('sums to the penny, whatever the lines', () => {
    fc.assert(
      fc.property(lines, (approved) => {
        for (const { lines: drawn, vat, totals } of draft(approved)) {
          for (const { netMinor, unitPriceMinor, quantityThousandths } of drawn) {
            expect(unitPriceMinor * quantityThousandths).toBe(netMinor * 1000n);
          }
          for (const total of vat) {
            const own = drawn.filter(
              (l) => l.vat.category === total.category && l.vat.rateBasisPoints === total.rateBasisPoints,
            );
            const rate = { numerator: BigInt(total.rateBasisPoints), denominator: 10_000n };
            expect(total.netMinor).toBe(sumMinor(own.map((l) => l.netMinor)));
            expect(total.vatMinor).toBe(multiply(total.netMinor, rate, 'half_up'));
          }
          expect(totals.netMinor).toBe(sumMinor(vat.map((total) => total.netMinor)));
          expect(totals.netMinor).toBe(totals.taxableNetMinor + totals.exemptNetMinor + totals.outsideScopeNetMinor);
          expect(totals.vatMinor).toBe(sumMinor(vat.map((total) => total.vatMinor)));
          expect(totals.grossMinor).toBe(totals.netMinor + totals.vatMinor);
        }
      }),
    );
  });

  it('keeps net, claims and quantity over the split, and no document mixes', () => {
    fc.assert(
      fc.property(lines, (approved) => {
        const documents = draft(approved);
        expect(sumMinor(documents.map(({ totals }) => totals.netMinor))).toBe(
          sumMinor(approved.map((l) => l.netMinor)),
        );
        const claims = documents.reduce((sum, { totals }) => sum + totals.claimCount, 0);
        expect(claims).toBe(approved.reduce((sum, l) => sum + l.claimCount, 0));
        for (const document of documents) {
          const outside = document.lines.filter((l) => l.vat.category === 'O').length;
          expect([0, document.lines.length]).toContain(outside);
        }
      }),
    );
  });

  it('does not depend on the order of the lines', () => {
    const pair = lines.chain((all) => fc.tuple(fc.constant(all), fc.shuffledSubarray(all, { minLength: all.length })));
    fc.assert(fc.property(pair, ([approved, shuffled]) => expect(draft(shuffled)).toEqual(draft(approved))));
  });
});

describe('what cannot be invoiced', () => {
  const { supplier, customer } = draftInput();
  it.each([
    ['no lines', { lines: [] }, 'at least one line'],
    ['a negative total', { lines: [approvedLine({ unitPriceMinor: -1n, netMinor: -1n })] }, 'credited'],
    ['a standard rate of nil', { lines: [approvedLine({ vat: { ...STANDARD, rateBasisPoints: 0 } })] }, 'category S'],
    [
      'VAT without a number',
      { lines: [approvedLine({ vat: STANDARD })], supplier: { ...supplier, vatNumber: null } },
      'registered supplier',
    ],
    [
      'self-billing with VAT to an unregistered customer',
      {
        kind: 'self_billed_invoice' as const,
        lines: [approvedLine({ vat: STANDARD })],
        customer: { ...customer, vatNumber: null },
      },
      'registered customer',
    ],
    ['a negative term', { terms: { ...draftInput().terms, paymentDays: -1 } }, 'number of days'],
  ])('refuses %s', (_name, differs, message) => {
    expect(() => draftInvoice(draftInput(differs))).toThrow(RangeError);
    expect(() => draftInvoice(draftInput(differs))).toThrow(message);
  });

  it('issues a document whose total is nil, and an unregistered supplier may be self-billed without VAT', () => {
    expect(issued({ lines: [approvedLine({ unitPriceMinor: 0n, netMinor: 0n })] }).totals.grossMinor).toBe(0n);
    const unregistered = { ...supplier, vatNumber: null };
    const document = issued({
      kind: 'self_billed_invoice',
      supplier: unregistered,
      lines: [approvedLine({ vat: OUTSIDE })],
    });
    expect(document.notices).toEqual(['self_billing', 'outside_scope']);
  });
});

describe('notices', () => {
  it.each([
    ['invoice', STANDARD, []],
    ['invoice', EXEMPT, ['exempt_supplies']],
    ['self_billed_invoice', EXEMPT, ['self_billing', 'exempt_supplies']],
    ['self_billed_invoice', STANDARD, ['self_billing', 'output_tax_due']],
    ['self_billed_invoice', ZERO, ['self_billing']],
    ['grant_notice', STANDARD, ['grant_no_supply']],
  ] as const)('of a %s at %j are %j', (kind, vat, notices) => {
    expect(issued({ kind, lines: [approvedLine({ vat })] }).notices).toEqual(notices);
  });

  it('takes a grant for no supply: no VAT, no last day by law', () => {
    const document = issued({ kind: 'grant_notice', lines: [approvedLine({ vat: STANDARD }), approvedLine()] });
    expect(document.lines[0]?.vat).toEqual({ category: 'O', rateBasisPoints: 0, reason: 'grant' });
    expect(document.totals).toMatchObject({ vatMinor: 0n, outsideScopeNetMinor: 6400n, grossMinor: 6400n });
    expect(document.due).toEqual({ dueOn: '2026-11-19', section68On: null, latePaymentActOn: null });
  });
});

describe('issue', () => {
  const drafted = (): InvoiceDocument => one([approvedLine()]);

  it('gives the number and whatever follows from the day of issue, and leaves the draft', () => {
    const before = drafted();
    const after = issueInvoice(before, { number: 'RIV2026000007', issuedOn: '2026-12-01', receivedOn: '2026-12-02' });
    expect(before).toMatchObject({ status: 'draft', number: null, issuedOn: '2026-11-05' });
    expect(after).toMatchObject({
      status: 'issued',
      number: 'RIV2026000007',
      issuedOn: '2026-12-01',
      taxPointOn: '2026-12-01',
      due: { dueOn: '2026-12-15', section68On: '2027-01-13', latePaymentActOn: '2026-12-15' },
    });
    expect(() => issueInvoice(after, { number: 'B', issuedOn: '2026-12-01', receivedOn: null })).toThrow(
      'RIV2026000007',
    );
  });

  it('leaves the tax point of a self-billed invoice at the last day of service', () => {
    const approved = [approvedLine({ servedOn: '2026-10-31' }), approvedLine()];
    expect(issued({ kind: 'self_billed_invoice', lines: approved }).taxPointOn).toBe('2026-10-31');
  });
});

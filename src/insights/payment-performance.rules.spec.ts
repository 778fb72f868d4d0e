import fc from 'fast-check';
import { paymentPerformance, type ReceivedInvoice } from './payment-performance.rules.js';

const TODAY = '2026-12-31';
let numbers = 0;

function invoice(
  receivedOn: string,
  paidOn: string | null,
  grossMinor = 1_000n,
  lastDayOn = '2026-11-29',
): ReceivedInvoice {
  const number = `INV-${String(++numbers).padStart(4, '0')}`;
  const of = { providerId: 'choir', providerName: 'Choir', contractId: 'contract-1' };
  return { invoiceId: number, number, ...of, grossMinor, receivedOn, lastDayOn, paidOn };
}

describe('payment performance', () => {
  it.each([
    ['2026-10-31', '2026-10-31', 1, 'within30Days'],
    ['2026-10-31', '2026-11-29', 30, 'within30Days'],
    ['2026-10-31', '2026-11-30', 31, 'days31To60'],
    ['2026-10-31', '2026-12-29', 60, 'days31To60'],
    ['2026-10-31', '2026-12-30', 61, 'after60Days'],
    ['2026-12-02', null, 30, 'open'],
    ['2026-12-01', null, 31, 'overdue'],
  ] as const)('of what came on %s and was paid on %s: day %i, %s', (receivedOn, paidOn, days, band) => {
    const { total, late } = paymentPerformance([invoice(receivedOn, paidOn)], TODAY);
    expect(total[band]).toEqual({ count: 1, valueMinor: 1_000n });
    expect(total.averageDays).toBe(paidOn === null ? null : days);
    expect(late.map((one) => one.days)).toEqual(days > 30 ? [days] : []);
  });

  it('gives shares of count and value, of what is known by now, month by month', () => {
    const { total, months } = paymentPerformance(
      [
        invoice('2026-10-05', '2026-10-07', 90_000n),
        invoice('2026-10-31', '2026-12-09', 10_000n),
        invoice('2026-12-20', null, 5_000n),
        invoice('2026-11-02', '2026-11-04', 5_000n),
      ],
      TODAY,
    );
    expect(
      months.map(({ month, received, within30BasisPoints, averageDays }) => [
        month,
        received.count,
        within30BasisPoints,
        averageDays,
      ]),
    ).toEqual([
      ['2026-10-01', 2, { ofCount: 5_000, ofValue: 9_000 }, 21.5],
      ['2026-11-01', 1, { ofCount: 10_000, ofValue: 10_000 }, 3],
      ['2026-12-01', 1, null, null],
    ]);
    expect(total.received).toEqual({ count: 4, valueMinor: 110_000n });
    expect(total.within30BasisPoints).toEqual({ ofCount: 6_666, ofValue: 9_047 });
  });

  it('lists the late ones, the longest first, and how far past what the law allows', () => {
    const { late } = paymentPerformance(
      [
        invoice('2026-10-31', '2026-12-05', 1n, '2026-12-29'),
        invoice('2026-10-31', '2026-12-10', 1n, '2026-11-29'),
        invoice('2026-11-01', null, 1n, '2026-11-30'),
      ],
      TODAY,
    );
    expect(late.map(({ days, daysPastLastDay }) => [days, daysPastLastDay])).toEqual([
      [61, 31],
      [41, 11],
      [36, 0],
    ]);
  });

  it('is of nothing where nothing came', () => {
    expect(paymentPerformance([], TODAY)).toMatchObject({ months: [], late: [], total: { within30BasisPoints: null } });
  });

  it('has each invoice in one band, and in one month', () => {
    const days = fc.integer({ min: 0, max: 90 });
    const dayFrom = (offset: number) => new Date(Date.UTC(2026, 9, 1 + offset)).toISOString().slice(0, 10);
    const any = fc
      .record({ received: days, after: fc.option(days), grossMinor: fc.bigInt({ min: 1n, max: 10n ** 9n }) })
      .map(({ received, after, grossMinor }) =>
        invoice(dayFrom(received), after === null ? null : dayFrom(received + after), grossMinor),
      );
    fc.assert(
      fc.property(fc.array(any), (invoices) => {
        const { total, months } = paymentPerformance(invoices, TODAY);
        const bands = [total.within30Days, total.days31To60, total.after60Days, total.overdue, total.open];
        expect(bands.reduce((sum, { count }) => sum + count, 0)).toBe(invoices.length);
        expect(bands.reduce((sum, { valueMinor }) => sum + valueMinor, 0n)).toBe(total.received.valueMinor);
        expect(months.reduce((sum, { received }) => sum + received.valueMinor, 0n)).toBe(total.received.valueMinor);
      }),
    );
  });
});

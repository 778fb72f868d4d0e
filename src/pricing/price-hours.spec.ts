import { NOON, quote, session } from '../../test/support/pricing.js';
import type { HourTerms } from './rate-card.rules.js';

const HOUR: HourTerms = { basis: 'hour', priceMinor: 3_000n, minuteStep: 1, minuteRounding: 'up' };

describe('an hour card', () => {
  it.each<[number, number, HourTerms['minuteRounding'], number, bigint]>([
    [60, 1, 'up', 60, 3_000n],
    [50, 1, 'up', 50, 2_500n],
    [50, 15, 'up', 60, 3_000n],
    [50, 15, 'down', 45, 2_250n],
    [50, 15, 'nearest', 45, 2_250n],
    [53, 15, 'nearest', 60, 3_000n],
    [52.5, 15, 'nearest', 60, 3_000n],
    [60.5, 1, 'up', 61, 3_050n],
    [60.5, 1, 'down', 60, 3_000n],
    [0, 15, 'up', 0, 0n],
    [-30, 15, 'up', 0, 0n],
  ])('%s minutes in steps of %s %s are %s', (minutes, minuteStep, minuteRounding, billedMinutes, netMinor) => {
    const priced = quote({ ...HOUR, minuteStep, minuteRounding }, session({ minutes }));
    expect(priced.netMinor).toBe(netMinor);
    expect(priced.reasons[0]).toMatchObject({ code: 'hours', billedMinutes });
  });

  it('says the price of an hour even of no minutes', () => {
    expect(quote(HOUR, session({ minutes: 0 })).reasons[0]).toMatchObject({
      rates: [{ minutes: 0, hourMinor: '3000' }],
    });
  });

  it('rounds pence half up once, after the minutes', () => {
    // 7 minutes at £30.50 an hour: 355.83p. 3 minutes at £25.10: 125.5p.
    expect(quote({ ...HOUR, priceMinor: 3_050n }, session({ minutes: 7 })).netMinor).toBe(356n);
    expect(quote({ ...HOUR, priceMinor: 2_510n }, session({ minutes: 3 })).netMinor).toBe(126n);
  });

  it('counts elapsed minutes across the clock changes', () => {
    // London, 25 October 2026: from 00:30 BST to 02:30 GMT three hours pass. 29 March: from 00:30 to 02:30 BST one does.
    const longer = { startsAt: new Date('2026-10-24T23:30:00Z'), minutes: 180 };
    expect(quote(HOUR, session(longer)).netMinor).toBe(9_000n);
    const shorter = { startsAt: new Date('2026-03-29T00:30:00Z'), minutes: 60 };
    expect(quote(HOUR, session(shorter)).netMinor).toBe(3_000n);
  });

  it('invoices whole hours as hours, and everything else as one session', () => {
    expect(quote(HOUR, session({ minutes: 120 }))).toMatchObject({ quantity: 2, unit: 'hour', unitPriceMinor: 3_000n });
    expect(quote(HOUR, session({ minutes: 90 }))).toMatchObject({
      quantity: 1,
      unit: 'session',
      unitPriceMinor: 4_500n,
    });
    const travelled = session({ minutes: 120, travelled: true });
    const travel = { kind: 'fixed', amountMinor: 500n } as const;
    expect(quote({ ...HOUR, travel }, travelled)).toMatchObject({ quantity: 1, unitPriceMinor: 6_500n });
  });

  it('divides the minutes of a line between marginal tiers', () => {
    const terms: HourTerms = {
      ...HOUR,
      tiers: { mode: 'marginal', per: 'contract', steps: [{ above: 10, priceMinor: 2_400n }] },
    };
    const before = { rateKey: 'rate-1', month: '2026-05', kind: 'delivered', standing: 'standing' } as const;
    const history = [{ ...before, lines: 9, units: 9.5 * 60 }];
    const priced = quote(terms, session({ startsAt: NOON, minutes: 90 }), { history });
    // Half an hour at £30.00 and an hour at £24.00.
    expect(priced.netMinor).toBe(3_900n);
    expect(priced.reasons).toEqual([
      {
        code: 'hours',
        elapsedMinutes: 90,
        billedMinutes: 90,
        rates: [
          { minutes: 30, hourMinor: '3000' },
          { minutes: 60, hourMinor: '2400' },
        ],
        amountMinor: '3900',
      },
      { code: 'tier', mode: 'marginal', per: 'contract', above: 10, unitMinor: '2400' },
    ]);
  });
});

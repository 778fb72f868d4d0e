import fc from 'fast-check';
import { invoiceNumber } from './invoice-number.rules.js';

const prefix = fc.stringMatching(/^[A-Z0-9]{0,6}[A-Z]$/);
const year = fc.integer({ min: 2000, max: 2100 });
const count = fc.integer({ min: 1, max: 10 ** 10 - 1 });

describe('invoiceNumber', () => {
  it('pads the count', () => {
    expect(invoiceNumber('RIVSB', 2026, 1)).toBe('RIVSB2026000001');
    expect(invoiceNumber('RIVSB', 2026, 1_234_567)).toBe('RIVSB20261234567');
  });

  it('is what NHS Shared Business Services accept, at its longest too', () => {
    fc.assert(
      fc.property(prefix, year, count, (...series) => expect(invoiceNumber(...series)).toMatch(/^[A-Z0-9]{1,30}$/)),
    );
    expect(invoiceNumber('ABCDEFGHIJKLMNOP', 2026, 10 ** 10 - 1)).toHaveLength(30);
  });

  it('never meets another', () => {
    fc.assert(
      fc.property(fc.tuple(prefix, year, count), fc.tuple(prefix, year, count), (a, b) => {
        fc.pre(a.join() !== b.join());
        expect(invoiceNumber(...a)).not.toBe(invoiceNumber(...b));
      }),
    );
  });

  it.each([
    ['RIV1', 2026, 1],
    ['riv', 2026, 1],
    ['RIV-A', 2026, 1],
    ['', 2026, 1],
    ['ABCDEFGHIJKLMNOPQ', 2026, 1],
    ['RIV', 26, 1],
    ['RIV', 2026, 0],
    ['RIV', 2026, 1.5],
    ['RIV', 2026, 10 ** 10],
  ])('refuses %s, %d, %d', (...series) => {
    expect(() => invoiceNumber(...series)).toThrow(RangeError);
  });
});

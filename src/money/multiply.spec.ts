import fc from 'fast-check';
import { basisPoints, multiply, type Rounding } from './index.js';

const amounts = fc.bigInt({ min: -(10n ** 15n), max: 10n ** 15n });
const ratios = fc.record({
  numerator: fc.bigInt({ min: -10_000n, max: 10_000n }),
  denominator: fc.bigInt({ min: 1n, max: 10_000n }),
});
const roundings = fc.constantFrom<Rounding>('half_up', 'down', 'up');

describe('multiply', () => {
  it.each<[bigint, bigint, bigint, Rounding, bigint]>([
    [101n, 1n, 2n, 'half_up', 51n],
    [-101n, 1n, 2n, 'half_up', -51n],
    [100n, 1n, 3n, 'half_up', 33n],
    [200n, 1n, 3n, 'half_up', 67n],
    [101n, 1n, 2n, 'down', 50n],
    [-101n, 1n, 2n, 'down', -50n],
    [100n, 1n, 3n, 'up', 34n],
    [-100n, 1n, 3n, 'up', -34n],
    [99n, 1n, 3n, 'up', 33n],
    [101n, -1n, 2n, 'half_up', -51n],
    [101n, 1n, -2n, 'half_up', -51n],
    [101n, -1n, -2n, 'half_up', 51n],
    [0n, 1n, 2n, 'up', 0n],
  ])('%s × %s/%s, %s, is %s', (amount, numerator, denominator, rounding, expected) => {
    expect(multiply(amount, { numerator, denominator }, rounding)).toBe(expected);
  });

  it('mirrors, so that a reversal takes back what was given', () => {
    fc.assert(
      fc.property(
        amounts,
        ratios,
        roundings,
        (amount, ratio, rounding) => multiply(-amount, ratio, rounding) === -multiply(amount, ratio, rounding),
      ),
    );
  });

  it('is less than a penny from the exact product, and at most half a penny with half_up', () => {
    fc.assert(
      fc.property(amounts, ratios, roundings, (amount, ratio, rounding) => {
        const error = multiply(amount, ratio, rounding) * ratio.denominator - amount * ratio.numerator;
        const absolute = error < 0n ? -error : error;
        return rounding === 'half_up' ? absolute * 2n <= ratio.denominator : absolute < ratio.denominator;
      }),
    );
  });

  it('refuses a denominator of zero', () => {
    expect(() => multiply(1n, { numerator: 1n, denominator: 0n }, 'down')).toThrow(RangeError);
  });
});

it('takes percentages as whole basis points only', () => {
  expect(multiply(3_200n, basisPoints(5_000), 'half_up')).toBe(1_600n);
  expect(() => basisPoints(12.5)).toThrow(RangeError);
});

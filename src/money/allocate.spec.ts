import fc from 'fast-check';
import { allocate, allocateEqually, sumMinor } from './index.js';

const amounts = fc.bigInt({ min: -(10n ** 12n), max: 10n ** 12n });
const weights = fc
  .array(fc.bigInt({ min: 0n, max: 1_000n }), { minLength: 1, maxLength: 20 })
  .filter((list) => list.some((weight) => weight > 0n));

describe('allocate', () => {
  it.each([
    [100n, [1n, 1n, 1n], [34n, 33n, 33n]],
    [-100n, [1n, 1n, 1n], [-34n, -33n, -33n]],
    [10n, [7n, 2n, 1n], [7n, 2n, 1n]],
    [100n, [1n, 2n, 4n], [14n, 29n, 57n]],
    [1n, [1n, 3n], [0n, 1n]],
    [5n, [0n, 1n, 1n], [0n, 3n, 2n]],
    [0n, [1n, 2n], [0n, 0n]],
  ])('divides %s by %s into %s', (amount, by, shares) => {
    expect(allocate(amount, by)).toEqual(shares);
  });

  it('loses no penny', () => {
    fc.assert(fc.property(amounts, weights, (amount, by) => sumMinor(allocate(amount, by)) === amount));
  });

  it('mirrors a negative amount', () => {
    fc.assert(
      fc.property(amounts, weights, (amount, by) => {
        expect(allocate(-amount, by)).toEqual(allocate(amount, by).map((share) => -share));
      }),
    );
  });

  it('is never a whole penny away from the exact share', () => {
    fc.assert(
      fc.property(amounts, weights, (amount, by) => {
        const total = sumMinor(by);
        return allocate(amount, by).every((share, index) => {
          const error = share * total - amount * (by[index] ?? 0n);
          return -total < error && error < total;
        });
      }),
    );
  });

  it.each([[[]], [[0n, 0n]], [[1n, -1n]], [[2n, -1n]]])('refuses the weights %s', (by) => {
    expect(() => allocate(100n, by)).toThrow(RangeError);
  });
});

describe('allocateEqually', () => {
  it('gives the odd pennies to the earlier', () => {
    expect(allocateEqually(1_001n, 4)).toEqual([251n, 250n, 250n, 250n]);
    expect(allocateEqually(-1_002n, 4)).toEqual([-251n, -251n, -250n, -250n]);
  });

  it('refuses to divide by nobody', () => {
    expect(() => allocateEqually(100n, 0)).toThrow(RangeError);
  });
});

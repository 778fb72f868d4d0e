import { sumMinor, type Minor } from './money.js';

/**
 * Divides an amount by weights so that the shares add up to it exactly: each gets its share rounded down, and the
 * pennies left go one by one to the largest remainders, the earlier on a tie. A negative amount mirrors the positive one.
 * Throws RangeError for a negative weight, or when all weights are zero: there is nobody to divide by.
 */
export function allocate(amount: Minor, weights: readonly bigint[]): Minor[] {
  if (amount < 0n) return allocate(-amount, weights).map((share) => -share);
  if (weights.some((weight) => weight < 0n)) throw new RangeError('a weight is not negative');
  const total = sumMinor(weights);
  if (total === 0n) throw new RangeError('there is nobody to divide by');

  const shares = weights.map((weight) => (amount * weight) / total);
  const byRemainder = weights
    .map((weight, index) => ({ index, remainder: (amount * weight) % total }))
    .sort((a, b) => compare(b.remainder, a.remainder) || a.index - b.index);
  const left = amount - sumMinor(shares);
  for (const { index } of byRemainder.slice(0, Number(left))) shares[index] = (shares[index] ?? 0n) + 1n;
  return shares;
}

/** Divides an amount into equal shares; the odd pennies go to the earlier. Throws RangeError unless `count` is 1 or more. */
export function allocateEqually(amount: Minor, count: number): Minor[] {
  return allocate(
    amount,
    Array.from({ length: count }, () => 1n),
  );
}

function compare(a: bigint, b: bigint): number {
  if (a === b) return 0;
  return a < b ? -1 : 1;
}

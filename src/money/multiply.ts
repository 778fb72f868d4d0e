import type { Minor } from './money.js';

/** An exact fraction. The denominator is never zero. */
export interface Ratio {
  readonly numerator: bigint;
  readonly denominator: bigint;
}

/**
 * How a fraction of a penny ends. Every way mirrors: the rounding of `-x` is minus that of `x`, so that a reversal takes
 * back exactly what was given.
 * - `half_up`: to the nearest, half away from zero (HMRC VATREC12030)
 * - `down`: towards zero
 * - `up`: away from zero
 */
export type Rounding = 'half_up' | 'down' | 'up';

/** What is added to a quotient, given what division left over. */
const CARRY: Readonly<Record<Rounding, (remainder: bigint, divisor: bigint) => bigint>> = {
  half_up: (remainder, divisor) => (remainder * 2n >= divisor ? 1n : 0n),
  down: () => 0n,
  up: (remainder) => (remainder > 0n ? 1n : 0n),
};

/** `amount × numerator ÷ denominator`, rounded once. Throws RangeError for a denominator of zero. */
export function multiply(amount: Minor, ratio: Ratio, rounding: Rounding): Minor {
  if (ratio.denominator === 0n) throw new RangeError('a ratio has no denominator of zero');
  const product = amount * ratio.numerator;
  const negative = product < 0n !== ratio.denominator < 0n;
  const dividend = product < 0n ? -product : product;
  const divisor = ratio.denominator < 0n ? -ratio.denominator : ratio.denominator;
  const magnitude = dividend / divisor + CARRY[rounding](dividend % divisor, divisor);
  return negative ? -magnitude : magnitude;
}

/** A percentage in hundredths of a per cent: `2_000` is 20 %. Throws RangeError unless it is an integer. */
export function basisPoints(points: number): Ratio {
  return { numerator: BigInt(points), denominator: 10_000n };
}

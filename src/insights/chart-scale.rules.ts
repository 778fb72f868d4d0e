/** An axis: it begins and ends at a tick, and holds zero. */
export interface Scale {
  readonly lowest: bigint;
  readonly highest: bigint;
  /** From the lowest to the highest, evenly. */
  readonly ticks: readonly bigint[];
}

/** Steps that people count in. */
const STEPS = [1n, 2n, 5n] as const;

/** The scale with the smallest step of 1, 2 or 5 times a power of ten that needs at most `stepsMax` steps. */
export function niceScale(values: readonly bigint[], stepsMax = 4): Scale {
  if (!Number.isInteger(stepsMax) || stepsMax < 2) throw new RangeError(`Too few steps: ${stepsMax}`);
  const least = values.reduce((low, value) => (value < low ? value : low), 0n);
  const most = values.reduce((high, value) => (value > high ? value : high), least === 0n ? 1n : 0n);
  for (let power = 1n; ; power *= 10n) {
    for (const factor of STEPS) {
      const step = factor * power;
      const [first, last] = [-stepsTo(-least, step), stepsTo(most, step)];
      if (last - first > BigInt(stepsMax)) continue;
      const ticks = Array.from({ length: Number(last - first) + 1 }, (_, index) => (first + BigInt(index)) * step);
      return { lowest: first * step, highest: last * step, ticks };
    }
  }
}

/** How many whole steps reach at least as far as a distance, which is not negative. */
function stepsTo(distance: bigint, step: bigint): bigint {
  return (distance + step - 1n) / step;
}

/** A stretch of the drawing, in tenths of a unit. The end may lie before the start: upwards on the page. */
export interface Stretch {
  readonly start: bigint;
  readonly end: bigint;
}

/** Where a value lies on a stretch, in tenths of a unit: within it, whatever the value. */
export function placeOf(value: bigint, { lowest, highest }: Pick<Scale, 'lowest' | 'highest'>, along: Stretch): bigint {
  const held = value < lowest ? lowest : value > highest ? highest : value;
  return along.start + ((held - lowest) * (along.end - along.start)) / (highest - lowest);
}

import type { Minor } from '../money/index.js';
import type { Reason } from './price-reasons.rules.js';
import type { Tiers } from './rate-card-terms.rules.js';

/** Units of a line that have one price. */
export interface RatedUnits {
  readonly units: number;
  readonly priceMinor: Minor;
  /** The threshold of the step, or undefined for the card's own price. */
  readonly above: number | undefined;
}

export interface Volume {
  /** Counted before this line. */
  readonly before: number;
  /** Reached with every line that is priced now. */
  readonly total: number;
}

interface PricedVolume {
  readonly priceMinor: Minor;
  readonly tiers?: Tiers;
}

/**
 * The prices of a line's units. `perThreshold` is the number of units in one of a threshold's: 60 where units are minutes
 * and thresholds are hours. A line of no units has the price of its place.
 */
export function ratesOf(terms: PricedVolume, volume: Volume, units: number, perThreshold = 1): RatedUnits[] {
  const bands = [
    { from: 0, priceMinor: terms.priceMinor, above: undefined },
    ...(terms.tiers?.steps ?? []).map(({ above, priceMinor }) => ({ from: above * perThreshold, priceMinor, above })),
  ];
  if (terms.tiers?.mode === 'whole_volume') {
    const reached = bands.findLast(({ from }) => from === 0 || from < volume.total);
    return reached ? [{ units, priceMinor: reached.priceMinor, above: reached.above }] : [];
  }
  const end = volume.before + units;
  return bands.flatMap(({ from, priceMinor, above }, index) => {
    const to = bands[index + 1]?.from ?? Number.POSITIVE_INFINITY;
    const within = Math.min(end, to) - Math.max(volume.before, from);
    const isPlace = units === 0 && volume.before >= from && volume.before < to;
    return within > 0 || isPlace ? [{ units: Math.max(within, 0), priceMinor, above }] : [];
  });
}

export function tierReasons(tiers: Tiers | undefined, rates: readonly RatedUnits[]): Reason[] {
  if (!tiers) return [];
  return rates.flatMap(({ above, priceMinor }) =>
    above === undefined
      ? []
      : [{ code: 'tier', mode: tiers.mode, per: tiers.per, above, unitMinor: priceMinor.toString() }],
  );
}

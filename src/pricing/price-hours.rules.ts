import type { HourTerms } from './rate-card-terms.rules.js';
import type { SessionFacts } from './price-line.rules.js';

const MINUTE_MS = 60_000;

const ROUND: Readonly<Record<HourTerms['minuteRounding'], (steps: number) => number>> = {
  up: Math.ceil,
  down: Math.floor,
  nearest: Math.round,
};

/** Whole minutes between two instants, so that a clock change neither adds an hour nor takes one. */
export function elapsedMinutes({ startsAt, endsAt }: SessionFacts): number {
  return Math.floor(elapsedMs(startsAt, endsAt) / MINUTE_MS);
}

/** Elapsed minutes brought to a multiple of the card's step in its direction; halves go up with `nearest`. */
export function billedMinutes({ startsAt, endsAt }: SessionFacts, { minuteStep, minuteRounding }: HourTerms): number {
  return ROUND[minuteRounding](elapsedMs(startsAt, endsAt) / (minuteStep * MINUTE_MS)) * minuteStep;
}

function elapsedMs(startsAt: Date, endsAt: Date): number {
  return Math.max(0, endsAt.getTime() - startsAt.getTime());
}

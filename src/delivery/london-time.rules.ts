import type { IsoDate } from '../platform/clock.js';

const LONDON = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

const HOUR_MS = 3_600_000;

/** Asking for an offset is slow, and the rows of a file ask about the same few hours: those of a decade at most. */
const offsets = new Map<number, number>();

/** By day and time, in milliseconds: rows of a file say the same ones again and again. */
const instants = new Map<string, number>();
const INSTANTS_MOST = 10_000;

/**
 * The instant at which clocks in London show this day and time (`HH:MM`). An hour that comes twice, in October, is the
 * first of the two; one that is skipped, in March, is read as if clocks had not yet gone forward.
 */
export function londonInstant(day: IsoDate, time: string): Date {
  const shown = `${day}T${time}`;
  const known = instants.get(shown);
  if (known !== undefined) return new Date(known);
  const atMs = londonMs(day, time);
  if (instants.size >= INSTANTS_MOST) instants.clear();
  instants.set(shown, atMs);
  return new Date(atMs);
}

function londonMs(day: IsoDate, time: string): number {
  const asUtcMs = Date.parse(`${day}T${time}:00Z`);
  const beforeMs = asUtcMs - offsetMs(asUtcMs - 3 * HOUR_MS);
  const afterMs = asUtcMs - offsetMs(asUtcMs + 3 * HOUR_MS);
  const isShownBefore = beforeMs + offsetMs(beforeMs) === asUtcMs;
  const isShownAfter = afterMs + offsetMs(afterMs) === asUtcMs;
  return isShownBefore || !isShownAfter ? beforeMs : afterMs;
}

/** How far clocks in London are ahead of UTC at an instant. They change on the hour. */
function offsetMs(atMs: number): number {
  const hour = Math.floor(atMs / HOUR_MS);
  const known = offsets.get(hour);
  if (known !== undefined) return known;
  const part = Object.fromEntries(LONDON.formatToParts(hour * HOUR_MS).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour: shown = 0, minute = 0 } = part;
  const offset = Date.UTC(year, month - 1, day, shown, minute) - hour * HOUR_MS;
  offsets.set(hour, offset);
  return offset;
}

import type { IsoDate } from '../platform/clock.js';

const LONDON = new Intl.DateTimeFormat('en-GB', {
  timeZone: 'Europe/London',
  year: 'numeric',
  month: '2-digit',
  day: '2-digit',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
  hourCycle: 'h23',
});

/**
 * The instant at which clocks in London show this day and time (`HH:MM`). An hour that comes twice, in October, is the
 * first of the two; one that is skipped, in March, is read as if clocks had not yet gone forward.
 */
export function londonInstant(day: IsoDate, time: string): Date {
  const asUtcMs = Date.parse(`${day}T${time}:00Z`);
  const beforeMs = asUtcMs - offsetMs(asUtcMs - DAY_MS / 8);
  const afterMs = asUtcMs - offsetMs(asUtcMs);
  return new Date(shows(beforeMs) === asUtcMs ? beforeMs : shows(afterMs) === asUtcMs ? afterMs : beforeMs);
}

const DAY_MS = 86_400_000;

/** What the clocks show at an instant, as if it were UTC. */
function shows(atMs: number): number {
  return atMs + offsetMs(atMs);
}

function offsetMs(atMs: number): number {
  const part = Object.fromEntries(LONDON.formatToParts(atMs).map(({ type, value }) => [type, Number(value)]));
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = part;
  return Date.UTC(year, month - 1, day, hour, minute, second) - Math.floor(atMs / 1000) * 1000;
}

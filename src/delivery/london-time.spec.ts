import fc from 'fast-check';
import { londonDay } from '../platform/clock.js';
import { londonInstant } from './london-time.rules.js';

const CLOCK = new Intl.DateTimeFormat('en-GB', { timeZone: 'Europe/London', timeStyle: 'short' });

describe('the instant at which clocks in London show a time', () => {
  it.each([
    ['2026-01-15', '09:30', '2026-01-15T09:30:00.000Z', 'winter'],
    ['2026-07-15', '09:30', '2026-07-15T08:30:00.000Z', 'summer'],
    ['2026-07-15', '00:15', '2026-07-14T23:15:00.000Z', 'summer, the UTC day before'],
    ['2026-03-29', '00:59', '2026-03-29T00:59:00.000Z', 'before clocks go forward'],
    ['2026-03-29', '01:30', '2026-03-29T01:30:00.000Z', 'an hour that is skipped: as if they had not yet'],
    ['2026-03-29', '02:00', '2026-03-29T01:00:00.000Z', 'after clocks went forward'],
    ['2026-10-25', '00:59', '2026-10-24T23:59:00.000Z', 'before clocks go back'],
    ['2026-10-25', '01:30', '2026-10-25T00:30:00.000Z', 'an hour that comes twice: the first'],
    ['2026-10-25', '02:00', '2026-10-25T02:00:00.000Z', 'after clocks went back'],
  ])('%s %s is %s (%s)', (day, time, instant) => {
    expect(londonInstant(day, time).toISOString()).toBe(instant);
  });

  it('shows that time on that day, whatever they are, unless it was skipped', () => {
    const minutes = fc.integer({ min: Date.UTC(2015, 0, 1) / 60_000, max: Date.UTC(2035, 0, 1) / 60_000 });
    fc.assert(
      fc.property(minutes, (minute) => {
        const at = new Date(minute * 60_000);
        const [day, time] = [londonDay(at), CLOCK.format(at)];
        const found = londonInstant(day, time);
        expect([londonDay(found), CLOCK.format(found)]).toEqual([day, time]);
        expect([0, 3_600_000]).toContain(at.getTime() - found.getTime());
      }),
    );
  });
});

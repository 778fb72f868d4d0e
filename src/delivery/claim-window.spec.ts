import { lastClaimDay, lastDayOfMonth, periodOf } from './claim-window.rules.js';

describe('the last day on which a month can be claimed', () => {
  const holidays = new Set(['2026-12-25', '2026-12-28', '2027-01-01']);

  it.each([
    ['2026-10-01', 5, 0, '2026-11-06', 'the fifth working day: the month begins on a Sunday'],
    ['2026-10-01', 1, 0, '2026-11-02', 'the first working day'],
    ['2026-12-01', 1, 0, '2027-01-04', 'not a bank holiday, nor the weekend after it'],
    ['2026-11-01', 19, 0, '2026-12-29', 'past Christmas'],
    ['2026-10-01', 5, 90, '2027-02-04', 'the late window counts calendar days'],
  ])('%s with claim day %i and %i days: %s (%s)', (period, claimDay, lateWindowDays, day) => {
    expect(lastClaimDay(period, { claimDay, lateWindowDays }, holidays)).toBe(day);
  });

  it.each([
    ['2026-02-10', '2026-02-01', '2026-02-28'],
    ['2028-02-29', '2028-02-01', '2028-02-29'],
    ['2026-12-31', '2026-12-01', '2026-12-31'],
  ])('%s is of the month from %s to %s', (day, first, last) => {
    expect([periodOf(day), lastDayOfMonth(day)]).toEqual([first, last]);
  });
});

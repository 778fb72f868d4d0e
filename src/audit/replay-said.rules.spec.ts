import fc from 'fast-check';
import { dayNumber, dayOf, lastDayOfMonth, monthOf } from './replay-said.rules.js';

/** From the year 0100 to 9999, half of them within some months. */
const days = fc.array(fc.oneof(fc.integer({ min: -693_962, max: 2_921_939 }), fc.integer({ min: 9_500, max: 9_600 })), {
  minLength: 1,
  maxLength: 30,
});

describe('the month of a day', () => {
  it('is that of its text, whichever day was asked for before', () => {
    fc.assert(
      fc.property(days, (asked) => {
        for (const day of asked) {
          const [year = 0, month = 0] = dayOf(day).split('-').map(Number);
          expect(monthOf(day)).toBe(12 * year + month - 1);
        }
      }),
    );
  });

  it('ends with its last day', () => {
    const leapDay = dayNumber('2028-02-29') ?? 0;
    expect(lastDayOfMonth(monthOf(leapDay))).toBe(leapDay);
    expect(monthOf(leapDay + 1)).toBe(monthOf(leapDay) + 1);
  });
});

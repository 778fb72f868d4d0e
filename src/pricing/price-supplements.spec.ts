import { attendance, codesOf, NOON, quote, session } from '../../test/support/pricing.js';
import type { AttendanceTerms, OutOfHours, SessionTerms } from './rate-card.rules.js';
import { whenOutOfHours } from './price-supplements.rules.js';

const PRICE: AttendanceTerms = { basis: 'attendance', priceMinor: 3_200n };
const EVENINGS: OutOfHours = {
  supplement: { kind: 'percentage', basisPoints: 2_500 },
  from: '09:00',
  until: '17:30',
  weekends: true,
  bankHolidays: true,
};
const SUNDAY = new Date('2026-06-14T11:00:00Z');

describe('the minimum charge', () => {
  it('lifts a line that was delivered, and only one below it', () => {
    expect(quote({ ...PRICE, minimumChargeMinor: 4_000n }, attendance())).toMatchObject({
      netMinor: 4_000n,
      reasons: [{ code: 'unit_price' }, { code: 'minimum_charge', priceMinor: '3200', minimumMinor: '4000' }],
    });
    expect(codesOf(quote({ ...PRICE, minimumChargeMinor: 3_200n }, attendance()).reasons)).toEqual(['unit_price']);
  });

  it('does not lift a missed line', () => {
    const terms = { ...PRICE, minimumChargeMinor: 4_000n, didNotAttend: { basisPoints: 5_000 } };
    expect(quote(terms, attendance({ outcome: 'did_not_attend' })).netMinor).toBe(1_600n);
  });

  it('comes before supplements: their percentage is of it, and they cannot stand in for it', () => {
    const terms = { ...PRICE, minimumChargeMinor: 4_000n, outOfHours: EVENINGS };
    expect(quote(terms, attendance({ startsAt: SUNDAY })).netMinor).toBe(5_000n);
  });
});

describe('out of hours', () => {
  it.each([
    ['a minute before the working day', '2026-06-09T07:59:00Z', 'early_or_late'],
    ['at its start', '2026-06-09T08:00:00Z', undefined],
    ['a minute before its end', '2026-06-09T16:29:00Z', undefined],
    ['at its end', '2026-06-09T16:30:00Z', 'early_or_late'],
    ['just after midnight', '2026-06-08T23:10:00Z', 'early_or_late'],
    ['in winter, by local time', '2026-12-08T17:00:00Z', undefined],
    ['in winter, at its end', '2026-12-08T17:30:00Z', 'early_or_late'],
    ['on a Saturday', '2026-06-13T11:00:00Z', 'weekend'],
    ['on a Monday that begins on Sunday in UTC', '2026-06-14T23:30:00Z', 'early_or_late'],
    ['on a bank holiday', '2026-05-25T11:00:00Z', 'bank_holiday'],
    ['on a bank holiday that falls on a weekend', '2026-12-26T11:00:00Z', 'bank_holiday'],
  ])('%s', (_, at, when) => {
    const holidays = new Set(['2026-05-25', '2026-12-26']);
    expect(whenOutOfHours(new Date(at), EVENINGS, holidays)).toBe(when);
  });

  it('goes by what the card lists', () => {
    const nights = { ...EVENINGS, weekends: false, bankHolidays: false };
    expect(whenOutOfHours(SUNDAY, nights, new Set(['2026-06-14']))).toBeUndefined();
    const { from: _, until: __, ...weekendsOnly } = EVENINGS;
    expect(whenOutOfHours(new Date('2026-06-09T02:00:00Z'), weekendsOnly, new Set())).toBeUndefined();
  });

  it('is paid once, by the bank holidays passed in', () => {
    const terms = { ...PRICE, outOfHours: EVENINGS };
    expect(quote(terms, attendance({ startsAt: SUNDAY }), { bankHolidays: new Set(['2026-06-14']) })).toMatchObject({
      netMinor: 4_000n,
      reasons: [
        { code: 'unit_price' },
        { code: 'out_of_hours', when: 'bank_holiday', basisPoints: 2_500, amountMinor: '800' },
      ],
    });
    expect(quote(terms, attendance({ startsAt: NOON })).netMinor).toBe(3_200n);
  });
});

describe('travel', () => {
  const travel = { kind: 'percentage', basisPoints: 1_000 } as const;

  it('is paid when the worker travelled', () => {
    expect(quote({ ...PRICE, travel }, attendance({ travelled: true })).netMinor).toBe(3_520n);
    expect(quote({ ...PRICE, travel }, attendance()).netMinor).toBe(3_200n);
    expect(quote(PRICE, attendance({ travelled: true })).netMinor).toBe(3_200n);
  });

  it('is not in the base of the other supplement, nor the other way round', () => {
    const priced = quote({ ...PRICE, travel, outOfHours: EVENINGS }, attendance({ startsAt: SUNDAY, travelled: true }));
    expect(priced.netMinor).toBe(3_200n + 800n + 320n);
  });

  it('is not paid on missed lines, and nor is any other', () => {
    const terms = { ...PRICE, travel, outOfHours: EVENINGS, didNotAttend: { basisPoints: 5_000 } };
    const missed = attendance({ startsAt: SUNDAY, travelled: true, outcome: 'did_not_attend' });
    expect(quote(terms, missed).netMinor).toBe(1_600n);
  });
});

describe('minimum attendance', () => {
  const terms: SessionTerms = { basis: 'session', priceMinor: 12_001n, minimumAttendance: 4 };

  it('counts people who attended', () => {
    expect(quote(terms, session({ attendedCount: 4 }))).toMatchObject({ netMinor: 12_001n, flags: [] });
    expect(quote(terms, session({ attendedCount: 3 }))).toMatchObject({
      netMinor: 0n,
      flags: [{ code: 'below_minimum_attendance', attended: 3, minimum: 4 }],
    });
  });

  it('pays the percentage below it, and nothing on top', () => {
    const reduced: SessionTerms = {
      ...terms,
      belowMinimumBasisPoints: 5_000,
      minimumChargeMinor: 9_000n,
      travel: { kind: 'fixed', amountMinor: 500n },
    };
    expect(quote(reduced, session({ attendedCount: 0, travelled: true })).netMinor).toBe(6_001n);
    expect(quote(reduced, session({ attendedCount: 4, travelled: true })).netMinor).toBe(12_501n);
  });

  it('holds for hours too', () => {
    const hour = {
      basis: 'hour',
      priceMinor: 4_000n,
      minuteStep: 1,
      minuteRounding: 'up',
      minimumAttendance: 2,
    } as const;
    expect(quote(hour, session({ attendedCount: 1 })).netMinor).toBe(0n);
  });
});

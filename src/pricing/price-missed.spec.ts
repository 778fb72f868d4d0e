import {
  attendance,
  codesOf,
  DAY_MINUTES,
  days,
  NOON,
  notice,
  quote,
  quoteAll,
  session,
} from '../../test/support/pricing.js';
import type { AttendanceTerms, HourTerms } from './rate-card.rules.js';

const TERMS: AttendanceTerms = {
  basis: 'attendance',
  priceMinor: 3_200n,
  didNotAttend: { basisPoints: 5_000, maximumPerReferral: 2 },
  lateCancel: { basisPoints: 2_500, maximumPerReferral: 1, noticeMinutes: DAY_MINUTES },
};

describe('did not attend', () => {
  it('is due at its percentage', () => {
    expect(quote(TERMS, attendance({ outcome: 'did_not_attend' }))).toMatchObject({
      netMinor: 1_600n,
      flags: [],
      reasons: [
        { code: 'unit_price', unitMinor: '3200' },
        { code: 'did_not_attend', basisPoints: 5_000, baseMinor: '3200', amountMinor: '1600', noticeMinutes: null },
      ],
    });
  });

  it('carries the notice that was given, and is free when that was in time', () => {
    const late = quote(TERMS, attendance({ outcome: 'did_not_attend', cancelledAt: notice(180) }));
    expect(late.reasons.at(-1)).toMatchObject({ code: 'did_not_attend', noticeMinutes: 180, requiredMinutes: 1_440 });
    expect(quote(TERMS, attendance({ outcome: 'did_not_attend', cancelledAt: notice(DAY_MINUTES) }))).toMatchObject({
      netMinor: 0n,
      reasons: [{ code: 'cancelled_in_time' }],
    });
  });

  it('is due whatever was said before, where the card has no notice period', () => {
    const { lateCancel: _, ...terms } = TERMS;
    const line = attendance({ outcome: 'did_not_attend', cancelledAt: notice(DAY_MINUTES) });
    expect(quote(terms, line).netMinor).toBe(1_600n);
  });

  it('rounds half up', () => {
    expect(quote({ ...TERMS, priceMinor: 3_201n }, attendance({ outcome: 'did_not_attend' })).netMinor).toBe(1_601n);
  });

  it('pays nothing where the card says nothing', () => {
    const priced = quote({ basis: 'attendance', priceMinor: 3_200n }, attendance({ outcome: 'did_not_attend' }));
    expect(priced).toMatchObject({ netMinor: 0n, flags: [] });
    expect(priced.reasons).toEqual([{ code: 'missed_not_paid', outcome: 'did_not_attend' }]);
  });
});

describe('notice is elapsed time', () => {
  it.each([
    ['a minute more than the period', DAY_MINUTES + 1, 0n],
    ['exactly the period', DAY_MINUTES, 0n],
    ['a second less', DAY_MINUTES - 1 / 60, 800n],
    ['three hours', 180, 800n],
    ['at the start', 0, 800n],
    ['after the start', -5, 800n],
  ])('%s', (_, minutes, netMinor) => {
    expect(quote(TERMS, attendance({ outcome: 'cancelled', cancelledAt: notice(minutes) })).netMinor).toBe(netMinor);
    expect(quote(TERMS, attendance({ outcome: 'cancelled_late', cancelledAt: notice(minutes) })).netMinor).toBe(
      netMinor,
    );
  });

  it('across a clock change: the same time the day before is an hour less when clocks go forward', () => {
    // London, 28 to 29 March 2026: noon to noon is 23 hours.
    const startsAt = new Date('2026-03-29T11:00:00Z');
    const cancelledAt = new Date('2026-03-28T12:00:00Z');
    const priced = quote(TERMS, attendance({ outcome: 'cancelled', startsAt, cancelledAt }));
    expect(priced.netMinor).toBe(800n);
    expect(priced.reasons.at(-1)).toMatchObject({ noticeMinutes: 23 * 60 });
  });

  it('makes a line that counts for nothing when it is in time', () => {
    const priced = quote(TERMS, attendance({ outcome: 'cancelled', cancelledAt: notice(DAY_MINUTES) }));
    expect(priced.counted).toMatchObject({ kind: 'nil', lines: 1, units: 0 });
  });

  it('goes by what was recorded when nobody noted the time, and flags a late one', () => {
    expect(quote(TERMS, attendance({ outcome: 'cancelled' }))).toMatchObject({ netMinor: 0n, flags: [] });
    expect(quote(TERMS, attendance({ outcome: 'cancelled_late' }))).toMatchObject({
      netMinor: 800n,
      flags: [{ code: 'notice_not_recorded' }],
    });
  });

  it('is in time before the start where the card has no period', () => {
    const terms: AttendanceTerms = { basis: 'attendance', priceMinor: 3_200n };
    const before = quote(terms, attendance({ outcome: 'cancelled', cancelledAt: notice(1) }));
    const after = quote(terms, attendance({ outcome: 'cancelled', cancelledAt: notice(-1) }));
    expect(codesOf(before.reasons)).toEqual(['cancelled_in_time']);
    expect(codesOf(after.reasons)).toEqual(['missed_not_paid']);
  });

  it('counts for a session that is called off', () => {
    const late = {
      basis: 'session',
      priceMinor: 9_000n,
      lateCancel: { basisPoints: 10_000, noticeMinutes: 60 },
    } as const;
    expect(quote(late, session({ outcome: 'cancelled', cancelledAt: notice(59) })).netMinor).toBe(9_000n);
    expect(quote(late, session({ outcome: 'cancelled', cancelledAt: notice(60) })).netMinor).toBe(0n);
  });
});

describe('maxima per referral', () => {
  const missed = (count: number) => days(count, { outcome: 'did_not_attend' });

  it('flags the line beyond, and prices it', () => {
    const priced = quoteAll(TERMS, missed(3));
    expect(priced.map((line) => line.netMinor)).toEqual([1_600n, 1_600n, 1_600n]);
    expect(priced.map((line) => line.flags)).toEqual([
      [],
      [],
      [{ code: 'over_missed_maximum', outcome: 'did_not_attend', number: 3, maximum: 2 }],
    ]);
  });

  it('are apart for did-not-attend and late-cancel', () => {
    const [a, b, c] = missed(3);
    if (!a || !b || !c) throw new RangeError('three lines');
    const late = { ...c, outcome: 'cancelled', cancelledAt: c.session.startsAt } as const;
    expect(quoteAll(TERMS, [a, b, late]).flatMap((line) => line.flags)).toEqual([]);
  });

  it('are for each referral', () => {
    const lines = missed(3).map((line, index) => ({ ...line, referralId: `referral-${index}` }));
    expect(quoteAll(TERMS, lines).flatMap((line) => line.flags)).toEqual([]);
  });

  it('cannot be checked without one', () => {
    const { referralId: _, ...line } = attendance({ outcome: 'did_not_attend' });
    expect(quote(TERMS, line).flags).toEqual([{ code: 'limit_not_checked', missing: 'referral' }]);
  });
});

describe('an hour card', () => {
  const hour: HourTerms = { basis: 'hour', priceMinor: 4_000n, minuteStep: 15, minuteRounding: 'up' };

  it('takes its percentage from the planned hours', () => {
    const line = session({ startsAt: NOON, minutes: 90, outcome: 'did_not_attend' });
    expect(quote({ ...hour, didNotAttend: { basisPoints: 5_000 } }, line).netMinor).toBe(3_000n);
  });

  it('is due although nobody came where it says nothing of that', () => {
    expect(quote(hour, session({ minutes: 90, outcome: 'did_not_attend' })).netMinor).toBe(6_000n);
  });
});

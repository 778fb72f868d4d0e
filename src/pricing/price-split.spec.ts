import { attendance, codesOf, DAY_MINUTES, notice, quote, quoteAll, rollOf } from '../../test/support/pricing.js';
import type { AttendanceLine, RollEntry } from './price-line.rules.js';
import type { GroupSplitTerms } from './rate-card.rules.js';

const BOOKED: GroupSplitTerms = { basis: 'group_split', priceMinor: 10_000n, splitBy: 'booked' };
const PRESENT: GroupSplitTerms = { basis: 'group_split', priceMinor: 10_000n, splitBy: 'present' };

/** A line for everyone on the roll. */
function linesOf(roll: readonly RollEntry[]): AttendanceLine[] {
  const attendedCount = roll.filter(({ outcome }) => outcome === 'attended').length;
  return roll.map((entry) => attendance({ ...entry, claimId: entry.attendanceId, attendedCount, roll }));
}

const netsOf = (terms: GroupSplitTerms, roll: readonly RollEntry[]) =>
  quoteAll(terms, linesOf(roll)).map((line) => line.netMinor);

describe('equal shares', () => {
  it('give the odd pennies to the earlier in booking order', () => {
    expect(netsOf(BOOKED, rollOf('attended', 'attended', 'attended'))).toEqual([3_334n, 3_333n, 3_333n]);
  });

  it('go by booking order, not by claim id', () => {
    const [a, b, c] = rollOf('attended', 'attended', 'attended');
    if (!a || !b || !c) throw new RangeError('three people');
    expect(netsOf(PRESENT, [c, a, b])).toEqual([3_333n, 3_333n, 3_334n]);
  });
});

describe('by people booked', () => {
  const roll = rollOf('attended', 'did_not_attend', 'cancelled_late', 'attended');

  it('an absent share is due in full if the card says nothing', () => {
    expect(netsOf(BOOKED, roll)).toEqual([2_500n, 2_500n, 2_500n, 2_500n]);
  });

  it('an absent share is due at its percentage, rounded after the division', () => {
    expect(netsOf({ ...BOOKED, priceMinor: 1_004n, absentShareBasisPoints: 5_000 }, roll)).toEqual([
      251n,
      126n,
      126n,
      251n,
    ]);
    expect(netsOf({ ...BOOKED, absentShareBasisPoints: 0 }, roll)).toEqual([2_500n, 0n, 0n, 2_500n]);
  });

  it('who cancels in time is no longer booked; exactly the notice is in time', () => {
    const cancelling = (minutes: number): RollEntry[] => [
      { attendanceId: 'claim-1', outcome: 'attended' },
      { attendanceId: 'claim-2', outcome: 'cancelled', cancelledAt: notice(minutes) },
    ];
    const terms = { ...BOOKED, noticeMinutes: DAY_MINUTES };
    expect(netsOf(terms, cancelling(DAY_MINUTES))).toEqual([10_000n, 0n]);
    expect(netsOf(terms, cancelling(DAY_MINUTES - 1))).toEqual([5_000n, 5_000n]);
    expect(netsOf(BOOKED, cancelling(1))).toEqual([10_000n, 0n]);
    expect(netsOf(BOOKED, cancelling(-1))).toEqual([5_000n, 5_000n]);
  });
});

describe('by people present', () => {
  it('only they share, and who is absent pays nothing', () => {
    const priced = quoteAll(PRESENT, linesOf(rollOf('attended', 'did_not_attend', 'attended', 'attended')));
    expect(priced.map((line) => line.netMinor)).toEqual([3_334n, 0n, 3_333n, 3_333n]);
    expect(priced[1]).toMatchObject({ flags: [], reasons: [{ code: 'missed_not_paid', outcome: 'did_not_attend' }] });
  });

  it('nobody to divide by is nil and flagged', () => {
    const priced = quoteAll(PRESENT, linesOf(rollOf('did_not_attend', 'did_not_attend')));
    expect(priced.map((line) => line.netMinor)).toEqual([0n, 0n]);
    expect(priced.map((line) => line.flags)).toEqual([
      [{ code: 'nobody_to_split', splitBy: 'present' }],
      [{ code: 'nobody_to_split', splitBy: 'present' }],
    ]);
  });
});

it('does not price a person who is not on the roll, or a session without one: that is a bug of the caller', () => {
  const stranger = attendance({ claimId: 'claim-9', roll: rollOf('attended') });
  expect(() => quote(BOOKED, stranger)).toThrow('on its roll');
  expect(() => quote(BOOKED, attendance())).toThrow('on its roll');
});

it('divides the reduced price of a session below its minimum, rounded first, and adds nothing', () => {
  const travel = { kind: 'fixed', amountMinor: 1_000n } as const;
  const terms = { ...PRESENT, priceMinor: 10_001n, minimumAttendance: 3, belowMinimumBasisPoints: 5_000, travel };
  const lines = linesOf(rollOf('attended', 'attended')).map((line) => ({ ...line, travelled: true }));
  const priced = quoteAll(terms, lines);
  // 50 % of £100.01 is £50.01, then divided.
  expect(priced.map((line) => line.netMinor)).toEqual([2_501n, 2_500n]);
  expect(priced.map((line) => codesOf(line.reasons))).toEqual([
    ['below_minimum', 'group_share'],
    ['below_minimum', 'group_share'],
  ]);
  expect(priced[0]?.flags).toEqual([{ code: 'below_minimum_attendance', attended: 2, minimum: 3 }]);
});

it('divides the supplements of the session too, and pays them on nobody who was absent', () => {
  const travel = { kind: 'fixed', amountMinor: 1_000n } as const;
  const lines = linesOf(rollOf('attended', 'did_not_attend', 'attended')).map((line) => ({ ...line, travelled: true }));
  const nets = quoteAll({ ...BOOKED, priceMinor: 9_000n, travel }, lines).map((line) => line.netMinor);
  expect(nets).toEqual([3_334n, 3_000n, 3_333n]);
});

import type { Charge } from './claim-charge.rules.js';
import { wordDeliveryFlag, type ClaimFlag } from './claim-flag.rules.js';
import {
  pricingLineOf,
  recordingFlags,
  type RecordedAttendance,
  type RecordedFacts,
  type RecordedSession,
} from './claim-line.rules.js';

const NOON = new Date('2026-10-05T11:00:00Z');
const at = (minutesBefore: number) => new Date(NOON.getTime() - minutesBefore * 60_000);

const CHARGE: Charge = {
  claimId: 'claim',
  serviceId: 'service',
  chargeKind: 'primary',
  factKind: 'session',
  factId: 'session',
  referralId: null,
  sessionId: 'session',
  attendanceId: null,
  servedOn: '2026-10-05',
  servedAt: NOON,
  periodEndsOn: null,
  expectedMinor: null,
  submittedOn: '2026-10-29',
};

function person(differs: Partial<RecordedAttendance> = {}): RecordedAttendance {
  const place = { id: 'attendance-1', referralId: 'referral', outcome: 'attended', cancelledAt: null } as const;
  return { ...place, travel: false, sharesDay: false, ...differs };
}

function facts(session: Partial<RecordedSession> = {}): RecordedFacts {
  const held = { id: 'session', kind: 'group', startsAt: NOON, durationMinutes: 60, booked: null } as const;
  const all = { ...held, outcome: null, cancelledAt: null, sharesReference: false, roll: [], ...session };
  const referral = { id: 'referral', personId: 'person', serviceId: 'service', isConfirmed: true };
  return {
    sessions: new Map([['session', all]]),
    referrals: new Map([['referral', { ...referral, acceptedOn: '2026-09-01', closedOn: null }]]),
    milestones: new Map(),
    activity: new Map(),
  };
}

describe('how a session as a whole ended', () => {
  const late = person({ outcome: 'cancelled_late', cancelledAt: at(30) });
  const early = person({ id: 'attendance-2', outcome: 'cancelled', cancelledAt: at(3_000) });
  const absent = person({ id: 'attendance-3', outcome: 'did_not_attend' });

  it.each<[string, Partial<RecordedSession>, string, Date | undefined]>([
    ['one-to-one, as its person did', { kind: 'one_to_one', roll: [absent] }, 'did_not_attend', undefined],
    ['held, because somebody said so', { outcome: 'held', roll: [late] }, 'attended', undefined],
    ['called off', { outcome: 'cancelled', cancelledAt: at(60) }, 'cancelled', at(60)],
    ['held, though nobody came', { roll: [absent, early] }, 'attended', undefined],
    ['held, with nobody on its roll', { roll: [] }, 'attended', undefined],
    ['cancelled by everyone: as the last of them did', { roll: [early, late] }, 'cancelled_late', at(30)],
  ])('%s', (_, session, outcome, cancelledAt) => {
    const line = pricingLineOf(CHARGE, facts(session));
    expect(line).toMatchObject({ fact: 'session', outcome });
    expect('cancelledAt' in line ? line.cancelledAt : undefined).toEqual(cancelledAt);
  });

  it('names its person when it is one-to-one, and nobody when it is a group', () => {
    expect(pricingLineOf(CHARGE, facts({ kind: 'one_to_one', roll: [person()] }))).toMatchObject({
      referralId: 'referral',
      personId: 'person',
    });
    expect(pricingLineOf(CHARGE, facts({ roll: [person()] }))).not.toHaveProperty('personId');
  });
});

describe('an attendance', () => {
  const charge: Charge = { ...CHARGE, factKind: 'attendance', factId: 'attendance-1', attendanceId: 'attendance-1' };

  it('carries its session, with everyone on its roll', () => {
    const roll = [person({ travel: true }), person({ id: 'attendance-2', outcome: 'did_not_attend' })];
    expect(pricingLineOf(charge, facts({ roll }))).toEqual({
      claimId: 'claim',
      fact: 'attendance',
      attendanceId: 'attendance-1',
      outcome: 'attended',
      travelled: true,
      referralId: 'referral',
      personId: 'person',
      session: {
        startsAt: NOON,
        endsAt: new Date('2026-10-05T12:00:00Z'),
        attendedCount: 1,
        roll: [
          { attendanceId: 'attendance-1', outcome: 'attended' },
          { attendanceId: 'attendance-2', outcome: 'did_not_attend' },
        ],
      },
    });
  });

  it('that is not recorded is a bug', () => {
    expect(() => pricingLineOf(charge, facts({ roll: [] }))).toThrow(RangeError);
  });
});

describe('what a person is asked to look at', () => {
  const charge: Charge = { ...CHARGE, factKind: 'attendance', attendanceId: 'attendance-1', referralId: 'referral' };
  const codes = (given: RecordedFacts, of: Charge = charge) =>
    recordingFlags(of, undefined, given).map(({ code }) => code);

  it('is nothing when all is well', () => {
    expect(codes(facts({ roll: [person()] }))).toEqual([]);
  });

  it.each<[string, object]>([
    ['unconfirmed_referral', { isConfirmed: false }],
    ['referral_closed', { closedOn: '2026-10-04' }],
    ['before_acceptance', { acceptedOn: '2026-10-06' }],
    ['service_differs', { serviceId: 'other' }],
  ])('%s', (code, differs) => {
    const given = facts({ roll: [person()] });
    const referral = given.referrals.get('referral');
    const referrals = new Map([['referral', { ...referral, ...differs } as NonNullable<typeof referral>]]);
    expect(codes({ ...given, referrals })).toEqual([code]);
  });

  it('not a referral that closed on the very day', () => {
    const given = facts({ roll: [person()] });
    const referral = given.referrals.get('referral');
    const closed = { ...referral, closedOn: '2026-10-05' } as NonNullable<typeof referral>;
    expect(codes({ ...given, referrals: new Map([['referral', closed]]) })).toEqual([]);
  });

  it('a second session that day, by person or by reference', () => {
    expect(codes(facts({ roll: [person({ sharesDay: true })] }))).toEqual(['another_that_day']);
    expect(codes(facts({ sharesReference: true, roll: [person()] }))).toEqual(['another_that_day']);
  });

  it.each<ClaimFlag>([
    { code: 'late_claim', lastDay: '2026-11-06', submittedOn: '2026-12-01' },
    { code: 'unconfirmed_referral' },
    { code: 'referral_closed', closedOn: '2026-10-04' },
    { code: 'before_acceptance', acceptedOn: '2026-10-06' },
    { code: 'service_differs' },
    { code: 'amount_differs', expectedMinor: '4000', priceMinor: '3200' },
    { code: 'another_that_day' },
    { code: 'roll_incomplete', booked: 8, recorded: 6 },
  ])('$code is said in words, with its figures', (flag) => {
    const words = wordDeliveryFlag(flag) ?? '';
    expect(words.length).toBeGreaterThan(20);
    expect(words).not.toContain('undefined');
    if (flag.code === 'amount_differs') expect(words).toContain('£40.00');
  });

  it('leaves the flags of the price function to it', () => {
    expect(wordDeliveryFlag({ code: 'no_rate_card' })).toBeUndefined();
  });
});

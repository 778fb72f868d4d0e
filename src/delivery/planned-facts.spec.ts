import type { DeliveryPlan, NewAttendance, NewSession } from './delivery-plan.rules.js';
import type { FoundRow } from './known-delivery.rules.js';
import { daysOfPlan, daysOfRows, neighboursWith, plannedFacts } from './planned-facts.rules.js';

const NOON = new Date('2026-10-05T11:00:00Z');

function planOf(of: string, reference: string | null): DeliveryPlan {
  const session: NewSession = {
    id: `session-${of}`,
    eventId: `event-${of}`,
    key: `key-${of}`,
    serviceId: 'service',
    reference,
    kind: 'one_to_one',
    heldOn: '2026-10-05',
    startsAt: NOON,
    startRecorded: true,
    durationMinutes: null,
    mode: null,
    booked: null,
    outcome: null,
    cancelledAt: null,
    evidenceSha256: null,
  };
  const attendance: NewAttendance = {
    id: `attendance-${of}`,
    sessionId: session.id,
    referralId: 'referral',
    outcome: 'attended',
    cancelledAt: null,
    travel: false,
    position: 0,
    serviceId: 'service',
    heldOn: '2026-10-05',
  };
  return { outcomes: [], sessions: [session], attendances: [attendance], claims: [], hashes: [] };
}

const NOTHING = { places: [], references: [] };
const REFERRALS = new Map();

describe('facts of a plan beside one that is not stored yet', () => {
  const facts = (plan: DeliveryPlan, before?: DeliveryPlan) => {
    const session = plannedFacts(plan, before ? neighboursWith(NOTHING, before) : NOTHING, REFERRALS).sessions.get(
      'session-b',
    );
    return { sharesReference: session?.sharesReference, sharesDay: session?.roll[0]?.sharesDay };
  };

  it.each<[string, DeliveryPlan | undefined, object]>([
    ['alone', undefined, { sharesReference: false, sharesDay: false }],
    ['the same reference and person on the day', planOf('a', 'G-1'), { sharesReference: true, sharesDay: true }],
    ['another reference', planOf('a', 'G-2'), { sharesReference: false, sharesDay: true }],
    ['no reference', planOf('a', null), { sharesReference: false, sharesDay: true }],
  ])('share a day and a reference with it: %s', (_, before, shares) => {
    expect(facts(planOf('b', 'G-1'), before)).toEqual(shares);
  });

  it('are counted with what is recorded of the same day', () => {
    const recorded = {
      places: [{ referralId: 'referral', serviceId: 'service', heldOn: '2026-10-05', places: 2 }],
      references: [],
    };
    const { places } = neighboursWith(recorded, planOf('a', null));
    expect(places.reduce((sum, day) => sum + day.places, 0)).toBe(3);
  });
});

describe('days to ask about before there is a plan', () => {
  const rowOf = (plan: DeliveryPlan, index: number): FoundRow => {
    const [session, attendance] = [plan.sessions[index], plan.attendances[index]];
    if (!session || !attendance) throw new Error('a plan has a session and an attendance');
    const { id, outcome, cancelledAt, travel } = { ...attendance, id: attendance.referralId };
    const given = {
      row: index,
      serviceId: 'service',
      session,
      normalised: null,
      expectedMinor: null,
      yourReference: null,
    };
    return {
      given: { ...given, referral: { id }, attendance: { outcome, cancelledAt, travel } },
      referral: { id, contractId: 'contract', state: 'accepted', acceptedOn: null },
      sessionKey: session.key,
      rowHash: null,
    };
  };
  const joined = (...plans: DeliveryPlan[]): DeliveryPlan => ({
    outcomes: [],
    sessions: plans.flatMap(({ sessions }) => sessions),
    attendances: plans.flatMap(({ attendances }) => attendances),
    claims: [],
    hashes: [],
  });

  it('are those of the plan, each once', () => {
    const plan = joined(planOf('a', 'G-1'), planOf('b', 'G-1'), planOf('c', null));
    const rows = [0, 1, 2].map((index) => rowOf(plan, index));
    expect(daysOfRows(rows)).toEqual({
      people: [{ referralId: 'referral', heldOn: '2026-10-05' }],
      references: [{ heldOn: '2026-10-05', reference: 'G-1' }],
    });
    expect(daysOfPlan(plan)).toMatchObject(daysOfRows(rows));
  });

  it.each<[string, Partial<FoundRow>]>([
    ['who is not known', { referral: 'unknown' }],
    ['who stands for nobody', { referral: null }],
  ])('leave out a person %s', (_, change) => {
    expect(daysOfRows([{ ...rowOf(planOf('a', null), 0), ...change }])).toEqual({ people: [], references: [] });
  });

  it('leave out whoever did not attend', () => {
    const row = rowOf(planOf('a', null), 0);
    const attendance = { outcome: 'did_not_attend', cancelledAt: null, travel: false } as const;
    expect(daysOfRows([{ ...row, given: { ...row.given, attendance } }])).toEqual({ people: [], references: [] });
  });
});

import type { DeliveryPlan, NewAttendance, NewSession } from './delivery-plan.rules.js';
import { neighboursWith, plannedFacts } from './planned-facts.rules.js';

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

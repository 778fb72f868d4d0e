import type { EarningFact } from '../pricing/index.js';
import type { DeliveredRow, GivenSession } from './delivered-row.rules.js';
import { planDelivery, type DeliveryPlan } from './delivery-plan.rules.js';
import type { FoundRow, KnownDelivery, KnownReferral } from './known-delivery.rules.js';

const SESSION: GivenSession = {
  reference: null,
  kind: 'one_to_one',
  heldOn: '2026-10-05',
  startsAt: new Date('2026-10-05T13:00:00Z'),
  startRecorded: true,
  durationMinutes: 60,
  mode: null,
  booked: null,
  outcome: null,
  cancelledAt: null,
  evidenceSha256: null,
};
const REFERRAL: KnownReferral = {
  id: 'referral-1',
  contractId: 'contract',
  state: 'accepted',
  acceptedOn: '2026-09-01',
};
const NOTHING: KnownDelivery = { sessions: new Map(), attendances: [], claims: [], hashes: new Map() };

let rows = 0;

/** A row about one person in a session of its own; what differs is said. */
function row(differs: Partial<Omit<DeliveredRow, 'referral'>> & Partial<Omit<FoundRow, 'given'>> = {}): FoundRow {
  const { referral = REFERRAL, sessionKey = 'session-key', rowHash, ...given } = differs;
  const number = ++rows;
  return {
    referral,
    sessionKey,
    rowHash: rowHash === undefined ? `hash-${number}` : rowHash,
    given: {
      row: number,
      serviceId: 'service',
      referral: { reference: 'SP-1' },
      session: SESSION,
      attendance: { outcome: 'attended', cancelledAt: null, travel: false },
      expectedMinor: null,
      yourReference: null,
      normalised: null,
      ...given,
    },
  };
}

const person = (id: string): KnownReferral => ({ ...REFERRAL, id });

function plan(
  found: FoundRow[],
  {
    earns = 'attendance',
    known = NOTHING,
    claims = true,
  }: { earns?: EarningFact; known?: KnownDelivery; claims?: boolean } = {},
): DeliveryPlan {
  let ids = 0;
  return planDelivery(found, known, {
    contractId: 'contract',
    rates: { chargeKinds: () => ['primary'], earningFact: () => earns, isHourly: () => false },
    isInForce: (day) => day >= '2026-04-01',
    now: new Date('2026-10-29T09:00:00Z'),
    today: '2026-10-29',
    claims,
    newId: () => `new-${++ids}`,
  });
}

const told = ({ outcomes }: DeliveryPlan) =>
  outcomes.map((outcome) => (outcome.status === 'failed' ? outcome.code : outcome.status));

/** What stands once a plan was stored. */
function stored({ sessions, attendances, claims, hashes }: DeliveryPlan): KnownDelivery {
  return {
    sessions: new Map(sessions.map((session) => [session.key, session])),
    attendances,
    claims: claims.map((claim) => ({ ...claim, id: claim.claimId })),
    hashes: new Map(hashes.map(({ rowHash }) => [rowHash, { isOfThisFile: false }])),
  };
}

describe('a plan of delivery', () => {
  it('records a session once for all its people, in the order in which they come', () => {
    const found = [row({ referral: person('a') }), row({ referral: person('b') })];
    const planned = plan(found);
    expect(told(planned)).toEqual(['accepted', 'accepted']);
    expect(planned.sessions).toHaveLength(1);
    expect(planned.attendances.map(({ referralId, position }) => [referralId, position])).toEqual([
      ['a', 0],
      ['b', 1],
    ]);
    expect(planned.claims.map(({ factId, causeId }) => [factId, causeId])).toEqual(
      planned.attendances.map(({ id }) => [id, planned.sessions[0]?.eventId]),
    );
  });

  it('goes on where the booking order of a stored session ended', () => {
    const known = stored(plan([row({ referral: person('a') })]));
    const planned = plan([row({ referral: person('b') })], { known });
    expect(planned.sessions).toEqual([]);
    expect(planned.attendances.map(({ position }) => position)).toEqual([1]);
  });

  it('claims a session once; the other rows of it are included', () => {
    const planned = plan([row({ referral: person('a') }), row({ referral: person('b') })], { earns: 'session' });
    expect(told(planned)).toEqual(['accepted', 'included']);
    expect(planned.claims.map(({ factKind }) => factKind)).toEqual(['session']);
  });

  it('claims an acceptance once, by its own day', () => {
    const second = row({ sessionKey: 'other-session' });
    const planned = plan([row(), second], { earns: 'referral' });
    expect(told(planned)).toEqual(['accepted', 'included']);
    expect(planned.claims[0]).toMatchObject({ factId: 'referral-1', servedOn: '2026-09-01' });
  });

  it('only records where it is not to claim', () => {
    const planned = plan([row()], { claims: false });
    expect(told(planned)).toEqual(['included']);
    expect([planned.attendances.length, planned.claims.length]).toEqual([1, 0]);
  });

  it.each(['attendance', 'session', 'referral', 'period'] as const)('has no second effect (%s)', (earns) => {
    const found = [row({ referral: person('a') }), row({ referral: person('b') })];
    const again = plan(found, { earns, known: stored(plan(found, { earns })) });
    expect(told(again)).toEqual(['repeated', 'repeated']);
    expect({ ...again, outcomes: [] }).toEqual({ outcomes: [], sessions: [], attendances: [], claims: [], hashes: [] });
  });

  it('refuses a row that says what an earlier row of the file says', () => {
    expect(told(plan([row({ rowHash: 'h' }), row({ rowHash: 'h' })]))).toEqual(['accepted', 'repeated_in_file']);
  });

  it('claims again what was rejected or withdrawn, although the row is known', () => {
    const found = [row()];
    const known = { ...stored(plan(found)), claims: [] };
    const again = plan(found, { known });
    expect(told(again)).toEqual(['accepted']);
    expect([again.attendances.length, again.claims.length]).toEqual([0, 1]);
  });

  it('tells another claim for the same fact from a repeat', () => {
    const known = stored(plan([row({ expectedMinor: 3200n })]));
    expect(told(plan([row({ expectedMinor: 3300n })], { known }))).toEqual(['claimed_before']);
    expect(told(plan([row({ expectedMinor: 3200n })], { known }))).toEqual(['repeated']);
    expect(told(plan([row()], { known }))).toEqual(['repeated']);
  });

  it('takes from later rows of a new session what the first left out', () => {
    const found = [row(), row({ referral: person('b'), session: { ...SESSION, booked: 8, mode: 'phone' } })];
    expect(plan(found).sessions[0]).toMatchObject({ booked: 8, mode: 'phone' });
  });

  it.each<[string, FoundRow]>([
    ['unknown_referral', row({ referral: 'unknown' })],
    ['ambiguous_referral', row({ referral: 'ambiguous' })],
    ['referral_of_other_contract', row({ referral: { ...REFERRAL, contractId: 'other' } })],
    ['referral_not_accepted', row({ referral: { ...REFERRAL, acceptedOn: null } })],
    ['outside_contract', row({ session: { ...SESSION, heldOn: '2026-03-31' } })],
    ['in_future', row({ session: { ...SESSION, heldOn: '2026-10-30' } })],
    ['in_future', row({ session: { ...SESSION, heldOn: '2026-10-29', startsAt: new Date('2026-10-29T09:00:01Z') } })],
    ['referral_needed', row({ referral: null, attendance: null })],
  ])('refuses a row: %s', (code, found) => {
    const planned = plan([found]);
    expect(told(planned)).toEqual([code]);
    expect(planned.sessions).toEqual([]);
  });

  it.each<[string, Partial<GivenSession>]>([
    ['length', { durationMinutes: 90 }],
    ['kind', { kind: 'group' }],
    ['ending', { outcome: 'cancelled' }],
  ])('refuses a row that tells another %s of the same session', (_, differs) => {
    const first = row({ session: { ...SESSION, outcome: 'held' } });
    const second = row({ referral: person('b'), session: { ...SESSION, outcome: 'held', ...differs } });
    expect(told(plan([first, second]))).toEqual(['accepted', 'session_differs']);
  });

  it('refuses another outcome, travel or time of cancellation of the same attendance', () => {
    const given = { outcome: 'cancelled', cancelledAt: new Date('2026-10-05T10:00:00Z'), travel: false } as const;
    const known = stored(plan([row({ attendance: given })]));
    for (const differs of [{ outcome: 'attended' }, { travel: true }, { cancelledAt: null }] as const)
      expect(told(plan([row({ attendance: { ...given, ...differs } })], { known }))).toEqual(['attendance_differs']);
  });

  it('refuses hours without their length', () => {
    const setting = { chargeKinds: () => ['primary'], earningFact: () => 'session' as const, isHourly: () => true };
    const found = row({ session: { ...SESSION, durationMinutes: null } });
    const planned = planDelivery([found], NOTHING, {
      contractId: 'contract',
      rates: setting,
      isInForce: () => true,
      now: new Date('2026-10-29T09:00:00Z'),
      today: '2026-10-29',
      claims: true,
      newId: () => 'new',
    });
    expect(told(planned)).toEqual(['minutes_needed']);
  });
});

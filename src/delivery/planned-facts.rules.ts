import type { IsoDate } from '../platform/clock.js';
import type { Charge } from './claim-charge.rules.js';
import type { RecordedAttendance, RecordedFacts, RecordedReferral, RecordedSession } from './claim-line.rules.js';
import type { DeliveryPlan, NewAttendance } from './delivery-plan.rules.js';
import type { FoundRow, KnownClaim, KnownDelivery, KnownSession } from './known-delivery.rules.js';

/** A person's day at a service. */
export interface DayOfPerson {
  readonly referralId: string;
  readonly serviceId: string;
  readonly heldOn: IsoDate;
}

/** A day with a session of this service and reference. */
export interface DayOfReference {
  readonly serviceId: string;
  readonly heldOn: IsoDate;
  readonly reference: string;
}

/** What is recorded besides a plan, about the days of its new sessions. */
export interface Neighbours {
  /** Sessions that a person attended on a day; a day may be there more than once, and is their sum. */
  readonly places: readonly (DayOfPerson & { readonly places: number })[];
  /** Days with a session of this service and reference. */
  readonly references: readonly DayOfReference[];
}

/** Days to ask about, each once. */
export interface AskedDays {
  readonly people: readonly Omit<DayOfPerson, 'serviceId'>[];
  readonly references: readonly Omit<DayOfReference, 'serviceId'>[];
}

/** Of people who attend a new session, and of new sessions with a reference. */
export function daysOfPlan({ sessions, attendances }: DeliveryPlan): AskedDays {
  const isNew = new Set(sessions.map(({ id }) => id));
  const attended = attendances.filter(({ sessionId, outcome }) => outcome === 'attended' && isNew.has(sessionId));
  return eachOnce(attended, sessions);
}

/** The same before there is a plan: of all that may come to be in one. */
export function daysOfRows(rows: readonly FoundRow[]): AskedDays {
  const people = rows.flatMap(({ given: { session, attendance }, referral }) => {
    const isAttended = referral !== null && typeof referral !== 'string' && attendance?.outcome === 'attended';
    return isAttended ? { referralId: referral.id, heldOn: session.heldOn } : [];
  });
  return eachOnce(
    people,
    rows.map(({ given }) => given.session),
  );
}

function eachOnce(
  attended: AskedDays['people'],
  sessions: readonly { readonly heldOn: IsoDate; readonly reference: string | null }[],
): AskedDays {
  const people = new Map(attended.map((one) => [`${one.referralId} ${one.heldOn}`, one]));
  const references = new Map(
    sessions.flatMap(({ heldOn, reference }) =>
      reference === null ? [] : [[`${heldOn} ${reference}`, { heldOn, reference }]],
    ),
  );
  return { people: [...people.values()], references: [...references.values()] };
}

/**
 * What will be known once a plan of the same file is stored too: reading it back would tell the same.
 *
 * @param keys of the sessions that are asked about
 */
export function withPlanned(known: KnownDelivery, keys: ReadonlySet<string>, plan: DeliveryPlan): KnownDelivery {
  const planned = plan.sessions.filter(({ key }) => keys.has(key));
  const sessions = new Map<string, KnownSession>([
    ...known.sessions,
    ...planned.map((session) => [session.key, session] as const),
  ]);
  const ids = new Set(Array.from(sessions.values(), ({ id }) => id));
  const attendances = plan.attendances.filter(({ sessionId }) => ids.has(sessionId));
  const claims = plan.claims
    .filter(({ sessionId }) => sessionId === null || ids.has(sessionId))
    .map(({ claimId: id, factId, chargeKind, expectedMinor, yourReference }): KnownClaim => ({
      id,
      factId,
      chargeKind,
      expectedMinor,
      yourReference,
    }));
  const taken = plan.hashes.map(({ rowHash }) => [rowHash, { isOfThisFile: true }] as const);
  return {
    sessions,
    attendances: [...known.attendances, ...attendances],
    claims: [...known.claims, ...claims],
    hashes: new Map([...known.hashes, ...taken]),
  };
}

/** What is recorded beside a plan, with what one before it has, once that is stored too. */
export function neighboursWith(recorded: Neighbours, { sessions, attendances }: DeliveryPlan): Neighbours {
  const attended = attendances.filter(({ outcome }) => outcome === 'attended');
  const places = attended.map(({ referralId, serviceId, heldOn }) => ({ referralId, serviceId, heldOn, places: 1 }));
  const references = sessions.flatMap(({ serviceId, heldOn, reference }) =>
    reference === null ? [] : { serviceId, heldOn, reference },
  );
  return { places: [...recorded.places, ...places], references: [...recorded.references, ...references] };
}

/**
 * What will be recorded about the new sessions of a plan, once it is stored: the same as reading it back. A session that
 * was recorded before is not among them, for its people are not all in the plan.
 */
export function plannedFacts(
  plan: DeliveryPlan,
  neighbours: Neighbours,
  referrals: ReadonlyMap<string, RecordedReferral>,
): RecordedFacts {
  const sharesDay = sharedDays(plan.attendances, neighbours);
  const sharesReference = sharedReferences(plan, neighbours);
  const rolls = new Map<string, RecordedAttendance[]>(plan.sessions.map(({ id }) => [id, []]));
  for (const attendance of plan.attendances) {
    const { id, sessionId, referralId, outcome, cancelledAt, travel } = attendance;
    rolls.get(sessionId)?.push({ id, referralId, outcome, cancelledAt, travel, sharesDay: sharesDay(attendance) });
  }
  const sessions = new Map<string, RecordedSession>();
  for (const session of plan.sessions) {
    const { id, kind, startsAt, durationMinutes, booked, outcome, cancelledAt } = session;
    const roll = rolls.get(id) ?? [];
    const shared = sharesReference(session);
    const recorded = {
      id,
      kind,
      startsAt,
      durationMinutes,
      booked,
      outcome,
      cancelledAt,
      sharesReference: shared,
      roll,
    };
    sessions.set(id, recorded);
  }
  return { sessions, referrals, milestones: new Map(), activity: new Map() };
}

/** Charges about which the planned facts do not tell. */
export function unplannedCharges<C extends Charge>(charges: readonly C[], { sessions }: RecordedFacts): C[] {
  return charges.filter(({ sessionId }) => sessionId !== null && !sessions.has(sessionId));
}

/** What two readings tell about different facts. */
export function joinedFacts(one: RecordedFacts, other: RecordedFacts): RecordedFacts {
  return {
    sessions: new Map([...one.sessions, ...other.sessions]),
    referrals: new Map([...one.referrals, ...other.referrals]),
    milestones: new Map([...one.milestones, ...other.milestones]),
    activity: new Map([...one.activity, ...other.activity]),
  };
}

function sharedDays(
  attendances: readonly NewAttendance[],
  { places }: Neighbours,
): (attendance: NewAttendance) => boolean {
  const keyOf = ({ referralId, serviceId, heldOn }: DayOfPerson) => `${referralId} ${serviceId} ${heldOn}`;
  const counts = new Map<string, number>();
  for (const day of places) counts.set(keyOf(day), (counts.get(keyOf(day)) ?? 0) + day.places);
  for (const attendance of attendances) {
    if (attendance.outcome !== 'attended') continue;
    const key = keyOf(attendance);
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return (attendance) => attendance.outcome === 'attended' && (counts.get(keyOf(attendance)) ?? 0) > 1;
}

function sharedReferences(
  { sessions }: DeliveryPlan,
  { references }: Neighbours,
): (session: { serviceId: string; heldOn: string; reference: string | null }) => boolean {
  const keyOf = ({ serviceId, heldOn, reference }: DayOfReference) => `${serviceId} ${heldOn} ${reference}`;
  const counts = new Map(references.map((day) => [keyOf(day), 1]));
  for (const { serviceId, heldOn, reference } of sessions) {
    if (reference === null) continue;
    const key = keyOf({ serviceId, heldOn, reference });
    counts.set(key, (counts.get(key) ?? 0) + 1);
  }
  return ({ serviceId, heldOn, reference }) =>
    reference !== null && (counts.get(keyOf({ serviceId, heldOn, reference })) ?? 0) > 1;
}

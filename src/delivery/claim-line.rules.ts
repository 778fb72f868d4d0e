import type { IsoDate } from '../platform/clock.js';
import type { Outcome, PricingLine, RateCard, RollEntry, SessionFacts } from '../pricing/index.js';
import type { Charge } from './claim-charge.rules.js';
import type { DeliveryFlag } from './claim-flag.rules.js';

/** How a session as a whole went, where somebody said so; null leaves it to its people. */
export type SessionOutcome = 'held' | 'cancelled' | 'cancelled_late';

/** A session as it is recorded, with its people in booking order. */
export interface RecordedSession {
  readonly id: string;
  readonly kind: 'one_to_one' | 'group';
  readonly startsAt: Date;
  readonly durationMinutes: number | null;
  readonly booked: number | null;
  readonly outcome: SessionOutcome | null;
  readonly cancelledAt: Date | null;
  /** Another session of the day has the same service and reference. */
  readonly sharesReference: boolean;
  readonly roll: readonly RecordedAttendance[];
}

export interface RecordedAttendance {
  readonly id: string;
  readonly referralId: string;
  readonly outcome: Outcome;
  readonly cancelledAt: Date | null;
  readonly travel: boolean;
  /** The same person attended another session of the service that day. */
  readonly sharesDay: boolean;
}

export interface RecordedReferral {
  readonly id: string;
  readonly personId: string;
  readonly serviceId: string;
  readonly acceptedOn: IsoDate | null;
  readonly closedOn: IsoDate | null;
  readonly isConfirmed: boolean;
}

/** All that is recorded about the facts of some charges. */
export interface RecordedFacts {
  readonly sessions: ReadonlyMap<string, RecordedSession>;
  readonly referrals: ReadonlyMap<string, RecordedReferral>;
  /** Names of milestones, by id. */
  readonly milestones: ReadonlyMap<string, string>;
  /** Attended places in a period, by claim. */
  readonly activity: ReadonlyMap<string, number>;
}

const MINUTE_MS = 60_000;

/**
 * A charge as the price function takes it.
 *
 * @throws RangeError when the facts do not hold what the charge cites
 */
export function pricingLineOf(charge: Charge, facts: RecordedFacts): PricingLine {
  const { claimId, servedOn, servedAt } = charge;
  switch (charge.factKind) {
    case 'period':
      return {
        claimId,
        fact: 'period',
        firstDay: servedOn,
        lastDay: present(charge.periodEndsOn),
        activityUnits: facts.activity.get(claimId) ?? 0,
      };
    case 'referral':
      return { claimId, fact: 'referral', acceptedAt: servedAt, ...referralOf(charge.referralId, facts) };
    case 'milestone':
      return {
        claimId,
        fact: 'milestone',
        milestone: present(facts.milestones.get(charge.factId)),
        reachedAt: servedAt,
        ...referralOf(charge.referralId, facts),
      };
    case 'session':
      return sessionLine(claimId, present(facts.sessions.get(present(charge.sessionId))), facts);
    default:
      return attendanceLine(charge, facts);
  }
}

function attendanceLine(charge: Charge, facts: RecordedFacts): PricingLine {
  const session = present(facts.sessions.get(present(charge.sessionId)));
  const attendance = present(session.roll.find(({ id }) => id === charge.factId));
  return {
    claimId: charge.claimId,
    fact: 'attendance',
    attendanceId: attendance.id,
    session: sessionFacts(session),
    outcome: attendance.outcome,
    travelled: attendance.travel,
    ...(attendance.cancelledAt && { cancelledAt: attendance.cancelledAt }),
    ...referralOf(attendance.referralId, facts),
  };
}

/**
 * One-to-one, a session ends as its person did. A group session was held unless it was called off, or everyone on its
 * roll cancelled: then it ends as the last of them did.
 */
function sessionLine(claimId: string, session: RecordedSession, facts: RecordedFacts): PricingLine {
  const only = session.kind === 'one_to_one' ? session.roll[0] : undefined;
  const ending = endingOf(session, only);
  return {
    claimId,
    fact: 'session',
    session: sessionFacts(session),
    outcome: ending.outcome,
    travelled: session.roll.some(({ travel }) => travel),
    ...(ending.cancelledAt && { cancelledAt: ending.cancelledAt }),
    ...(only && referralOf(only.referralId, facts)),
  };
}

function endingOf(
  session: RecordedSession,
  only: RecordedAttendance | undefined,
): { outcome: Outcome; cancelledAt: Date | null } {
  if (session.outcome === 'held') return { outcome: 'attended', cancelledAt: null };
  if (session.outcome !== null) return { outcome: session.outcome, cancelledAt: session.cancelledAt };
  if (only) return only;
  const last = session.roll.reduce<RecordedAttendance | undefined>(
    (latest, one) => (latest && (latest.cancelledAt ?? ZERO) >= (one.cancelledAt ?? ZERO) ? latest : one),
    undefined,
  );
  const allCancelled = session.roll.every(({ outcome }) => outcome === 'cancelled' || outcome === 'cancelled_late');
  return last && allCancelled ? last : { outcome: 'attended', cancelledAt: null };
}

const ZERO = new Date(0);

/** Each line of a session has the same facts of it. */
const knownFacts = new WeakMap<RecordedSession, SessionFacts>();

function sessionFacts(session: RecordedSession): SessionFacts {
  const known = knownFacts.get(session);
  if (known) return known;
  const { startsAt, durationMinutes, roll } = session;
  const facts = {
    startsAt,
    endsAt: new Date(startsAt.getTime() + (durationMinutes ?? 0) * MINUTE_MS),
    attendedCount: roll.filter(({ outcome }) => outcome === 'attended').length,
    roll: roll.map(rollEntry),
  };
  knownFacts.set(session, facts);
  return facts;
}

function rollEntry({ id, outcome, cancelledAt }: RecordedAttendance): RollEntry {
  return { attendanceId: id, outcome, ...(cancelledAt && { cancelledAt }) };
}

function referralOf(referralId: string | null, { referrals }: RecordedFacts): { referralId: string; personId: string } {
  const { id, personId } = present(referrals.get(present(referralId)));
  return { referralId: id, personId };
}

function present<T>(value: T | null | undefined): T {
  if (value === null || value === undefined) throw new RangeError('a charge cites a fact that is not there');
  return value;
}

/** What a person should look at because of how things were recorded; the price has flags of its own. */
export function recordingFlags(charge: Charge, card: RateCard | undefined, facts: RecordedFacts): DeliveryFlag[] {
  const flags: DeliveryFlag[] = [];
  const session = charge.sessionId === null ? undefined : facts.sessions.get(charge.sessionId);
  const only = session?.kind === 'one_to_one' ? session.roll[0] : undefined;
  const attendance = session?.roll.find(({ id }) => id === charge.attendanceId) ?? only;
  const referral = facts.referrals.get(charge.referralId ?? only?.referralId ?? '');
  if (referral) flags.push(...referralFlags(charge, referral));
  if (session?.sharesReference || attendance?.sharesDay) flags.push({ code: 'another_that_day' });
  if (session && card?.terms.basis === 'group_split' && card.terms.splitBy === 'booked') {
    const recorded = session.roll.length;
    if (session.booked !== null && session.booked > recorded)
      flags.push({ code: 'roll_incomplete', booked: session.booked, recorded });
  }
  return flags;
}

function referralFlags({ servedOn, serviceId }: Charge, referral: RecordedReferral): DeliveryFlag[] {
  const { acceptedOn, closedOn, isConfirmed } = referral;
  const flags: DeliveryFlag[] = [];
  if (!isConfirmed) flags.push({ code: 'unconfirmed_referral' });
  if (closedOn !== null && servedOn > closedOn) flags.push({ code: 'referral_closed', closedOn });
  if (acceptedOn !== null && servedOn < acceptedOn) flags.push({ code: 'before_acceptance', acceptedOn });
  if (serviceId !== referral.serviceId) flags.push({ code: 'service_differs' });
  return flags;
}

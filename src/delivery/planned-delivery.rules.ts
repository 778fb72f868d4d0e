import type { Attendance } from './attendance.entity.js';
import type { DeliveryPlan, NewAttendance, NewSession } from './delivery-plan.rules.js';
import type { Session } from './session.entity.js';

/** A session as it is read: what makes it, and its rows, the same when they are told again stays with the intake. */
export type KnownSessionRow = Omit<Session, 'naturalKey' | 'claimFileId' | 'takenRows'>;

interface PlanScope {
  readonly commissionerId: string;
  readonly contractId: string;
  readonly providerId: string;
}

/** The new sessions of a plan with their people, by id, as reading them back once they are stored would give them. */
export function plannedSessions(
  { sessions, attendances }: Pick<DeliveryPlan, 'sessions' | 'attendances'>,
  scope: PlanScope,
  createdAt: Date,
): Map<string, { session: KnownSessionRow; attendances: Attendance[] }> {
  const planned = new Map(
    sessions.map((session) => [
      session.id,
      { session: sessionRow(session, scope, createdAt), attendances: [] as Attendance[] },
    ]),
  );
  for (const one of attendances) planned.get(one.sessionId)?.attendances.push(attendanceRow(one, scope, createdAt));
  for (const { attendances: people } of planned.values()) {
    people.sort((one, other) => one.bookingPosition - other.bookingPosition);
  }
  return planned;
}

function sessionRow(
  session: NewSession,
  { commissionerId, contractId, providerId }: PlanScope,
  createdAt: Date,
): KnownSessionRow {
  return {
    commissionerId,
    id: session.id,
    providerId,
    contractId,
    serviceId: session.serviceId,
    kind: session.kind,
    reference: session.reference,
    heldOn: session.heldOn,
    startsAt: session.startsAt,
    startRecorded: session.startRecorded,
    durationMinutes: session.durationMinutes,
    mode: session.mode,
    booked: session.booked,
    outcome: session.outcome,
    cancelledAt: session.cancelledAt,
    evidenceSha256: session.evidenceSha256,
    eventId: session.eventId,
    createdAt,
  };
}

function attendanceRow(
  attendance: NewAttendance,
  { commissionerId, providerId }: PlanScope,
  createdAt: Date,
): Attendance {
  return {
    commissionerId,
    id: attendance.id,
    providerId,
    sessionId: attendance.sessionId,
    serviceId: attendance.serviceId,
    heldOn: attendance.heldOn,
    referralId: attendance.referralId,
    outcome: attendance.outcome,
    cancelledAt: attendance.cancelledAt,
    travel: attendance.travel,
    bookingPosition: attendance.position,
    createdAt,
  };
}

import type { NewEvent } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import type { CanonicalObject } from '../platform/canonical-json.js';
import type { ClaimSetting } from './claim-setting.service.js';
import type { DeliveryPlan, NewAttendance } from './delivery-plan.rules.js';

/**
 * `session.recorded` with its people; a person who is added to a session that was recorded before has an event alone. Names
 * are in the order in which they are hashed, so that nothing is left to sort.
 */
export function recordingEvents(
  plan: DeliveryPlan,
  actor: Actor,
  { commissionerId, contractId, providerId }: Pick<ClaimSetting, 'commissionerId' | 'contractId' | 'providerId'>,
): NewEvent[] {
  const isNew = new Set(plan.sessions.map(({ id }) => id));
  const rolls = new Map<string, CanonicalObject[]>();
  for (const attendance of plan.attendances) {
    const roll = rolls.get(attendance.sessionId) ?? [];
    rolls.set(attendance.sessionId, roll);
    if (roll.length < ROLL_MAX) roll.push({ attendanceId: attendance.id, ...placeData(attendance) });
  }
  const sessions = plan.sessions.map((session): NewEvent => ({
    id: session.eventId,
    type: 'session.recorded',
    commissionerId,
    providerId,
    actor,
    subjectId: session.id,
    occurredAt: session.startsAt,
    data: {
      attendances: rolls.get(session.id) ?? [],
      booked: session.booked,
      cancelledAt: session.cancelledAt?.toISOString() ?? null,
      contractId,
      durationMinutes: session.durationMinutes,
      evidenceSha256: session.evidenceSha256,
      heldOn: session.heldOn,
      kind: session.kind,
      mode: session.mode,
      naturalKey: session.key,
      outcome: session.outcome,
      serviceId: session.serviceId,
      startRecorded: session.startRecorded,
    },
  }));
  const added = plan.attendances
    .filter(({ sessionId, position }) => !isNew.has(sessionId) || position >= ROLL_MAX)
    .map((attendance): NewEvent => ({
      type: 'attendance.recorded',
      commissionerId,
      providerId,
      actor,
      subjectId: attendance.id,
      data: { contractId, ...placeData(attendance), position: attendance.position, sessionId: attendance.sessionId },
    }));
  return [...sessions, ...added];
}

/** The body of an event holds 65,535 bytes: whoever else came to a session has an event alone. */
const ROLL_MAX = 250;

/** A person's place, without what is not there: no time of cancelling, no travel. */
function placeData({ referralId, outcome, cancelledAt, travel }: NewAttendance): CanonicalObject {
  return {
    ...(cancelledAt !== null && { cancelledAt: cancelledAt.toISOString() }),
    outcome,
    referralId,
    ...(travel && { travel }),
  };
}

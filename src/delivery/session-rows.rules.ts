import { londonDay } from '../platform/clock.js';
import { foldReference } from '../platform/csv-cells.rules.js';
import type { DeliveredRow, GivenSession } from './delivered-row.rules.js';
import { londonInstant } from './london-time.rules.js';
import type { RecordSession } from './sessions.schemas.js';

const MINUTE_MS = 60_000;

/** One row for each person, or one for the session as a whole. */
export function rowsOf(request: RecordSession, serviceId: string): DeliveredRow[] {
  const session = sessionOf(request);
  const row = { serviceId, session, normalised: null, expectedMinor: null, yourReference: null };
  if (request.attendances.length === 0) return [{ ...row, row: 0, referral: null, attendance: null }];
  return request.attendances.map(({ referral, referralId, outcome, travel, ...said }, index) => ({
    ...row,
    row: index,
    referral: referralId === undefined ? { reference: referral ?? '' } : { id: referralId },
    attendance: { outcome, cancelledAt: cancelledAtOf(said, session), travel },
    expectedMinor: said.expectedMinor ?? null,
    yourReference: said.yourReference ?? null,
  }));
}

function cancelledAtOf(
  { cancelledAt, noticeMinutes }: { cancelledAt?: Date | undefined; noticeMinutes?: number | undefined },
  { startsAt }: GivenSession,
): Date | null {
  if (noticeMinutes === undefined) return cancelledAt ?? null;
  return new Date(startsAt.getTime() - noticeMinutes * MINUTE_MS);
}

function sessionOf(request: RecordSession): GivenSession {
  const { reference = null, attendances, date, start, startsAt } = request;
  const isGroup = reference !== null || attendances.length !== 1;
  const heldOn = date ?? londonDay(startsAt ?? new Date(0));
  return {
    reference,
    kind: request.kind ?? (isGroup ? 'group' : 'one_to_one'),
    heldOn,
    startsAt: startsAt ?? londonInstant(heldOn, start ?? '12:00'),
    startRecorded: startsAt !== undefined || start !== undefined,
    durationMinutes: request.durationMinutes ?? null,
    mode: request.mode ?? null,
    booked: request.booked ?? null,
    outcome: request.outcome ?? null,
    cancelledAt: request.cancelledAt ?? null,
    evidenceSha256: request.evidenceSha256 ?? null,
  };
}

/**
 * What a request speaks of: persons, whose caps and days are counted, and a session that others may speak of, too. Where two have
 * one in common, the later one has to see what the earlier one did.
 */
export function spokenOf(request: RecordSession): string[] {
  const { reference, heldOn } = sessionOf(request);
  const persons = request.attendances.map(({ referralId, referral = '' }) =>
    referralId === undefined ? `person ${foldReference(referral)}` : `person ${referralId}`,
  );
  const isShared = reference !== null || persons.length === 0;
  const shared = `session ${request.service} ${heldOn} ${foldReference(reference ?? '')}`;
  return isShared ? [...persons, shared] : persons;
}

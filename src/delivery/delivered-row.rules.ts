import { foldReference } from '../platform/csv-cells.rules.js';
import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Outcome } from '../pricing/index.js';
import type { ClaimMode, ParsedClaimRow } from './claim-file.rules.js';
import type { SessionOutcome } from './claim-line.rules.js';
import { londonInstant } from './london-time.rules.js';

/** One person's place in a session, or a session as a whole: what a row of a file, or a part of a request, says. */
export interface DeliveredRow {
  /** As a spreadsheet numbers it, or the position in the request. */
  readonly row: number;
  readonly serviceId: string;
  /** Null in a row for a session as a whole. */
  readonly referral: ReferralKey | null;
  readonly session: GivenSession;
  /** Null in a row for a session as a whole. */
  readonly attendance: GivenAttendance | null;
  readonly expectedMinor: Minor | null;
  readonly yourReference: string | null;
  /** Of a file's row: its meaning, by which it is known again. */
  readonly normalised: string | null;
}

export type ReferralKey = { readonly reference: string } | { readonly id: string };

export interface GivenSession {
  readonly reference: string | null;
  readonly kind: 'one_to_one' | 'group';
  readonly heldOn: IsoDate;
  readonly startsAt: Date;
  /** False where no time was given: it is taken to start at noon, when nothing is out of hours. */
  readonly startRecorded: boolean;
  readonly durationMinutes: number | null;
  readonly mode: ClaimMode | null;
  readonly booked: number | null;
  readonly outcome: SessionOutcome | null;
  readonly cancelledAt: Date | null;
  /** SHA-256 in hexadecimal of a note or file that the provider keeps. */
  readonly evidenceSha256: string | null;
}

export interface GivenAttendance {
  readonly outcome: Outcome;
  readonly cancelledAt: Date | null;
  readonly travel: boolean;
}

const NOON = '12:00';
const MINUTE_MS = 60_000;

/** A row of a claim file, in instants. A notice in hours becomes the time of the cancellation. */
export function deliveredRow(row: number, serviceId: string, parsed: ParsedClaimRow): DeliveredRow {
  const { servedOn, startsAt, outcome, noticeMinutes } = parsed;
  const start = londonInstant(servedOn, startsAt ?? NOON);
  const givenAt = noticeMinutes === null ? null : new Date(start.getTime() - noticeMinutes * MINUTE_MS);
  const cancelledAt = parsed.cancelledAt === null ? givenAt : wallClock(parsed.cancelledAt);
  const isWhole = parsed.referral === null;
  return {
    row,
    serviceId,
    referral: parsed.referral === null ? null : { reference: parsed.referral },
    session: {
      reference: parsed.session,
      kind: parsed.session === null ? 'one_to_one' : 'group',
      heldOn: servedOn,
      startsAt: start,
      startRecorded: startsAt !== null,
      durationMinutes: parsed.minutes,
      mode: parsed.mode,
      booked: parsed.booked,
      outcome: isWhole ? sessionOutcome(outcome) : null,
      cancelledAt: isWhole ? cancelledAt : null,
      evidenceSha256: null,
    },
    attendance: isWhole || outcome === 'held' ? null : { outcome, cancelledAt, travel: parsed.travel },
    expectedMinor: parsed.expectedMinor,
    yourReference: parsed.yourReference,
    normalised: parsed.normalised,
  };
}

function sessionOutcome(outcome: ParsedClaimRow['outcome']): SessionOutcome {
  return outcome === 'cancelled' || outcome === 'cancelled_late' ? outcome : 'held';
}

function wallClock(text: string): Date {
  const [day = '', time = ''] = text.split('T');
  return londonInstant(day, time);
}

/**
 * What makes a session the same one, as text to hash: its service, day and start, and its reference or, where it has none,
 * the referral. The contract stands beside it in the unique index.
 */
export function sessionKeyText(row: DeliveredRow, referralId: string | null): string {
  const { reference, heldOn, startsAt, startRecorded } = row.session;
  return JSON.stringify([
    'session/1',
    row.serviceId,
    heldOn,
    startRecorded ? startsAt.toISOString() : null,
    reference === null ? null : foldReference(reference),
    reference === null && row.session.kind === 'one_to_one' ? referralId : null,
  ]);
}

import type { IsoDate } from '../platform/clock.js';
import { earnedBy, type Charge, type EarnedFact } from './claim-charge.rules.js';
import type { DeliveredRow, GivenAttendance, GivenSession } from './delivered-row.rules.js';
import { londonInstant } from './london-time.rules.js';
import type {
  FoundRow,
  KnownAttendance,
  KnownClaim,
  KnownDelivery,
  KnownReferral,
  KnownSession,
  PlanSetting,
} from './known-delivery.rules.js';
import { attendanceDiffers, completed, differs, sessionDiffers, whyNotTake } from './row-checks.rules.js';
import type { RowRefusalCode } from './row-refusal.rules.js';

export interface NewSession extends GivenSession {
  readonly id: string;
  readonly eventId: string;
  readonly key: string;
  readonly serviceId: string;
}

export interface NewAttendance extends KnownAttendance {
  readonly position: number;
  /** The session's own. */
  readonly serviceId: string;
  readonly heldOn: IsoDate;
}

export interface NewClaim extends Charge {
  readonly row: number;
  readonly yourReference: string | null;
  /** The event of the session, which led to it. */
  readonly causeId: string | null;
}

export type RowOutcome =
  /** `claimIds` are of this row alone. */
  | {
      readonly row: number;
      readonly status: 'accepted';
      readonly sessionId: string;
      readonly claimIds: readonly string[];
    }
  /** Recorded; what it earns is in another row's claim, or in a monthly amount. `repeated`: all of it was known. */
  | { readonly row: number; readonly status: 'included' | 'repeated'; readonly sessionId: string }
  | { readonly row: number; readonly status: 'failed'; readonly code: RowRefusalCode };

export interface DeliveryPlan {
  readonly outcomes: readonly RowOutcome[];
  readonly sessions: readonly NewSession[];
  readonly attendances: readonly NewAttendance[];
  readonly claims: readonly NewClaim[];
  /** Of rows that were taken and are to be known again. */
  readonly hashes: readonly TakenRow[];
}

export interface TakenRow {
  readonly rowHash: string;
  readonly row: number;
  readonly sessionId: string;
}

const NOON = '12:00';

/**
 * Decides what becomes of each row, in order: a row sees what those before it record and claim. Nothing is recorded for a
 * row that fails. Pure: the caller has read what is known, and stores what is planned in the same transaction.
 */
export function planDelivery(rows: readonly FoundRow[], known: KnownDelivery, setting: PlanSetting): DeliveryPlan {
  const book = new Book(known, setting);
  const outcomes = rows.map((row) => book.take(row));
  return { ...book.written, sessions: book.recorded(), outcomes };
}

/** What is known and what has been planned so far, as one. */
class Book {
  readonly written = {
    attendances: [] as NewAttendance[],
    claims: [] as NewClaim[],
    hashes: [] as TakenRow[],
  };
  private readonly sessions: Map<string, KnownSession>;
  private readonly newSessions = new Map<string, NewSession>();
  private readonly places = new Map<string, KnownAttendance>();
  private readonly rollLengths = new Map<string, number>();
  private readonly claims = new Map<string, KnownClaim>();
  private readonly hashes: Map<string, { readonly isOfThisFile: boolean }>;

  constructor(
    known: KnownDelivery,
    private readonly setting: PlanSetting,
  ) {
    this.sessions = new Map(known.sessions);
    this.hashes = new Map(known.hashes);
    for (const attendance of known.attendances) this.addPlace(attendance);
    for (const claim of known.claims) this.claims.set(chargeKey(claim), claim);
  }

  recorded(): NewSession[] {
    return [...this.newSessions.values()];
  }

  take(found: FoundRow): RowOutcome {
    const { given, rowHash, sessionKey } = found;
    const { row } = given;
    const failed = (code: RowRefusalCode): RowOutcome => ({ row, status: 'failed', code });
    const referral = typeof found.referral === 'string' ? null : found.referral;
    const refusal = whyNotTake(found, this.setting);
    if (refusal) return failed(refusal);
    const hash = rowHash === null ? undefined : this.hashes.get(rowHash);
    if (hash?.isOfThisFile) return failed('repeated_in_file');

    const session = this.sessions.get(sessionKey);
    if (session && sessionDiffers(session, given.session)) return failed('session_differs');
    const place = session && referral ? this.places.get(placeKey(session.id, referral.id)) : undefined;
    if (place && given.attendance && attendanceDiffers(place, given.attendance)) return failed('attendance_differs');

    const sessionId = session?.id ?? this.setting.newId();
    const attendanceId = given.attendance ? (place?.id ?? this.setting.newId()) : null;
    const earned = this.setting.claims ? this.earned(given, sessionId, attendanceId, referral) : [];
    const free = earned.filter((fact) => !this.claims.has(chargeKey(fact)));
    const isNew = given.attendance ? !place : !session;
    if (free.length === 0 && !isNew) {
      if (hash === undefined && this.isOtherClaim(given, earned, attendanceId)) return failed('claimed_before');
      const isIncluded = hash === undefined && rowHash !== null && !this.ownClaim(earned, attendanceId);
      this.remember(rowHash, row, sessionId);
      return { row, status: isIncluded ? 'included' : 'repeated', sessionId };
    }
    if (session) this.complete(found);
    const eventId = session?.eventId ?? this.recordSession(found, sessionId);
    if (given.attendance && !place && referral && attendanceId !== null)
      this.recordPlace(given, given.attendance, { id: attendanceId, sessionId, referralId: referral.id });
    const claimIds = free.map((fact) => this.claim(given, fact, eventId));
    this.remember(rowHash, row, sessionId);
    return claimIds.length > 0
      ? { row, status: 'accepted', sessionId, claimIds }
      : { row, status: 'included', sessionId };
  }

  private earned(
    { serviceId, session }: DeliveredRow,
    sessionId: string,
    attendanceId: string | null,
    referral: KnownReferral | null,
  ): EarnedFact[] {
    const { heldOn, startsAt } = session;
    return earnedBy(
      { serviceId, session: { id: sessionId, heldOn, startsAt }, attendanceId, referral: acceptanceDay(referral) },
      this.setting.rates,
    );
  }

  private recordSession({ given, sessionKey }: FoundRow, id: string): string {
    const eventId = this.setting.newId();
    const { serviceId, session } = given;
    const recorded = {
      id,
      eventId,
      key: sessionKey,
      serviceId,
      reference: session.reference,
      kind: session.kind,
      heldOn: session.heldOn,
      startsAt: session.startsAt,
      startRecorded: session.startRecorded,
      durationMinutes: session.durationMinutes,
      mode: session.mode,
      booked: session.booked,
      outcome: session.outcome,
      cancelledAt: session.cancelledAt,
      evidenceSha256: session.evidenceSha256,
    };
    this.newSessions.set(sessionKey, recorded);
    this.sessions.set(sessionKey, recorded);
    return eventId;
  }

  private complete({ given, sessionKey }: FoundRow): void {
    const session = this.newSessions.get(sessionKey);
    if (!session) return;
    const complete = completed(session, given.session);
    if (complete === session) return;
    this.newSessions.set(sessionKey, complete);
    this.sessions.set(sessionKey, complete);
  }

  private recordPlace(
    { serviceId, session }: DeliveredRow,
    given: GivenAttendance,
    ids: Pick<KnownAttendance, 'id' | 'sessionId' | 'referralId'>,
  ): void {
    const position = this.rollLengths.get(ids.sessionId) ?? 0;
    const attendance = {
      id: ids.id,
      sessionId: ids.sessionId,
      referralId: ids.referralId,
      outcome: given.outcome,
      cancelledAt: given.cancelledAt,
      travel: given.travel,
      position,
      serviceId,
      heldOn: session.heldOn,
    };
    this.written.attendances.push(attendance);
    this.addPlace(attendance);
  }

  private claim(given: DeliveredRow, fact: EarnedFact, causeId: string): string {
    const claimId = this.setting.newId();
    const { expectedMinor, yourReference, row, serviceId } = given;
    const { factId, chargeKind } = fact;
    this.written.claims.push({
      claimId,
      serviceId,
      chargeKind,
      factKind: fact.factKind,
      factId,
      referralId: fact.referralId,
      sessionId: fact.sessionId,
      attendanceId: fact.attendanceId,
      servedOn: fact.servedOn,
      servedAt: fact.servedAt,
      periodEndsOn: null,
      expectedMinor,
      submittedOn: this.setting.today,
      row,
      yourReference,
      causeId,
    });
    this.claims.set(chargeKey(fact), { id: claimId, factId, chargeKind, expectedMinor, yourReference });
    return claimId;
  }

  /** The claim that a row's own fact has: that of the person, or of the session for a row about all of it. */
  private ownClaim(earned: readonly EarnedFact[], attendanceId: string | null): KnownClaim | undefined {
    const kind = attendanceId === null ? 'session' : 'attendance';
    const own = earned.find(({ factKind }) => factKind === kind);
    return own && this.claims.get(chargeKey(own));
  }

  private isOtherClaim(given: DeliveredRow, earned: readonly EarnedFact[], attendanceId: string | null): boolean {
    const claim = this.ownClaim(earned, attendanceId);
    if (!claim) return false;
    return differs(claim.expectedMinor, given.expectedMinor) || differs(claim.yourReference, given.yourReference);
  }

  private addPlace(attendance: KnownAttendance): void {
    const { sessionId, referralId } = attendance;
    this.places.set(placeKey(sessionId, referralId), attendance);
    this.rollLengths.set(sessionId, (this.rollLengths.get(sessionId) ?? 0) + 1);
  }

  private remember(rowHash: string | null, row: number, sessionId: string): void {
    if (rowHash === null) return;
    if (!this.hashes.has(rowHash)) this.written.hashes.push({ rowHash, row, sessionId });
    this.hashes.set(rowHash, { isOfThisFile: true });
  }
}

function acceptanceDay(referral: KnownReferral | null) {
  if (!referral || referral.acceptedOn === null) return null;
  const { id, acceptedOn } = referral;
  return { id, acceptedOn, acceptedAt: londonInstant(acceptedOn, NOON) };
}

function placeKey(sessionId: string, referralId: string): string {
  return `${sessionId} ${referralId}`;
}

function chargeKey({ factId, chargeKind }: Pick<EarnedFact, 'factId' | 'chargeKind'>): string {
  return `${factId} ${chargeKind}`;
}

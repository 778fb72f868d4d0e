import { Injectable } from '@nestjs/common';
import { In, Raw, type FindOptionsWhere } from 'typeorm';
import { Commands } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { londonDay } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { pageOf, type Page } from '../platform/page.js';
import { ContractsService } from '../pricing/index.js';
import { Attendance } from './attendance.entity.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import type { Claim } from './claim.entity.js';
import type { DeliveredRow, GivenSession } from './delivered-row.rules.js';
import { ROW_ERRORS, sessionNotFound } from './delivery.errors.js';
import { DeliveryIntake } from './delivery-intake.service.js';
import { londonInstant } from './london-time.rules.js';
import { Session } from './session.entity.js';
import type { RecordSession, SessionQuery } from './sessions.schemas.js';

export interface SessionWithPeople {
  readonly session: Session;
  /** In booking order. */
  readonly attendances: readonly Attendance[];
}

export interface RecordedDelivery extends SessionWithPeople {
  /** Those that the request made. */
  readonly claims: readonly Claim[];
  /** Everything was known already. */
  readonly repeated: boolean;
}

/** How a referral goes: what its referrer may know. */
export interface ReferralProgress {
  readonly planned: number | null;
  readonly attended: number;
  readonly didNotAttend: number;
  readonly cancelled: number;
  readonly lastAttendedOn: string | null;
}

const PROGRESS = `
select planned, attended, did_not_attend as "didNotAttend", cancelled, last_attended_on as "lastAttendedOn"
from referral_progress($1)`;

const PROGRESS_OF_MANY = `
select referral_id as "referralId", planned, attended, did_not_attend as "didNotAttend", cancelled,
       last_attended_on as "lastAttendedOn"
from referrals_progress($1::uuid[])`;

const MINUTE_MS = 60_000;

/** What was delivered: sessions with the attendance of each person. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly contracts: ContractsService,
    private readonly settings: ClaimSettings,
    private readonly intake: DeliveryIntake,
    private readonly register: ClaimRegister,
  ) {}

  /**
   * Records a session with its people and, where asked, claims what it earns. The same session again adds the people who
   * are new; all the same again does nothing.
   *
   * @throws service.unknown, and delivery.* for what is wrong with it: the request is taken whole or not at all; `refusals`
   * in the details names every attendance that was refused, by its position and with its code
   */
  async record(actor: Actor, request: RecordSession): Promise<RecordedDelivery> {
    const { setting, serviceId } = await this.database.read(actor, async (reader) => {
      const found = await this.settings.loadNamed(reader, request.contract);
      return { setting: found, serviceId: (await this.contracts.serviceByCode(reader, found, request.service)).id };
    });
    const { commissionerId } = setting;
    return this.commands.run(actor, { name: 'session.record', commissionerId }, async (tx) => {
      const rows = rowsOf(request, serviceId);
      const { outcomes, claims } = await this.intake.take(tx, actor, setting, rows, { claim: request.claim });
      const refusals = outcomes.flatMap((one) =>
        one.status === 'failed' ? [{ attendance: one.row, code: one.code }] : [],
      );
      const [refusal] = refusals;
      if (refusal) throw ROW_ERRORS[refusal.code]({ attendance: refusal.attendance, refusals });
      const [first] = outcomes;
      assert(first && first.status !== 'failed', 'a request has a row');
      const recorded = await getWithPeople(tx, first.sessionId);
      const made = await this.register.withIds(
        tx,
        claims.map(({ claimId }) => claimId),
      );
      return { ...recorded, claims: made, repeated: outcomes.every(({ status }) => status === 'repeated') };
    });
  }

  /** @throws session.not_found */
  read(actor: Actor, id: string): Promise<SessionWithPeople> {
    return this.database.read(actor, (reader) => getWithPeople(reader, id));
  }

  list(actor: Actor, query: SessionQuery): Promise<Page<SessionWithPeople & { id: string }>> {
    return this.database.read(actor, async (reader) => {
      const contract = query.contract === undefined ? null : await this.settings.loadNamed(reader, query.contract);
      const where = whereOf(query, contract);
      const found = await reader.find(Session, { where, order: { id: 'ASC' }, take: query.limit + 1 });
      const { items, next } = pageOf(found, query.limit);
      const people = await reader.find(Attendance, {
        where: { sessionId: In(items.map(({ id }) => id)) },
        order: { bookingPosition: 'ASC', id: 'ASC' },
      });
      const withPeople = items.map((session) => ({
        id: session.id,
        session,
        attendances: people.filter(({ sessionId }) => sessionId === session.id),
      }));
      return { items: withPeople, next };
    });
  }

  /** For the organisation that referred, and for those who deliver and pay. @throws not_found */
  async progress(actor: Actor, referralId: string): Promise<ReferralProgress> {
    const [progress] = await this.database.read(actor, (reader) =>
      reader.query<ReferralProgress>(PROGRESS, [referralId]),
    );
    if (!progress) throw notFound();
    return progress;
  }

  /** The same of many, by referral; those that the actor may not see are left out. */
  async progressOfMany(actor: Actor, referralIds: readonly string[]): Promise<ReadonlyMap<string, ReferralProgress>> {
    if (referralIds.length === 0) return new Map();
    const rows = await this.database.read(actor, (reader) =>
      reader.query<ReferralProgress & { referralId: string }>(PROGRESS_OF_MANY, [referralIds]),
    );
    return new Map(rows.map(({ referralId, ...progress }) => [referralId, progress]));
  }
}

async function getWithPeople(reader: Reader, id: string): Promise<SessionWithPeople> {
  const session = await reader.findOneBy(Session, { id });
  if (!session) throw sessionNotFound();
  const where = { commissionerId: session.commissionerId, sessionId: id };
  return {
    session,
    attendances: await reader.find(Attendance, { where, order: { bookingPosition: 'ASC', id: 'ASC' } }),
  };
}

function whereOf(
  { period, referralId, after }: SessionQuery,
  contract: ClaimSetting | null,
): FindOptionsWhere<Session> {
  return {
    ...(contract && { contractId: contract.contractId }),
    ...(period !== undefined && {
      heldOn: Raw((column) => `${column} >= :first and ${column} < :first::date + interval '1 month'`, {
        first: `${period}-01`,
      }),
    }),
    ...((after !== undefined || referralId !== undefined) && {
      id: Raw(
        (column) =>
          `(:after::uuid is null or ${column} > :after) and (:referral::uuid is null or ${column} in
           (select a.session_id from attendance a where a.referral_id = :referral))`,
        { after: after ?? null, referral: referralId ?? null },
      ),
    }),
  };
}

/** One row for each person, or one for the session as a whole. */
function rowsOf(request: RecordSession, serviceId: string): DeliveredRow[] {
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

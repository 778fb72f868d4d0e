import { Injectable } from '@nestjs/common';
import { In, Raw, type FindOptionsWhere } from 'typeorm';
import type { Actor } from '../platform/actor.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { pageOf, type Page } from '../platform/page.js';
import { Attendance } from './attendance.entity.js';
import { ClaimSettings, type ClaimSetting } from './claim-setting.service.js';
import { sessionNotFound } from './delivery.errors.js';
import { Session } from './session.entity.js';
import type { KnownSessionRow } from './planned-delivery.rules.js';
import type { SessionQuery } from './sessions.schemas.js';

export interface SessionWithPeople {
  readonly session: KnownSessionRow;
  /** In booking order. */
  readonly attendances: readonly Attendance[];
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

/** What was delivered: sessions with the attendance of each person. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly database: Database,
    private readonly settings: ClaimSettings,
  ) {}

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
        where: {
          commissionerId: In([...new Set(items.map(({ commissionerId }) => commissionerId))]),
          sessionId: In(items.map(({ id }) => id)),
        },
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

export async function getWithPeople(reader: Reader, id: string): Promise<SessionWithPeople> {
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
           (select a.session_id from referral r
            join attendance a on a.commissioner_id = r.commissioner_id and a.referral_id = r.id where r.id = :referral))`,
        { after: after ?? null, referral: referralId ?? null },
      ),
    }),
  };
}

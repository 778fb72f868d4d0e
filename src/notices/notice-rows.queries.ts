import type { Reader, Tx } from '../platform/database.js';
import type { GivenUpBecause, NoticeContent, Recipients } from './notice.rules.js';

/** A notice as it is stored, with what is read for it when it is sent. All statements here are on the side of `auth`. */
export interface NoticeRow {
  readonly id: string;
  readonly organisationId: string;
  readonly organisationName: string;
  readonly memberId: string | null;
  readonly commissionerId: string | null;
  readonly kind: NoticeContent['kind'];
  readonly data: NoticeContent['data'];
  readonly sealed: Buffer | null;
  readonly createdAt: Date;
  readonly attempts: number;
  readonly sentAt: Date | null;
  readonly sentTo: 'mailbox' | 'outbox_page' | null;
  readonly givenUpAt: Date | null;
  readonly givenUpBecause: GivenUpBecause | null;
  readonly locale: 'en' | 'cy';
  /** The commissioner that it is about, or the organisation that invites. */
  readonly fromName: string | null;
}

/** What became of a notice. */
export type NoticeFate = Pick<
  NoticeRow,
  'id' | 'organisationId' | 'kind' | 'createdAt' | 'attempts' | 'sentAt' | 'sentTo' | 'givenUpAt' | 'givenUpBecause'
>;

/** A notice with the one address that it goes to. */
export interface AddressedNotice extends NoticeRow {
  readonly address: string;
  readonly isDisabled: boolean;
  /** An invitation that was used or has run out; false for all else. */
  readonly isOver: boolean;
}

export interface NewNotice {
  readonly id: string;
  readonly organisationId: string;
  readonly memberId: string | null;
  readonly invitationId: string | null;
  readonly commissionerId: string | null;
  readonly content: NoticeContent;
  readonly sealed: Buffer | null;
  readonly dedupeKey: string;
  readonly createdAt: Date;
}

const COLUMNS = `
n.id, n.organisation_id as "organisationId", o.name as "organisationName", n.member_id as "memberId",
n.commissioner_id as "commissionerId", n.kind, n.data, n.sealed, n.created_at as "createdAt", n.attempts,
n.sent_at as "sentAt", n.sent_to as "sentTo", n.given_up_at as "givenUpAt", n.given_up_because as "givenUpBecause",
coalesce(l.locale, 'en') as locale, f.name as "fromName"`;

const JOINS = `
join organisation o on o.id = n.organisation_id
left join member m on m.id = n.member_id
left join login l on l.id = m.login_id
left join invitation i on i.id = n.invitation_id
left join organisation f on f.id = coalesce(i.invited_by, n.commissioner_id)`;

/** Members who are told: those with one of the roles who still work there, in a fixed order. */
export async function findRecipients(
  tx: Tx,
  { organisationId, roles }: Recipients,
): Promise<{ memberId: string; organisationId: string }[]> {
  return tx.query(
    `select id as "memberId", organisation_id as "organisationId" from member
     where organisation_id = $1 and roles && $2::text[] and disabled_at is null order by id`,
    [organisationId, roles],
  );
}

/** One member of a login for each address: whoever works for several organisations under one is told once. */
export async function findOwnAddresses(
  tx: Tx,
  loginId: string,
): Promise<{ memberId: string; organisationId: string }[]> {
  return tx.query(
    `select distinct on (lower(email)) id as "memberId", organisation_id as "organisationId" from member
     where login_id = $1 and disabled_at is null order by lower(email), id`,
    [loginId],
  );
}

/** Stores a notice unless its key is taken. */
export async function insertNotice(tx: Tx, notice: NewNotice): Promise<boolean> {
  const { content } = notice;
  const inserted = await tx.execute(
    `insert into notice (id, organisation_id, member_id, invitation_id, kind, commissioner_id, data, sealed, dedupe_key,
                         created_at, next_try_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $10) on conflict (dedupe_key) do nothing`,
    [
      notice.id,
      notice.organisationId,
      notice.memberId,
      notice.invitationId,
      content.kind,
      notice.commissionerId,
      JSON.stringify(content.data),
      notice.sealed,
      notice.dedupeKey,
      notice.createdAt,
    ],
  );
  return inserted === 1;
}

export async function existsOneOf(tx: Tx, dedupeKeys: readonly string[]): Promise<boolean> {
  const rows = await tx.query('select 1 from notice where dedupe_key = any ($1) limit 1', [dedupeKeys]);
  return rows.length > 0;
}

/** Those of the events that are not done with. */
export async function findUnmarked(tx: Tx, commissionerId: string, eventIds: readonly string[]): Promise<Set<string>> {
  const rows = await tx.query<{ id: string }>(
    `select id from unnest($2::uuid[]) id where not exists
       (select from noticed_event n where n.commissioner_id = $1 and n.event_id = id and n.look_again_at is null)`,
    [commissionerId, eventIds],
  );
  return new Set(rows.map(({ id }) => id));
}

/** Marks events: done with, or to be looked at again from a time on. What is done with stays so. */
export async function markEvents(
  tx: Tx,
  commissionerId: string,
  eventIds: readonly string[],
  lookAgainAt: Date | null,
): Promise<void> {
  await tx.execute(
    `insert into noticed_event (commissioner_id, event_id, look_again_at) select $1, id, $3 from unnest($2::uuid[]) id
     on conflict (commissioner_id, event_id) do update set look_again_at = excluded.look_again_at
     where noticed_event.look_again_at is not null`,
    [commissionerId, eventIds, lookAgainAt],
  );
}

/** Takes a notice that waits, for as long as the lease lasts; null when it does not, or somebody else has it. */
export async function takeNotice(tx: Tx, id: string, now: Date, leaseEnds: Date): Promise<AddressedNotice | null> {
  const taken = await tx.execute(
    `update notice set attempts = attempts + 1, next_try_at = $3
     where id = $1 and sent_at is null and given_up_at is null and next_try_at <= $2`,
    [id, now, leaseEnds],
  );
  if (taken === 0) return null;
  const [notice] = await tx.query<AddressedNotice>(
    `select ${COLUMNS}, coalesce(m.email, i.email) as address, m.disabled_at is not null as "isDisabled",
            coalesce(i.used_at is not null or i.expires_at <= $2, false) as "isOver"
     from notice n ${JOINS} where n.id = $1`,
    [id, now],
  );
  return notice ?? null;
}

/** It has left: for a mailbox, and then its secret is gone; or for the page that stands in for mailboxes in a sandbox. */
export async function markSent(tx: Tx, id: string, at: Date, to: 'mailbox' | 'outbox_page'): Promise<void> {
  await tx.execute(
    `update notice set sent_at = $2, sent_to = $3, sealed = case when $3 = 'outbox_page' then sealed end
     where id = $1 and sent_at is null and given_up_at is null`,
    [id, at, to],
  );
}

export async function markGivenUp(tx: Tx, id: string, at: Date, because: GivenUpBecause): Promise<void> {
  await tx.execute(
    `update notice set given_up_at = $2, given_up_because = $3, sealed = null
     where id = $1 and sent_at is null and given_up_at is null`,
    [id, at, because],
  );
}

/** It waits again: the queue says when it is tried next. */
export async function releaseNotice(tx: Tx, id: string, at: Date): Promise<void> {
  await tx.execute('update notice set next_try_at = $2 where id = $1 and sent_at is null', [id, at]);
}

/** Notices that wait to be sent. For the relay, which sees neither their kind nor what they say. */
export async function findWaiting(reader: Reader, now: Date): Promise<{ commissionerId: string; id: string }[]> {
  return reader.query(
    `select organisation_id as "commissionerId", id from notice
     where sent_at is null and given_up_at is null and next_try_at <= $1 order by id limit 1000`,
    [now],
  );
}

/** What became of notices: neither whom they name nor what they say. The latest first. */
export async function listFates(
  reader: Reader,
  { limit, after }: { limit: number; after?: string | undefined },
): Promise<NoticeFate[]> {
  return reader.query(
    `select id, organisation_id as "organisationId", kind, created_at as "createdAt", attempts, sent_at as "sentAt",
            sent_to as "sentTo", given_up_at as "givenUpAt", given_up_because as "givenUpBecause"
     from notice where ($1::uuid is null or id < $1) order by id desc limit $2`,
    [after ?? null, limit],
  );
}

/** How many wait, and how many were given up since a time. */
export async function countFates(reader: Reader, since: Date): Promise<{ waiting: number; givenUp: number }> {
  const [row] = await reader.query<{ waiting: number; givenUp: number }>(
    `select (select count(*)::int from notice where sent_at is null and given_up_at is null) as waiting,
            (select count(*)::int from notice where given_up_at > $1) as "givenUp"`,
    [since],
  );
  return row ?? { waiting: 0, givenUp: 0 };
}

/** Whom each notice goes to: a name, or the address of an invitation. */
export async function findRecipientNames(reader: Reader, ids: readonly string[]): Promise<Map<string, string>> {
  const rows = await reader.query<{ id: string; name: string }>(
    `select n.id, coalesce(m.display_name, i.email) as name from notice n
     left join member m on m.id = n.member_id left join invitation i on i.id = n.invitation_id where n.id = any ($1)`,
    [ids],
  );
  return new Map(rows.map(({ id, name }) => [id, name]));
}

/** The latest first. */
export async function listNotices(
  reader: Reader,
  { limit, after, organisationId }: { limit: number; after?: string | undefined; organisationId?: string | undefined },
): Promise<NoticeRow[]> {
  return reader.query(
    `select ${COLUMNS} from notice n ${JOINS}
     where ($1::uuid is null or n.id < $1) and ($2::uuid is null or n.organisation_id = $2) order by n.id desc limit $3`,
    [after ?? null, organisationId ?? null, limit],
  );
}

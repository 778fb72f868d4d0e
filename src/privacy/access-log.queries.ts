import type { AccessKind } from '../platform/access-log.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';

/** A read of persons by somebody: who, when and through which route; never what was read. */
export interface AccessEntry {
  readonly seq: bigint;
  readonly readAt: Date;
  readonly kind: AccessKind;
  readonly route: string;
  readonly actorKind: 'person' | 'service' | 'system';
  readonly actorOrgId: string;
  readonly actorOrgName: string;
  readonly memberId: string | null;
  /** Null of somebody else's members. */
  readonly memberName: string | null;
  readonly keyId: string | null;
  readonly correlationId: string;
  /** Both empty of a file or a stream: then it was about all that the reader may see. */
  readonly referralIds: readonly string[];
  readonly personIds: readonly string[];
}

export interface AccessFilter {
  /** A person or a referral. */
  readonly subject?: string | undefined;
  readonly kind?: AccessKind | undefined;
  /** On this day in London or later. */
  readonly from?: IsoDate | undefined;
  /** On this day in London or earlier. */
  readonly to?: IsoDate | undefined;
}

const MIDNIGHT = (day: string) => `(${day}::date)::timestamp at time zone 'Europe/London'`;

/**
 * $1 before this number, $2 subject, $3 kind, $4 and $5 first and last day, $6 limit. A provider sees of its own readers
 * whom they read of as far as its referrals go: persons are the commissioner's to know.
 */
const statementOf = (side: string) => `
select l.seq, l.read_at as "readAt", l.kind, l.route, l.actor_kind as "actorKind", l.actor_org_id as "actorOrgId",
       o.name as "actorOrgName", l.member_id as "memberId", m.display_name as "memberName", l.key_id as "keyId",
       l.correlation_id as "correlationId", l.referral_ids as "referralIds",
       ${side === 'commissioner' ? 'l.person_ids' : `'{}'::uuid[]`} as "personIds"
from access_log l join organisation o on o.id = l.actor_org_id
left join member m on m.organisation_id = l.actor_org_id and m.id = l.member_id
where ($1::bigint is null or l.seq < $1)
  and ($2::uuid is null or l.referral_ids @> array[$2::uuid]${side === 'commissioner' ? ' or l.person_ids @> array[$2::uuid]' : ''})
  and ($3::text is null or l.kind = $3)
  and ($4::date is null or l.read_at >= ${MIDNIGHT('$4')})
  and ($5::date is null or l.read_at < ${MIDNIGHT('($5::date + 1)')})
order by l.seq desc limit $6`;

/** The latest first. */
export function readAccessLog(
  reader: Reader,
  side: string,
  { subject, kind, from, to }: AccessFilter,
  before: string | undefined,
  limit: number,
): Promise<AccessEntry[]> {
  const narrowed = [before ?? null, subject ?? null, kind ?? null, from ?? null, to ?? null];
  return reader.query<AccessEntry>(statementOf(side), [...narrowed, limit]);
}

/** The policy of the relay lets nothing younger go, whatever is asked for. */
const FORGET = `
delete from access_log where (commissioner_id, seq) in (
  select commissioner_id, seq from access_log where read_at < now() - interval '24 months' limit $1)`;

export function forgetAccess(tx: Tx, limit: number): Promise<number> {
  return tx.execute(FORGET, [limit]);
}

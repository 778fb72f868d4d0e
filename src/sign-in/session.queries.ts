import type { Role } from '../platform/actor.js';
import type { Tx } from '../platform/database.js';
import type { DraftOwner } from './drafts.service.js';
import { IDLE_MS } from './session.rules.js';
import type { Assurance, SignInMethod } from './web-session.entity.js';

/** Often enough to know when somebody left, seldom enough not to write for each page. */
const TOUCH_MS = 60_000;

/** A session as it is stored, with whose it is and where they may act. */
export interface SessionRow {
  readonly sessionId: string;
  readonly loginId: string;
  readonly displayName: string;
  readonly email: string;
  readonly locale: 'en' | 'cy';
  readonly operator: boolean;
  readonly loginDisabledAt: Date | null;
  readonly memberId: string | null;
  /** Whoever they acted for, so that what they had typed can be kept. */
  readonly owner: DraftOwner | null;
  readonly confinedTo: string | null;
  readonly method: SignInMethod;
  readonly assurance: Assurance | null;
  readonly signedInAt: Date;
  readonly steppedUpAt: Date | null;
  readonly lastSeenAt: Date;
  readonly endsAt: Date;
  readonly endedAt: Date | null;
  readonly memberships: readonly MembershipRow[];
}

/** As JSON of the database: the limit in pence as text. */
export interface MembershipRow {
  readonly memberId: string;
  readonly organisationId: string;
  readonly kind: 'commissioner' | 'provider' | 'referrer';
  readonly name: string;
  readonly code: string;
  readonly roles: readonly Role[];
  readonly approvalLimitMinor: string | null;
}

/**
 * One statement for every page: notes that the session is in use, if that was a minute ago and it still runs, and reads it
 * with the memberships as they are now. Roles are never kept in a session, so that taking one away works at once.
 */
const FIND = `
with touched as (
  update web_session set last_seen_at = $2
  where token_hash = $1 and ended_at is null and ends_at > $2 and last_seen_at > $3 and last_seen_at <= $4
  returning id
)
select s.id as "sessionId", l.id as "loginId", l.display_name as "displayName", l.email, l.locale, l.operator,
       l.disabled_at as "loginDisabledAt", s.member_id as "memberId",
       (select json_build_object('side', o.kind, 'orgId', o.id, 'memberId', c.id)
        from member c join organisation o on o.id = c.organisation_id
        where c.id = s.member_id and c.disabled_at is null) as owner,
       s.confined_to as "confinedTo", s.method, s.assurance, s.signed_in_at as "signedInAt",
       s.stepped_up_at as "steppedUpAt",
       case when exists (select from touched) then $2 else s.last_seen_at end as "lastSeenAt",
       s.ends_at as "endsAt", s.ended_at as "endedAt",
       coalesce((select json_agg(json_build_object(
                   'memberId', m.id, 'organisationId', o.id, 'kind', o.kind, 'name', o.name, 'code', o.code,
                   'roles', m.roles, 'approvalLimitMinor', m.approval_limit_minor::text) order by o.name, o.id)
                 from member m join organisation o on o.id = m.organisation_id
                 where m.login_id = l.id and m.disabled_at is null
                   and (s.confined_to is null or m.organisation_id = s.confined_to)), '[]') as memberships
from web_session s join login l on l.id = s.login_id where s.token_hash = $1`;

export async function findSessionRow(tx: Tx, tokenHash: Buffer, now: Date): Promise<SessionRow | null> {
  const idleSince = new Date(now.getTime() - IDLE_MS);
  const touchedBefore = new Date(now.getTime() - TOUCH_MS);
  const [row] = await tx.query<SessionRow>(FIND, [tokenHash, now, idleSince, touchedBefore]);
  return row ?? null;
}

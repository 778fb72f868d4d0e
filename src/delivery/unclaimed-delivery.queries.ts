import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';

/** A place in a session, or a session without people, that no standing claim cites. */
export interface UnclaimedRow {
  readonly contractId: string;
  readonly sessionId: string;
  readonly serviceId: string;
  readonly heldOn: IsoDate;
  readonly startsAt: Date;
  readonly durationMinutes: number | null;
  readonly attendanceId: string | null;
  readonly referralId: string | null;
  readonly acceptedOn: IsoDate | null;
}

export interface UnclaimedFilter {
  /** Nothing that was held before. */
  readonly since: IsoDate;
  readonly contractId?: string | undefined;
  /** Only these sessions. */
  readonly sessionIds?: readonly string[] | undefined;
}

/** Neither for the place nor for the session as a whole. $1 first day, $2 contract, $3 sessions. */
const UNCLAIMED = `
select s.contract_id as "contractId", s.id as "sessionId", s.service_id as "serviceId", s.held_on as "heldOn",
       s.starts_at as "startsAt", s.duration_minutes as "durationMinutes", a.id as "attendanceId",
       r.id as "referralId", r.accepted_on as "acceptedOn"
from session s
left join attendance a on a.commissioner_id = s.commissioner_id and a.session_id = s.id
left join referral r on r.commissioner_id = a.commissioner_id and r.id = a.referral_id
where s.held_on >= $1 and ($2::uuid is null or s.contract_id = $2) and ($3::uuid[] is null or s.id = any ($3))
  and not exists (
    select from claim c where c.commissioner_id = s.commissioner_id and c.session_id = s.id
      and (c.attendance_id is null or c.attendance_id = a.id) and c.state in ('submitted', 'queried'))
order by s.contract_id, s.held_on, s.id, a.booking_position, a.id`;

export function findUnclaimed(
  reader: Reader,
  { since, contractId, sessionIds }: UnclaimedFilter,
): Promise<UnclaimedRow[]> {
  return reader.query(UNCLAIMED, [since, contractId ?? null, sessionIds ?? null]);
}

/** A referral that was accepted and whose acceptance nobody has claimed. */
export interface UnclaimedReferral {
  readonly id: string;
  readonly reference: string;
  readonly serviceId: string;
  readonly acceptedOn: IsoDate;
}

/** $1 contract, $2 first day. */
const ACCEPTED = `
select r.id, r.reference, r.service_id as "serviceId", r.accepted_on as "acceptedOn"
from referral r
where r.contract_id = $1 and r.accepted_on >= $2 and not exists (
  select from claim c where c.commissioner_id = r.commissioner_id and c.contract_id = r.contract_id
    and c.fact_kind = 'referral' and c.fact_id = r.id and c.state in ('submitted', 'queried'))
order by r.accepted_on, r.reference limit 200`;

export function findUnclaimedReferrals(
  reader: Reader,
  contractId: string,
  since: IsoDate,
): Promise<UnclaimedReferral[]> {
  return reader.query(ACCEPTED, [contractId, since]);
}

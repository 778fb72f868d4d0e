import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { ReferralState } from '../referrals/index.js';

export interface WaitingReferral {
  readonly id: string;
  readonly state: ReferralState;
  readonly respondBy: IsoDate;
}

const WAITING = `
select id, state, respond_by as "respondBy" from referral where state = 'made' order by respond_by, id`;

/** Referrals that nobody has answered yet. */
export function readWaitingReferrals(reader: Reader): Promise<WaitingReferral[]> {
  return reader.query<WaitingReferral>(WAITING);
}

/** $1 first day. */
const DECLINED = `
select r.id from referral r
where r.state = 'declined' and exists (
  select from ledger.event e where e.commissioner_id = r.commissioner_id and e.subject_id = r.id
    and e.type = 'referral.declined' and (e.occurred_at at time zone 'Europe/London')::date >= $1)
order by r.id desc`;

/** Referrals that were declined on or after a day, the latest made first. */
export async function readDeclinedSince(reader: Reader, day: IsoDate): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(DECLINED, [day]);
  return rows.map(({ id }) => id);
}

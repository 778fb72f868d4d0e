import type { Reader } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';
import { NEWS_TYPES, type News } from './notice-news.rules.js';

/** Spelled out, so that the planner can use the index of these types alone. */
const TYPES = NEWS_TYPES.map((type) => `'${type}'`).join(', ');
/** So many in one go, the rest later. */
const NEWS_MAX = 5_000;

/** $1 oldest news that is told. */
const RECENT = `e.type in (${TYPES}) and e.recorded_at > $1`;

/** Commissioners whose journal holds news that nobody was told of, and that is not put off. For the relay. */
export async function findUntold(reader: Reader, since: Date, now: Date): Promise<TopicData[]> {
  return reader.query(
    `select distinct e.commissioner_id as "commissionerId", e.commissioner_id as id from ledger.event e
     where ${RECENT} and not exists
       (select from noticed_event n where n.commissioner_id = e.commissioner_id and n.event_id = e.id
          and (n.look_again_at is null or n.look_again_at > $2))`,
    [since, now],
  );
}

/** $1 as above, $2 commissioner. What a provider did itself it need not be told. */
const NEWS = `
select e.id as "eventId", e.type, e.subject_id as "subjectId", e.commissioner_id as "commissionerId",
       e.provider_id as "providerId", e.recorded_at as "recordedAt", n.look_again_at as "lookAgainAt",
       o.code as provider, b.id as "batchId", b.code as batch, p.reference,
       p.amount_minor as "amountMinor", c.payout_account_id as "accountId",
       to_char(c.applies_at at time zone 'Europe/London', 'YYYY-MM-DD') as "appliesOn",
       case e.type
         when 'referral.made' then e.actor_org_id <> e.provider_id and exists
           (select from referral r where r.commissioner_id = $2 and r.id = e.subject_id and r.state = 'made')
         when 'claim.queried' then exists
           (select from claim_query q where q.commissioner_id = $2 and q.id = (said ->> 'queryId')::uuid
              and q.answered_at is null and q.closed_at is null)
         when 'claim.rejected' then exists
           (select from claim l where l.commissioner_id = $2 and l.id = e.subject_id and l.state = 'rejected')
         when 'batch.submitted' then b.state = 'submitted'
         when 'payout.paid' then p.state = 'paid'
         else c.id is not null
       end as stands
from ledger.event e
cross join lateral (select convert_from(e.body, 'UTF8')::jsonb -> 'data' as said) s
join organisation o on o.id = e.provider_id
left join noticed_event n on n.commissioner_id = e.commissioner_id and n.event_id = e.id
left join batch b on b.commissioner_id = $2
  and b.id = case when e.type = 'batch.submitted' then e.subject_id else (said ->> 'batchId')::uuid end
left join payout p on p.commissioner_id = $2 and p.id = e.subject_id
left join payout_account_change c on c.commissioner_id = $2 and c.id = e.subject_id
where e.commissioner_id = $2 and ${RECENT} and (n.event_id is null or n.look_again_at is not null)
order by n.event_id is not null, e.seq limit ${NEWS_MAX}`;

/** News of a commissioner's journal that nobody was told of, under its own policies: first what nobody has looked at, then what was put off. */
export async function readNews(reader: Reader, commissionerId: string, since: Date): Promise<News[]> {
  return reader.query(NEWS, [since, commissionerId]);
}

/** How many referrals wait for their provider, or batches for their commissioner: under the policies of whoever it is. */
export async function countWaiting(reader: Reader, what: 'referral' | 'batch'): Promise<number> {
  const sql =
    what === 'referral'
      ? `select count(*)::int as count from referral where state = 'made'`
      : `select count(*)::int as count from batch where state = 'submitted'`;
  const [row] = await reader.query<{ count: number }>(sql);
  return row?.count ?? 0;
}

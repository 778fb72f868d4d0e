import type { Reader } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';
import { NEWS_TYPES, type News } from './notice-news.rules.js';

/** Spelled out, so that the planner can use the index of these types alone. */
const TYPES = NEWS_TYPES.map((type) => `'${type}'`).join(', ');
/** So many in one go, the rest later. */
const NEWS_MAX = 5_000;

/** $1 oldest news that is told. */
const RECENT = `e.type in (${TYPES}) and e.recorded_at > $1`;

/**
 * Commissioners whose journal holds news that nobody was told of, and that is not put off. For the relay. Most news has been
 * told, so that each is asked about by its key: what was told in other weeks is not read.
 */
export async function findUntold(reader: Reader, since: Date, now: Date): Promise<TopicData[]> {
  return reader.query(
    `select distinct e.commissioner_id as "commissionerId", e.commissioner_id as id from ledger.event e
     where ${RECENT} and not exists
       (select from noticed_event n where n.commissioner_id = e.commissioner_id and n.event_id = e.id
          and (n.look_again_at is null or n.look_again_at > $2) offset 0)`,
    [since, now],
  );
}

/**
 * What nobody was told of is found first, by the journal's index of news and without reading what events say. $1 as above,
 * $2 commissioner, $3 subject where it is about one. What a provider did itself it need not be told.
 */
const newsOf = (which: string): string => `
with untold as materialized (
  select e.id, e.seq, n.look_again_at, n.event_id is not null as is_put_off
  from (select e.id, e.seq from ledger.event e where e.commissioner_id = $2 and ${RECENT}${which} offset 0) e
  left join noticed_event n on n.commissioner_id = $2 and n.event_id = e.id
  where n.event_id is null or n.look_again_at is not null
  order by is_put_off, e.seq limit ${NEWS_MAX})
select e.id as "eventId", e.type, e.subject_id as "subjectId", e.commissioner_id as "commissionerId",
       e.provider_id as "providerId", e.recorded_at as "recordedAt", u.look_again_at as "lookAgainAt",
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
from untold u
join ledger.event e on e.commissioner_id = $2 and e.id = u.id
cross join lateral (select convert_from(e.body, 'UTF8')::jsonb -> 'data' as said) s
join organisation o on o.id = e.provider_id
left join batch b on b.commissioner_id = $2
  and b.id = case when e.type = 'batch.submitted' then e.subject_id else (said ->> 'batchId')::uuid end
left join payout p on p.commissioner_id = $2 and p.id = e.subject_id
left join payout_account_change c on c.commissioner_id = $2 and c.id = e.subject_id
order by u.is_put_off, u.seq`;

const NEWS = newsOf('');
const NEWS_ABOUT = newsOf(' and e.subject_id = $3');

/**
 * News of a commissioner's journal that nobody was told of, under its own policies: first what nobody has looked at, then what
 * was put off.
 *
 * @param subject such as a payout, where only news of that is wanted
 */
export async function readNews(reader: Reader, commissionerId: string, since: Date, subject?: string): Promise<News[]> {
  return subject === undefined
    ? reader.query(NEWS, [since, commissionerId])
    : reader.query(NEWS_ABOUT, [since, commissionerId, subject]);
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

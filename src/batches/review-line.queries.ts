import type { ClaimFlag } from '../delivery/index.js';
import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { EarningFact, LineKind, Reason } from '../pricing/index.js';

/** A line as it is put before a reviewer: what was done, for how much and why, in codes and figures. */
export interface ReviewLine {
  readonly claimId: string;
  readonly serviceName: string;
  readonly factKind: EarningFact;
  readonly kind: LineKind;
  readonly servedOn: IsoDate;
  readonly forPeriod: IsoDate;
  readonly isFlagged: boolean;
  /** Of a month before that of the batch. */
  readonly isEarlier: boolean;
  readonly priceMinor: Minor;
  readonly indicativeMinor: Minor;
  /** Of the referral. */
  readonly reference: string | null;
  readonly yourReference: string | null;
  readonly sessionId: string | null;
  /** Of the session: on its roll, and of those who came. */
  readonly people: number;
  readonly attended: number;
  /** The name of a milestone. */
  readonly milestone: string | null;
  readonly reasons: readonly Reason[];
  readonly flags: readonly ClaimFlag[];
}

/** What a person looks at first: flagged lines, then those of an earlier month, then the others, by service time. */
export const LINE_PLACE = `
case when cardinality(c.flags) > 0 then 0 when c.for_period < b.period then 1 else 2 end, c.served_at, c.id`;

/** $1 batch, $2 the claim after which to go on, $3 the only ones to give, $4 how many. */
const LINES = `
with page as (
  select c.*, b.period, row_number() over (order by ${LINE_PLACE}) as place
  from batch b join claim c on c.commissioner_id = b.commissioner_id and c.batch_id = b.id
  where b.id = $1 and ($3::uuid[] is null or c.id = any ($3))
    and ($2::uuid is null or (${LINE_PLACE}) > (select ${LINE_PLACE} from claim c where c.batch_id = b.id and c.id = $2))
  order by ${LINE_PLACE} limit $4
)
select c.id as "claimId", s.name as "serviceName", c.fact_kind as "factKind", c.line_kind as kind,
       c.served_on as "servedOn", c.for_period as "forPeriod", cardinality(c.flags) > 0 as "isFlagged",
       c.for_period < c.period as "isEarlier", c.price_minor as "priceMinor", c.indicative_minor as "indicativeMinor",
       r.reference, c.your_reference as "yourReference", c.session_id as "sessionId", coalesce(a.people, 0) as people,
       coalesce(a.attended, 0) as attended, m.name as milestone, c.pricing -> 'reasons' as reasons,
       c.pricing -> 'flags' as flags
from page c
join service s on s.commissioner_id = c.commissioner_id and s.id = c.service_id
left join referral r on r.commissioner_id = c.commissioner_id and r.id = c.referral_id
left join milestone m on c.fact_kind = 'milestone' and m.commissioner_id = c.commissioner_id and m.id = c.fact_id
left join lateral (
  select count(*)::int as people, (count(*) filter (where a.outcome = 'attended'))::int as attended
  from attendance a where a.commissioner_id = c.commissioner_id and a.session_id = c.session_id) a on true
order by c.place`;

export interface LinesWanted {
  readonly after?: string | undefined;
  readonly claimIds?: readonly string[] | undefined;
  readonly most: number;
}

/** The lines that a batch holds, flagged ones first. */
export function findReviewLines(
  reader: Reader,
  batchId: string,
  { after, claimIds, most }: LinesWanted,
): Promise<ReviewLine[]> {
  return reader.query<ReviewLine>(LINES, [batchId, after ?? null, claimIds ?? null, most]);
}

/** A line that left its batch: queried, or rejected without a query. */
export interface LineThatLeft {
  readonly claimId: string;
  readonly serviceName: string;
  readonly servedOn: IsoDate;
  readonly reference: string | null;
  readonly yourReference: string | null;
  /** What it was priced at when it was claimed. */
  readonly provisionalMinor: Minor;
  readonly leftAt: Date;
  /** Null of a line that was rejected. */
  readonly queryId: string | null;
  readonly queryState: 'open' | 'answered' | 'closed' | null;
  readonly question: string | null;
  readonly answer: string | null;
  /** Whether the claim is rejected now; why, unless it was erased. */
  readonly isRejected: boolean;
  readonly rejectReason: string | null;
}

/** $1 batch, $2 how many. */
const LEFT = `
select c.id as "claimId", s.name as "serviceName", c.served_on as "servedOn", r.reference,
       c.your_reference as "yourReference", c.provisional_minor as "provisionalMinor", l.at as "leftAt",
       l.id as "queryId", l.state as "queryState", l.question, l.answer, c.state = 'rejected' as "isRejected",
       c.reject_reason as "rejectReason"
from batch b
cross join lateral (
  select q.claim_id, q.id, q.asked_at as at, q.question, q.answer,
         case when q.answered_at is not null then 'answered' when q.closed_at is not null then 'closed' else 'open' end
           as state
  from claim_query q where q.commissioner_id = b.commissioner_id and q.batch_id = b.id
  union all
  select e.subject_id, null, e.occurred_at, null, null, null
  from ledger.event e
  where e.commissioner_id = b.commissioner_id and e.cause_id = b.event_id and e.type = 'claim.rejected'
) l
join claim c on c.commissioner_id = b.commissioner_id and c.id = l.claim_id
join service s on s.commissioner_id = c.commissioner_id and s.id = c.service_id
left join referral r on r.commissioner_id = c.commissioner_id and r.id = c.referral_id
where b.id = $1
order by l.at, l.claim_id limit $2`;

/** Those that left first come first. */
export function findLinesThatLeft(reader: Reader, batchId: string, most: number): Promise<LineThatLeft[]> {
  return reader.query<LineThatLeft>(LEFT, [batchId, most]);
}

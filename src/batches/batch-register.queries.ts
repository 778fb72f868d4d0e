import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import type { DocumentMode, RailKind } from '../pricing/index.js';
import type { BatchState } from './batch.rules.js';

/** What the two agreed that matters to a review, of one version of the contract. */
export interface ReviewTerms {
  readonly version: number;
  readonly effectiveFrom: IsoDate;
  /** Working days in which a batch is decided. */
  readonly decideDays: number;
  /** Calendar days from receipt of the invoice. */
  readonly paymentDays: number;
  readonly documentMode: DocumentMode;
  /** The provider's invoices are issued without waiting for it. */
  readonly standingAuthority: boolean;
  readonly rail: RailKind;
}

/** All versions of the contract of a batch `b`, as JSON: which of them governs it is for `versionOn` to say. */
const VERSIONS = `
(select json_agg(json_build_object('version', v.version, 'effectiveFrom', v.effective_from, 'decideDays', v.decide_days,
                                   'paymentDays', v.payment_days, 'documentMode', v.document_mode,
                                   'standingAuthority', v.standing_authority, 'rail', v.rail))
 from contract_version v where v.commissioner_id = b.commissioner_id and v.contract_id = b.contract_id) as versions`;

const SUBMITTED_ON = `(b.submitted_at at time zone 'Europe/London')::date as "submittedOn"`;
const DECIDED_ON = `(b.decided_at at time zone 'Europe/London')::date as "decidedOn"`;

/** A batch with everything around it that its page shows, but for its lines. */
export interface BatchRow {
  readonly commissionerId: string;
  readonly id: string;
  readonly providerId: string;
  readonly contractId: string;
  readonly code: string;
  readonly period: IsoDate;
  readonly state: BatchState;
  readonly lineCount: number;
  readonly chargeCount: number;
  readonly totalMinor: Minor;
  readonly vatMinor: Minor;
  readonly indicativeMinor: Minor;
  /** Lower-case hexadecimal. */
  readonly digest: string;
  readonly purchaseOrderNumber: string | null;
  readonly uncommittedMinor: Minor;
  readonly madeBy: string | null;
  readonly submittedAt: Date;
  readonly submittedOn: IsoDate;
  readonly decidedBy: string | null;
  readonly decidedAt: Date | null;
  readonly decidedOn: IsoDate | null;
  readonly rejectReason: string | null;
  readonly flagsReason: string | null;
  readonly eventId: string;
  readonly approvedEventId: string | null;
  readonly contractCode: string;
  readonly contractTitle: string;
  readonly providerName: string;
  readonly commissionerName: string;
  /** Null for whoever cannot see the people of the commissioner, and for what a program submitted. */
  readonly madeByName: string | null;
  readonly decidedByName: string | null;
  readonly flaggedCount: number;
  readonly flaggedMinor: Minor;
  readonly earlierPeriodCount: number;
  readonly openQueryCount: number;
  /** Lines that were queried, or rejected without a query, and left. */
  readonly leftCount: number;
  /** Left to commit of the contract's budget, now. */
  readonly budgetLeftMinor: Minor;
  readonly versions: readonly ReviewTerms[];
}

/** $1 batch. */
const BATCH = `
select b.commissioner_id as "commissionerId", b.id, b.provider_id as "providerId", b.contract_id as "contractId", b.code,
       b.period, b.state, b.line_count as "lineCount", b.charge_count as "chargeCount", b.total_minor as "totalMinor",
       b.vat_minor as "vatMinor", b.indicative_minor as "indicativeMinor", encode(b.digest, 'hex') as digest,
       b.purchase_order_number as "purchaseOrderNumber", b.uncommitted_minor as "uncommittedMinor",
       b.made_by as "madeBy", b.submitted_at as "submittedAt", ${SUBMITTED_ON}, b.decided_by as "decidedBy",
       b.decided_at as "decidedAt", ${DECIDED_ON}, b.reject_reason as "rejectReason", b.flags_reason as "flagsReason",
       b.event_id as "eventId", b.approved_event_id as "approvedEventId", k.code as "contractCode",
       k.title as "contractTitle", p.name as "providerName", o.name as "commissionerName",
       (select m.display_name from member m where m.id = b.made_by) as "madeByName",
       (select m.display_name from member m where m.id = b.decided_by) as "decidedByName",
       f."flaggedCount", f."flaggedMinor", f."earlierPeriodCount", q."openQueryCount",
       q.count + (select count(*)::int from ledger.event e
                  where e.commissioner_id = b.commissioner_id and e.cause_id = b.event_id and e.type = 'claim.rejected')
         as "leftCount",
       (select u.budget_minor from ledger.contract_budget(b.commissioner_id, b.contract_id) u) as "budgetLeftMinor",
       ${VERSIONS}
from batch b
join contract k on k.commissioner_id = b.commissioner_id and k.id = b.contract_id
join organisation p on p.id = b.provider_id
join organisation o on o.id = b.commissioner_id
cross join lateral (
  select (count(*) filter (where cardinality(c.flags) > 0))::int as "flaggedCount",
         coalesce(sum(c.price_minor) filter (where cardinality(c.flags) > 0), 0)::bigint as "flaggedMinor",
         (count(*) filter (where c.for_period < b.period))::int as "earlierPeriodCount"
  from claim c where c.commissioner_id = b.commissioner_id and c.batch_id = b.id) f
cross join lateral (
  select count(*)::int as count,
         (count(*) filter (where q.answered_at is null and q.closed_at is null))::int as "openQueryCount"
  from claim_query q where q.commissioner_id = b.commissioner_id and q.batch_id = b.id) q
where b.id = $1`;

export async function findBatchRow(reader: Reader, id: string): Promise<BatchRow | null> {
  const [row] = await reader.query<BatchRow>(BATCH, [id]);
  return row ?? null;
}

/** A batch as a list of them shows it. */
export interface ListedRow {
  readonly id: string;
  readonly code: string;
  readonly period: IsoDate;
  readonly state: BatchState;
  readonly contractCode: string;
  readonly providerName: string;
  readonly commissionerName: string;
  readonly lineCount: number;
  readonly totalMinor: Minor;
  readonly flaggedCount: number;
  readonly submittedOn: IsoDate;
  readonly decidedOn: IsoDate | null;
  readonly versions: readonly Pick<ReviewTerms, 'version' | 'effectiveFrom' | 'decideDays'>[];
}

export interface RegisterFilter {
  readonly providerId?: string | undefined;
  readonly contractId?: string | undefined;
  /** The first day of a month. */
  readonly period?: IsoDate | undefined;
  readonly state?: BatchState | undefined;
}

/** $1 provider, $2 contract, $3 period, $4 state. */
const FILTER = `
($1::uuid is null or b.provider_id = $1) and ($2::uuid is null or b.contract_id = $2)
and ($3::date is null or b.period = $3) and ($4::text is null or b.state = $4)`;

/** What waits first, the oldest before the others; then what is decided, the latest before the others. */
const PLACE = `case when b.state = 'submitted' then 0 else 1 end,
  case when b.state = 'submitted' then extract(epoch from b.submitted_at) else -extract(epoch from b.decided_at) end, b.id`;

/** $5 the batch after which to go on, $6 how many. */
const LISTED = `
with page as (
  select b.*, row_number() over (order by ${PLACE}) as place from batch b
  where ${FILTER} and ($5::uuid is null or (${PLACE}) > (select ${PLACE} from batch b where b.id = $5))
  order by ${PLACE} limit $6
)
select b.id, b.code, b.period, b.state, k.code as "contractCode", p.name as "providerName", o.name as "commissionerName",
       b.line_count as "lineCount", b.total_minor as "totalMinor",
       (select count(*)::int from claim c where c.commissioner_id = b.commissioner_id and c.batch_id = b.id
        and cardinality(c.flags) > 0) as "flaggedCount",
       ${SUBMITTED_ON}, ${DECIDED_ON}, ${VERSIONS}
from page b
join contract k on k.commissioner_id = b.commissioner_id and k.id = b.contract_id
join organisation p on p.id = b.provider_id
join organisation o on o.id = b.commissioner_id
order by b.place`;

export function findListedRows(
  reader: Reader,
  filter: RegisterFilter,
  after: string | undefined,
  most: number,
): Promise<ListedRow[]> {
  return reader.query<ListedRow>(LISTED, [...valuesOf(filter), after ?? null, most]);
}

export interface CountAndSum {
  readonly count: number;
  /** Net of VAT. */
  readonly totalMinor: Minor;
}

const SUMS = `
select b.state, count(*)::int as count, sum(b.total_minor)::bigint as "totalMinor"
from batch b where ${FILTER} group by b.state`;

/** How many batches there are of each state, and what they come to. */
export async function findSums(reader: Reader, filter: RegisterFilter): Promise<ReadonlyMap<BatchState, CountAndSum>> {
  const rows = await reader.query<CountAndSum & { state: BatchState }>(SUMS, valuesOf(filter));
  return new Map(rows.map(({ state, ...sum }) => [state, sum]));
}

/** What batches can be looked for by. */
export interface BatchChoice {
  readonly contractId: string;
  readonly contractCode: string;
  readonly providerId: string;
  readonly providerName: string;
  /** First days of the months that there are batches of. */
  readonly periods: readonly IsoDate[];
}

const CHOICES = `
select k.id as "contractId", k.code as "contractCode", p.id as "providerId", p.name as "providerName",
       (select json_agg(distinct b.period) from batch b
        where b.commissioner_id = k.commissioner_id and b.contract_id = k.id) as periods
from contract k join organisation p on p.id = k.provider_id
where exists (select from batch b where b.commissioner_id = k.commissioner_id and b.contract_id = k.id)
order by p.name, k.code`;

export function findChoices(reader: Reader): Promise<BatchChoice[]> {
  return reader.query<BatchChoice>(CHOICES);
}

/** $1 whose own are left out, or null. */
const NEXT = `
select b.id, b.code, p.name as "providerName", b.total_minor as "totalMinor" from batch b
join organisation p on p.id = b.provider_id
where b.state = 'submitted' and b.made_by is distinct from $1
order by b.submitted_at, b.id limit 1`;

export interface NextBatch {
  readonly id: string;
  readonly code: string;
  readonly providerName: string;
  readonly totalMinor: Minor;
}

/** The batch that has waited longest, of those that the person did not submit. */
export async function findNext(reader: Reader, memberId: string | null): Promise<NextBatch | null> {
  const [next] = await reader.query<NextBatch>(NEXT, [memberId]);
  return next ?? null;
}

function valuesOf({ providerId, contractId, period, state }: RegisterFilter): (string | null)[] {
  return [providerId ?? null, contractId ?? null, period ?? null, state ?? null];
}

import {
  as,
  eventsOf,
  type Judgement,
  latest,
  registerInvariant,
  registerStateTable,
  registerText,
  saidText,
  type StateTable,
  type TextPlace,
} from '../ledger/index.js';
import { PRICING_OF_CLAIMS } from './batches.queries.js';

const SUBMITTED = `type = 'batch.submitted'`;
const DECIDED = `type in ('batch.approved', 'batch.rejected')`;

/** Of several events only those that say it: from before it was said, nothing is known. */
const figure = (name: string) => latest(`data->>'${name}'`, `data ? '${name}'`);

const isKnown = (expression: string, type: string): Judgement => {
  return (column) => `(${expression} is not null and s.${column} is distinct from (${expression})::${type})`;
};

/** A line that leaves a batch says what the batch is from then on, in the event of its claim. */
const BATCHES: StateTable = {
  table: 'batch',
  sentence: 'Every batch is what its events say: its sums, who made it, and what was decided.',
  key: ['id'],
  told: `
select commissioner_id, batch_id as id, ${latest('provider_id', SUBMITTED)} as provider_id,
       ${latest('data', SUBMITTED)} as data, ${latest('event_id', SUBMITTED)} as event_id,
       ${latest('member_id', SUBMITTED)} as made_by, ${latest('occurred_at', SUBMITTED)} as submitted_at,
       ${figure('lineCount')} as line_count, ${figure('chargeCount')} as charge_count,
       ${figure('totalMinor')} as total_minor, ${figure('vatMinor')} as vat_minor,
       ${figure('indicativeMinor')} as indicative_minor, ${figure('uncommittedMinor')} as uncommitted_minor,
       ${figure('digest')} as digest, ${latest('type', DECIDED)} as decision, ${latest('member_id', DECIDED)} as decided_by,
       ${latest('occurred_at', DECIDED)} as decided_at, ${latest('data', DECIDED)} as decided,
       ${latest('event_id', DECIDED)} as decided_event_id,
       ${latest('event_id', `type = 'batch.approved'`)} as approved_event_id
from (
  select t.*, case when type like 'batch.%' then subject_id else (data->>'batchId')::uuid end as batch_id
  from (${eventsOf('batch.submitted', 'batch.approved', 'batch.rejected', 'claim.queried', 'claim.rejected')}) t) e
group by 1, 2`,
  columns: {
    provider_id: as('t.provider_id'),
    contract_id: as(`(t.data->>'contractId')::uuid`),
    code: as(`t.data->>'code'`),
    period: as(`(t.data->>'period')::date`),
    state: as(`coalesce(split_part(t.decision, '.', 2), 'submitted')`),
    line_count: as('t.line_count::int'),
    charge_count: isKnown('t.charge_count', 'int'),
    total_minor: as('t.total_minor::bigint'),
    vat_minor: as('t.vat_minor::bigint'),
    indicative_minor: isKnown('t.indicative_minor', 'bigint'),
    digest: as(`decode(t.digest, 'hex')`),
    purchase_order_number: as(`t.data->>'purchaseOrderNumber'`),
    uncommitted_minor: isKnown(`case when t.decision is null then t.uncommitted_minor else '0' end`, 'bigint'),
    made_by: as('t.made_by'),
    submitted_at: as('t.submitted_at'),
    decided_by: as('t.decided_by'),
    decided_at: as('t.decided_at'),
    ...saidText('reject_reason', { name: 'reason', data: 'decided', event: 'decided_event_id' }),
    ...saidText('flags_reason', { name: 'flagsReason', data: 'decided', event: 'decided_event_id' }),
    event_id: as('t.event_id'),
    approved_event_id: as('t.approved_event_id'),
  },
};

/** What was asked is closed by its answer, or by what became of the claim without one. */
const QUERIES: StateTable = {
  table: 'claim_query',
  sentence: 'Every question about a claim, and its answer, is what its events say.',
  key: ['id'],
  told: `
with e as materialized (${eventsOf('claim.queried', 'claim.answered', 'claim.rejected', 'claim.withdrawn')}),
asked as (
  select *, (data->>'queryId')::uuid as id,
         lead(seq) over (partition by commissioner_id, subject_id order by seq) as next_seq
  from e where type = 'claim.queried'),
closed as (
  select a.commissioner_id, a.id, min(c.occurred_at) as closed_at from asked a
  join e c on c.commissioner_id = a.commissioner_id and c.subject_id = a.subject_id
    and c.type in ('claim.rejected', 'claim.withdrawn') and c.seq > a.seq and (a.next_seq is null or c.seq < a.next_seq)
  group by 1, 2)
select a.commissioner_id, a.id, a.event_id, a.provider_id, a.subject_id as claim_id, a.data, a.member_id as asked_by,
       a.occurred_at as asked_at, r.member_id as answered_by, r.occurred_at as answered_at,
       r.data as answered, r.event_id as answer_event_id, c.person_id, case when r.event_id is null then d.closed_at end as closed_at
from asked a
left join e r on r.type = 'claim.answered' and r.commissioner_id = a.commissioner_id and (r.data->>'queryId')::uuid = a.id
left join closed d on d.commissioner_id = a.commissioner_id and d.id = a.id
left join claim c on c.commissioner_id = a.commissioner_id and c.id = a.subject_id`,
  columns: {
    provider_id: as('t.provider_id'),
    claim_id: as('t.claim_id'),
    batch_id: as(`(t.data->>'batchId')::uuid`),
    ...saidText('question', { name: 'question', person: 'person_id' }),
    asked_by: as('t.asked_by'),
    asked_at: as('t.asked_at'),
    ...saidText('answer', {
      name: 'answer',
      data: 'answered',
      event: 'answer_event_id',
      person: 'person_id',
    }),
    answered_by: as('t.answered_by'),
    answered_at: as('t.answered_at'),
    closed_at: as('t.closed_at'),
  },
};

const OF_QUERY = `s.id = (e.data->>'queryId')::uuid`;
const OF_BATCH = 's.id = e.subject_id';

const TEXTS: readonly TextPlace[] = [
  {
    eventType: 'claim.queried',
    name: 'question',
    table: 'claim_query',
    column: 'question',
    row: OF_QUERY,
    claim: 's.claim_id',
  },
  {
    eventType: 'claim.answered',
    name: 'answer',
    table: 'claim_query',
    column: 'answer',
    row: OF_QUERY,
    claim: 's.claim_id',
  },
  { eventType: 'batch.rejected', name: 'reason', table: 'batch', column: 'reject_reason', row: OF_BATCH },
  { eventType: 'batch.approved', name: 'flagsReason', table: 'batch', column: 'flags_reason', row: OF_BATCH },
];

/** Adds batches and what was asked about their lines to what is held to the journal. */
export function registerBatchState(): void {
  for (const text of TEXTS) registerText(text);
  registerStateTable(BATCHES);
  registerStateTable(QUERIES);
  registerInvariant({
    sentence: 'The lines of a batch are priced as its events say.',
    sql: `
with said as (
  select commissioner_id, batch_id, ${latest(`data->>'pricingSha256'`)} as pricing from (
    select t.*, coalesce((data->>'batchId')::uuid, subject_id) as batch_id
    from (${eventsOf('batch.submitted', 'batch.approved', 'claim.queried', 'claim.rejected')}) t
    where data ? 'pricingSha256') e group by 1, 2),
priced as (
  select b.commissioner_id, b.id as batch_id, ${PRICING_OF_CLAIMS} from batch b
  left join claim c on c.commissioner_id = b.commissioner_id and c.batch_id = b.id
  where b.state <> 'rejected' group by 1, 2)
select commissioner_id, batch_id, said.pricing as said, priced.pricing
from priced join said using (commissioner_id, batch_id) where said.pricing <> priced.pricing`,
  });
}

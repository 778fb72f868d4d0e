import {
  as,
  eventsOf,
  type Judgement,
  registerStateTable,
  said,
  sha256Of,
  since,
  type StateTable,
} from '../ledger/index.js';

const LINES_OF_BATCHES = 'The lines of a batch are priced as its events say.';
const BATCHES_HOLD = 'The sums and the digest of a batch are those of the claims that it holds.';

/** Noon in London, where a day was given and no time. */
const atNoon = (day: string) => `((${day} + time '12:00') at time zone 'Europe/London')`;

/**
 * What was submitted, with the last that happened to the claim alone, and what it was last priced by outside of a batch:
 * when it was submitted, or when it left a batch. A claim in a batch is priced by the batch.
 */
const TOLD = `
with e as materialized (${eventsOf('claim.submitted', 'claim.queried', 'claim.answered', 'claim.rejected', 'claim.withdrawn', 'claim.reinstated')}),
last as (
  select distinct on (commissioner_id, subject_id) commissioner_id, subject_id, type, data from e
  where type <> 'claim.submitted' order by commissioner_id, subject_id, seq desc),
priced as (
  select distinct on (commissioner_id, subject_id) commissioner_id, subject_id, data->'priced' as priced from e
  where data ? 'priced' order by commissioner_id, subject_id, seq desc)
select e.commissioner_id, e.subject_id as id, e.event_id, e.provider_id, e.occurred_at, e.member_id, e.data, p.priced,
       e.data->'fact'->>'kind' as fact_kind, (e.data->'fact'->>'id')::uuid as fact_id,
       case l.type when 'claim.queried' then 'queried' when 'claim.rejected' then 'rejected'
                   when 'claim.withdrawn' then 'withdrawn' else 'submitted' end as state,
       case l.type when 'claim.rejected' then l.data->>'reasonSha256' end as reason_sha256,
       case e.data->'fact'->>'kind' when 'session' then f.id else a.session_id end as session_id, a.id as attendance_id,
       r.id as referral_id, r.person_id,
       case e.data->'fact'->>'kind'
         when 'period' then ((e.data->>'servedOn')::date)::timestamp at time zone 'Europe/London'
         when 'attendance' then f.starts_at when 'session' then f.starts_at
         else ${atNoon(`(e.data->>'servedOn')::date`)} end as served_at
from e
left join last l on l.commissioner_id = e.commissioner_id and l.subject_id = e.subject_id
left join priced p on p.commissioner_id = e.commissioner_id and p.subject_id = e.subject_id
left join attendance a on e.data->'fact'->>'kind' = 'attendance' and a.commissioner_id = e.commissioner_id
  and a.id = (e.data->'fact'->>'id')::uuid
left join milestone m on e.data->'fact'->>'kind' = 'milestone' and m.commissioner_id = e.commissioner_id
  and m.id = (e.data->'fact'->>'id')::uuid
left join session f on f.commissioner_id = e.commissioner_id
  and f.id = coalesce(a.session_id, case e.data->'fact'->>'kind' when 'session' then (e.data->'fact'->>'id')::uuid end)
left join referral r on r.commissioner_id = e.commissioner_id
  and r.id = coalesce(a.referral_id, m.referral_id, case e.data->'fact'->>'kind' when 'referral' then (e.data->'fact'->>'id')::uuid end)
where e.type = 'claim.submitted'`;

const PRICED = `coalesce(t.priced, t.data)`;

/** Of a claim that no batch holds, what its events price it by; of one from before they said it, nothing. */
const alone =
  (judgement: (column: string, priced: string) => string): Judgement =>
  (column) =>
    `(s.batch_id is null and ${PRICED} ? 'lineKind' and ${judgement(column, PRICED)})`;

const codesOf = (findings: string) =>
  `(select coalesce(array_agg(distinct f->>'code' order by f->>'code'), '{}') from jsonb_array_elements(${findings}) f)`;

const CLAIMS: StateTable = {
  table: 'claim',
  sentence: 'Every claim is what its events say: of what, for whom, at which price, and where it stands.',
  key: ['id'],
  told: TOLD,
  columns: {
    provider_id: as('t.provider_id'),
    contract_id: said('contractId', 'uuid'),
    service_id: said('serviceId', 'uuid'),
    rate_card_id: alone((column, priced) => `s.${column}::text is distinct from ${priced}->>'rateCardId'`),
    fact_kind: as('t.fact_kind'),
    fact_id: as('t.fact_id'),
    charge_kind: said('chargeKind'),
    referral_id: as('t.referral_id'),
    person_id: as('t.person_id'),
    session_id: as('t.session_id'),
    attendance_id: as('t.attendance_id'),
    paid_to: said('paidTo', 'uuid'),
    delivered_by: said('deliveredBy', 'uuid'),
    served_on: said('servedOn', 'date'),
    served_at: as('t.served_at'),
    period_ends_on: since('lineKind', said('periodEndsOn', 'date')),
    for_period: said('forPeriod', 'date'),
    state: as('t.state'),
    provisional_minor: said('provisionalMinor', 'bigint'),
    price_minor: (column) => `(s.batch_id is null) is distinct from (s.${column} is null)`,
    indicative_minor: alone((column, priced) => `s.${column}::text is distinct from ${priced}->>'indicativeMinor'`),
    pricing: alone(
      (column, priced) => `s.${column} is distinct from jsonb_build_object('quantity', ${priced}->'quantity',
        'unit', ${priced}->'unit', 'unitPriceMinor', ${priced}->'unitPriceMinor', 'reasons', ${priced}->'reasons',
        'flags', ${priced}->'flags')`,
    ),
    flags: alone(
      (column, priced) => `case when ${priced}->'flags' = '[]' then s.${column} <> '{}'
        else (select coalesce(array_agg(f order by f), '{}') from unnest(s.${column}) f)
             is distinct from ${codesOf(`${priced}->'flags'`)} end`,
    ),
    line_kind: alone((column, priced) => `s.${column} is distinct from ${priced}->>'lineKind'`),
    units: alone((column, priced) => `s.${column}::text is distinct from ${priced}->>'units'`),
    expected_minor: said('expectedMinor', 'bigint'),
    reject_reason: (column) => `${sha256Of(`s.${column}`)} is distinct from t.reason_sha256`,
    claim_file_id: as(`(t.data->'claimFile'->>'id')::uuid`),
    row_number: as(`(t.data->'claimFile'->>'row')::int`),
    event_id: as('t.event_id'),
    submitted_at: as('t.occurred_at'),
    submitted_by: as('t.member_id'),
  },
  bound: {
    batch_id: BATCHES_HOLD,
    price_minor: BATCHES_HOLD,
    rate_card_id: LINES_OF_BATCHES,
    indicative_minor: LINES_OF_BATCHES,
    pricing: LINES_OF_BATCHES,
    flags: LINES_OF_BATCHES,
    line_kind: LINES_OF_BATCHES,
    units: LINES_OF_BATCHES,
  },
  untold: {
    your_reference: 'the provider’s own words for a line: a person may be known by them, and nothing follows from them',
  },
};

/** Adds claims to the tables that are held to the journal. */
export function registerClaimState(): void {
  registerStateTable(CLAIMS);
}

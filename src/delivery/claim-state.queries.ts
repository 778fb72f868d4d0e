import {
  as,
  eventsOf,
  type Judgement,
  registerStateTable,
  registerText,
  saidText,
  type StateTable,
} from '../ledger/index.js';

const LINES_OF_BATCHES = 'The lines of a batch are priced as its events say.';
const BATCHES_HOLD = 'The sums and the digest of a batch are those of the claims that it holds.';

/** What a price consists of beside its amount; all as JSON, so that it is compared like what a later event says. */
const PRICED_COLUMNS = `
"rateCardId" jsonb, "indicativeMinor" jsonb, quantity jsonb, unit jsonb, "unitPriceMinor" jsonb, reasons jsonb,
flags jsonb, "lineKind" jsonb, units jsonb`;

/** Noon in London, where a day was given and no time. */
const atNoon = (day: string) => `((${day} + time '12:00') at time zone 'Europe/London')`;

/** What an event says of a claim, read once each: there are more claims than of anything else. */
const SAID = `
"contractId" uuid, "serviceId" uuid, fact jsonb, "chargeKind" text, "servedOn" date, "forPeriod" date,
"periodEndsOn" date, "provisionalMinor" bigint, "expectedMinor" bigint, "paidTo" uuid, "deliveredBy" uuid,
"claimFile" jsonb, ${PRICED_COLUMNS}`;

/**
 * What was submitted, with the last that happened to the claim alone, and what it was last priced by outside of a batch:
 * when it was submitted, or when it left a batch. A claim in a batch is priced by the batch.
 */
const TOLD = `
with e as materialized (${eventsOf('claim.queried', 'claim.answered', 'claim.rejected', 'claim.withdrawn', 'claim.reinstated')}),
last as (
  select distinct on (commissioner_id, subject_id) commissioner_id, subject_id, event_id, type, data from e
  order by commissioner_id, subject_id, seq desc),
priced as (
  select distinct on (commissioner_id, subject_id) commissioner_id, subject_id, data->'priced' as priced from e
  where data ? 'priced' order by commissioner_id, subject_id, seq desc),
born as (
  select e.commissioner_id, e.subject_id as id, e.event_id, e.provider_id, e.occurred_at, e.member_id, x.*,
         x.fact->>'kind' as fact_kind, (x.fact->>'id')::uuid as fact_id
  from (${eventsOf('claim.submitted')}) e cross join lateral jsonb_to_record(e.data) x (${SAID}))
select b.*, p.priced,
       case l.type when 'claim.queried' then 'queried' when 'claim.rejected' then 'rejected'
                   when 'claim.withdrawn' then 'withdrawn' else 'submitted' end as state,
       case l.type when 'claim.rejected' then l.data end as rejected, l.event_id as last_event_id,
       case b.fact_kind when 'session' then f.id else a.session_id end as session_id, a.id as attendance_id,
       r.id as referral_id, r.person_id,
       case when b.fact_kind = 'period' then b."servedOn"::timestamp at time zone 'Europe/London'
            when b.fact_kind in ('attendance', 'session') then f.starts_at else ${atNoon('b."servedOn"')} end as served_at
from born b
left join last l on l.commissioner_id = b.commissioner_id and l.subject_id = b.id
left join priced p on p.commissioner_id = b.commissioner_id and p.subject_id = b.id
left join attendance a on b.fact_kind = 'attendance' and a.commissioner_id = b.commissioner_id and a.id = b.fact_id
left join milestone m on b.fact_kind = 'milestone' and m.commissioner_id = b.commissioner_id and m.id = b.fact_id
left join session f on f.commissioner_id = b.commissioner_id
  and f.id = coalesce(a.session_id, case b.fact_kind when 'session' then b.fact_id end)
left join referral r on r.commissioner_id = b.commissioner_id
  and r.id = coalesce(a.referral_id, m.referral_id, case b.fact_kind when 'referral' then b.fact_id end)`;

/** What a claim that no batch holds is priced by: what was said when it left one, or at the first. */
const said = (name: string) => `coalesce(t.priced->'${name}', t."${name}")`;
const saidPlain = (name: string) => `(${said(name)} #>> '{}')`;

/** Of a claim that no batch holds; of one from before it was said, nothing is known. */
const alone =
  (judgement: (column: string) => string): Judgement =>
  (column) =>
    `(s.batch_id is null and t."lineKind" is not null and ${judgement(column)})`;

const codesOf = (findings: string) =>
  `(select coalesce(array_agg(distinct f->>'code' order by f->>'code'), '{}') from jsonb_array_elements(${findings}) f)`;

const CLAIMS: StateTable = {
  table: 'claim',
  sentence: 'Every claim is what its events say: of what, for whom, at which price, and where it stands.',
  key: ['id'],
  told: TOLD,
  columns: {
    provider_id: as('t.provider_id'),
    contract_id: as('t."contractId"'),
    service_id: as('t."serviceId"'),
    rate_card_id: alone((column) => `s.${column}::text is distinct from ${saidPlain('rateCardId')}`),
    fact_kind: as('t.fact_kind'),
    fact_id: as('t.fact_id'),
    charge_kind: as('t."chargeKind"'),
    referral_id: as('t.referral_id'),
    person_id: as('t.person_id'),
    session_id: as('t.session_id'),
    attendance_id: as('t.attendance_id'),
    paid_to: as('t."paidTo"'),
    delivered_by: as('t."deliveredBy"'),
    served_on: as('t."servedOn"'),
    served_at: as('t.served_at'),
    period_ends_on: (column) => `(t."lineKind" is not null and s.${column} is distinct from t."periodEndsOn")`,
    for_period: as('t."forPeriod"'),
    state: as('t.state'),
    provisional_minor: as('t."provisionalMinor"'),
    price_minor: (column) => `(s.batch_id is null) is distinct from (s.${column} is null)`,
    indicative_minor: alone((column) => `s.${column}::text is distinct from ${saidPlain('indicativeMinor')}`),
    pricing: alone(
      (column) => `s.${column} is distinct from jsonb_build_object('quantity', ${said('quantity')},
        'unit', ${said('unit')}, 'unitPriceMinor', ${said('unitPriceMinor')}, 'reasons', ${said('reasons')},
        'flags', ${said('flags')})`,
    ),
    flags: alone(
      (column) => `case when ${said('flags')} = '[]' then s.${column} is distinct from '{}'
        else (select coalesce(array_agg(f order by f), '{}') from unnest(s.${column}) f)
             is distinct from ${codesOf(said('flags'))} end`,
    ),
    line_kind: alone((column) => `s.${column} is distinct from ${saidPlain('lineKind')}`),
    units: alone((column) => `s.${column}::text is distinct from ${saidPlain('units')}`),
    expected_minor: as('t."expectedMinor"'),
    ...saidText('reject_reason', {
      name: 'reason',
      data: 'rejected',
      event: 'last_event_id',
      person: 'person_id',
    }),
    claim_file_id: as(`(t."claimFile"->>'id')::uuid`),
    row_number: as(`(t."claimFile"->>'row')::int`),
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

/** Kept beside the claims, which are held to the journal themselves. Of what has come to nothing, nothing follows. */
const TALLIES: StateTable = {
  table: 'claim_tally',
  sentence: 'What the claims of a contract add up to is what is kept beside them.',
  key: ['contract_id', 'rate_card_id', 'month', 'line_kind'],
  told: `
select c.commissioner_id, c.contract_id, c.rate_card_id, date_trunc('month', c.served_on)::date as month, c.line_kind,
       c.provider_id, count(*) as lines, sum(c.units) as units
from claim c where c.line_kind <> 'nil' and c.state in ('submitted', 'queried') group by 1, 2, 3, 4, 5, 6`,
  pending: '(s.lines, s.units) = (0, 0)',
  columns: { provider_id: as('t.provider_id'), lines: as('t.lines'), units: as('t.units') },
};

/** A claim that was reinstated and rejected again keeps the reason of its last rejection. */
const LAST_REJECTION = `s.id = e.subject_id and s.state = 'rejected' and not exists (select from ledger.event l
  where l.commissioner_id = s.commissioner_id and l.subject_id = s.id and l.type = 'claim.rejected' and l.seq > e.seq)`;

/** Adds claims to the tables that are held to the journal. */
export function registerClaimState(): void {
  registerStateTable(CLAIMS);
  registerStateTable(TALLIES);
  registerText({
    eventType: 'claim.rejected',
    name: 'reason',
    table: 'claim',
    column: 'reject_reason',
    row: LAST_REJECTION,
    claim: 's.id',
  });
}

import {
  as,
  eventsOf,
  latest,
  said,
  saidText,
  type BoundTable,
  type Invariant,
  type StateTable,
  type TextPlace,
} from '../ledger/index.js';

const PROPOSED = `type = 'advance.proposed'`;
const APPROVED = `type = 'advance.approved'`;
const DECLINED = `type = 'advance.declined' and data ? 'reasonCommitment'`;
const CLOSED = `type in ('advance.declined', 'advance.withdrawn', 'advance.cancelled')`;

export const ADVANCES: StateTable = {
  table: 'advance',
  sentence: 'Every advance is what its events say: how much, to whom, on which terms, and by whom.',
  key: ['id'],
  told: `
select commissioner_id, subject_id as id, ${latest('data', PROPOSED)} as data,
       ${latest('event_id', PROPOSED)} as event_id, ${latest('member_id', PROPOSED)} as proposed_by,
       ${latest('occurred_at', PROPOSED)} as proposed_at, ${latest('event_id', APPROVED)} as approved_event_id,
       ${latest('member_id', APPROVED)} as approved_by, ${latest('occurred_at', APPROVED)} as approved_at,
       ${latest('data', DECLINED)} as declined, ${latest('event_id', DECLINED)} as declined_event_id,
       ${latest('member_id', CLOSED)} as closed_by, ${latest('occurred_at', CLOSED)} as closed_at,
       ${latest(`split_part(type, '.', 2)`)} as state
from (${eventsOf(
    'advance.proposed',
    'advance.declined',
    'advance.withdrawn',
    'advance.approved',
    'advance.cancelled',
  )}) e group by 1, 2`,
  columns: {
    provider_id: said('providerId', 'uuid'),
    contract_id: said('contractId', 'uuid'),
    number: said('number', 'int'),
    reference: said('reference'),
    amount_minor: said('amountMinor', 'bigint'),
    reason_code: said('reasonCode'),
    ...saidText('reason', { name: 'reason' }),
    ...saidText('decline_reason', { name: 'reason', data: 'declined', event: 'declined_event_id' }),
    share_percent: said('sharePercent', 'int'),
    instalment_minor: said('instalmentMinor', 'bigint'),
    recover_by: said('recoverBy', 'date'),
    state: as('t.state'),
    proposed_by: as('t.proposed_by'),
    proposed_at: as('t.proposed_at'),
    event_id: as('t.event_id'),
    approved_by: as('t.approved_by'),
    approved_at: as('t.approved_at'),
    approved_event_id: as('t.approved_event_id'),
    closed_by: as('t.closed_by'),
    closed_at: as('t.closed_at'),
  },
};

export const ADVANCE_TEXTS: readonly TextPlace[] = [
  { eventType: 'advance.proposed', name: 'reason', table: 'advance', column: 'reason', row: 's.id = e.subject_id' },
  {
    eventType: 'advance.declined',
    name: 'reason',
    table: 'advance',
    column: 'decline_reason',
    row: 's.id = e.subject_id',
  },
];

export const RECOVERIES: StateTable = {
  table: 'advance_recovery',
  sentence: 'What an invoice gave back of an advance is what its event says.',
  key: ['advance_id', 'invoice_id'],
  told: `
select t.*, subject_id as advance_id, (data->>'invoiceId')::uuid as invoice_id from (${eventsOf('advance.recovered')}) t`,
  columns: {
    provider_id: as('t.provider_id'),
    contract_id: said('contractId', 'uuid'),
    amount_minor: said('amountMinor', 'bigint'),
    remaining_minor: said('remainingMinor', 'bigint'),
    event_id: as('t.event_id'),
    recovered_at: as('t.occurred_at'),
  },
};

const BOUND = 'The advances in a payout are those that its event names.';

export const PAYOUT_ADVANCES: BoundTable = {
  table: 'payout_advance',
  bound: {
    commissioner_id: BOUND,
    payout_id: BOUND,
    advance_id: BOUND,
    provider_id: BOUND,
    contract_id: BOUND,
    amount_minor: BOUND,
    live: 'The items of a payout count, unless it never left or came back.',
  },
};

const ADVANCES_BOUND: Invariant = {
  sentence: 'The advances in a payout are those that its event names.',
  sql: `
with told as (
  select t.commissioner_id, t.subject_id as payout_id, t.provider_id, (a.item->>'id')::uuid as advance_id,
         (a.item->>'contractId')::uuid as contract_id, (a.item->>'amountMinor')::bigint as amount_minor
  from (${eventsOf('payout.requested')}) t cross join lateral jsonb_array_elements(t.data->'advances') a (item)
  where t.data ? 'advances')
select commissioner_id, payout_id, advance_id, coalesce(i.amount_minor, 0) as held, coalesce(told.amount_minor, 0) as said
from payout_advance i full join told using (commissioner_id, payout_id, advance_id)
where (i.provider_id, i.contract_id, i.amount_minor) is distinct from (told.provider_id, told.contract_id, told.amount_minor)`,
};

/** Sentences about advances that must be true at any moment between two transactions. */
export const ADVANCE_INVARIANTS: readonly Invariant[] = [
  ADVANCES_BOUND,
  {
    sentence: 'No more is recovered of an advance than was advanced, and each recovery leaves what it says.',
    sql: `
select r.commissioner_id, r.advance_id, a.amount_minor as advanced, sum(r.amount_minor) as recovered,
       min(r.remaining_minor) as remaining
from advance_recovery r join advance a on a.commissioner_id = r.commissioner_id and a.id = r.advance_id
group by 1, 2, 3 having sum(r.amount_minor) + min(r.remaining_minor) <> a.amount_minor`,
  },
  {
    sentence: 'What is advanced in the books is what approved advances come to, less what was recovered of them.',
    sql: `
select commissioner_id, provider_id, contract_id, coalesce(b.minor, 0) as in_the_books, coalesce(o.minor, 0) as open
from (
  select a.commissioner_id, a.provider_id, a.contract_id,
         sum(case when t.debit_account_id = a.id then t.amount_minor else -t.amount_minor end) as minor
  from ledger.account a join ledger.transfer t
    on t.commissioner_id = a.commissioner_id and a.id in (t.debit_account_id, t.credit_account_id)
  where a.kind = 'advance' group by 1, 2, 3) b
full join (
  select a.commissioner_id, a.provider_id, a.contract_id, sum(a.amount_minor - coalesce(r.minor, 0)) as minor
  from advance a left join lateral (select sum(r.amount_minor) as minor from advance_recovery r
    where r.commissioner_id = a.commissioner_id and r.advance_id = a.id) r on true
  where a.state = 'approved' group by 1, 2, 3) o using (commissioner_id, provider_id, contract_id)
where coalesce(b.minor, 0) <> coalesce(o.minor, 0)`,
  },
];

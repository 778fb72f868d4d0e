import {
  as,
  eventsOf,
  type Invariant,
  latest,
  said,
  sha256Of,
  since,
  type BoundTable,
  type StateTable,
} from '../ledger/index.js';

const REQUESTED = `type = 'payout.requested'`;
const PAID = `type = 'payout.paid'`;
const ENTERED = `type = 'payout.payment_entered'`;
const MOVED = `type not in ('payout.payment_entered', 'remittance.issued')`;

/** Where an event leaves a payout. Those from before it was said in so many words left it where their type says. */
const STATE = `coalesce(data->>'state', case type
  when 'payout.requested' then 'requested' when 'payout.refused' then 'cancelled' when 'payout.cancelled' then 'cancelled'
  when 'payout.answer_lost' then 'unknown' when 'payout.returned' then 'returned' when 'payout.paid' then 'paid'
  when 'payout.failed' then 'failed' else 'sent' end)`;

export const PAYOUTS: StateTable = {
  table: 'payout',
  sentence: 'Every payout is what its events say: how much, to whom, how far it has come, and by whom.',
  key: ['id'],
  told: `
select commissioner_id, subject_id as id, ${latest('data', REQUESTED)} as data,
       ${latest('provider_id', REQUESTED)} as provider_id, ${latest('event_id', REQUESTED)} as event_id,
       ${latest('occurred_at', REQUESTED)} as requested_at, ${latest(STATE, MOVED)} as state,
       ${latest(`coalesce(data->>'reasonCode', '')`, MOVED)} as reason_code,
       ${latest(`data->>'railId'`, `type = 'payout.sent'`)} as transfer_id,
       ${latest(`data->>'railId'`, `type in ('payout.forwarded', 'payout.paid') and data ? 'railId'`)} as bank_payout_id,
       ${latest('data', ENTERED)} as entered, ${latest('member_id', ENTERED)} as entered_by,
       ${latest('occurred_at', ENTERED)} as entered_at,
       ${latest('member_id', `${PAID} and data ? 'enteredBy'`)} as confirmed_by,
       ${latest(`data->>'fileId'`, `type = 'remittance.issued'`)} as remittance_id,
       ${latest('occurred_at', `type = 'payout.sent'`)} as sent_at, ${latest('occurred_at', PAID)} as settled_at,
       ${latest('occurred_at', `type = 'payout.failed'`)} as failed_at
from (${eventsOf(
    'payout.requested',
    'payout.sent',
    'payout.refused',
    'payout.cancelled',
    'payout.answer_lost',
    'payout.returned',
    'payout.forwarded',
    'payout.paid',
    'payout.failed',
    'payout.retried',
    'payout.payment_entered',
    'remittance.issued',
  )}) e group by 1, 2`,
  columns: {
    provider_id: as('t.provider_id'),
    run_id: said('runId', 'uuid'),
    account_id: said('accountId', 'uuid'),
    number: since('number', said('number', 'int')),
    reference: said('reference'),
    rail: said('rail'),
    amount_minor: said('amountMinor', 'bigint'),
    state: as('t.state'),
    // While an answer is lost a worker notes why it looks again; and that the rail contradicts the books at any time.
    reason_code: (column) =>
      `(t.state <> 'unknown' and s.${column} is distinct from 'rail_contradicts' and coalesce(s.${column}, '') <> t.reason_code)`,
    transfer_id: as('t.transfer_id'),
    bank_payout_id: as('t.bank_payout_id'),
    outside_reference: (column) => `${sha256Of(`s.${column}`)} is distinct from t.entered->>'referenceSha256'`,
    outside_paid_on: as(`(t.entered->>'paidOn')::date`),
    entered_by: as('t.entered_by'),
    entered_at: as('t.entered_at'),
    confirmed_by: as('t.confirmed_by'),
    remittance_id: as('t.remittance_id::uuid'),
    event_id: as('t.event_id'),
    requested_at: as('t.requested_at'),
    sent_at: as('t.sent_at'),
    settled_at: as('t.settled_at'),
    failed_at: as('t.failed_at'),
  },
  untold: { next_try_at: 'when a worker looks again' },
};

/** What is hashed of an order to the rail, which follows from the payout: see `orderText`. */
const ORDER = `ledger.canonical_json(case s.step
  when 'reversal' then jsonb_build_object('transferId', t.transfer_id, 'amountMinor', t.amount_minor,
                         'reversalRef', s.payout_id, 'idempotencyKey', t.key)
  else jsonb_build_object('instructionId', s.payout_id, 'attempt', s.attempt, 'accountId', t.rail_account_id,
         'amountMinor', t.amount_minor, 'idempotencyKey', t.key)
       || case s.step when 'transfer' then jsonb_build_object('transferGroup', t.run_id)
                      else jsonb_build_object('statementDescriptor', t.reference) end end)`;

const ANSWERED = `answer is not null`;

/** An attempt is told by what orders it: the request, the transfer before it, a retry; or by its answer. */
export const PAYOUT_ATTEMPTS: StateTable = {
  table: 'payout_attempt',
  sentence: 'Every order to the payment platform follows from its payout, and ended as its event says.',
  key: ['payout_id', 'step', 'attempt'],
  told: `
with e as materialized (${eventsOf(
    'payout.requested',
    'payout.sent',
    'payout.refused',
    'payout.cancelled',
    'payout.returned',
    'payout.forwarded',
    'payout.paid',
    'payout.failed',
    'payout.retried',
  )}),
told as (
  select commissioner_id, subject_id, 'transfer' as step, 1 as attempt, seq, null as answer, data from e
  where type = 'payout.requested' and data->>'rail' = 'stripe'
  union all select commissioner_id, subject_id, 'bank_payout', 1, seq, null, data from e where type = 'payout.sent'
  union all
  select commissioner_id, subject_id, data->>'step', (data->>'attempt')::int, seq, case type
    when 'payout.retried' then null when 'payout.refused' then 'refused' when 'payout.cancelled' then 'refused'
    when 'payout.failed' then case when data ? 'railId' then 'failed' else 'refused' end else 'done' end, data
  from e where data ? 'step' and data ? 'attempt'),
attempts as (
  select commissioner_id, subject_id as payout_id, step, attempt, ${latest('answer', ANSWERED)} as outcome,
         (array_agg(data->>'railId' order by seq) filter (where ${ANSWERED} and data ? 'railId'))[1] as external_id,
         ${latest(`data->>'reasonCode'`, ANSWERED)} as reason_code
  from told group by 1, 2, 3, 4)
select a.*, p.provider_id, p.run_id, p.reference, p.amount_minor::text as amount_minor, p.transfer_id,
       c.external_id as rail_account_id, case a.step when 'transfer' then 'tr' when 'bank_payout' then 'po' else 'rv' end
         || ':' || a.payout_id || ':' || a.attempt as key
from attempts a
join payout p on p.commissioner_id = a.commissioner_id and p.id = a.payout_id
left join payout_account c on c.commissioner_id = p.commissioner_id and c.id = p.account_id`,
  // A reversal is planned without a word, and refused without one: only what came of it is on record.
  pending: `s.step = 'reversal' and s.outcome in ('planned', 'calling', 'unknown', 'refused')`,
  columns: {
    provider_id: as('t.provider_id'),
    key: as('t.key'),
    request_sha256: (column) => `s.${column} is distinct from sha256(convert_to(${ORDER}, 'UTF8'))`,
    outcome: (
      column,
    ) => `case when t.outcome is null then coalesce(s.${column}, '') not in ('planned', 'calling', 'unknown')
      else s.${column} is distinct from t.outcome end`,
    external_id: as('t.external_id'),
    reason_code: (column) => `(t.outcome is not null and s.${column} is distinct from t.reason_code)`,
  },
  untold: {
    calls: 'how often a worker has asked; each answer that counts is on record',
    first_called_at: 'when a worker has asked; each answer that counts is on record',
    answered_at: 'when a worker was answered; each answer that counts is on record',
  },
};

const BOUND = 'The invoices in a payout are those that its event binds.';

export const PAYOUT_ITEMS: BoundTable = {
  table: 'payout_item',
  bound: {
    commissioner_id: BOUND,
    payout_id: BOUND,
    invoice_id: BOUND,
    provider_id: BOUND,
    amount_minor: BOUND,
    contract_id: 'Every penny in a payout is of an issued document, of an approved batch of the same contract.',
    live: 'The items of a payout count, unless it never left or came back.',
  },
};

/** As the request spells them: by the day on which they are due, then by id. */
export const ITEMS_BOUND: Invariant = {
  sentence: 'The invoices in a payout are those that its event binds.',
  sql: `
with t as materialized (${eventsOf('payout.requested')}),
held as (
  select p.commissioner_id, p.id as payout_id, ${sha256Of(`'[' || coalesce(string_agg('{"amountMinor":"'
    || i.amount_minor || '","id":"' || i.invoice_id || '"}', ',' order by v.due_on nulls last, i.invoice_id), '') || ']'`)}
    as digest, (array_agg(distinct case when i.payout_id is null then p.provider_id else i.provider_id end))::text as providers
  from payout p left join payout_item i on i.commissioner_id = p.commissioner_id and i.payout_id = p.id
  left join invoice v on v.commissioner_id = i.commissioner_id and v.id = i.invoice_id group by 1, 2)
select commissioner_id, payout_id, held.digest, t.data->'invoices' as said
from held full join (select *, subject_id as payout_id from t) t using (commissioner_id, payout_id)
where held.digest is distinct from t.data->'invoices'->>'sha256' or held.providers is distinct from '{' || t.provider_id || '}'`,
};

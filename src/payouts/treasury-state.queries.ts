import {
  as,
  eventsOf,
  latest,
  registerInvariant,
  registerStateTable,
  registerText,
  said,
  since,
  type StateTable,
} from '../ledger/index.js';
import { ADVANCE_TEXTS, ADVANCES, PAYOUT_ADVANCES, RECOVERIES } from './advance-state.queries.js';
import { ITEMS_BOUND, PAYOUT_ATTEMPTS, PAYOUT_ITEMS, PAYOUTS } from './payout-state.queries.js';

const RECEIVED = `type = 'funds.received'`;

const FUNDING: StateTable = {
  table: 'funding',
  sentence: 'Every arrival of funds, and its return, is what its events say.',
  key: ['id'],
  told: `
select commissioner_id, subject_id as id, ${latest('data', RECEIVED)} as data, ${latest('event_id', RECEIVED)} as event_id,
       ${latest('occurred_at', RECEIVED)} as recorded_at, ${latest('event_id', `type = 'funds.returned'`)} as return_event_id
from (${eventsOf('funds.received', 'funds.returned')}) e group by 1, 2`,
  columns: {
    rail: said('rail'),
    amount_minor: said('amountMinor', 'bigint'),
    external_id: said('railId'),
    received_on: since('receivedOn', said('receivedOn', 'date')),
    event_id: as('t.event_id'),
    return_event_id: as('t.return_event_id'),
    created_at: as('t.recorded_at'),
  },
};

const MADE = `type = 'payment_run.made'`;

const PAYMENT_RUNS: StateTable = {
  table: 'payment_run',
  sentence: 'Every payment run is what its events say.',
  key: ['id'],
  told: `
select commissioner_id, subject_id as id, ${latest('data', MADE)} as data, ${latest('event_id', MADE)} as event_id,
       ${latest('member_id', MADE)} as made_by, ${latest('occurred_at', MADE)} as made_at,
       ${latest('occurred_at', `type = 'payment_run.finished'`)} as finished_at,
       ${latest('occurred_at', `type = 'payment_run.cancelled'`)} as cancelled_at
from (${eventsOf('payment_run.made', 'payment_run.finished', 'payment_run.cancelled')}) e group by 1, 2`,
  columns: {
    pays_on: said('paysOn', 'date'),
    made_by: as('t.made_by'),
    made_at: as('t.made_at'),
    event_id: as('t.event_id'),
    finished_at: as('t.finished_at'),
    cancelled_at: as('t.cancelled_at'),
  },
};

const WAITS: StateTable = {
  table: 'payment_run_wait',
  sentence: 'Whoever a payment run does not pay waits for the reason that its event gives.',
  key: ['run_id', 'provider_id', 'rail'],
  told: `select t.*, subject_id as run_id, data->>'rail' as rail from (${eventsOf('payout.deferred')}) t`,
  columns: { amount_minor: said('amountMinor', 'bigint'), reason_code: said('reasonCode') },
};

const OPENED = `type = 'payout_account.opened'`;
const LED = `(${OPENED} or type = 'payout_account.change_applied' and data->>'kind' = 'details')`;
const STATED = `type in ('payout_account.opened', 'payout_account.activated', 'payout_account.restricted')`;

/** The hash of bank details, or of the address that the platform writes to, under a salt. */
const detailsHash = (salt: string, prefix = '') => `encode(sha256(${salt} || convert_to(ledger.canonical_json(
  jsonb_strip_nulls(jsonb_build_object('accountName', s.${prefix}account_name, 'sortCode', s.${prefix}sort_code,
  'accountNumber', s.${prefix}account_number${prefix === '' ? `, 'contactEmail', to_jsonb(s)->'contact_email'` : ''}))),
  'UTF8')), 'hex')`;

const ofDetails = () =>
  `(t.details_sha256 is not null and ${detailsHash('coalesce(t.salt, s.salt)')} is distinct from t.details_sha256)`;

/** Where an account leads is what it was opened with, or what the last change that was applied says. */
const ACCOUNTS: StateTable = {
  table: 'payout_account',
  sentence: 'Every payment account leads where it was opened to, or where its last applied change has led it.',
  key: ['id'],
  told: `
select f.*, c.salt from (
  select commissioner_id, account_id as id, ${latest('provider_id', OPENED)} as provider_id,
         ${latest('data', OPENED)} as data, ${latest('occurred_at', OPENED)} as opened_at,
         ${latest(
           `case when ${OPENED} then data->>'state' when type = 'payout_account.activated' then 'active'
                   else 'restricted' end`,
           STATED,
         )} as state,
         ${latest(`data->>'railId'`, `data ? 'railId'`)} as external_id,
         ${latest(`data->>'detailsSha256'`, LED)} as details_sha256,
         ${latest(`case when not ${OPENED} then subject_id end`, LED)} as change_id
  from (
    select t.*, coalesce((data->>'payoutAccountId')::uuid, subject_id) as account_id
    from (${eventsOf(
      'payout_account.opened',
      'payout_account.linked',
      'payout_account.activated',
      'payout_account.restricted',
      'payout_account.change_applied',
    )}) t) e
  group by 1, 2) f
left join payout_account_change c on c.commissioner_id = f.commissioner_id and c.id = f.change_id`,
  columns: {
    provider_id: as('t.provider_id'),
    rail: said('rail'),
    state: as('t.state'),
    external_id: as('t.external_id'),
    contact_email: ofDetails,
    account_name: ofDetails,
    sort_code: ofDetails,
    account_number: ofDetails,
    salt: ofDetails,
    created_at: as('t.opened_at'),
  },
  untold: {
    requirements: 'what the platform asks for at the moment, read again from it',
    checked_at: 'when the platform was last asked',
  },
};

const when = (happened: string) => `type = 'payout_account.change_${happened}'`;
const isReplaced = (column: string) => `case
  when t.state <> 'applied' or t.data->>'kind' <> 'details' then s.${column} is not null
  else t.before_sha256 is not null and ${detailsHash('t.before_salt', 'replaced_')} is distinct from t.before_sha256 end`;
const ofChange = () =>
  `${detailsHash('s.salt').replace(`, 'contactEmail', to_jsonb(s)->'contact_email'`, '')} is distinct from t.data->>'detailsSha256'`;

/** What a change replaced is what the account was opened with, or what the change before it led to. */
const CHANGES: StateTable = {
  table: 'payout_account_change',
  sentence: 'Every change of where money goes is what its events say, to the details that it replaced.',
  key: ['id'],
  told: `
with e as materialized (${eventsOf(
    'payout_account.opened',
    'payout_account.change_proposed',
    'payout_account.change_confirmed',
    'payout_account.change_cancelled',
    'payout_account.change_applied',
  )}),
led as (
  select commissioner_id, subject_id, lag(data->>'detailsSha256') over w as before_sha256,
         lag(subject_id) over w as before_id
  from (select e.*, coalesce((data->>'payoutAccountId')::uuid, subject_id) as account_id from e where ${LED}) l
  window w as (partition by commissioner_id, account_id order by seq)),
folded as (
  select commissioner_id, subject_id as id, ${latest('provider_id', when('proposed'))} as provider_id,
         ${latest('data', when('proposed'))} as data, ${latest('event_id', when('proposed'))} as event_id,
         ${latest('member_id', when('proposed'))} as proposed_by, ${latest('occurred_at', when('proposed'))} as proposed_at,
         split_part(${latest('type')}, '_', 3) as state, ${latest('data', when('confirmed'))} as confirmed,
         ${latest('member_id', when('confirmed'))} as confirmed_by,
         ${latest('occurred_at', when('confirmed'))} as confirmed_at,
         ${latest('member_id', when('cancelled'))} as cancelled_by,
         ${latest('occurred_at', when('cancelled'))} as cancelled_at, ${latest('occurred_at', when('applied'))} as applied_at
  from e where type <> 'payout_account.opened' group by 1, 2)
select f.*, l.before_sha256, coalesce(c.salt, a.salt) as before_salt from folded f
left join led l on l.commissioner_id = f.commissioner_id and l.subject_id = f.id
left join payout_account_change c on c.commissioner_id = f.commissioner_id and c.id = l.before_id
left join payout_account a on a.commissioner_id = f.commissioner_id and a.id = l.before_id`,
  columns: {
    provider_id: as('t.provider_id'),
    payout_account_id: said('payoutAccountId', 'uuid'),
    kind: said('kind'),
    state: as('t.state'),
    account_name: ofChange,
    sort_code: ofChange,
    account_number: ofChange,
    salt: ofChange,
    details_sha256: as(`decode(t.data->>'detailsSha256', 'hex')`),
    replaced_account_name: isReplaced,
    replaced_sort_code: isReplaced,
    replaced_account_number: isReplaced,
    needs_commissioner: said('needsCommissioner', 'boolean'),
    event_id: as('t.event_id'),
    proposed_by: as('t.proposed_by'),
    proposed_at: as('t.proposed_at'),
    confirmed_by: as('t.confirmed_by'),
    confirmed_side: as(`t.confirmed->>'side'`),
    confirmed_at: as('t.confirmed_at'),
    applies_at: as(`(t.confirmed->>'appliesAt')::timestamptz`),
    cancelled_by: as('t.cancelled_by'),
    cancelled_at: as('t.cancelled_at'),
    applied_at: as('t.applied_at'),
  },
};

/** Adds funds, runs, payouts and where they lead to what is held to the journal. */
export function registerTreasuryState(): void {
  const states = [
    FUNDING,
    PAYMENT_RUNS,
    WAITS,
    ACCOUNTS,
    CHANGES,
    PAYOUTS,
    PAYOUT_ATTEMPTS,
    PAYOUT_ITEMS,
    ADVANCES,
    RECOVERIES,
    PAYOUT_ADVANCES,
  ];
  for (const state of states) registerStateTable(state);
  for (const text of ADVANCE_TEXTS) registerText(text);
  registerInvariant(ITEMS_BOUND);
}

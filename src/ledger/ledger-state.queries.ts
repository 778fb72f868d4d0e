import { type BoundTable, registerStateTable } from './state-table.queries.js';

const SPELLED = 'Every column of an event is what its hashed body says.';
const ONE_TRANSACTION = 'An event and its transfers were written by one transaction.';
const BOUND = 'The transfers of an event are those that its hashed body binds: their number, their sum, their hash.';
const JOINED = 'A transfer joins two accounts of its own book and currency.';
const OF_PROVIDER = 'A transfer concerns the provider of its accounts, and never two.';
const CHARTED = 'Every account is of the chart, and was opened by a transfer.';
const ROWED = 'Every strict account has a balance row of its own provider, and no other account has one.';
const SUMMED = 'Every strict balance is the sum of its transfers.';
const FLOORED =
  'No strict balance is below zero, but where a fact took it there; that fact is named for as long as it is.';

const each = (columns: string, sentence: string) =>
  Object.fromEntries(columns.split(' ').map((column) => [column, sentence]));

const TABLES: readonly BoundTable[] = [
  {
    table: 'ledger.event',
    bound: {
      ...each('commissioner_id id type subject_id actor_org_id provider_id referrer_id cause_id', SPELLED),
      ...each('occurred_at recorded_at body leaf_hash', SPELLED),
    },
    untold: {
      seq: 'the order within a log, which its tiles hold',
      xid: 'the transaction that wrote it, which the snapshots of its checkpoints hold',
    },
  },
  {
    table: 'ledger.transfer',
    bound: {
      ...each('commissioner_id id event_id amount_minor effective_on claim_id reverses_id leaf', BOUND),
      ...each('debit_account_id credit_account_id book currency', JOINED),
      provider_id: OF_PROVIDER,
      xid: ONE_TRANSACTION,
    },
  },
  {
    table: 'ledger.account',
    bound: {
      ...each('commissioner_id id kind book normal strict keyed provider_id contract_id currency code', CHARTED),
    },
  },
  {
    table: 'ledger.balance',
    bound: {
      ...each('commissioner_id account_id normal strict provider_id', ROWED),
      ...each('debits_minor credits_minor', SUMMED),
      breached_by: FLOORED,
    },
  },
  { table: 'ledger.chart', bound: each('kind book normal strict keyed', CHARTED) },
];

/** Adds the ledger's own tables to those of which it is known what holds each column. */
export function registerLedgerTables(): void {
  for (const table of TABLES) registerStateTable(table);
}

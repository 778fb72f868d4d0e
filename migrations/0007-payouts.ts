import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** Payout accounts, funds, payment runs, payouts with their attempts, and the inbox of webhooks. */
export class Payouts1764000000007 implements MigrationInterface {
  name = 'Payouts1764000000007';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, POLICIES, ACCOUNT_POLICY, INBOX_POLICIES));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const TABLES = `
create table payout_account (
  commissioner_id uuid not null references organisation,
  id              uuid not null,
  provider_id     uuid not null references organisation,
  rail            text not null check (rail in ('stripe', 'outside')),
  state           text not null check (state in ('pending', 'active', 'restricted')),
  external_id     text,
  requirements    text[] not null default '{}',
  contact_email   text,
  account_name    text,
  sort_code       text check (sort_code ~ '^[0-9]{6}$'),
  account_number  text check (account_number ~ '^[0-9]{8}$'),
  created_at      timestamptz not null,
  checked_at      timestamptz,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  check (rail <> 'stripe' or (contact_email is not null and sort_code is null and account_number is null)),
  check (rail <> 'outside' or (account_name is not null and sort_code is not null and account_number is not null)),
  check (state <> 'active' or rail = 'outside' or external_id is not null)
);
create unique index payout_account_one_per_rail on payout_account (commissioner_id, provider_id, rail);
create index payout_account_provider on payout_account (provider_id, id);
create unique index payout_account_external on payout_account (commissioner_id, external_id) where external_id is not null;

create table funding (
  commissioner_id uuid not null references organisation,
  id              uuid not null,
  rail            text not null,
  amount_minor    bigint not null check (amount_minor > 0),
  external_id     text not null,
  received_on     date not null,
  event_id        uuid not null,
  return_event_id uuid,
  created_at      timestamptz not null,
  primary key (commissioner_id, id)
);
create unique index funding_recorded_once on funding (commissioner_id, rail, external_id);

create table payment_run (
  commissioner_id uuid not null references organisation,
  id              uuid not null,
  pays_on         date not null,
  made_by         uuid,
  made_at         timestamptz not null,
  event_id        uuid not null,
  finished_at     timestamptz,
  cancelled_at    timestamptz,
  primary key (commissioner_id, id),
  check (finished_at is null or cancelled_at is null)
);
create index payment_run_open on payment_run (pays_on) where finished_at is null and cancelled_at is null;

create table payout (
  commissioner_id   uuid not null,
  id                uuid not null,
  provider_id       uuid not null references organisation,
  run_id            uuid not null,
  account_id        uuid,
  number            integer not null check (number >= 1),
  reference         text not null check (length(reference) <= 22), -- what a bank statement can show
  rail              text not null check (rail in ('stripe', 'outside')),
  amount_minor      bigint not null check (amount_minor > 0),
  state             text not null check (state in ('requested', 'sent', 'paid', 'failed', 'returned', 'unknown', 'cancelled')),
  reason_code       text,
  transfer_id       text,
  bank_payout_id    text,
  outside_reference text check (length(outside_reference) between 1 and 64),
  outside_paid_on   date,
  entered_by        uuid,
  entered_at        timestamptz,
  confirmed_by      uuid,
  remittance_id     uuid,
  event_id          uuid not null,
  requested_at      timestamptz not null,
  sent_at           timestamptz,
  settled_at        timestamptz, -- set once: a payout that has failed after it keeps it
  failed_at         timestamptz,
  next_try_at       timestamptz, -- when a worker looks again; while one works, when it counts as dead
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, run_id) references payment_run,
  foreign key (commissioner_id, account_id, provider_id) references payout_account (commissioner_id, id, provider_id),
  foreign key (commissioner_id, remittance_id, provider_id) references document_file (commissioner_id, id, provider_id),
  constraint payout_four_eyes check (confirmed_by is null or (entered_by is not null and confirmed_by <> entered_by)),
  check (rail = 'outside' or account_id is not null),
  check (rail <> 'outside' or state in ('requested', 'cancelled') or (state = 'paid' and confirmed_by is not null)),
  check (rail <> 'stripe' or state in ('requested', 'unknown', 'cancelled') or transfer_id is not null),
  check (state <> 'paid' or settled_at is not null)
);
create unique index payout_one_per_run on payout (commissioner_id, run_id, provider_id, rail);
create unique index payout_number_taken on payout (commissioner_id, number);
create unique index payout_reference_taken on payout (commissioner_id, reference);
create unique index payout_transfer on payout (commissioner_id, transfer_id) where transfer_id is not null;
create index payout_provider on payout (provider_id, id);
create index payout_state on payout (commissioner_id, state, id);
create index payout_due on payout (next_try_at) where next_try_at is not null;
create index payout_without_remittance on payout (settled_at) where state = 'paid' and remittance_id is null;

create table payout_item (
  commissioner_id uuid not null,
  payout_id       uuid not null,
  invoice_id      uuid not null,
  provider_id     uuid not null,
  contract_id     uuid not null,
  amount_minor    bigint not null check (amount_minor > 0),
  live            boolean not null default true,
  primary key (commissioner_id, payout_id, invoice_id),
  foreign key (commissioner_id, payout_id, provider_id) references payout (commissioner_id, id, provider_id),
  foreign key (commissioner_id, invoice_id, provider_id) references invoice (commissioner_id, id, provider_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id)
);
create unique index payout_item_paid_once on payout_item (commissioner_id, invoice_id) where live;
create index payout_item_invoice on payout_item (commissioner_id, invoice_id);
create index payout_item_provider on payout_item (provider_id, payout_id);

create table payment_run_wait (
  commissioner_id uuid not null,
  run_id          uuid not null,
  provider_id     uuid not null,
  rail            text not null,
  amount_minor    bigint not null,
  reason_code     text not null,
  primary key (commissioner_id, run_id, provider_id, rail),
  foreign key (commissioner_id, run_id) references payment_run
);

-- One call to the rail, with the key and the hash of the body under which it goes, however often it is sent.
create table payout_attempt (
  commissioner_id uuid not null,
  payout_id       uuid not null,
  provider_id     uuid not null,
  step            text not null check (step in ('transfer', 'bank_payout', 'reversal')),
  attempt         integer not null check (attempt >= 1),
  key             text not null,
  request_sha256  bytea not null check (octet_length(request_sha256) = 32),
  outcome         text not null check (outcome in ('planned', 'calling', 'done', 'refused', 'unknown', 'failed')),
  external_id     text,
  reason_code     text,
  calls           integer not null default 0 check (calls >= 0),
  first_called_at timestamptz,
  answered_at     timestamptz,
  primary key (commissioner_id, payout_id, step, attempt),
  foreign key (commissioner_id, payout_id, provider_id) references payout (commissioner_id, id, provider_id),
  check (outcome in ('planned', 'refused', 'failed') or first_called_at is not null),
  check (outcome <> 'done' or external_id is not null)
);
create unique index payout_attempt_key on payout_attempt (key);

create table webhook_event (
  id              text not null,
  commissioner_id uuid not null references organisation,
  type            text not null,
  account_id      text,
  object_id       text,
  body_sha256     bytea not null,
  state           text not null check (state in ('received', 'done', 'parked')),
  reason          text,
  times_received  integer not null default 1,
  received_at     timestamptz not null,
  finished_at     timestamptz,
  primary key (commissioner_id, id)
);
create index webhook_event_waiting on webhook_event (received_at) where state = 'received';
`;

const PAYOUT_CHANGES = [
  'state, reason_code, transfer_id, bank_payout_id, outside_reference, outside_paid_on, entered_by, entered_at',
  'confirmed_by, remittance_id, sent_at, settled_at, failed_at, next_try_at',
].join(', ');

const POLICIES = [
  tenancy('payout_account', {
    commissioner: 'select, insert, update (state, external_id, requirements, checked_at)',
    provider: 'select, insert',
  }),
  tenancy('funding', { commissioner: 'select, insert, update (return_event_id)' }),
  tenancy('payment_run', {
    commissioner: 'select, insert, update (finished_at, cancelled_at)',
    relay: 'commissioner_id, id, pays_on, finished_at, cancelled_at',
  }),
  tenancy('payment_run_wait', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('payout', {
    commissioner: `select, insert, update (${PAYOUT_CHANGES})`,
    provider: 'select',
    relay: 'commissioner_id, id, state, next_try_at, settled_at, remittance_id',
  }),
  tenancy('payout_item', { commissioner: 'select, insert, update (live)', provider: 'select' }),
  tenancy('payout_attempt', {
    commissioner: 'select, insert, update (outcome, external_id, reason_code, calls, first_called_at, answered_at)',
  }),
].join('\n');

/** A provider opens an account only with a commissioner that it has a contract with. */
const ACCOUNT_POLICY = `
create policy contracted on payout_account as restrictive for insert to wp_provider
  with check (exists (select from contract c where c.commissioner_id = payout_account.commissioner_id
                                               and c.provider_id = payout_account.provider_id));
`;

const INBOX_POLICIES = tenancy('webhook_event', {
  commissioner: 'select, insert, update (state, reason, times_received, finished_at)',
  relay: 'commissioner_id, id, state, received_at',
});

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** Batches, queries on claims, invoices with their series and files. */
export class Batches1764000000006 implements MigrationInterface {
  name = 'Batches1764000000006';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(BATCHES, INVOICES, POLICIES));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const BATCHES = `
create table batch (
  commissioner_id       uuid not null,
  id                    uuid not null,
  provider_id           uuid not null,
  contract_id           uuid not null,
  code                  text not null,
  period                date not null check (extract(day from period) = 1),
  state                 text not null check (state in ('submitted', 'approved', 'rejected')),
  line_count            integer not null check (line_count >= 0),
  charge_count          integer not null check (charge_count between 0 and line_count), -- the others are recognised: nil
  total_minor           bigint not null,
  vat_minor             bigint not null check (vat_minor >= 0), -- what the commissioner does not get back
  indicative_minor      bigint not null,
  digest                bytea not null check (octet_length(digest) = 32),
  purchase_order_number text,
  uncommitted_minor     bigint not null check (uncommitted_minor between 0 and total_minor + vat_minor),
  made_by               uuid,
  submitted_at          timestamptz not null,
  decided_by            uuid,
  decided_at            timestamptz,
  reject_reason         text check (length(reject_reason) between 1 and 1000),
  flags_reason          text check (length(flags_reason) between 1 and 1000),
  event_id              uuid not null,
  approved_event_id     uuid,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  constraint batch_four_eyes check (decided_by is null or made_by is null or decided_by <> made_by or state = 'rejected'),
  check ((state = 'submitted') = (decided_at is null)),
  check (state <> 'approved' or (uncommitted_minor = 0 and approved_event_id is not null))
);
create unique index batch_code_taken on batch (commissioner_id, code);
create unique index batch_under_review on batch (commissioner_id, contract_id, period) where state = 'submitted';
create index batch_provider on batch (provider_id, id);
create index batch_state on batch (commissioner_id, state, id);
create index batch_contract on batch (commissioner_id, contract_id, period);
create index batch_order on batch (commissioner_id, purchase_order_number) where purchase_order_number is not null;
alter table claim add foreign key (commissioner_id, batch_id, provider_id) references batch (commissioner_id, id, provider_id);

create table claim_query (
  commissioner_id uuid not null,
  id              uuid not null,
  provider_id     uuid not null,
  claim_id        uuid not null,
  batch_id        uuid not null,
  question        text not null check (length(question) between 1 and 1000),
  asked_by        uuid,
  asked_at        timestamptz not null,
  answer          text check (length(answer) between 1 and 1000),
  answered_by     uuid,
  answered_at     timestamptz,
  closed_at       timestamptz, -- the claim was decided without waiting for an answer
  check ((answered_at is null) = (answer is null)),
  check (answered_at is null or closed_at is null),
  primary key (commissioner_id, id),
  foreign key (commissioner_id, claim_id, provider_id) references claim (commissioner_id, id, provider_id),
  foreign key (commissioner_id, batch_id, provider_id) references batch (commissioner_id, id, provider_id)
);
create unique index claim_query_open on claim_query (commissioner_id, claim_id)
  where answered_at is null and closed_at is null;
create index claim_query_batch on claim_query (commissioner_id, batch_id);
create index claim_query_provider on claim_query (provider_id, id);
`;

const INVOICES = `
create table document_file (
  commissioner_id uuid not null,
  id              uuid not null,
  provider_id     uuid not null,
  kind            text not null check (kind in ('invoice', 'remittance')),
  content         bytea not null,
  sha256          bytea not null check (octet_length(sha256) = 32),
  renderer        text not null,
  created_at      timestamptz not null,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id)
);
alter table document_file alter content set storage external;

create table invoice_series (
  commissioner_id uuid not null,
  provider_id     uuid not null,
  kind            text not null check (kind in ('invoice', 'self_billed_invoice', 'grant_notice')),
  year            integer not null check (year between 2000 and 9999),
  prefix          text not null check (prefix ~ '^[A-Z0-9]{2,20}$'),
  last_number     integer not null default 0 check (last_number >= 0),
  primary key (commissioner_id, provider_id, kind, year)
);
create unique index invoice_series_prefix_taken on invoice_series (commissioner_id, prefix, year);

create table invoice (
  commissioner_id     uuid not null,
  id                  uuid not null,
  provider_id         uuid not null,
  contract_id         uuid not null,
  batch_id            uuid not null,
  split               text not null check (split in ('taxed', 'outside_scope', 'grant')),
  kind                text not null check (kind in ('invoice', 'self_billed_invoice', 'provider_invoice', 'grant_notice')),
  state               text not null check (state in ('draft', 'issued')),
  waits_for           text check (waits_for in ('agreement', 'authority', 'own_number')),
  number              text,
  issued_on           date,
  received_on         date,
  due_on              date,
  net_minor           bigint not null,
  vat_minor           bigint not null,
  gross_minor         bigint not null,
  document            jsonb not null,
  file_id             uuid,
  event_id            uuid,
  issue_authorised_by uuid,
  issue_authorised_at timestamptz,
  own_number          text check (length(own_number) between 1 and 30),
  own_issued_on       date,
  created_at          timestamptz not null,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, batch_id, provider_id) references batch (commissioner_id, id, provider_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  foreign key (commissioner_id, file_id, provider_id) references document_file (commissioner_id, id, provider_id),
  check (gross_minor = net_minor + vat_minor),
  check ((state = 'issued') = (number is not null and issued_on is not null and event_id is not null)),
  check (state = 'draft' or waits_for is null),
  check ((own_number is null) = (own_issued_on is null)),
  check (own_number is null or kind = 'provider_invoice'),
  check (state = 'draft' or (file_id is null) = (kind = 'provider_invoice'))
);
create unique index invoice_one_per_split on invoice (commissioner_id, batch_id, split);
create unique index invoice_number_taken on invoice (commissioner_id, provider_id, number) where number is not null;
create unique index invoice_own_number_taken on invoice (commissioner_id, provider_id, own_number) where own_number is not null;
create index invoice_provider on invoice (provider_id, id);
create index invoice_state on invoice (commissioner_id, state, id);
create index invoice_contract on invoice (commissioner_id, contract_id, id);
`;

const BATCH_CHANGES = [
  'state, line_count, charge_count, total_minor, vat_minor, indicative_minor, digest, uncommitted_minor',
  'decided_by, decided_at, reject_reason, flags_reason, approved_event_id',
].join(', ');

const INVOICE_CHANGES = 'state, waits_for, number, issued_on, received_on, due_on, document, file_id, event_id';

const POLICIES = [
  tenancy('batch', {
    commissioner: `select, insert, update (${BATCH_CHANGES})`,
    provider: 'select',
    relay: 'commissioner_id, id, state, charge_count',
  }),
  tenancy('claim_query', {
    commissioner: 'select, insert, update (closed_at)',
    provider: 'select, update (answer, answered_by, answered_at)',
  }),
  tenancy('document_file', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('invoice_series', { commissioner: 'select, insert, update (last_number)' }),
  tenancy('invoice', {
    commissioner: `select, insert, update (${INVOICE_CHANGES})`,
    provider: 'select, update (issue_authorised_by, issue_authorised_at, own_number, own_issued_on)',
    relay: 'commissioner_id, id, batch_id, state, waits_for, issue_authorised_at',
  }),
].join('\n');

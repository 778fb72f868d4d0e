import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** Money paid ahead of invoices: who agreed to it, the payouts that pay it, and what invoices gave back of it. */
export class Advances1764000000032 implements MigrationInterface {
  name = 'Advances1764000000032';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, POLICIES, AGREED_ONLY));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const TABLES = `
create table advance (
  commissioner_id   uuid not null references organisation,
  id                uuid not null,
  provider_id       uuid not null references organisation,
  contract_id       uuid not null,
  number            integer not null check (number >= 1),
  reference         text not null check (length(reference) <= 22),
  amount_minor      bigint not null check (amount_minor > 0),
  reason_code       text not null check (reason_code in ('start_up', 'cash_flow', 'late_invoicing', 'other')),
  reason            text not null check (length(reason) between 2 and 300),
  share_percent     integer check (share_percent between 1 and 100),
  instalment_minor  bigint check (instalment_minor > 0),
  recover_by        date not null,
  state             text not null check (state in ('proposed', 'declined', 'withdrawn', 'approved', 'cancelled')),
  proposed_by       uuid not null,
  proposed_at       timestamptz not null,
  event_id          uuid not null,
  approved_by       uuid,
  approved_at       timestamptz,
  approved_event_id uuid,
  closed_by         uuid,
  closed_at         timestamptz,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id, contract_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  constraint advance_four_eyes check (approved_by is null or approved_by <> proposed_by),
  check (num_nonnulls(share_percent, instalment_minor) = 1),
  check (num_nonnulls(approved_by, approved_at, approved_event_id) in (0, 3)),
  check ((state in ('approved', 'cancelled')) = (approved_by is not null)),
  check ((state in ('declined', 'withdrawn', 'cancelled')) = (closed_at is not null))
);
create unique index advance_number_taken on advance (commissioner_id, number);
create index advance_provider on advance (provider_id, id);
create index advance_contract on advance (commissioner_id, contract_id, approved_at) where state = 'approved';

create table payout_advance (
  commissioner_id uuid not null,
  payout_id       uuid not null,
  advance_id      uuid not null,
  provider_id     uuid not null,
  contract_id     uuid not null,
  amount_minor    bigint not null check (amount_minor > 0),
  live            boolean not null default true,
  primary key (commissioner_id, payout_id, advance_id),
  foreign key (commissioner_id, payout_id, provider_id) references payout (commissioner_id, id, provider_id),
  foreign key (commissioner_id, advance_id, provider_id, contract_id)
    references advance (commissioner_id, id, provider_id, contract_id)
);
create unique index payout_advance_paid_once on payout_advance (commissioner_id, advance_id) where live;
create index payout_advance_provider on payout_advance (provider_id, payout_id);

create table advance_recovery (
  commissioner_id uuid not null,
  advance_id      uuid not null,
  invoice_id      uuid not null,
  provider_id     uuid not null,
  contract_id     uuid not null,
  amount_minor    bigint not null check (amount_minor > 0),
  remaining_minor bigint not null check (remaining_minor >= 0),
  event_id        uuid not null,
  recovered_at    timestamptz not null,
  primary key (commissioner_id, advance_id, invoice_id), -- an invoice gives back to an advance once
  foreign key (commissioner_id, advance_id, provider_id, contract_id)
    references advance (commissioner_id, id, provider_id, contract_id),
  foreign key (commissioner_id, invoice_id, provider_id) references invoice (commissioner_id, id, provider_id)
);
create index advance_recovery_invoice on advance_recovery (commissioner_id, invoice_id);
create index advance_recovery_provider on advance_recovery (provider_id, invoice_id);
`;

/** Why, in a commissioner's own words, is not the provider's to read. */
const SEEN_BY_PROVIDER = [
  'commissioner_id, id, provider_id, contract_id, number, reference, amount_minor, reason_code, share_percent',
  'instalment_minor, recover_by, state, approved_at, approved_event_id, closed_at',
].join(', ');

const POLICIES = [
  tenancy('advance', {
    commissioner: 'select, insert, update (state, approved_by, approved_at, approved_event_id, closed_by, closed_at)',
    provider: `select (${SEEN_BY_PROVIDER})`,
  }),
  tenancy('payout_advance', { commissioner: 'select, insert, update (live)', provider: 'select' }),
  tenancy('advance_recovery', { commissioner: 'select, insert', provider: 'select' }),
].join('\n');

/** A provider learns of an advance once two people have agreed to it. */
const AGREED_ONLY = `
create policy agreed on advance as restrictive for select to wp_provider using (approved_at is not null);
`;

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { POSTING, RIGHTS } from './0002-ledger-posting.js';

/** What happened (event) and what it moved (transfer): two tables that only grow, and the balances that limit decisions. */
export class Ledger1764000000002 implements MigrationInterface {
  name = 'Ledger1764000000002';

  async up(runner: QueryRunner): Promise<void> {
    for (const part of [SCHEMA, EVENT, ACCOUNT, TRANSFER, APPEND_ONLY, GRANTS, POLICIES, POSTING, RIGHTS]) {
      await runner.query(part);
    }
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const SCHEMA = `
create schema ledger authorization wp_owner;
grant usage on schema ledger to wp_ledger, wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_sealer;
`;

// seq orders a log (ids are made on several machines); xid tells the sealer what it has not seen. Nobody may choose them.
const EVENT = `
set role wp_owner;
create table ledger.event (
  commissioner_id uuid not null,
  id              uuid not null,
  seq             bigint not null generated always as identity (cache 1),
  xid             xid8 not null default pg_current_xact_id(),
  type            text not null constraint event_type_form check (type ~ '^[a-z_]+([.][a-z_]+)+$'),
  subject_id      uuid not null,
  actor_org_id    uuid not null,
  provider_id     uuid,
  referrer_id     uuid,
  cause_id        uuid,
  occurred_at     timestamptz(3) not null,
  recorded_at     timestamptz(3) not null,
  body            bytea not null constraint event_body_size check (octet_length(body) <= 65535),
  leaf_hash       bytea not null generated always as (sha256('\\x00'::bytea || body)) stored,
  primary key (commissioner_id, id)
);
create index event_xid on ledger.event (xid);
create index event_log on ledger.event (commissioner_id, seq);
create index event_subject on ledger.event (commissioner_id, subject_id, seq);
create index event_cause on ledger.event (commissioner_id, cause_id) where cause_id is not null;
create index event_provider on ledger.event (provider_id, seq) where provider_id is not null;
reset role;
`;

// The chart is reference data of all tenants. An account is one of its kinds, named and numbered by what it is.
const ACCOUNT = `
set role wp_owner;
create table ledger.chart (
  kind   text primary key check (kind ~ '^[a-z_]+$'),
  book   text not null check (book in ('money', 'budget')),
  normal "char" not null check (normal in ('D', 'C')),
  strict boolean not null,
  keyed  boolean not null,
  unique (kind, book, normal, strict, keyed)
);
insert into ledger.chart (kind, book, normal, strict, keyed) values
  ('funds', 'money', 'D', true, false),       ('funds_reserved', 'money', 'D', true, false),
  ('bank', 'money', 'D', false, false),       ('activity', 'money', 'D', false, false),
  ('vat_input', 'money', 'D', false, false),  ('fees', 'money', 'D', false, false),
  ('accrued', 'money', 'C', true, true),      ('owed', 'money', 'C', true, true),
  ('in_transit', 'money', 'C', true, true),   ('rail', 'money', 'D', false, true),
  ('advance', 'money', 'D', true, true),      ('recoverable', 'money', 'D', true, true),
  ('authorised', 'budget', 'D', false, true), ('budget', 'budget', 'C', true, true),
  ('committed', 'budget', 'C', true, true),   ('spent', 'budget', 'C', true, true);

create function ledger.account_id(p_commissioner uuid, p_provider uuid, p_contract uuid, p_currency text, p_kind text)
returns uuid language sql immutable parallel safe as $$
  select overlay(overlay(left(encode(sha256(
    uuid_send(p_commissioner)
    || uuid_send(coalesce(p_provider, '00000000-0000-0000-0000-000000000000'))
    || uuid_send(coalesce(p_contract, '00000000-0000-0000-0000-000000000000'))
    || convert_to(p_currency || p_kind, 'UTF8')), 'hex'), 32) placing '8' from 13) placing 'a' from 17)::uuid
$$;

create table ledger.account (
  commissioner_id uuid not null,
  id              uuid not null generated always as
                    (ledger.account_id(commissioner_id, provider_id, contract_id, currency, kind)) stored,
  kind            text not null,
  book            text not null,
  normal          "char" not null,
  strict          boolean not null,
  keyed           boolean not null,
  provider_id     uuid,
  contract_id     uuid,
  currency        char(3) not null default 'GBP',
  code            text not null generated always as (kind || coalesce(':' || provider_id || ':' || contract_id, '')) stored,
  primary key (commissioner_id, id),
  constraint account_opened_once unique (commissioner_id, code, currency),
  unique (commissioner_id, id, book, currency),
  unique (commissioner_id, id, normal, strict),
  foreign key (kind, book, normal, strict, keyed) references ledger.chart (kind, book, normal, strict, keyed),
  constraint account_key check ((provider_id is not null) = keyed and (contract_id is not null) = keyed)
);
create index account_contract on ledger.account (contract_id, provider_id) where contract_id is not null;
create index account_provider on ledger.account (provider_id) where provider_id is not null;

-- One row for each strict account; nothing else in the ledger is ever updated.
create table ledger.balance (
  commissioner_id uuid not null,
  account_id      uuid not null,
  normal          "char" not null,
  strict          boolean not null default true check (strict),
  provider_id     uuid,
  debits_minor    bigint not null default 0,
  credits_minor   bigint not null default 0,
  breached_by     uuid,                        -- the event of the fact that took it below zero
  primary key (commissioner_id, account_id),
  foreign key (commissioner_id, account_id, normal, strict)
    references ledger.account (commissioner_id, id, normal, strict),
  constraint balance_floor check (breached_by is not null or
    case normal when 'D' then debits_minor - credits_minor else credits_minor - debits_minor end >= 0)
) with (fillfactor = 50);
create index balance_breached on ledger.balance (commissioner_id) where breached_by is not null;
reset role;
`;

// Both sides in one row: an unbalanced entry cannot be written, and the two books cannot meet.
const TRANSFER = `
set role wp_owner;
create table ledger.transfer (
  commissioner_id   uuid not null,
  id                uuid not null,
  event_id          uuid not null,
  debit_account_id  uuid not null,
  credit_account_id uuid not null,
  amount_minor      bigint not null check (amount_minor > 0),
  book              text not null,
  currency          char(3) not null,
  provider_id       uuid,
  effective_on      date not null,
  claim_id          uuid,
  reverses_id       uuid,
  xid               xid8 not null default pg_current_xact_id(),
  leaf              bytea not null generated always as (sha256(
    uuid_send(id) || uuid_send(debit_account_id) || uuid_send(credit_account_id) || int8send(amount_minor)
    || int4send(effective_on - date '2000-01-01')
    || uuid_send(coalesce(claim_id, '00000000-0000-0000-0000-000000000000'))
    || uuid_send(coalesce(reverses_id, '00000000-0000-0000-0000-000000000000')))) stored,
  primary key (commissioner_id, id),
  check (debit_account_id <> credit_account_id),
  foreign key (commissioner_id, event_id) references ledger.event,
  foreign key (commissioner_id, debit_account_id, book, currency)
    references ledger.account (commissioner_id, id, book, currency),
  foreign key (commissioner_id, credit_account_id, book, currency)
    references ledger.account (commissioner_id, id, book, currency),
  foreign key (commissioner_id, reverses_id) references ledger.transfer (commissioner_id, id)
);
create unique index transfer_reversed_once on ledger.transfer (commissioner_id, reverses_id) where reverses_id is not null;
create index transfer_event on ledger.transfer (commissioner_id, event_id);
create index transfer_debit on ledger.transfer (commissioner_id, debit_account_id, effective_on);
create index transfer_credit on ledger.transfer (commissioner_id, credit_account_id, effective_on);
create index transfer_claim on ledger.transfer (commissioner_id, claim_id) where claim_id is not null;
reset role;
`;

// A balance row is updated by posting; nothing else is changed and nothing is ever removed.
const growsOnly = (table: string) => `
create trigger append_only before ${table === 'balance' ? 'delete' : 'update or delete'} on ledger.${table}
  for each row execute function ledger.refuse_change();
create trigger append_only_all before truncate on ledger.${table}
  for each statement execute function ledger.refuse_change();`;

const APPEND_ONLY = `
set role wp_owner;
create function ledger.refuse_change() returns trigger language plpgsql as $$
begin
  raise exception 'ledger.append_only: % on %', tg_op, tg_table_name
    using errcode = 'WP001', hint = 'To correct, reverse and post again.';
end $$;
${['event', 'transfer', 'account', 'balance'].map(growsOnly).join('')}
reset role;
`;

const GRANTS = `
set role wp_owner;
grant insert (commissioner_id, id, type, subject_id, actor_org_id, provider_id, referrer_id, cause_id, occurred_at,
              recorded_at, body)
  on ledger.event to wp_commissioner, wp_provider, wp_referrer, wp_intake;
grant select on ledger.event to wp_commissioner, wp_provider, wp_referrer;
grant select (commissioner_id, id, seq, xid, leaf_hash) on ledger.event to wp_sealer;    -- never a body
grant select (commissioner_id, id, xid) on ledger.event to wp_ledger;

grant select on ledger.chart to wp_ledger, wp_commissioner, wp_provider;
grant select on ledger.account, ledger.balance, ledger.transfer to wp_ledger, wp_commissioner, wp_provider;
grant insert (commissioner_id, kind, book, normal, strict, keyed, provider_id, contract_id) on ledger.account to wp_ledger;
grant insert (commissioner_id, account_id, normal, provider_id), update (debits_minor, credits_minor, breached_by)
  on ledger.balance to wp_ledger;
grant insert (commissioner_id, id, event_id, debit_account_id, credit_account_id, amount_minor, book, currency,
              provider_id, effective_on, claim_id, reverses_id)
  on ledger.transfer to wp_ledger;
reset role;
`;

// One equality for each side. Foreign-key checks and generated columns are not bound by these; reads and writes are.
const readByBothSides = (table: string) => `
alter table ledger.${table} enable row level security, force row level security;
create policy commissioner on ledger.${table} to wp_commissioner, wp_ledger
  using (commissioner_id = (select app.org())) with check (commissioner_id = (select app.org()));
create policy provider on ledger.${table} for select to wp_provider using (provider_id = (select app.org()));`;

const POLICIES = `
set role wp_owner;
alter table ledger.event enable row level security, force row level security;
create policy commissioner on ledger.event to wp_commissioner, wp_ledger
  using (commissioner_id = (select app.org())) with check (commissioner_id = (select app.org()));
create policy provider on ledger.event to wp_provider using (provider_id = (select app.org()))
  with check (provider_id = (select app.org()) and actor_org_id = (select app.org()));
create policy referrer on ledger.event to wp_referrer using (referrer_id = (select app.org()))
  with check (referrer_id = (select app.org()) and actor_org_id = (select app.org()));
create policy intake_write on ledger.event for insert to wp_intake
  with check (actor_org_id = any ((select app.orgs())::uuid[]) and actor_org_id in (commissioner_id, provider_id, referrer_id));
create policy sealer on ledger.event for select to wp_sealer using (true);

${['account', 'balance', 'transfer'].map(readByBothSides).join('')}
reset role;
`;

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** Contracts with immutable versions, services, rate cards, purchase orders, budgets, self-billing agreements. */
export class Contracts1764000000004 implements MigrationInterface {
  name = 'Contracts1764000000004';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, POLICIES, TIES));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const TABLES = `
create table contract (
  commissioner_id uuid not null references organisation,
  id              uuid not null,
  provider_id     uuid not null references organisation,
  code            text not null check (code ~ '^[A-Z0-9][A-Z0-9-]{1,23}$'),
  title           text not null check (length(title) between 2 and 200),
  created_at      timestamptz not null,
  created_by      uuid,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id)
);
create unique index contract_code_taken on contract (commissioner_id, code);
create index contract_provider on contract (provider_id, id);

create table contract_version (
  commissioner_id   uuid not null,
  contract_id       uuid not null,
  provider_id       uuid not null,
  version           integer not null check (version >= 1),
  effective_from    date not null,
  agreed_on         date not null,
  starts_on         date not null,
  ends_on           date not null,
  document_mode     text not null check (document_mode in ('self_billed', 'provider_issued', 'provider_own', 'grant_notice')),
  standing_authority boolean not null default false,
  rail              text not null check (rail in ('stripe', 'outside')),
  po_required       boolean not null,
  cost_code         text check (length(cost_code) between 1 and 40),
  buyer_reference   text check (length(buyer_reference) between 1 and 40),
  payables_address  text[] not null check (cardinality(payables_address) between 1 and 7),
  payment_days      integer not null check (payment_days between 1 and 120),
  claim_day         integer not null check (claim_day between 1 and 28),
  late_window_days  integer not null check (late_window_days between 0 and 400),
  decide_days       integer not null check (decide_days between 1 and 60),
  regime            text not null check (regime in ('procurement_act', 'provider_selection', 'grant', 'other')),
  budget_rule       text not null check (budget_rule in ('refuse', 'flag')),
  vat_recoverable   boolean not null,
  created_at        timestamptz not null,
  created_by        uuid,
  primary key (commissioner_id, contract_id, version),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  check (effective_from between starts_on and ends_on),
  check (not standing_authority or document_mode = 'provider_issued'),
  check ((document_mode = 'grant_notice') = (regime = 'grant'))
);
create index contract_version_provider on contract_version (provider_id, contract_id);

create table service (
  commissioner_id uuid not null references organisation,
  id              uuid not null,
  provider_id     uuid not null references organisation,
  code            text not null check (code ~ '^[A-Z0-9][A-Z0-9-]{1,23}$'),
  name            text not null check (length(name) between 2 and 120),
  kind            text not null check (kind in ('activity', 'connection')),
  created_at      timestamptz not null,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id)
);
create unique index service_code_taken on service (commissioner_id, provider_id, code);
create index service_provider on service (provider_id, id);

-- What is set again for the same day corrects it: the later id counts.
create table vat_treatment (
  commissioner_id   uuid not null,
  id                uuid not null,
  service_id        uuid not null,
  provider_id       uuid not null,
  effective_from    date not null,
  category          text not null check (category in ('S', 'AA', 'Z', 'E', 'O')),
  rate_basis_points integer not null check (rate_basis_points between 0 and 10000),
  reason            text check (reason in ('welfare', 'health', 'education', 'zero_rated', 'not_business', 'other')),
  created_at        timestamptz not null,
  created_by        uuid,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, service_id, provider_id) references service (commissioner_id, id, provider_id),
  check ((category in ('S', 'AA')) = (rate_basis_points > 0)),
  check ((category in ('S', 'AA')) = (reason is null))
);
create index vat_treatment_service on vat_treatment (commissioner_id, service_id, effective_from);
create index vat_treatment_provider on vat_treatment (provider_id, service_id);

create table rate_card (
  commissioner_id uuid not null,
  id              uuid not null,
  contract_id     uuid not null,
  provider_id     uuid not null,
  service_id      uuid not null,
  charge_kind     text not null default 'primary' check (charge_kind ~ '^[a-z][a-z0-9_]{0,39}$'),
  basis           text not null check (basis in ('session', 'attendance', 'group_split', 'hour', 'referral', 'milestone', 'block', 'recognised')),
  effective_from  date not null,
  effective_to    date,
  agreed_on       date not null,
  terms           jsonb not null check (terms ->> 'basis' = basis),
  published_at    timestamptz not null,
  published_by    uuid,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  foreign key (commissioner_id, service_id, provider_id) references service (commissioner_id, id, provider_id),
  check (effective_to >= effective_from)
);
create unique index rate_card_published_twice on rate_card (commissioner_id, contract_id, service_id, charge_kind, effective_from, agreed_on);
create index rate_card_provider on rate_card (provider_id, contract_id);

create table purchase_order (
  commissioner_id uuid not null,
  id              uuid not null,
  contract_id     uuid not null,
  provider_id     uuid not null,
  number          text not null check (number ~ '^[A-Z0-9][A-Z0-9/_.-]{0,29}$'),
  version         integer not null check (version >= 1),
  value_minor     bigint not null check (value_minor >= 0),
  starts_on       date not null,
  ends_on         date not null,
  created_at      timestamptz not null,
  created_by      uuid,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  check (ends_on >= starts_on)
);
create unique index purchase_order_version_taken on purchase_order (commissioner_id, number, version);
create index purchase_order_contract on purchase_order (commissioner_id, contract_id);
create index purchase_order_provider on purchase_order (provider_id, contract_id);

create table budget_change (
  commissioner_id uuid not null,
  id              uuid not null,
  contract_id     uuid not null,
  provider_id     uuid not null,
  amount_minor    bigint not null check (amount_minor <> 0),
  effective_on    date not null,
  event_id        uuid not null,
  created_at      timestamptz not null,
  created_by      uuid,
  primary key (commissioner_id, id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id)
);
create index budget_change_contract on budget_change (commissioner_id, contract_id, id);

-- Several may be proposed; accepted ones for one VAT number do not overlap. A new number makes a new agreement.
create table self_billing_agreement (
  commissioner_id uuid not null references organisation,
  id              uuid not null,
  provider_id     uuid not null references organisation,
  vat_number      text,
  starts_on       date not null,
  ends_on         date not null,
  proposed_by     uuid,
  accepted_by     uuid,
  accepted_at     timestamptz,
  created_at      timestamptz not null,
  primary key (commissioner_id, id),
  check (ends_on >= starts_on),
  check (accepted_by is null or accepted_at is not null),
  constraint self_billing_agreement_overlaps exclude using gist
    (commissioner_id with =, provider_id with =, coalesce(vat_number, '') with =, daterange(starts_on, ends_on, '[]') with &&)
    where (accepted_at is not null)
);
create index self_billing_agreement_provider on self_billing_agreement (provider_id, id);
`;

const POLICIES = [
  tenancy('contract', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('contract_version', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('service', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('vat_treatment', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('rate_card', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('purchase_order', { commissioner: 'select, insert', provider: 'select' }),
  tenancy('budget_change', { commissioner: 'select, insert' }),
  tenancy('self_billing_agreement', {
    commissioner: 'select, insert',
    provider: 'select, update (accepted_by, accepted_at)',
  }),
].join('\n');

/**
 * A provider writes only into the journal of a commissioner that it has a contract or an agreement with, a referrer only
 * into that of the commissioner that registered it.
 */
const TIES = `
alter policy provider on ledger.event with check (
  provider_id = (select app.org()) and actor_org_id = (select app.org())
  and commissioner_id = any (array(select c.commissioner_id from contract c
                                   union select a.commissioner_id from self_billing_agreement a)));
alter policy referrer on ledger.event with check (
  referrer_id = (select app.org()) and actor_org_id = (select app.org())
  and commissioner_id = (select o.registered_by from organisation o where o.id = (select app.org())));
`;

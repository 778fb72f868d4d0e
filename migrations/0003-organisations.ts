import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** Reference: organisations and their VAT registrations. Platform: members and keys. */
export class Organisations1764000000003 implements MigrationInterface {
  name = 'Organisations1764000000003';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, HOLIDAYS, POLICIES));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const TABLES = `
create table organisation (
  id             uuid primary key,
  kind           text not null check (kind in ('commissioner', 'provider', 'referrer')),
  code           text not null check (code ~ '^[A-Z0-9]{2,12}$'),
  name           text not null check (length(name) between 2 and 200),
  legal_form     text not null check (legal_form in ('charity', 'cic', 'company', 'council', 'nhs_body',
                                                     'unincorporated', 'sole_trader', 'public_body')),
  ods_code       text,
  charity_number text,
  company_number text,
  gln            text,
  address        text[] not null check (cardinality(address) between 1 and 6),
  postcode       text not null,
  registered_by  uuid,
  created_at     timestamptz not null
);
create unique index organisation_code_taken on organisation (kind, code);
create unique index organisation_ods_code_taken on organisation (ods_code) where ods_code is not null;
create unique index organisation_charity_number_taken on organisation (charity_number) where charity_number is not null;
create unique index organisation_company_number_taken on organisation (company_number) where company_number is not null;

create table vat_registration (
  organisation_id uuid not null references organisation,
  vat_number      text not null,
  starts_on       date not null,
  ends_on         date,
  created_at      timestamptz not null,
  primary key (organisation_id, starts_on),
  check (ends_on >= starts_on),
  constraint vat_registration_overlaps exclude using gist
    (organisation_id with =, daterange(starts_on, ends_on, '[]') with &&)
);

create table member (
  id                   uuid primary key,
  organisation_id      uuid not null references organisation,
  display_name         text not null check (length(display_name) between 1 and 120),
  email                text not null,
  roles                text[] not null check (cardinality(roles) > 0),
  approval_limit_minor bigint check (approval_limit_minor >= 0),
  created_at           timestamptz not null,
  disabled_at          timestamptz,
  unique (organisation_id, id)
);
create unique index member_email_taken on member (organisation_id, lower(email));

create table api_key (
  id              uuid primary key,
  organisation_id uuid not null references organisation,
  member_id       uuid,
  label           text not null,
  prefix          text not null,
  secret_hash     bytea not null,
  scopes          text[] not null default '{}',
  created_at      timestamptz not null,
  expires_at      timestamptz not null,
  revoked_at      timestamptz,
  foreign key (organisation_id, member_id) references member (organisation_id, id),
  check (member_id is null or cardinality(scopes) = 0)
);
create unique index api_key_secret on api_key (secret_hash);
create index api_key_organisation on api_key (organisation_id, id);

create table invitation (
  id                   uuid primary key,
  organisation_id      uuid not null references organisation,
  invited_by           uuid not null references organisation,
  email                text not null,
  roles                text[] not null check (cardinality(roles) > 0),
  approval_limit_minor bigint check (approval_limit_minor >= 0),
  token_hash           bytea not null,
  created_at           timestamptz not null,
  expires_at           timestamptz not null,
  used_at              timestamptz
);
create unique index invitation_token on invitation (token_hash);

create table bank_holiday (day date primary key, name text not null);
`;

const POLICIES = `
alter table organisation     enable row level security, force row level security;
alter table vat_registration enable row level security, force row level security;
alter table member           enable row level security, force row level security;
alter table api_key          enable row level security, force row level security;
alter table invitation       enable row level security, force row level security;
alter table bank_holiday     enable row level security, force row level security;

grant select on organisation, vat_registration, bank_holiday
  to wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_relay, wp_auth;
create policy everyone on organisation for select
  to wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_relay, wp_auth using (true);
create policy everyone on vat_registration for select
  to wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_relay, wp_auth using (true);
create policy everyone on bank_holiday for select
  to wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_relay, wp_auth using (true);

-- A commissioner registers the bodies that it works with; each looks after its own entry.
grant insert on organisation to wp_commissioner, wp_auth;
create policy register on organisation for insert to wp_commissioner
  with check (registered_by = (select app.org()) and kind in ('provider', 'referrer'));
create policy set_up on organisation for insert to wp_auth with check (true);
grant update (name, address, postcode, ods_code, charity_number, company_number, gln)
  on organisation to wp_commissioner, wp_provider, wp_referrer;
create policy own on organisation for update to wp_commissioner, wp_provider, wp_referrer
  using (id = (select app.org())) with check (id = (select app.org()));
create policy registrar on organisation for update to wp_commissioner
  using (registered_by = (select app.org())) with check (registered_by = (select app.org()));

grant insert, update (ends_on) on vat_registration to wp_provider, wp_commissioner;
create policy own on vat_registration to wp_provider, wp_commissioner
  using (organisation_id = (select app.org())) with check (organisation_id = (select app.org()));
create policy registrar on vat_registration to wp_commissioner
  using (exists (select from organisation o where o.id = organisation_id and o.registered_by = (select app.org())))
  with check (exists (select from organisation o where o.id = organisation_id and o.registered_by = (select app.org())));

grant select, insert, update (display_name, email, roles, approval_limit_minor, disabled_at)
  on member to wp_commissioner, wp_provider, wp_referrer;
create policy own on member to wp_commissioner, wp_provider, wp_referrer
  using (organisation_id = (select app.org())) with check (organisation_id = (select app.org()));
grant select, insert on member to wp_auth;
create policy auth on member to wp_auth using (true) with check (true);

grant select, insert, update (revoked_at) on api_key to wp_commissioner, wp_provider, wp_referrer;
create policy own on api_key to wp_commissioner, wp_provider, wp_referrer
  using (organisation_id = (select app.org())) with check (organisation_id = (select app.org()));
grant select, insert on api_key to wp_auth;
create policy auth on api_key to wp_auth using (true) with check (true);

-- An organisation invites its own people; a commissioner also the first ones of a body that it registered.
grant select, insert on invitation to wp_commissioner, wp_provider, wp_referrer;
create policy own on invitation to wp_commissioner, wp_provider, wp_referrer
  using (invited_by = (select app.org())) with check (invited_by = (select app.org()));
grant select, update (used_at) on invitation to wp_auth;
create policy auth on invitation to wp_auth using (true) with check (true);
`;

/** England and Wales, as published on gov.uk/bank-holidays. */
const HOLIDAYS = `
insert into bank_holiday (day, name) values
  ('2025-01-01', 'New Year''s Day'), ('2025-04-18', 'Good Friday'), ('2025-04-21', 'Easter Monday'),
  ('2025-05-05', 'Early May bank holiday'), ('2025-05-26', 'Spring bank holiday'), ('2025-08-25', 'Summer bank holiday'),
  ('2025-12-25', 'Christmas Day'), ('2025-12-26', 'Boxing Day'),
  ('2026-01-01', 'New Year''s Day'), ('2026-04-03', 'Good Friday'), ('2026-04-06', 'Easter Monday'),
  ('2026-05-04', 'Early May bank holiday'), ('2026-05-25', 'Spring bank holiday'), ('2026-08-31', 'Summer bank holiday'),
  ('2026-12-25', 'Christmas Day'), ('2026-12-28', 'Boxing Day (substitute day)'),
  ('2027-01-01', 'New Year''s Day'), ('2027-03-26', 'Good Friday'), ('2027-03-29', 'Easter Monday'),
  ('2027-05-03', 'Early May bank holiday'), ('2027-05-31', 'Spring bank holiday'), ('2027-08-30', 'Summer bank holiday'),
  ('2027-12-27', 'Christmas Day (substitute day)'), ('2027-12-28', 'Boxing Day (substitute day)');
`;

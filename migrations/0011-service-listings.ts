import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner, tenancy } from './tenancy.js';

/** The public entries of services, and the side of the database that anybody may read them from. */
export class ServiceListings1764000000011 implements MigrationInterface {
  name = 'ServiceListings1764000000011';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ROLE);
    await runner.query(asOwner(TABLE, POLICIES, IN_FORCE, PUBLIC_POLICIES));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const ROLE = `
do $$ begin
  if not exists (select from pg_roles where rolname = 'wp_public') then create role wp_public nologin; end if;
end $$;
grant wp_public to wp_app;
grant usage on schema public, app to wp_public;
`;

const TABLE = `
create function app.day() returns date language sql stable parallel safe
  as $$ select nullif(current_setting('app.day', true), '')::date $$;

create table service_listing (
  commissioner_id uuid not null references organisation,
  service_id      uuid not null,
  provider_id     uuid not null references organisation,
  listed          boolean not null default false,
  name            text not null check (length(name) between 2 and 120),
  summary         text not null check (length(summary) between 1 and 300),
  description     text check (length(description) between 1 and 4000),
  eligibility     text check (length(eligibility) between 1 and 1000),
  minimum_age     smallint check (minimum_age between 0 and 120),
  maximum_age     smallint check (maximum_age between 0 and 120),
  cost            text not null check (cost in ('free', 'charge')),
  cost_note       text check (length(cost_note) between 1 and 300),
  languages       text[] not null check (cardinality(languages) between 1 and 20),
  areas           text[] not null check (cardinality(areas) <= 20),
  online          boolean not null,
  venue_name      text check (length(venue_name) between 1 and 120),
  address         text[] check (cardinality(address) between 1 and 3),
  town            text check (length(town) between 1 and 100),
  county          text check (length(county) between 1 and 100),
  postcode        text check (postcode ~ '^[A-Z0-9]{2,4} [0-9][A-Z]{2}$'),
  schedule        jsonb not null check (jsonb_typeof(schedule) = 'array' and jsonb_array_length(schedule) <= 28),
  how_to_refer    text check (length(how_to_refer) between 1 and 1000),
  email           text check (length(email) between 3 and 200),
  phone           text check (length(phone) between 6 and 24),
  url             text check (url ~ '^https?://' and length(url) <= 300),
  accessibility   text check (length(accessibility) between 1 and 1000),
  places          text not null check (places in ('accepting', 'waiting_list', 'full')),
  assured_on      date,
  changed_at      timestamptz not null,
  changed_by      uuid,
  words           tsvector generated always as (to_tsvector('english'::regconfig,
                    name || ' ' || summary || ' ' || coalesce(description, '') || ' ' || coalesce(eligibility, ''))) stored,
  primary key (commissioner_id, service_id),
  foreign key (commissioner_id, service_id, provider_id) references service (commissioner_id, id, provider_id),
  check (minimum_age <= maximum_age),
  check (num_nulls(venue_name, address, town, postcode) in (0, 4))
);
create index service_listing_provider on service_listing (provider_id, service_id);
`;

const CONTENT = `name, summary, description, eligibility, minimum_age, maximum_age, cost, cost_note, languages, areas, online,
  venue_name, address, town, county, postcode, schedule, how_to_refer, email, phone, url, accessibility, places`;

/** A provider writes what its entry says; whether the public sees it, and since when it is checked, is not its to say. */
const POLICIES = tenancy('service_listing', {
  commissioner: `select, insert, update (listed, assured_on, changed_at, changed_by, ${CONTENT})`,
  provider: `select, insert (commissioner_id, service_id, provider_id, changed_at, changed_by, ${CONTENT}),
    update (changed_at, changed_by, ${CONTENT})`,
});

/** The services that anybody may see on a day: listed, and with a rate card of a contract that is in force. */
const IN_FORCE = `
create policy owner on service_listing for select to wp_owner using (true);
create function listed_services(p_commissioner uuid, p_day date) returns uuid[]
language sql stable security definer set search_path = public, pg_temp as $$
  select coalesce(array_agg(l.service_id), '{}') from service_listing l
  where l.commissioner_id = p_commissioner and l.listed and exists (
    select from contract c
    join rate_card r on r.commissioner_id = c.commissioner_id and r.contract_id = c.id and r.service_id = l.service_id
      and r.effective_from <= p_day and (r.effective_to is null or r.effective_to >= p_day)
    join lateral (select v.starts_on, v.ends_on from contract_version v
                  where v.commissioner_id = c.commissioner_id and v.contract_id = c.id and v.effective_from <= p_day
                  order by v.effective_from desc, v.version desc limit 1) v on p_day between v.starts_on and v.ends_on
    where c.commissioner_id = l.commissioner_id and c.provider_id = l.provider_id)
$$;
revoke all on function listed_services from public;
grant execute on function listed_services to wp_commissioner, wp_provider, wp_referrer, wp_public;
`;

/**
 * Everybody's side reads what is listed on the day that the transaction names, of the commissioner that it names, and the
 * names of those organisations. A referrer reads the same, of the commissioner that registered it.
 */
const PUBLIC_POLICIES = `
grant select (commissioner_id, service_id, provider_id, listed, assured_on, changed_at, words, ${CONTENT})
  on service_listing to wp_public, wp_referrer;
create policy anybody on service_listing for select to wp_public using (
  commissioner_id = (select app.org())
  and service_id = any ((select listed_services((select app.org()), (select app.day())))::uuid[]));
create policy listed on service_listing for select to wp_referrer using (
  commissioner_id = (select o.registered_by from organisation o where o.id = (select app.org()))
  and service_id = any ((select listed_services(
    (select o.registered_by from organisation o where o.id = (select app.org())), (select app.day())))::uuid[]));

grant select (id, kind, code, name) on organisation to wp_public;
create policy anybody on organisation for select to wp_public using (
  kind = 'commissioner' or exists (select from service_listing l where l.provider_id = organisation.id));
`;

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { CLAIMS, DELIVERY, PROGRESS_FUNCTION } from './0005-delivery-claims.js';
import { asOwner, tenancy } from './tenancy.js';

/** Persons (opaque), referrals, sessions, attendance, claim files and claims. */
export class Delivery1764000000005 implements MigrationInterface {
  name = 'Delivery1764000000005';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(
      asOwner(REFERRALS, PERSON_FUNCTION, TARGET_FUNCTION, DELIVERY, CLAIMS, PROGRESS_FUNCTION, POLICIES),
    );
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const REFERRALS = `
create table person (
  commissioner_id uuid not null references organisation,
  id              uuid not null default gen_random_uuid(),
  owner_org_id    uuid not null,
  reference       text,
  pseudonym       bytea check (octet_length(pseudonym) = 32),
  created_at      timestamptz not null default now(),
  primary key (commissioner_id, id)
);
create unique index person_pseudonym on person (commissioner_id, pseudonym) where pseudonym is not null;
create unique index person_reference on person (commissioner_id, owner_org_id, reference) where reference is not null;

create table referral (
  commissioner_id   uuid not null,
  id                uuid not null,
  provider_id       uuid not null,
  referrer_id       uuid references organisation,
  actor_org_id      uuid not null,
  contract_id       uuid not null,
  service_id        uuid not null,
  person_id         uuid not null,
  reference         text not null check (length(reference) between 1 and 64),
  source            text not null check (source in ('nhs', 'local_authority', 'voluntary_sector', 'self', 'other')),
  lawful_basis      text not null,
  sharing_agreement text,
  state             text not null check (state in ('made', 'accepted', 'declined', 'closed')),
  confirmed_at      timestamptz,
  confirmed_by      uuid,
  made_on           date not null,
  respond_by        date not null,
  sessions_planned  integer check (sessions_planned between 1 and 200),
  accepted_on       date,
  decline_reason    text,
  closed_on         date,
  close_reason      text,
  created_at        timestamptz not null,
  primary key (commissioner_id, id),
  unique (commissioner_id, id, provider_id),
  foreign key (commissioner_id, contract_id, provider_id) references contract (commissioner_id, id, provider_id),
  foreign key (commissioner_id, service_id, provider_id) references service (commissioner_id, id, provider_id),
  foreign key (commissioner_id, person_id) references person
);
create unique index referral_reference_taken on referral (commissioner_id, provider_id, reference);
create index referral_provider on referral (provider_id, id);
create index referral_referrer on referral (referrer_id, id) where referrer_id is not null;
create index referral_contract on referral (commissioner_id, contract_id, state);
`;

/**
 * A person is found or made by reference or pseudonym without anyone but the commissioner reading the table. The caller
 * must be the commissioner, or hold a contract with it, or be a referring organisation that acts for itself.
 */
const PERSON_FUNCTION = `
create function person_for(p_commissioner uuid, p_reference text, p_pseudonym bytea) returns uuid
language plpgsql security definer set search_path = public, pg_temp as $$
declare found_id uuid; org uuid := app.org();
begin
  if org is null or not (org = p_commissioner
      or exists (select from contract c where c.commissioner_id = p_commissioner and c.provider_id = org)
      or exists (select from organisation o where o.id = org and o.registered_by = p_commissioner)) then
    raise exception 'person_for.no_tie' using errcode = 'WP003';
  end if;
  if p_pseudonym is not null then
    select id into found_id from person where commissioner_id = p_commissioner and pseudonym = p_pseudonym;
  elsif p_reference is not null then
    select id into found_id from person
    where commissioner_id = p_commissioner and owner_org_id = org and reference = p_reference;
  end if;
  if found_id is null then
    insert into person (commissioner_id, owner_org_id, reference, pseudonym)
    values (p_commissioner, org, case when p_pseudonym is null then p_reference end, p_pseudonym)
    on conflict do nothing returning id into found_id;
    if found_id is null then return person_for(p_commissioner, p_reference, p_pseudonym); end if;
  end if;
  return found_id;
end $$;
revoke all on function person_for from public;
grant execute on function person_for to wp_commissioner, wp_provider, wp_referrer;
`;

/**
 * Which contract a referral falls under: the one in force on the day that has a rate card for the service. A referrer may
 * ask this and nothing else about contracts, and only of the commissioner that registered it.
 */
const TARGET_FUNCTION = `
create function referral_target(p_commissioner uuid, p_provider uuid, p_service text, p_contract text, p_day date)
returns table (contract_id uuid, service_id uuid)
language sql stable security definer set search_path = public, pg_temp as $$
  select c.id, s.id
  from contract c
  join service s on s.commissioner_id = c.commissioner_id and s.provider_id = c.provider_id and s.code = p_service
  join lateral (select v.starts_on, v.ends_on from contract_version v
                where v.commissioner_id = c.commissioner_id and v.contract_id = c.id and v.effective_from <= p_day
                order by v.effective_from desc, v.version desc limit 1) v on p_day between v.starts_on and v.ends_on
  where c.commissioner_id = p_commissioner and c.provider_id = p_provider and (p_contract is null or c.code = p_contract)
    and exists (select from rate_card r where r.commissioner_id = c.commissioner_id and r.contract_id = c.id
                and r.service_id = s.id and r.effective_from <= p_day and (r.effective_to is null or r.effective_to >= p_day))
    and (app.org() in (c.commissioner_id, c.provider_id)
         or exists (select from organisation o where o.id = app.org() and o.kind = 'referrer' and o.registered_by = c.commissioner_id))
  order by c.code limit 2
$$;
revoke all on function referral_target from public;
grant execute on function referral_target to wp_commissioner, wp_provider, wp_referrer;
create policy owner on contract         for select to wp_owner using (true);
create policy owner on contract_version for select to wp_owner using (true);
create policy owner on service          for select to wp_owner using (true);
create policy owner on rate_card        for select to wp_owner using (true);
create policy owner on organisation     for select to wp_owner using (true);
`;

const CLAIM_CHANGES =
  'state, price_minor, indicative_minor, pricing, flags, line_kind, units, batch_id, reject_reason, rate_card_id';
const FILE_CHANGES = `sha256, state, repeats_id, rows, accepted, repeated, included, failed, flagged, total_minor,
  indicative_minor, dropped_columns, encoding, separator, problem, finished_at`;
const REFERRAL_CHANGES =
  'state, confirmed_at, confirmed_by, accepted_on, decline_reason, closed_on, close_reason, sessions_planned';

const POLICIES = [
  tenancy('person', { commissioner: 'select' }),
  // The owner runs person_for: forced row-level security binds it too, so it has a policy of its own.
  'create policy owner on person to wp_owner using (true) with check (true);',
  tenancy('referral', {
    commissioner: `select, insert, update (${REFERRAL_CHANGES})`,
    provider: `select, insert, update (${REFERRAL_CHANGES})`,
    referrer: 'select, insert',
  }),
  tenancy('session', { commissioner: 'select', provider: 'select, insert' }),
  tenancy('attendance', { commissioner: 'select', provider: 'select, insert' }),
  tenancy('milestone', { commissioner: 'select', provider: 'select, insert' }),
  tenancy('claim_file', {
    commissioner: 'select',
    provider: `select, insert, update (${FILE_CHANGES})`,
  }),
  tenancy('claim_file_row', { provider: 'select, insert' }),
  tenancy('claim_file_failure', { provider: 'select, insert' }),
  tenancy('claim', {
    commissioner: `select, update (${CLAIM_CHANGES})`,
    provider: 'select, insert, update (state)',
    relay: 'commissioner_id, id',
  }),
  tenancy('nil_declaration', { commissioner: 'select', provider: 'select, insert' }),
].join('\n');

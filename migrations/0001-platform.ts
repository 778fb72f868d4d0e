import type { MigrationInterface, QueryRunner } from 'typeorm';

/** Roles (one for each side of the database), what row-level security reads, and the tables of the platform itself. */
export class Platform1764000000001 implements MigrationInterface {
  name = 'Platform1764000000001';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(ROLES);
    await runner.query(SCOPE);
    await runner.query(TABLES);
    await runner.query(POLICIES);
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const ROLES = `
do $$ declare r text; begin
  foreach r in array array['wp_owner', 'wp_ledger', 'wp_commissioner', 'wp_provider', 'wp_referrer', 'wp_intake',
                           'wp_sealer', 'wp_relay', 'wp_auth', 'wp_queue'] loop
    if not exists (select from pg_roles where rolname = r) then execute format('create role %I nologin', r); end if;
  end loop;
  if not exists (select from pg_roles where rolname = 'wp_app') then create role wp_app login noinherit; end if;
end $$;
do $$ begin execute format('grant wp_owner, wp_ledger to %I', current_user); end $$;
grant wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_sealer, wp_relay, wp_auth, wp_queue to wp_app;
revoke create on schema public from public;
grant usage, create on schema public to wp_owner;
grant usage on schema public to wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_relay, wp_auth, wp_ledger;
create extension if not exists btree_gist;
`;

const SCOPE = `
create schema app authorization wp_owner;
grant usage on schema app to wp_ledger, wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_sealer, wp_relay, wp_auth;
set role wp_owner;
create function app.org() returns uuid language sql stable parallel safe
  as $$ select nullif(current_setting('app.org', true), '')::uuid $$;
create function app.orgs() returns uuid[] language sql stable parallel safe
  as $$ select string_to_array(nullif(current_setting('app.orgs', true), ''), ',')::uuid[] $$;
reset role;
`;

const TABLES = `
set role wp_owner;
create table idempotency (
  actor_org_id uuid not null,
  key          text not null constraint idempotency_key_length check (length(key) between 8 and 200),
  request_hash bytea not null,
  status       smallint,
  answer       json, -- not jsonb: a replay has the keys in the order of the first answer
  created_at   timestamptz not null default now(),
  primary key (actor_org_id, key)
);
create index idempotency_age on idempotency (created_at);
create table outbox (
  id         bigint primary key generated always as identity (cache 1),
  org_id     uuid not null,
  topic      text not null,
  data       jsonb not null,
  created_at timestamptz not null default now()
) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 1000);
create table dead_letter (
  id         bigint primary key generated always as identity,
  job        text not null,
  data       jsonb not null,
  error      text not null,
  failed_at  timestamptz not null default now()
);
reset role;
`;

const POLICIES = `
set role wp_owner;
alter table idempotency enable row level security, force row level security;
alter table outbox      enable row level security, force row level security;
alter table dead_letter enable row level security, force row level security;

grant select, insert, update (status, answer) on idempotency to wp_commissioner, wp_provider, wp_referrer, wp_intake;
create policy own on idempotency to wp_commissioner, wp_provider, wp_referrer
  using (actor_org_id = (select app.org())) with check (actor_org_id = (select app.org()));
create policy intake on idempotency to wp_intake
  using (actor_org_id = any ((select app.orgs())::uuid[])) with check (actor_org_id = any ((select app.orgs())::uuid[]));
grant select (created_at, actor_org_id, key), delete on idempotency to wp_relay;
create policy expire on idempotency to wp_relay using (true);

grant insert (org_id, topic, data) on outbox to wp_commissioner, wp_provider, wp_referrer, wp_intake, wp_auth;
create policy write on outbox for insert to wp_commissioner, wp_provider, wp_referrer
  with check (org_id = (select app.org()));
create policy intake_write on outbox for insert to wp_intake with check (org_id = any ((select app.orgs())::uuid[]));
create policy auth_write on outbox for insert to wp_auth with check (true);
grant select, insert, delete, update (data) on outbox to wp_relay; -- update: for the row locks of skip locked
create policy relay on outbox to wp_relay using (true) with check (true);

grant select, insert on dead_letter to wp_relay;
create policy relay on dead_letter to wp_relay using (true) with check (true);
reset role;
`;

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** How people sign in to the portal, and what they had typed when they were interrupted. */
export class SignIn1764000000008 implements MigrationInterface {
  name = 'SignIn1764000000008';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, SECURITY, MEMBERS, DRAFTS));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const TABLES = `
create table login (
  id            uuid primary key,
  email         text not null check (email = lower(email) and length(email) between 3 and 200),
  display_name  text not null check (length(display_name) between 1 and 120),
  locale        text not null default 'en' check (locale in ('en', 'cy')),
  password_hash text,
  totp_secret   bytea,  -- sealed
  totp_step     bigint, -- of the last code that was used: an older or equal one is refused
  operator      boolean not null default false,
  created_at    timestamptz not null,
  disabled_at   timestamptz,
  -- A password alone lets nobody in, so it is not kept alone.
  constraint login_password_with_codes check ((password_hash is null) = (totp_secret is null))
);
-- An address finds a login by its password and in no other way: passkeys and identities name theirs.
create unique index login_email_taken on login (email) where password_hash is not null;

create table passkey (
  id            uuid primary key,
  login_id      uuid not null references login,
  credential_id bytea not null,
  public_key    bytea not null,
  counter       bigint not null check (counter >= 0),
  transports    text[] not null default '{}',
  backed_up     boolean not null,
  name          text not null check (length(name) between 1 and 80),
  created_at    timestamptz not null,
  last_used_at  timestamptz
);
create unique index passkey_taken on passkey (credential_id);
create index passkey_login on passkey (login_id);

create table recovery_code (
  login_id  uuid not null references login,
  code_hash bytea not null,
  used_at   timestamptz,
  primary key (login_id, code_hash)
);

create table oidc_identity (
  issuer       text not null,
  subject      text not null check (length(subject) between 1 and 255),
  login_id     uuid not null references login,
  created_at   timestamptz not null,
  last_used_at timestamptz,
  constraint oidc_identity_taken primary key (issuer, subject)
);
create index oidc_identity_login on oidc_identity (login_id);

create table sign_in_challenge (
  key_hash     bytea primary key,
  kind         text not null check (kind in ('passkey_registration', 'passkey_sign_in', 'authenticator', 'oidc', 'set_up')),
  browser_hash bytea, -- null for a link that was not asked for by a browser
  data         bytea not null, -- sealed
  created_at   timestamptz not null,
  expires_at   timestamptz not null
);
create index sign_in_challenge_expiry on sign_in_challenge (expires_at);

create table sign_in_throttle (
  key            bytea primary key, -- a fingerprint: neither an address nor a name
  failures       int not null check (failures >= 0),
  last_failed_at timestamptz not null,
  free_at        timestamptz not null
);
create index sign_in_throttle_age on sign_in_throttle (last_failed_at);

create table web_session (
  id            uuid primary key,
  token_hash    bytea not null,
  login_id      uuid not null references login,
  member_id     uuid references member,
  -- Set where an organisation's own identity provider let somebody in: it vouches for that organisation only.
  confined_to   uuid references organisation,
  method        text not null check (method in ('passkey', 'password', 'recovery_code', 'oidc', 'sandbox')),
  assurance     jsonb, -- acr, amr and auth_time of the identity provider
  device        text not null check (length(device) <= 200),
  signed_in_at  timestamptz not null,
  stepped_up_at timestamptz,
  last_seen_at  timestamptz not null,
  ends_at       timestamptz not null,
  ended_at      timestamptz
);
create unique index web_session_token on web_session (token_hash);
create index web_session_login on web_session (login_id);
create index web_session_end on web_session (ends_at);
`;

const OWN_TABLES: Record<string, string> = {
  login:
    'select, insert, update (email, display_name, locale, password_hash, totp_secret, totp_step, operator, disabled_at)',
  passkey: 'select, insert, delete, update (counter, backed_up, name, last_used_at)',
  recovery_code: 'select, insert, delete, update (used_at)',
  oidc_identity: 'select, insert, delete, update (last_used_at)',
  sign_in_challenge: 'select, insert, delete',
  sign_in_throttle: 'select, insert, delete, update (failures, last_failed_at, free_at)',
  web_session: 'select, insert, delete, update (token_hash, member_id, stepped_up_at, last_seen_at, ended_at)',
};

/** Nobody but the part that signs people in sees how they do it. */
const SECURITY = Object.entries(OWN_TABLES)
  .map(
    ([table, grants]) => `
alter table ${table} enable row level security, force row level security;
grant ${grants} on ${table} to wp_auth;
create policy auth on ${table} to wp_auth using (true) with check (true);`,
  )
  .join('\n');

const MEMBERS = `
alter table member add column login_id uuid references login;
create unique index member_login on member (login_id, organisation_id);
grant update (login_id) on member to wp_auth;
grant insert on invitation to wp_auth;
-- An organisation adds members; whose login one is, only that login's own proof says.
create policy no_login on member as restrictive for insert to wp_commissioner, wp_provider, wp_referrer
  with check (login_id is null);
`;

const DRAFTS = `
create table draft (
  organisation_id uuid not null references organisation,
  member_id       uuid not null,
  kind            text not null check (length(kind) between 1 and 60),
  subject         text not null check (length(subject) <= 200),
  data            jsonb not null,
  saved_at        timestamptz not null,
  primary key (organisation_id, member_id, kind, subject),
  foreign key (organisation_id, member_id) references member (organisation_id, id)
);
create index draft_age on draft (saved_at);
alter table draft enable row level security, force row level security;
grant select, insert, delete, update (data, saved_at) on draft to wp_commissioner, wp_provider, wp_referrer;
create policy own on draft to wp_commissioner, wp_provider, wp_referrer
  using (organisation_id = (select app.org())) with check (organisation_id = (select app.org()));
grant select (saved_at), delete on draft to wp_auth;
create policy expire on draft to wp_auth using (true);
`;

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** What each commissioner calls things, where it differs from the catalogue. */
export class Wording1764000000012 implements MigrationInterface {
  name = 'Wording1764000000012';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLE, POLICIES));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const TABLE = `
create table wording (
  commissioner_id uuid not null references organisation,
  locale          text not null check (locale in ('en', 'cy')),
  key             text not null check (length(key) between 3 and 120),
  message         text not null check (length(message) between 1 and 1000),
  changed_by      uuid,
  changed_at      timestamptz not null,
  primary key (commissioner_id, locale, key)
);
`;

/** Everybody who works with a commissioner reads its words, signed in or not; they are on its public page. */
const POLICIES = `
alter table wording enable row level security, force row level security;
grant select on wording to wp_commissioner, wp_provider, wp_referrer, wp_auth, wp_relay;
create policy everyone on wording for select to wp_commissioner, wp_provider, wp_referrer, wp_auth, wp_relay using (true);
grant insert, update (message, changed_by, changed_at), delete on wording to wp_commissioner;
create policy own_insert on wording for insert to wp_commissioner with check (commissioner_id = (select app.org()));
create policy own_update on wording for update to wp_commissioner
  using (commissioner_id = (select app.org())) with check (commissioner_id = (select app.org()));
create policy own_delete on wording for delete to wp_commissioner using (commissioner_id = (select app.org()));
`;

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/** What is needed to derive every table again from the journal, and to compare. */
export class DerivableState1764000000022 implements MigrationInterface {
  name = 'DerivableState1764000000022';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(CANONICAL_JSON, DESTINATION_SALT, BEGINNINGS, TAKEN_ROWS, SELDOM));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/**
 * RFC 8785 of what was hashed as canonical JSON: whole numbers, and names in ASCII, whose order is the same in UTF-8 and in
 * UTF-16. PostgreSQL and section 3.2.2.2 escape the same characters in a text.
 */
const CANONICAL_JSON = `
create function ledger.canonical_json(j jsonb) returns text
language sql immutable strict parallel safe set search_path = pg_catalog, pg_temp as $$
  select case jsonb_typeof(j)
    when 'object' then '{' || coalesce((
      select string_agg(to_json(m.key)::text || ':' || ledger.canonical_json(m.value), ',' order by m.key collate "C")
      from jsonb_each(j) m), '') || '}'
    when 'array' then '[' || coalesce((
      select string_agg(ledger.canonical_json(a.value), ',' order by a.place)
      from jsonb_array_elements(j) with ordinality a (value, place)), '') || ']'
    else j::text end
$$;
revoke all on function ledger.canonical_json from public;
grant execute on function ledger.canonical_json to wp_commissioner, wp_provider, wp_referrer;
`;

/** The event of an account that is opened knows its bank details by a salted hash alone. Null of accounts from before. */
const DESTINATION_SALT = `
alter table payout_account add column salt bytea check (octet_length(salt) = 32);
`;

/**
 * Whoever becomes a member is on record from then on, with the roles and the limit that they begin with; and a commissioner
 * that is set up, before it has anybody.
 */
const BEGINNINGS = `
grant usage on schema ledger to wp_auth;
grant insert (commissioner_id, id, type, subject_id, actor_org_id, provider_id, referrer_id, cause_id, occurred_at,
              recorded_at, body) on ledger.event to wp_auth;
create policy beginnings on ledger.event for insert to wp_auth
  with check (type in ('member.joined', 'organisation.registered') and actor_org_id = commissioner_id);
`;

/**
 * Most events are of delivery and of claims. Those of any other type are found without looking through all of them, and the
 * index costs the others nothing.
 */
const SELDOM = `
create index event_seldom on ledger.event (commissioner_id, type)
  where type <> 'claim.submitted' and type <> 'session.recorded' and type <> 'attendance.recorded';
`;

/** A commissioner checks what was taken of files, by hashes that tell it nothing. */
const TAKEN_ROWS = `
grant select on claim_file_row to wp_commissioner;
create policy commissioner on claim_file_row for select to wp_commissioner using (commissioner_id = (select app.org()));
create index claim_file_row_file on claim_file_row (commissioner_id, claim_file_id);
`;

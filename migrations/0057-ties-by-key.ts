import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * What rows name is looked up key by key. Asked for a thousand ids at once, PostgreSQL reads the whole of a table as long as that
 * looks cheaper than a thousand look-ups, and plans each question anew: it was half of what a claim cost to insert.
 */
export class TiesByKey1764000000057 implements MigrationInterface {
  name = 'TiesByKey1764000000057';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(...Object.entries(TIES).map(tied)));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** As migration 0025 has them: what each row names, under the same commissioner and provider. */
const TIES: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  session: { contract_id: 'contract', service_id: 'service' },
  attendance: { session_id: 'session', referral_id: 'referral' },
  claim_file_row: { claim_file_id: 'claim_file' },
  claim: {
    contract_id: 'contract',
    service_id: 'service',
    rate_card_id: 'rate_card',
    referral_id: 'referral',
    session_id: 'session',
    attendance_id: 'attendance',
    claim_file_id: 'claim_file',
  },
  claim_query: { claim_id: 'claim' },
};

/**
 * Of the indexes of a table that is named only one begins with the provider, and it goes on with the id. So there is one way
 * to look a row up, also by a plan that was made when the table was empty; whose commissioner it is, is compared outside.
 */
function tied([table, ties]: [string, Readonly<Record<string, string>>]): string {
  const checks = Object.entries(ties).map(
    ([column, parent]) => `
  if exists (
    select from (
      select distinct a.commissioner_id, a.provider_id, a.${column} as id from added a where a.${column} is not null) n
    where not exists (
      select from (
        select p.commissioner_id from ${parent} p where p.provider_id = n.provider_id and p.id = n.id offset 0) p
      where p.commissioner_id = n.commissioner_id))
  then
    raise exception '% names something that is not there', '${table}.${column}' using errcode = 'foreign_key_violation',
      schema = 'public', table = '${table}', column = '${column}', constraint = '${table}_${column}_tied';
  end if;`,
  );
  return `
create or replace function ${table}_is_tied() returns trigger language plpgsql security definer
set search_path = public, pg_temp set enable_seqscan = off set enable_bitmapscan = off as $$
begin${checks.join('')}
  return null;
end $$;`;
}

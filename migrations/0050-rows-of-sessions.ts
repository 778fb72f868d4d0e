import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * The rows of a file that told of a session first are kept with the session, each as its number and its hash: a row that is
 * sent again is about a session that is known, and is looked for there. In a table of their own, by hash, each cost as much
 * as an attendance.
 */
export class RowsOfSessions1764000000050 implements MigrationInterface {
  name = 'RowsOfSessions1764000000050';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(COLUMNS, TIE));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

const COLUMNS = `
alter table session
  add column claim_file_id uuid,  -- the file that told of it first
  add column taken_rows    bytea, -- of that file, 36 bytes each: the number of the row (4, big-endian) and its hash
  add constraint session_taken_rows_check
    check ((claim_file_id is null) = (taken_rows is null) and octet_length(taken_rows) % 36 = 0) not valid;`;

/** As for whatever else is named by rows that come by the thousand: looked up once for a statement, and never changed. */
const TIE = `
create function session_has_file() returns trigger language plpgsql security definer set search_path = public, pg_temp as $$
begin
  if exists (
    select from (select distinct commissioner_id, provider_id, claim_file_id from added where claim_file_id is not null) n
    left join lateral (
      select f.id from claim_file f
      where f.commissioner_id = n.commissioner_id and f.id = n.claim_file_id and f.provider_id = n.provider_id limit 1) f on true
    where f.id is null)
  then
    raise exception 'session.claim_file_id names something that is not there' using errcode = 'foreign_key_violation',
      schema = 'public', table = 'session', column = 'claim_file_id', constraint = 'session_claim_file_id_tied';
  end if;
  return null;
end $$;
revoke all on function session_has_file from public;
create trigger has_file after insert on session referencing new table as added
  for each statement execute function session_has_file();
create trigger keeps_its_rows before update of claim_file_id, taken_rows on session
  for each row when (old.claim_file_id is distinct from new.claim_file_id or old.taken_rows is distinct from new.taken_rows)
  execute function ledger.refuse_change();`;

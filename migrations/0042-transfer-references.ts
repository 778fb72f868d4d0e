import type { MigrationInterface, QueryRunner } from 'typeorm';

/**
 * A transfer's event, accounts and original are looked up once for all that a statement inserts. A foreign key asks three
 * times a row, which was two fifths of what posting cost PostgreSQL. What they name is never changed and never
 * removed (`append_only`), so that looking when a transfer is inserted is all that there is to keep.
 */
export class TransferReferences1764000000042 implements MigrationInterface {
  name = 'TransferReferences1764000000042';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(`set role wp_owner; ${REFUSE_STRAY} ${TIED} reset role;`);
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** By keys, whatever is known of the tables: nothing is known of how many rows a statement has inserted. */
const REFUSE_STRAY = `
create function ledger.refuse_stray_transfers() returns trigger language plpgsql
set search_path = pg_catalog, pg_temp set plan_cache_mode = force_generic_plan set enable_seqscan = off as $$
declare
  missing text := case
    when exists (
      select from (select distinct n.commissioner_id, n.event_id from added n) t
      left join lateral (
        select x.id from ledger.event x where x.commissioner_id = t.commissioner_id and x.id = t.event_id limit 1) e on true
      where e.id is null) then 'event'
    when exists (
      select from (
        select n.commissioner_id, n.debit_account_id as id, n.book, n.currency from added n
        union select n.commissioner_id, n.credit_account_id, n.book, n.currency from added n) t
      left join lateral (
        select x.book, x.currency from ledger.account x where x.commissioner_id = t.commissioner_id and x.id = t.id limit 1) a
        on true
      where (a.book, a.currency) is distinct from (t.book, t.currency)) then 'account'
    when exists (
      select from added n
      left join lateral (
        select x.id from ledger.transfer x where x.commissioner_id = n.commissioner_id and x.id = n.reverses_id limit 1) r
        on true
      where n.reverses_id is not null and r.id is null) then 'transfer' end;
begin
  if missing is not null then
    raise foreign_key_violation using message = format('ledger.stray_transfer: no such %s', missing),
      schema = 'ledger', table = 'transfer', constraint = 'transfer_references';
  end if;
  return null;
end $$;
revoke all on function ledger.refuse_stray_transfers from public;
create trigger transfer_references after insert on ledger.transfer referencing new table as added
  for each statement execute function ledger.refuse_stray_transfers();`;

const TIED = `
alter table ledger.transfer
  drop constraint transfer_commissioner_id_event_id_fkey,
  drop constraint transfer_commissioner_id_debit_account_id_book_currency_fkey,
  drop constraint transfer_commissioner_id_credit_account_id_book_currency_fkey,
  drop constraint transfer_commissioner_id_reverses_id_fkey;`;

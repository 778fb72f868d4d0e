import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * Clusters that were copied from one, as images of machines are, have its identifier. One that is not as far as the last
 * pass of the sealer was is another one all the same, and a dump that was restored there is adopted.
 */
export class CopiedClusters1764000000058 implements MigrationInterface {
  name = 'CopiedClusters1764000000058';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(ADOPTION));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/** As migration 0020 has it, and asking how far the cluster is. */
const ADOPTION = `
create or replace function ledger.adopt_transactions() returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  lock table ledger.event, ledger.transfer in access exclusive mode;
  alter table ledger.seal_cursor no force row level security;
  if not exists (select from ledger.seal_cursor c, pg_control_system() s
                 where c.system_identifier = s.system_identifier::text
                   and pg_snapshot_xmax(c.snapshot) <= pg_snapshot_xmax(pg_current_snapshot())) then
    alter table ledger.event no force row level security, disable trigger append_only;
    alter table ledger.transfer no force row level security, disable trigger append_only;
    update ledger.event set xid = pg_current_xact_id()
      where xid >= pg_snapshot_xmin(pg_current_snapshot()) and not pg_visible_in_snapshot(xid, pg_current_snapshot());
    update ledger.transfer set xid = pg_current_xact_id()
      where xid >= pg_snapshot_xmin(pg_current_snapshot()) and not pg_visible_in_snapshot(xid, pg_current_snapshot());
    alter table ledger.event force row level security, enable trigger append_only;
    alter table ledger.transfer force row level security, enable trigger append_only;
  end if;
  alter table ledger.seal_cursor force row level security;
end $$;`;

import type { MigrationInterface, QueryRunner } from 'typeorm';
import { asOwner } from './tenancy.js';

/**
 * The logs that outsiders verify: Merkle tiles over the leaf hashes of events, checkpoints over tiles, and one log of the
 * platform over the checkpoints of all commissioners. Only the sealer writes here; it reads hashes, never a body.
 */
export class Sealing1764000000020 implements MigrationInterface {
  name = 'Sealing1764000000020';

  async up(runner: QueryRunner): Promise<void> {
    await runner.query(asOwner(TABLES, GROWS_ONLY, POLICIES, ADOPTION));
  }

  async down(): Promise<void> {
    throw new Error('A released migration is not undone: restore a backup.');
  }
}

/**
 * A log is a commissioner's (its id), or the platform's (`seal_cursor.platform_log_id`). The cursor is what the last pass
 * saw, and in which database cluster: transaction ids mean nothing in another one, and each cluster is an epoch. Where
 * the cluster or its timeline has changed this may be an older copy, so `must_compare` holds signing back until the heads
 * have been compared with those that were published.
 */
const TABLES = `
create table ledger.seal_cursor (
  id                boolean primary key default true check (id),
  platform_log_id   uuid not null default gen_random_uuid(),
  snapshot          pg_snapshot not null,
  system_identifier text not null,
  timeline          text not null,
  epoch             integer not null default 0,
  must_compare      boolean not null default false
);
insert into ledger.seal_cursor (snapshot, system_identifier, timeline) values ('1:1:', '', '');

create table ledger.log_head (
  log_id        uuid primary key,
  size          bigint not null check (size >= 0),
  frontier      bytea not null check (octet_length(frontier) % 32 = 0), -- roots of the perfect subtrees, largest first
  anchored_size bigint not null default 0 check (anchored_size <= size), -- what the platform's log holds of it
  anchored_at   timestamptz
);

create table ledger.tile (
  log_id    uuid not null,
  level     smallint not null check (level between 0 and 7),
  n         bigint not null check (n >= 0),
  width     smallint not null check (width between 1 and 256),
  hashes    bytea not null,
  event_ids uuid[],
  min_seq   bigint,
  max_seq   bigint,
  primary key (log_id, level, n),
  constraint tile_hashes check (octet_length(hashes) = 32 * width),
  constraint tile_events check (event_ids is null or cardinality(event_ids) = width)
);
alter table ledger.tile alter hashes set storage external, alter event_ids set storage external;
create index tile_by_seq on ledger.tile (log_id, max_seq) where level = 0;

create table ledger.checkpoint (
  log_id       uuid not null,
  size         bigint not null check (size > 0),
  root         bytea not null check (octet_length(root) = 32),
  snapshot     pg_snapshot, -- what was sealed, for balances as booked; null in the platform's log
  epoch        integer not null,
  sealed_at    timestamptz not null,
  note         text, -- signed after the pass has committed; null until then
  published_at timestamptz,
  primary key (log_id, size)
);
create index checkpoint_unsigned on ledger.checkpoint (log_id, size) where note is null;

create table ledger.platform_entry (
  n               bigint primary key check (n >= 0),
  commissioner_id uuid not null,
  size            bigint not null,
  entry           bytea not null, -- the text of the commissioner's checkpoint, which is the leaf
  unique (commissioner_id, size)
);
`;

/** How a row may change: a tile only fills up, a checkpoint is signed once, a head moves on. Nothing is ever taken away. */
const GROWTH: Readonly<Record<string, string>> = {
  tile: `
    (new.log_id, new.level, new.n) = (old.log_id, old.level, old.n) and new.width >= old.width
    and substring(new.hashes for 32 * old.width) = old.hashes
    and new.event_ids[1:old.width] is not distinct from old.event_ids`,
  checkpoint: `
    (new.log_id, new.size, new.root, new.epoch, new.sealed_at) = (old.log_id, old.size, old.root, old.epoch, old.sealed_at)
    and new.snapshot::text is not distinct from old.snapshot::text
    and (old.note is null or new.note is not distinct from old.note)`,
  log_head: 'new.log_id = old.log_id and new.size >= old.size and new.anchored_size >= old.anchored_size',
  platform_entry: 'false',
};

/** Conditions of triggers, because a function called for each tile would cost more than all the rest of a pass. */
const GROWS_ONLY = Object.entries(GROWTH)
  .map(
    ([table, growth]) => `
create trigger grows_only before update on ledger.${table}
  for each row when ((${growth}) is not true) execute function ledger.refuse_change();
create trigger append_only before delete on ledger.${table}
  for each row execute function ledger.refuse_change();
create trigger append_only_all before truncate on ledger.${table}
  for each statement execute function ledger.refuse_change();`,
  )
  .join('');

const POLICIES = `
${['seal_cursor', 'log_head', 'tile', 'checkpoint', 'platform_entry']
  .map(
    (table) => `
alter table ledger.${table} enable row level security, force row level security;
create policy sealer on ledger.${table} to wp_sealer using (true) with check (true);`,
  )
  .join('')}
grant select, update (snapshot, system_identifier, timeline, epoch, must_compare) on ledger.seal_cursor to wp_sealer;
grant select, insert, update on ledger.log_head, ledger.tile to wp_sealer;
grant select, insert, update (note, published_at) on ledger.checkpoint to wp_sealer;
grant select, insert on ledger.platform_entry to wp_sealer;
`;

/**
 * A dump carries transaction ids into a cluster that counts from its own beginning. Those that this cluster has not reached
 * would look like the future: unsealed to the sealer, not yet booked to a balance. They become the id of the transaction
 * that adopts them, which is when they came to be seen here: a row that is seen by a snapshot which its id is not. Nothing
 * that is sealed or hashed is touched, and it does nothing once the sealer has taken note of the cluster.
 */
const ADOPTION = `
create function ledger.adopt_transactions() returns void language plpgsql security definer
set search_path = pg_catalog, pg_temp as $$
begin
  lock table ledger.event, ledger.transfer in access exclusive mode;
  alter table ledger.seal_cursor no force row level security;
  if not exists (select from ledger.seal_cursor c, pg_control_system() s
                 where c.system_identifier = s.system_identifier::text) then
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
end $$;
revoke all on function ledger.adopt_transactions from public;
grant execute on function ledger.adopt_transactions to wp_sealer;
`;

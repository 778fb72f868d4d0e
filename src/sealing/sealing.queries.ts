import type { Database, Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { GrownLog } from './log-growth.queries.js';
import { IS_SAME_CLUSTER, type LastSnapshot } from './new-events.queries.js';
import type { Identity } from './sealing.rules.js';

/** What the last pass left, and what this transaction sees. */
export interface Seen {
  readonly platformLogId: string;
  readonly epoch: number;
  readonly last: Identity & LastSnapshot;
  /** `snapshot` is the text of a pg_snapshot. */
  readonly now: Identity & { readonly snapshot: string };
  readonly isStandby: boolean;
  /** In the same history: an event that the last pass did not see. */
  readonly hasNews: boolean;
  /** In another cluster than last: some events that are seen carry the id of a transaction that is not. */
  readonly hasForeignIds: boolean;
  readonly isAnchorDue: boolean;
}

/** Reads hashes of every commissioner, and no body; writes logs and nothing else. */
export const SEALER = { side: 'sealer', orgId: null } as const;

/**
 * The identity is asked of the server, not of the tables: a restored table would answer for the server that it left. Whether
 * there is news is asked in the order of the index, or PostgreSQL might go through the journal to find none.
 */
const SEEN = `
select c.platform_log_id as "platformLogId", c.epoch, pg_is_in_recovery() as "isStandby",
  json_build_object('systemIdentifier', c.system_identifier, 'timeline', c.timeline,
    'xmax', pg_snapshot_xmax(c.snapshot)::text, 'xip', array(select pg_snapshot_xip(c.snapshot)::text)) as last,
  json_build_object('systemIdentifier', s.system_identifier::text, 'snapshot', pg_current_snapshot()::text,
    'xmax', pg_snapshot_xmax(pg_current_snapshot())::text,
    'timeline', case when pg_is_in_recovery() then '' else substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8) end) as now,
  not ${IS_SAME_CLUSTER} and exists (
    select from ledger.event where xid >= pg_snapshot_xmin(pg_current_snapshot())
      and not pg_visible_in_snapshot(xid, pg_current_snapshot())) as "hasForeignIds",
  coalesce((select xid from ledger.event order by xid desc limit 1) >= pg_snapshot_xmax(c.snapshot), false)
    or exists (select from pg_snapshot_xip(c.snapshot) r (xid)
               where (select xid from ledger.event where xid >= r.xid order by xid limit 1) = r.xid) as "hasNews",
  exists (${anchorsDue('c.platform_log_id', '$1')}) as "isAnchorDue"
from ledger.seal_cursor c, pg_control_system() s`;

function anchorsDue(platformLogId: string, anchoredBefore: string): string {
  return `
  select h.log_id as "logId", h.size, h.frontier from ledger.log_head h
  where h.log_id <> ${platformLogId} and h.size > h.anchored_size
    and (h.anchored_at is null or h.anchored_at <= ${anchoredBefore})`;
}

const ANCHORS_DUE = anchorsDue('$1', '$2');

/**
 * @param anchoredBefore a log whose head was anchored later than this is left for a later pass
 */
export async function readSeen(tx: Tx, anchoredBefore: Date): Promise<Seen> {
  return only(await tx.query<Seen>(SEEN, [anchoredBefore]));
}

/** The same in one round trip, for somebody who only wants to know whether there is anything to do. */
export async function lookAtSeen(database: Database, anchoredBefore: Date): Promise<Seen> {
  return only(await database.lookUp<Seen>(SEALER, SEEN, [anchoredBefore]));
}

function only([seen]: readonly Seen[]): Seen {
  assert(seen, 'the cursor is always there');
  return seen;
}

/**
 * The id of this transaction, which it has from now on; undefined when another sealer is at work. Where another has just
 * finished, PostgreSQL refuses it: this snapshot is stale.
 */
export async function lockCursor(tx: Tx): Promise<bigint | undefined> {
  const [row] = await tx.query<{ own: string }>(`
    with locked as materialized (select 1 from ledger.seal_cursor for update skip locked)
    select pg_current_xact_id()::text as own from locked`);
  return row && BigInt(row.own);
}

/** What this transaction has seen is sealed. */
export function moveCursor(tx: Tx, now: Seen['now'], epoch: number, mustCompare: boolean): void {
  tx.send(
    `update ledger.seal_cursor set snapshot = $1, system_identifier = $2, timeline = $3, epoch = $4,
       must_compare = must_compare or $5`,
    [now.snapshot, now.systemIdentifier, now.timeline, epoch, mustCompare],
  );
}

/** Gives the events of a restored dump transaction ids of this cluster. */
export async function adoptTransactions(tx: Tx): Promise<void> {
  await tx.query('select ledger.adopt_transactions()');
}

export interface CheckpointMark {
  /** Null in the platform's log, in which nothing is booked. */
  readonly snapshot: string | null;
  readonly epoch: number;
  readonly sealedAt: Date;
}

/**
 * Not signed yet: nobody can take a signature back, so it comes after the commit. A log's passes do not go back in time,
 * though the clock of whoever makes the next one may be behind.
 */
export function keepCheckpoints(tx: Tx, logs: readonly GrownLog[], mark: CheckpointMark): void {
  if (logs.length === 0) return;
  tx.send(
    `insert into ledger.checkpoint (log_id, size, root, snapshot, epoch, sealed_at)
     select t.log_id, t.size, t.root, $4::pg_snapshot, $5, greatest($6, (
       select last.sealed_at from ledger.checkpoint last where last.log_id = t.log_id order by last.size desc limit 1))
     from unnest($1::uuid[], $2::bigint[], $3::bytea[]) as t (log_id, size, root)`,
    [
      logs.map(({ logId }) => logId),
      logs.map(({ size }) => size),
      logs.map(({ root }) => root),
      mark.snapshot,
      mark.epoch,
      mark.sealedAt,
    ],
  );
}

/** The heads that the platform's log does not hold, of logs that were not anchored since. */
export function readDueAnchors(
  tx: Tx,
  platformLogId: string,
  anchoredBefore: Date,
): Promise<{ logId: string; size: bigint; frontier: Buffer }[]> {
  return tx.query(`${ANCHORS_DUE} order by h.log_id`, [platformLogId, anchoredBefore]);
}

export interface PlatformEntry {
  readonly logId: string;
  readonly size: number;
  /** The text of the checkpoint. */
  readonly entry: Buffer;
}

/** Keeps what the leaves of the platform's log are hashes of; `first` is the index of the first. */
export async function keepPlatformEntries(
  tx: Tx,
  entries: readonly PlatformEntry[],
  first: number,
  anchoredAt: Date,
): Promise<void> {
  const logIds = entries.map(({ logId }) => logId);
  await tx.query(
    `insert into ledger.platform_entry (n, commissioner_id, size, entry)
     select $4::bigint + ordinality - 1, log_id, size, entry
     from unnest($1::uuid[], $2::bigint[], $3::bytea[]) with ordinality as t (log_id, size, entry)`,
    [logIds, entries.map(({ size }) => size), entries.map(({ entry }) => entry), first],
  );
  await tx.query('update ledger.log_head set anchored_size = size, anchored_at = $2 where log_id = any ($1::uuid[])', [
    logIds,
    anchoredAt,
  ]);
}

const SEQ_OF_EVENT = '(select seq from ledger.event where commissioner_id = $1 and id = $2)';

/**
 * $1 commissioner, $2 event. Its place in the journal is asked for first, so that the index leads to the first tile that may
 * hold it, however many there are.
 */
export const LEAF_INDEX = `
select t.n * 256 + array_position(t.event_ids, $2::uuid) - 1 as index
from ledger.tile t
where t.log_id = $1 and t.level = 0 and t.max_seq >= ${SEQ_OF_EVENT} and t.min_seq <= ${SEQ_OF_EVENT}
  and $2::uuid = any (t.event_ids)
order by t.max_seq limit 1`;

/** The place of an event in its commissioner's log, counted from 0; undefined before it is sealed. */
export async function findLeafIndex(
  reader: Reader,
  commissionerId: string,
  eventId: string,
): Promise<number | undefined> {
  const [leaf] = await reader.query<{ index: bigint }>(LEAF_INDEX, [commissionerId, eventId]);
  return leaf && Number(leaf.index);
}

/** Whether a signed checkpoint of the log is larger than the index of the leaf. */
export async function isSigned(reader: Reader, logId: string, index: number): Promise<boolean> {
  const signed = await reader.query(
    'select 1 from ledger.checkpoint where log_id = $1 and size > $2 and note is not null limit 1',
    [logId, index],
  );
  return signed.length > 0;
}

/** How far each log is, the platform's own left out. */
export function readSizes(reader: Reader): Promise<{ logId: string; size: number }[]> {
  return reader.query(
    `select log_id as "logId", size::float8 as size from ledger.log_head
     where log_id <> (select platform_log_id from ledger.seal_cursor) order by log_id`,
  );
}

/** The snapshot of a checkpoint; null when it was taken in another cluster and means nothing in this one. */
export async function findCheckpointSnapshot(
  reader: Reader,
  logId: string,
  size: number,
): Promise<{ snapshot: string | null } | undefined> {
  const [found] = await reader.query<{ snapshot: string | null }>(
    `select case when p.epoch = c.epoch and ${IS_SAME_CLUSTER} then p.snapshot::text end as snapshot
     from ledger.checkpoint p, ledger.seal_cursor c, pg_control_system() s where p.log_id = $1 and p.size = $2`,
    [logId, size],
  );
  return found;
}

/**
 * The first $2 leaves of log $1, told by the number of the last of them, and by the few events before it that are none of
 * them: those that committed late. It is complete for what this snapshot sees, so it comes with the snapshot.
 */
const CUT_BY_INDEX = `
with leaf as (
  select unnest(event_ids[1:least(256, $2 - n * 256)::int]) as id from ledger.tile
  where log_id = $1 and level = 0 and n * 256 < $2),
known as (
  select e.id, e.seq, leaf.id is not null as is_booked
  from ledger.event e left join leaf on leaf.id = e.id where e.commissioner_id = $1),
through as (select max(seq) as seq from known where is_booked)
select pg_current_snapshot()::text as snapshot, through.seq as "throughSeq",
  array(select k.id from known k where not k.is_booked and k.seq <= through.seq order by k.seq) as "exceptIds"
from through`;

export async function readCutByIndex(
  reader: Reader,
  logId: string,
  size: number,
): Promise<{ snapshot: string; throughSeq: bigint; exceptIds: string[] }> {
  const [cut] = await reader.query<{ snapshot: string; throughSeq: bigint; exceptIds: string[] }>(CUT_BY_INDEX, [
    logId,
    size,
  ]);
  assert(cut, 'an aggregate has a row');
  return cut;
}

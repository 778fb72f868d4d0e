import { unsaltedTexts } from '../ledger/index.js';
import type { Reader } from '../platform/database.js';

/** What the checks of a log read with: under a scope of the database, or on a connection of a test. */
export type LiveReader = Pick<Reader, 'query'>;

/** Where sealing is. */
export interface LiveCursor {
  readonly platformLogId: string;
  /** The text of a pg_snapshot. */
  readonly snapshot: string;
  readonly epoch: number;
  /** Whether transaction ids are still of the cluster in which the last pass was made. */
  readonly isOfThisCluster: boolean;
  readonly isAheadOfCluster: boolean;
}

const CURSOR = `
select coalesce(c.platform_log_id, '00000000-0000-0000-0000-000000000000') as "platformLogId",
  coalesce(c.snapshot::text, '1:1:') as snapshot, coalesce(c.epoch, -1) as epoch,
  coalesce(c.system_identifier, '') = s.system_identifier::text as "isOfThisCluster",
  coalesce(c.system_identifier, '') = s.system_identifier::text
    and pg_snapshot_xmax(c.snapshot) > pg_snapshot_xmax(pg_current_snapshot()) as "isAheadOfCluster"
from ledger.seal_cursor c, pg_control_system() s`;

export async function findCursor(reader: LiveReader): Promise<LiveCursor | undefined> {
  const [cursor] = await reader.query<LiveCursor>(CURSOR);
  return cursor;
}

export interface LiveHead {
  readonly size: number;
  readonly frontier: Buffer;
  /** Of the newest signed checkpoint; 0 where there is none. */
  readonly signedSize: number;
  readonly holdCode: string | null;
}

const HEAD = `
select coalesce(h.size, 0)::float8 as size, coalesce(h.frontier, '') as frontier,
  coalesce((select max(size) from ledger.checkpoint where log_id = h.log_id and note is not null), 0)::float8 as "signedSize",
  (select code from ledger.log_hold where log_id = h.log_id) as "holdCode"
from ledger.log_head h where h.log_id = $1`;

export async function findHead(reader: LiveReader, logId: string): Promise<LiveHead | undefined> {
  const [head] = await reader.query<LiveHead>(HEAD, [logId]);
  return head;
}

/** The logs that anything is kept of. */
export async function findLogIds(reader: LiveReader): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(
    `select log_id as id from ledger.log_head union select log_id from ledger.tile where level = 0
     union select log_id from ledger.checkpoint`,
  );
  return rows.map(({ id }) => id);
}

export interface LiveTile {
  readonly level: number;
  readonly n: number;
  readonly hashes: Buffer;
  readonly eventIds: string[] | null;
  /** Decimal text. */
  readonly minSeq: string | null;
  readonly maxSeq: string | null;
}

const TILE = `level::int as level, n::float8 as n, coalesce(hashes, '') as hashes, event_ids as "eventIds", min_seq::text as "minSeq", max_seq::text as "maxSeq"`;

/** The tiles of one level, in order, from one on. */
export function readTilesFrom(
  reader: LiveReader,
  logId: string,
  place: { readonly level: number; readonly n: number },
  most: number,
): Promise<LiveTile[]> {
  return reader.query<LiveTile>(
    `select ${TILE} from ledger.tile where log_id = $1 and level = $2 and n >= $3 order by n limit $4`,
    [logId, place.level, place.n, most],
  );
}

const HASHES_AT = 'floor(h.size / 256::numeric ^ t.level)';

/** Tiles that no tree of the log's size has, or that are of another width. */
const MISSHAPEN = `
select t.level::int as level, t.n::float8 as n from ledger.tile t left join ledger.log_head h using (log_id)
where t.log_id = $1 and (h.log_id is null or t.width is distinct from least(256, greatest(0, ${HASHES_AT} - t.n * 256))
  or octet_length(t.hashes) is distinct from 32 * t.width or num_nonnulls(t.event_ids, t.min_seq, t.max_seq) <> case when t.level = 0 and t.log_id <> $2 then 3 else 0 end)
order by 1, 2 limit 20`;

export function findMisshapenTiles(
  reader: LiveReader,
  logId: string,
  platformLogId: string,
): Promise<{ level: number; n: number }[]> {
  return reader.query(MISSHAPEN, [logId, platformLogId]);
}

export interface LiveCheckpoint {
  readonly size: number;
  readonly root: Buffer;
  readonly snapshot: string | null;
  readonly epoch: number;
  readonly sealedAt: Date;
  /** With the signatures that were added. */
  readonly note: string | null;
}

/** The checkpoints larger than one size, up to the first that reaches another. $1 log, $2 beyond, $3 to reach. */
const CHECKPOINTS = `
select c.size::float8 as size, coalesce(c.root, '') as root, c.snapshot::text as snapshot, coalesce(c.epoch, -1) as epoch,
  coalesce(c.sealed_at, to_timestamp(0)) as "sealedAt",
  c.note || coalesce((select string_agg(a.line, '' order by a.added_at, a.signer) from ledger.added_signature a
                      where a.log_id = c.log_id and a.size = c.size), '') as note
from ledger.checkpoint c
where c.log_id = $1 and c.size > $2
  and c.size <= coalesce((select min(size) from ledger.checkpoint where log_id = $1 and size >= $3), $3)
order by c.size`;

export function readCheckpoints(
  reader: LiveReader,
  logId: string,
  beyond: number,
  reach: number,
): Promise<LiveCheckpoint[]> {
  return reader.query<LiveCheckpoint>(CHECKPOINTS, [logId, beyond, reach]);
}

/** Checkpoints of sizes that the log does not have. $1 log. */
const BEYOND = `
select size::float8 as size from ledger.checkpoint
where log_id = $1 and (size <= 0 or size > coalesce((select size from ledger.log_head where log_id = $1), 0)) limit 20`;

export async function findCheckpointsBeyond(reader: LiveReader, logId: string): Promise<number[]> {
  const rows = await reader.query<{ size: number }>(BEYOND, [logId]);
  return rows.map(({ size }) => size);
}

/** A leaf as its event or entry makes it, hashed again from the bytes that are kept. */
export interface LiveLeaf {
  readonly leafHash: Buffer;
  /** Decimal text; null in the platform's log. */
  readonly seq: string | null;
  readonly xid: string | null;
}

/** Under the scope of the commissioner, who alone reads bodies. */
export async function readEventLeaves(
  reader: LiveReader,
  commissionerId: string,
  ids: readonly string[],
): Promise<Map<string, LiveLeaf>> {
  const rows = await reader.query<LiveLeaf & { id: string }>(
    `select id, sha256('\\x00'::bytea || coalesce(body, '')) as "leafHash", coalesce(seq, -1)::text as seq,
       coalesce(xid::text, '0') as xid from ledger.event
     where commissioner_id = $1 and id = any ($2::uuid[])`,
    [commissionerId, ids],
  );
  return new Map(rows.map(({ id, ...leaf }) => [id, leaf]));
}

/**
 * Events of a log that the last pass saw and no tile names, and those whose transaction this cluster has not begun. Of
 * hashes alone; the first twenty. All are found before any is left out: where PostgreSQL expects to find twenty soon, it goes
 * through all tiles for each event, and there are none.
 */
const OUTSIDE = `
with outside as materialized (
  select e.id, e.seq from ledger.event e, ledger.seal_cursor c
  where e.commissioner_id = $1
    and not exists (select from (select unnest(event_ids) as id from ledger.tile where log_id = $1 and level = 0) s where s.id = e.id)
    and (pg_visible_in_snapshot(e.xid, c.snapshot) or e.xid >= pg_snapshot_xmax(pg_current_snapshot())))
select id from outside order by seq limit 20`;

export async function findEventsOutside(reader: LiveReader, commissionerId: string): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(OUTSIDE, [commissionerId]);
  return rows.map(({ id }) => id);
}

export interface LiveEntry {
  readonly n: number;
  readonly commissionerId: string;
  readonly size: number;
  readonly entry: Buffer;
  /** Of the commissioner's checkpoint of this size; null where there is none. */
  readonly root: Buffer | null;
}

export function readEntries(reader: LiveReader, first: number, count: number): Promise<LiveEntry[]> {
  return reader.query<LiveEntry>(
    `select p.n::float8 as n, p.commissioner_id as "commissionerId", p.size::float8 as size,
       coalesce(p.entry, '') as entry, c.root
     from ledger.platform_entry p left join ledger.checkpoint c on c.log_id = p.commissioner_id and c.size = p.size
     where p.n >= $1 and p.n < $1 + $2 order by p.n`,
    [first, count],
  );
}

/** Heads that say something else of the platform's log than its entries do, and entries beyond that log. $1 platform log. */
const ANCHORS = `
select 'head' as what, h.log_id::text as id from ledger.log_head h
where h.anchored_size is distinct from coalesce((select max(p.size) from ledger.platform_entry p where p.commissioner_id = h.log_id), 0)
union all
select 'entry', p.n::text from ledger.platform_entry p
where p.n >= coalesce((select size from ledger.log_head where log_id = $1), 0)
limit 20`;

export function findWrongAnchors(
  reader: LiveReader,
  platformLogId: string,
): Promise<{ what: 'head' | 'entry'; id: string }[]> {
  return reader.query(ANCHORS, [platformLogId]);
}

/** Texts of one commissioner that its journal binds by a hash without a salt. */
export async function countUnsalted(reader: LiveReader, commissionerId: string): Promise<number> {
  const [row] = await reader.query<{ count: number }>(unsaltedTexts(), [commissionerId]);
  return row?.count ?? 0;
}

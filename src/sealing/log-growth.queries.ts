import type { Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { Frontier, HASH_BYTES, TileEdge, TILE_WIDTH, type GrownTile } from '../transparency/index.js';
import type { LeafEvents, Leaves } from './leaves.rules.js';

/** A log after it has grown. */
export interface GrownLog {
  readonly logId: string;
  readonly size: number;
  readonly root: Buffer;
  /** When the platform's log last took its head; null when it never has. */
  readonly anchoredAt: Date | null;
}

/** The tile that each level of a log fills now. Six levels above the first hold more leaves than a number can count. */
const EDGES = `
select l.log_id as "logId", coalesce(h.size, 0) as size, coalesce(h.frontier, '') as frontier,
       h.anchored_at as "anchoredAt", t.level, t.n, t.hashes
from unnest($1::uuid[]) l (log_id)
left join ledger.log_head h using (log_id)
left join lateral generate_series(0, 6) as at (level) on true
left join ledger.tile t on t.log_id = h.log_id and t.level = at.level and t.n = h.size >> (8 * (at.level + 1))`;

const UNNESTED = `
unnest($1::uuid[], $2::smallint[], $3::bigint[], $4::smallint[], $5::smallint[], $6::bytea[], $7::text[], $8::bigint[],
       $9::bigint[]) as t (log_id, level, n, grown_from, width, hashes, event_ids, min_seq, max_seq)`;

const INSERT_TILES = `
insert into ledger.tile (log_id, level, n, width, hashes, event_ids, min_seq, max_seq)
select log_id, level, n, width, hashes, event_ids::uuid[], min_seq, max_seq from ${UNNESTED}`;

/** Only what is new is sent; a tile that is not as wide as the log's head says is left alone, and missed. */
const GROW_TILES = `
update ledger.tile old set width = t.width, hashes = old.hashes || t.hashes,
  event_ids = old.event_ids || t.event_ids::uuid[], min_seq = least(old.min_seq, t.min_seq),
  max_seq = greatest(old.max_seq, t.max_seq)
from ${UNNESTED}
where old.log_id = t.log_id and old.level = t.level and old.n = t.n and old.width = t.grown_from`;

const KEEP_HEADS = `
insert into ledger.log_head (log_id, size, frontier) select * from unnest($1::uuid[], $2::bigint[], $3::bytea[])
on conflict (log_id) do update set size = excluded.size, frontier = excluded.frontier`;

/**
 * Appends leaves to logs, in the order given: tiles of all levels, and heads. It costs what is new: of a log only its right
 * edge is read. Four statements for any number of logs.
 */
export async function appendLeaves(tx: Tx, leaves: ReadonlyMap<string, Leaves>): Promise<GrownLog[]> {
  const edges = await readEdges(tx, [...leaves.keys()]);
  const tiles: TileRow[] = [];
  const grown: { logId: string; frontier: Frontier; anchoredAt: Date | null }[] = [];
  for (const [logId, added] of leaves) {
    const edge = edges.get(logId);
    assert(edge, 'every log that was asked for has an edge, if only an empty one');
    const { frontier } = edge;
    const before = frontier.size;
    const growing = new TileEdge(frontier, edge.tiles);
    for (let n = 0; n < added.count; n++) growing.append(added.hashAt(n));
    tiles.push(...growing.changed().map((tile) => tileRow(logId, tile, added, before)));
    grown.push({ logId, frontier, anchoredAt: edge.anchoredAt });
  }
  await keepTiles(tx, tiles);
  tx.send(KEEP_HEADS, [
    grown.map(({ logId }) => logId),
    grown.map(({ frontier }) => frontier.size),
    grown.map(({ frontier }) => frontier.bytes()),
  ]);
  return grown.map(({ logId, frontier, anchoredAt }) => ({
    logId,
    size: frontier.size,
    root: frontier.root(),
    anchoredAt,
  }));
}

interface Edge {
  readonly frontier: Frontier;
  readonly anchoredAt: Date | null;
  readonly tiles: { level: number; n: number; hashes: Uint8Array }[];
}

async function readEdges(tx: Tx, logIds: readonly string[]): Promise<Map<string, Edge>> {
  interface EdgeRow {
    readonly logId: string;
    readonly size: bigint;
    readonly frontier: Buffer;
    readonly anchoredAt: Date | null;
    readonly level: number | null;
    readonly n: bigint | null;
    readonly hashes: Buffer | null;
  }
  const edges = new Map<string, Edge>();
  for (const { logId, size, frontier, anchoredAt, level, n, hashes } of await tx.query<EdgeRow>(EDGES, [logIds])) {
    const edge = edges.get(logId) ?? { frontier: Frontier.parse(Number(size), frontier), anchoredAt, tiles: [] };
    if (level !== null && n !== null && hashes !== null) edge.tiles.push({ level, n: Number(n), hashes });
    edges.set(logId, edge);
  }
  return edges;
}

interface TileRow {
  readonly logId: string;
  readonly tile: GrownTile;
  readonly addedHashes: Buffer;
  readonly events: LeafEvents | null;
}

/** A row of what is new in a tile; in one over leaves, also whose leaves they are. */
function tileRow(logId: string, tile: GrownTile, added: Leaves, before: number): TileRow {
  const addedHashes = tile.hashes.subarray(tile.hashes.length - (tile.width - tile.from) * HASH_BYTES);
  const first = tile.n * TILE_WIDTH - before;
  const events = tile.level === 0 ? added.eventsOf(first + tile.from, first + tile.width) : null;
  return { logId, tile, addedHashes, events };
}

async function keepTiles(tx: Tx, rows: readonly TileRow[]): Promise<void> {
  const begun = rows.filter(({ tile }) => tile.from === 0);
  const grown = rows.filter(({ tile }) => tile.from > 0);
  if (begun.length > 0) tx.send(INSERT_TILES, columnsOf(begun));
  if (grown.length === 0) return;
  const kept = await tx.execute(GROW_TILES, columnsOf(grown));
  assert(kept === grown.length, 'each tile of a right edge is as wide as the head of its log says');
}

function columnsOf(rows: readonly TileRow[]): unknown[] {
  return [
    rows.map(({ logId }) => logId),
    rows.map(({ tile }) => tile.level),
    rows.map(({ tile }) => tile.n),
    rows.map(({ tile }) => tile.from),
    rows.map(({ tile }) => tile.width),
    rows.map(({ addedHashes }) => addedHashes),
    rows.map(({ events }) => events?.ids ?? null),
    rows.map(({ events }) => events?.minSeq ?? null),
    rows.map(({ events }) => events?.maxSeq ?? null),
  ];
}

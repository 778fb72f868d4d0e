import type { Reader } from '../platform/database.js';

/** An event as it is known in the log of its commissioner. */
export interface LoggedEvent {
  readonly id: string;
  readonly seq: bigint;
}

/** Where an event stands in the log, for good. */
export interface LeafPlace {
  readonly id: string;
  /** Counted from 0. */
  readonly leafIndex: number;
  /** The size of the first signed checkpoint that covers it: whatever came later covers it too. */
  readonly checkpointSize: number;
}

/**
 * By their numbers most events stand in the first tile that reaches so far, which is read once for all of them. One that
 * committed late stands in a later tile, and is looked for on its own.
 */
const PLACES = `
with wanted as (select * from unnest($2::uuid[], $3::bigint[]) w (id, seq)),
near as (
  select distinct t.n from wanted w cross join lateral (
    select n from ledger.tile where log_id = $1 and level = 0 and max_seq >= w.seq order by max_seq limit 1) t),
leaf as materialized (
  select e.id, t.n * 256 + e.place - 1 as index
  from near join ledger.tile t on t.log_id = $1 and t.level = 0 and t.n = near.n
  cross join lateral unnest(t.event_ids) with ordinality e (id, place)),
found as (
  select w.id, coalesce(leaf.index, late.index) as index
  from wanted w left join leaf on leaf.id = w.id
  left join lateral (
    select t.n * 256 + array_position(t.event_ids, w.id) - 1 as index from ledger.tile t
    where leaf.id is null and t.log_id = $1 and t.level = 0 and t.max_seq >= w.seq and t.min_seq <= w.seq
      and w.id = any (t.event_ids)
    order by t.max_seq limit 1) late on true)
select f.id, f.index::float8 as "leafIndex", c.size::float8 as "checkpointSize"
from found f cross join lateral (
  select size from ledger.checkpoint where log_id = $1 and size > f.index and note is not null order by size limit 1) c`;

/** Those of the events that a signed checkpoint covers. */
export function readPlaces(reader: Reader, logId: string, events: readonly LoggedEvent[]): Promise<LeafPlace[]> {
  return reader.query(PLACES, [logId, events.map(({ id }) => id), events.map(({ seq }) => seq.toString())]);
}

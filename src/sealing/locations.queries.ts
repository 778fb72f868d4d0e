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

/** An event stands in the first tile that names it; the numbers of its events lead to a tile, and late commits to the next. */
const PLACES = `
select w.id, l.index::float8 as "leafIndex", c.size::float8 as "checkpointSize"
from unnest($2::uuid[], $3::bigint[]) w (id, seq)
cross join lateral (
  select t.n * 256 + array_position(t.event_ids, w.id) - 1 as index from ledger.tile t
  where t.log_id = $1 and t.level = 0 and t.max_seq >= w.seq and t.min_seq <= w.seq and w.id = any (t.event_ids)
  order by t.max_seq limit 1) l
cross join lateral (
  select size from ledger.checkpoint where log_id = $1 and size > l.index and note is not null order by size limit 1) c`;

/** Those of the events that a signed checkpoint covers. */
export function readPlaces(reader: Reader, logId: string, events: readonly LoggedEvent[]): Promise<LeafPlace[]> {
  return reader.query(PLACES, [logId, events.map(({ id }) => id), events.map(({ seq }) => seq.toString())]);
}

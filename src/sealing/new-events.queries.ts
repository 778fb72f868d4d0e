import type { Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { EventRun } from './leaves.rules.js';

/** The snapshot of the last pass: the first transaction that it knew nothing of, and those that it saw running. */
export interface LastSnapshot {
  readonly xmax: string;
  readonly xip: readonly string[];
}

/**
 * Whether the last pass was made in this cluster: otherwise transaction ids mean nothing here. As `changeOf` tells it, of
 * `ledger.seal_cursor c` and `pg_control_system() s`.
 */
export const IS_SAME_CLUSTER = `(c.system_identifier = s.system_identifier::text
  and pg_snapshot_xmax(c.snapshot) <= pg_snapshot_xmax(pg_current_snapshot()))`;

/** How many events make a run at most, and how many runs are in memory at a time. */
const RUN_MAX = 1_024;
const FETCH_MAX = 32;

const EVENT = 'select e.commissioner_id, e.id, e.seq, e.leaf_hash from ledger.event e';

/** The events that no tile names. */
const UNSEALED = `
not exists (select from (select log_id, unnest(event_ids) as id from ledger.tile where level = 0) s
            where s.log_id = e.commissioner_id and s.id = e.id)`;

/**
 * Prepares to fetch the committed events that the last pass did not see: those of transactions that began after it, and of
 * those that it saw running. The ids are literals, because the planner guesses badly at what it cannot see, and a cursor
 * takes no parameters; they are what PostgreSQL itself wrote.
 */
export function openNewEvents(tx: Tx, last: LastSnapshot): void {
  openCursor(tx, newEvents(last));
}

function newEvents({ xmax, xip }: LastSnapshot): string {
  return `${EVENT} where e.xid >= '${xmax}'::xid8 union all ${EVENT} where e.xid = any ('{${xip.join(',')}}'::xid8[])`;
}

/** Prepares to fetch every event that no tile names, whatever its transaction: slow, and always right. */
export function openUnsealedEvents(tx: Tx): void {
  openCursor(tx, `${EVENT} where ${UNSEALED}`);
}

/** All of the rows will be fetched, so none of them is wanted quickly. */
function openCursor(tx: Tx, events: string): void {
  tx.send(`
    set local cursor_tuple_fraction = 1;
    declare news no scroll cursor for
    select commissioner_id as "logId", string_agg(leaf_hash, '' order by seq) as hashes,
      array_agg(id order by seq)::text as ids, array_agg(seq order by seq)::text as seqs
    from (select *, (row_number() over (partition by commissioner_id order by seq) - 1) / ${RUN_MAX} as run
          from (${events}) e) e
    group by commissioner_id, run order by commissioner_id, run`);
}

/** The first of the events that were prepared, by log and in the order of `seq`. */
export function fetchRuns(tx: Tx): Promise<EventRun[]> {
  return tx.query<EventRun>(`fetch ${FETCH_MAX} from news`);
}

/** All of the events, some thousands at a time, from the first that were fetched. */
export async function* andTheRest(tx: Tx, first: EventRun[]): AsyncGenerator<EventRun[]> {
  let runs = first;
  while (runs.length > 0) {
    yield runs;
    runs = runs.length < FETCH_MAX ? [] : await fetchRuns(tx);
  }
}

/** The id of the oldest event that is committed and not sealed. */
export async function findOldestUnsealed(reader: Reader): Promise<string | undefined> {
  const [last] = await reader.query<LastSnapshot>(
    `select pg_snapshot_xmax(snapshot)::text as xmax, array(select pg_snapshot_xip(snapshot)::text) as xip
     from ledger.seal_cursor`,
  );
  assert(last, 'the cursor is always there');
  const [oldest] = await reader.query<{ id: string }>(`select id from (${newEvents(last)}) e order by id limit 1`);
  return oldest?.id;
}

/**
 * Events that the last pass saw and no tile names: there are none, unless somebody has tampered. The first hundred, of all that
 * are found: PostgreSQL would look through all tiles for each event if it expected a hundred soon.
 */
export function readMissed(reader: Reader): Promise<{ logId: string; id: string }[]> {
  return reader.query(
    `with missed as materialized (
       select e.commissioner_id, e.id, e.seq from ledger.event e, ledger.seal_cursor c, pg_control_system() s
       where ${IS_SAME_CLUSTER} and pg_visible_in_snapshot(e.xid, c.snapshot) and ${UNSEALED})
     select commissioner_id as "logId", id from missed order by seq limit 100`,
  );
}

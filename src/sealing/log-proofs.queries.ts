import type { Reader } from '../platform/database.js';
import type { HoldCode } from './checkpoint-signing.rules.js';
import { LEAF_INDEX } from './sealing.queries.js';
import { WITH_ADDED } from './checkpoint-signing.queries.js';

export interface SignedNote {
  readonly size: number;
  /** With every signature that was added. */
  readonly note: string;
}

/** The newest signed checkpoint of a log. */
export async function findNewestNote(reader: Reader, logId: string): Promise<SignedNote | undefined> {
  const [newest] = await reader.query<SignedNote>(
    `select c.size::float8 as size, ${WITH_ADDED} as note from ledger.checkpoint c
     where c.log_id = $1 and c.note is not null order by c.size desc limit 1`,
    [logId],
  );
  return newest;
}

export interface SignedLeaf extends SignedNote {
  readonly index: number;
}

/** Where an event stands, and the newest signed checkpoint when it is under it; in one question, as it is asked often. */
export async function findSignedLeaf(
  reader: Reader,
  commissionerId: string,
  eventId: string,
): Promise<SignedLeaf | undefined> {
  const [leaf] = await reader.query<SignedLeaf>(
    `select l.index::float8 as index, c.size::float8 as size, ${WITH_ADDED} as note
     from (${LEAF_INDEX}) l,
     lateral (select log_id, size, note from ledger.checkpoint
              where log_id = $1 and note is not null order by size desc limit 1) c
     where c.size > l.index`,
    [commissionerId, eventId],
  );
  return leaf;
}

export interface PlatformEntryRow {
  readonly index: number;
  /** The checkpoint of the commissioner that is the leaf. */
  readonly text: string;
}

/** The newest checkpoint of a commissioner that the platform's log holds within this size. */
export async function findPlatformEntry(
  reader: Reader,
  commissionerId: string,
  platformSize: number,
): Promise<PlatformEntryRow | undefined> {
  const [entry] = await reader.query<PlatformEntryRow>(
    `select n::float8 as index, convert_from(entry, 'UTF8') as text from ledger.platform_entry
     where commissioner_id = $1 and n < $2 order by size desc limit 1`,
    [commissionerId, platformSize],
  );
  return entry;
}

export async function readPlatformLogId(reader: Reader): Promise<string> {
  const [cursor] = await reader.query<{ id: string }>('select platform_log_id as id from ledger.seal_cursor');
  return cursor?.id ?? '';
}

/** Why nothing is signed of a log; undefined when something is. */
export async function findHold(reader: Reader, logId: string): Promise<HoldCode | undefined> {
  const [hold] = await reader.query<{ code: HoldCode }>('select code from ledger.log_hold where log_id = $1', [logId]);
  return hold?.code;
}

/** The commissioners that have a log. */
export async function readCommissioners(reader: Reader): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(
    'select log_id as id from ledger.log_head where log_id <> (select platform_log_id from ledger.seal_cursor)',
  );
  return rows.map(({ id }) => id);
}

/**
 * Whose event it is, as far as the reader sees it; undefined otherwise. The commissioners are named because the key of
 * events leads with theirs.
 */
export async function findEventLog(
  reader: Reader,
  eventId: string,
  commissionerIds: readonly string[],
): Promise<string | undefined> {
  const [event] = await reader.query<{ id: string }>(
    `select e.commissioner_id as id from unnest($2::uuid[]) c (id)
     join ledger.event e on e.commissioner_id = c.id and e.id = $1 limit 1`,
    [eventId, commissionerIds],
  );
  return event?.id;
}

/** The commissioners that a provider has had a contract with: their books have accounts of its. */
export async function readDealings(reader: Reader): Promise<string[]> {
  const rows = await reader.query<{ id: string }>(
    'select distinct commissioner_id as id from ledger.account order by 1',
  );
  return rows.map(({ id }) => id);
}

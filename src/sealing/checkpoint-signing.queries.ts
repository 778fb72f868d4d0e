import type { Database, Reader, Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import type { HoldCode, Mark } from './checkpoint-signing.rules.js';
import { SEALER } from './sealing.queries.js';

/** The logs that a round of signing has to do with. */
export interface OpenLogs {
  readonly platformLogId: string;
  /** Logs with checkpoints that are not signed, and logs that are held. */
  readonly logIds: readonly string[];
  /** The database may be an older copy: every log is to be compared. */
  readonly mustCompare: boolean;
  /** The newest checkpoint of the platform has the signature of this signer, or nobody is to add one. */
  readonly isCosigned: boolean;
}

const OPEN_LOGS = `
select c.platform_log_id as "platformLogId", c.must_compare as "mustCompare",
  array(select distinct log_id from ledger.checkpoint where note is null union select log_id from ledger.log_hold)
    as "logIds",
  $1::text is null or exists (select from ledger.added_signature a where a.log_id = c.platform_log_id and a.signer = $1 and a.size = (
    select max(size) from ledger.checkpoint where log_id = c.platform_log_id and note is not null)) as "isCosigned"
from ledger.seal_cursor c`;

/** In one round trip: it is asked twice a second, and mostly there is nothing. */
export async function findOpenLogs(database: Database, witness: string | null): Promise<OpenLogs> {
  const [open] = await database.lookUp<OpenLogs>(SEALER, OPEN_LOGS, [witness]);
  assert(open, 'the cursor is always there');
  return open;
}

export async function readAllLogs(reader: Reader): Promise<string[]> {
  const rows = await reader.query<{ id: string }>('select log_id as id from ledger.log_head');
  return rows.map(({ id }) => id);
}

/** A checkpoint with the note that was signed, and the signatures that were added to it. */
export interface SignedCheckpoint extends Mark {
  readonly note: string;
}

/** What is kept of a log. */
export interface LogRow {
  readonly logId: string;
  readonly heldCode: HoldCode | null;
  /** Of the newest checkpoint; 0 where there is none. */
  readonly size: number;
  readonly publishedSize: number | null;
  readonly signed: SignedCheckpoint | null;
  /** The largest size that the witness has cosigned; 0 where there is none. */
  readonly cosignedSize: number;
}

/** The note of the checkpoint `c` with the signatures that were added to it. */
export const WITH_ADDED = `
c.note || coalesce((select string_agg(a.line, '' order by a.added_at, a.signer) from ledger.added_signature a
                    where a.log_id = c.log_id and a.size = c.size), '')`;

const LOGS = `
select l.id as "logId", h.code as "heldCode", coalesce(n.size, 0)::float8 as size,
  p.size::float8 as "publishedSize", s.size::float8 as "signedSize", s.root as "signedRoot", s.note as "signedNote",
  coalesce(w.size, 0)::float8 as "cosignedSize"
from unnest($1::uuid[]) l (id)
left join ledger.log_hold h on h.log_id = l.id
left join lateral (select size from ledger.checkpoint where log_id = l.id order by size desc limit 1) n on true
left join lateral (select size from ledger.checkpoint
                   where $2 and log_id = l.id and published_at is not null order by size desc limit 1) p on true
left join lateral (select c.size, c.root, ${WITH_ADDED} as note from ledger.checkpoint c
                   where c.log_id = l.id and c.note is not null order by c.size desc limit 1) s on true
left join lateral (select max(size) as size from ledger.added_signature a where a.log_id = l.id and a.signer = $3) w on true`;

/**
 * @param isPublishing whether there is a store, and what was published is of interest
 * @param witness the signer whose cosignatures count
 */
export async function readLogs(
  reader: Reader,
  logIds: readonly string[],
  isPublishing: boolean,
  witness: string | null,
): Promise<LogRow[]> {
  interface Row extends Omit<LogRow, 'signed'> {
    readonly signedSize: number | null;
    readonly signedRoot: Buffer | null;
    readonly signedNote: string | null;
  }
  const rows = await reader.query<Row>(LOGS, [logIds, isPublishing, witness]);
  return rows.map(({ signedSize: size, signedRoot: root, signedNote: note, ...row }) => ({
    ...row,
    signed: size === null || root === null || note === null ? null : { size, root, note },
  }));
}

/** Of a log that could not be signed for a long time; the next round goes on. */
const UNSIGNED_MAX = 500;

const UNSIGNED = `
select l.id as "logId", c.size::float8 as size, c.root
from unnest($1::uuid[]) l (id),
lateral (select size, root from ledger.checkpoint where log_id = l.id and note is null order by size limit ${UNSIGNED_MAX}) c
order by l.id, c.size`;

/** The first checkpoints of each log that are not signed, by size. */
export async function readUnsigned(reader: Reader, logIds: readonly string[]): Promise<Map<string, Mark[]>> {
  const marks = new Map<string, Mark[]>();
  for (const { logId, size, root } of await reader.query<Mark & { logId: string }>(UNSIGNED, [logIds])) {
    marks.set(logId, [...(marks.get(logId) ?? []), { size, root }]);
  }
  return marks;
}

export interface LogNote {
  readonly logId: string;
  readonly size: number;
  readonly note: string;
}

/** A note is signed once; that of another process is the same. */
export async function keepNotes(tx: Tx, notes: readonly LogNote[]): Promise<void> {
  if (notes.length === 0) return;
  await tx.query(
    `update ledger.checkpoint c set note = n.note
     from unnest($1::uuid[], $2::bigint[], $3::text[]) n (log_id, size, note)
     where c.log_id = n.log_id and c.size = n.size and c.note is null`,
    [notes.map(({ logId }) => logId), notes.map(({ size }) => size), notes.map(({ note }) => note)],
  );
}

export async function markPublished(
  tx: Tx,
  heads: readonly { logId: string; size: number }[],
  publishedAt: Date,
): Promise<void> {
  if (heads.length === 0) return;
  await tx.query(
    `update ledger.checkpoint c set published_at = $3 from unnest($1::uuid[], $2::bigint[]) n (log_id, size)
     where c.log_id = n.log_id and c.size = n.size and c.published_at is null`,
    [heads.map(({ logId }) => logId), heads.map(({ size }) => size), publishedAt],
  );
}

export interface AddedSignature {
  readonly logId: string;
  readonly size: number;
  /** Name and id of the key. */
  readonly signer: string;
  readonly line: string;
}

export async function addSignatures(tx: Tx, added: readonly AddedSignature[], addedAt: Date): Promise<void> {
  if (added.length === 0) return;
  await tx.query(
    `insert into ledger.added_signature (log_id, size, signer, line, added_at)
     select log_id, size, signer, line, $5 from unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[])
       t (log_id, size, signer, line)
     on conflict do nothing`,
    [
      added.map(({ logId }) => logId),
      added.map(({ size }) => size),
      added.map(({ signer }) => signer),
      added.map(({ line }) => line),
      addedAt,
    ],
  );
}

export interface Hold {
  readonly logId: string;
  readonly code: HoldCode;
}

/** Holds these logs, and lets those go. `since` stays while the reason does. */
export async function keepHolds(tx: Tx, held: readonly Hold[], free: readonly string[], at: Date): Promise<void> {
  await tx.query('delete from ledger.log_hold where log_id = any ($1::uuid[])', [free]);
  await tx.query(
    `insert into ledger.log_hold as old (log_id, code, since)
     select log_id, code, $3 from unnest($1::uuid[], $2::text[]) t (log_id, code)
     on conflict (log_id) do update set code = excluded.code, since = excluded.since where old.code <> excluded.code`,
    [held.map(({ logId }) => logId), held.map(({ code }) => code), at],
  );
}

/** Every log was compared with what is published: signed, or held. */
export async function markCompared(tx: Tx): Promise<void> {
  await tx.query('update ledger.seal_cursor set must_compare = false where must_compare');
}

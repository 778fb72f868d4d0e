import type { Reader, Tx } from '../platform/database.js';
import type { Minor } from '../money/index.js';
import type { FileKey } from './claim-file.queries.js';

/** What of a file is taken, and how far it has come. */
export interface FileProgress {
  readonly state: 'receiving' | 'received' | 'refused' | 'cancelled';
  readonly chunkCount: number;
  readonly chunksTaken: number;
  readonly rowCount: number | null;
  readonly rows: number;
  readonly accepted: number;
  readonly repeated: number;
  readonly included: number;
  readonly failed: number;
  readonly flagged: number;
  readonly totalMinor: Minor;
  readonly indicativeMinor: Minor;
}

/** Of those who take or end a file, one at a time; whoever puts more of it down does not wait for them. $1 file. */
const LOCK = `select pg_advisory_xact_lock(hashtextextended('claim-file:' || $1, 0))`;

const PROGRESS = `
select state, chunk_count as "chunkCount", chunks_taken as "chunksTaken", row_count as "rowCount", rows, accepted, repeated,
       included, failed, flagged, total_minor as "totalMinor", indicative_minor as "indicativeMinor"
from claim_file where commissioner_id = $1 and id = $2`;

const PUT_DOWN = `
with file as (
  update claim_file set chunk_count = $4, progress_at = clock_timestamp()
  where commissioner_id = $1 and id = $2 and state = 'receiving' returning commissioner_id, id, provider_id)
insert into claim_file_chunk (commissioner_id, claim_file_id, chunk, provider_id, body)
select commissioner_id, id, $4, provider_id, $5 from file where provider_id = $3`;

const CHUNK = `select body from claim_file_chunk where commissioner_id = $1 and claim_file_id = $2 and chunk = $3`;

const FORGET = `delete from claim_file_chunk where commissioner_id = $1 and claim_file_id = $2 and chunk <= coalesce($3::int, chunk)`;

const BEAT = `
update claim_file set progress_at = clock_timestamp() where commissioner_id = $1 and id = $2 and state = 'receiving'`;

/** $1 seconds of silence. */
const ABANDONED = `
select commissioner_id as "commissionerId", id from claim_file
where state = 'receiving' and (progress_at is null or progress_at < clock_timestamp() - make_interval(secs => $1))`;

/** Keeps everybody else from taking or ending this file until the transaction ends; undefined when it is not there to see. */
export async function lockFile(tx: Tx, { commissionerId, id }: FileKey): Promise<FileProgress | undefined> {
  await tx.query(LOCK, [id]);
  const [progress] = await tx.query<FileProgress>(PROGRESS, [commissionerId, id]);
  return progress;
}

/** Puts the next chunk down; false when the file is not being received any more. */
export async function putDown(tx: Tx, file: FileKey, chunk: number, body: string): Promise<boolean> {
  return (await tx.execute(PUT_DOWN, [file.commissionerId, file.id, file.providerId, chunk, body])) === 1;
}

export async function findChunk(
  reader: Reader,
  { commissionerId, id }: FileKey,
  chunk: number,
): Promise<string | undefined> {
  const [row] = await reader.query<{ body: string }>(CHUNK, [commissionerId, id, chunk]);
  return row?.body;
}

/** Forgets chunks up to one, because they are taken; all of them, because they never will be. */
export async function forgetChunks(tx: Tx, { commissionerId, id }: FileKey, upTo?: number): Promise<void> {
  await tx.execute(FORGET, [commissionerId, id, upTo ?? null]);
}

/** Says that somebody works on the file. */
export async function beat(tx: Tx, { commissionerId, id }: FileKey): Promise<void> {
  await tx.execute(BEAT, [commissionerId, id]);
}

/** Files on which nobody has worked for so long. */
export function findAbandoned(reader: Reader, seconds: number): Promise<{ commissionerId: string; id: string }[]> {
  return reader.query(ABANDONED, [seconds]);
}

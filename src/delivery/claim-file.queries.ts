import type { Reader, Tx } from '../platform/database.js';
import type { RowProblem } from '../platform/csv-template.rules.js';
import { assert } from '../platform/errors.js';
import type { KeptFailure } from './claim-file-rows.rules.js';

const INSERT_FAILURES = `
insert into claim_file_failure (commissioner_id, claim_file_id, provider_id, row_number, cells, problems)
select $1, $2, $3, f.row, f.cells, f.problems
from jsonb_to_recordset($4::jsonb) as f(row integer, cells text[], problems jsonb)`;

/** Problems one by one, by row and as they stand in it. */
const FAILURES = `
select f.row_number as row, p.problem ->> 'column' as "column", p.problem ->> 'entered' as entered,
       p.problem ->> 'code' as code, p.problem ->> 'howToFix' as "howToFix"
from claim_file_failure f, jsonb_array_elements(f.problems) with ordinality as p(problem, place)
where f.commissioner_id = $1 and f.claim_file_id = $2
order by f.row_number, p.place limit $3`;

const FAILED_ROWS = `
select row_number as row, cells from claim_file_failure
where commissioner_id = $1 and claim_file_id = $2 and row_number > $3 order by row_number limit $4`;

/** The first file of the contract with these bytes that was received to its end. */
const SAME_BYTES = `
select id from claim_file
where commissioner_id = $1 and contract_id = $2 and sha256 = $3 and state = 'received' and id <> $4
order by id limit 1`;

/**
 * The rows that were taken of files first: number (4 bytes, big-endian) and hash of each as `taken`, with whose they are.
 * With their session where they told of it first, else by themselves. `taken` is null only where somebody has bent a session.
 */
export const TAKEN_ROWS = `
select commissioner_id, claim_file_id, contract_id, provider_id, int4send(row_number) || row_hash as taken from claim_file_row
union all
select commissioner_id, claim_file_id, contract_id, provider_id,
  substr(taken_rows, generate_series(1, coalesce(octet_length(taken_rows), 1), 36), 36)
from session where num_nonnulls(claim_file_id, taken_rows) > 0`;

/**
 * SHA-256 over `TAKEN_ROWS` of a file in its order. Of none it is that of no bytes. One text for the event that binds them,
 * and for the audit.
 */
export const TAKEN_DIGEST = `sha256(coalesce(string_agg(taken, ''::bytea order by taken), ''::bytea))`;

const TAKEN = `
select encode(${TAKEN_DIGEST}, 'hex') as digest from (${TAKEN_ROWS}) r where commissioner_id = $1 and claim_file_id = $2`;

export interface FileKey {
  readonly commissionerId: string;
  readonly id: string;
  readonly providerId: string;
}

export async function insertFailures(tx: Tx, file: FileKey, failures: readonly KeptFailure[]): Promise<void> {
  if (failures.length === 0) return;
  await tx.execute(INSERT_FAILURES, [file.commissionerId, file.id, file.providerId, JSON.stringify(failures)]);
}

export function findFailures(reader: Reader, file: FileKey, most: number): Promise<({ row: number } & RowProblem)[]> {
  return reader.query(FAILURES, [file.commissionerId, file.id, most]);
}

/** How many problems the failed rows have together. */
export async function countProblems(reader: Reader, file: FileKey): Promise<number> {
  const [row] = await reader.query<{ count: number }>(
    `select coalesce(sum(jsonb_array_length(problems)), 0)::int as count from claim_file_failure
     where commissioner_id = $1 and claim_file_id = $2`,
    [file.commissionerId, file.id],
  );
  return row?.count ?? 0;
}

/** The next rows that failed after a row, as they were sent and why they failed. */
export function findFailedRows(
  reader: Reader,
  file: FileKey,
  { after, most }: { readonly after: number; readonly most: number },
): Promise<{ row: number; cells: string[] }[]> {
  return reader.query(FAILED_ROWS, [file.commissionerId, file.id, after, most]);
}

/** In lower-case hexadecimal. */
export async function digestTakenRows(reader: Reader, file: FileKey): Promise<string> {
  const [row] = await reader.query<{ digest: string }>(TAKEN, [file.commissionerId, file.id]);
  assert(row, 'an aggregate has one row');
  return row.digest;
}

export async function findSameBytes(
  reader: Reader,
  file: FileKey & { readonly contractId: string },
  sha256: Buffer,
): Promise<string | null> {
  const [same] = await reader.query<{ id: string }>(SAME_BYTES, [
    file.commissionerId,
    file.contractId,
    sha256,
    file.id,
  ]);
  return same?.id ?? null;
}

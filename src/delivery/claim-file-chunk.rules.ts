import { cellOf } from '../platform/csv-template.rules.js';
import { claimColumns, type ClaimColumn } from './claim-file.columns.js';
import { readRow, type GoodRow, type KeptFailure } from './claim-file-rows.rules.js';
import type { ClaimCells, ClaimFileContext, ClaimFileHeader } from './claim-file.rules.js';

/** How many rows are put down, planned and stored together. */
export interface ChunkSize {
  readonly rows: number;
  /** A session is priced by those who came, so that its rows stay together where they stand together, up to so many. */
  readonly most: number;
}

/**
 * Statements that insert a thousand rows cost little for each; two chunks are in memory, of which one is stored while the other
 * is planned, and what a crash undoes is soon done again.
 */
export const CHUNK_SIZE: ChunkSize = { rows: 1_000, most: 1_400 };

/** What is put down of rows until they are taken: of good ones the template's columns alone, of failed ones what is kept. */
export interface Chunk {
  readonly good: readonly GoodRow[];
  readonly failures: readonly KeptFailure[];
}

/** The heading of rows that are put down: the template's columns in its order. */
const TEMPLATE: ClaimFileHeader = {
  positions: new Map(claimColumns.map(({ key }, position): [ClaimColumn, number] => [key, position])),
  dropped: [],
  width: claimColumns.length,
};

/** Whether a chunk ends before a row. */
export function endsBefore(
  size: ChunkSize,
  rows: number,
  last: GoodRow | undefined,
  next: GoodRow | undefined,
): boolean {
  if (rows < size.rows) return false;
  if (rows >= size.most || !last || !next) return true;
  const [one, other] = [last.delivered.session, next.delivered.session];
  return one.reference === null || one.reference !== other.reference || one.heldOn !== other.heldOn;
}

/** A good row with the template's cells in their order, and nothing of the other columns of its file. */
export function inTemplate(header: ClaimFileHeader, { delivered, cells }: GoodRow): GoodRow {
  return { delivered, cells: claimColumns.map(({ key }) => cellOf(header, cells, key)) };
}

/** A chunk as text, to be put down. */
export function chunkText({ good, failures }: Chunk): string {
  return JSON.stringify([good.map(({ delivered, cells }) => [delivered.row, ...cells]), failures]);
}

/** What was put down, understood again: by now, a code may have gone. */
export function readChunk(
  text: string,
  context: ClaimFileContext,
  serviceIds: ReadonlyMap<string, string>,
  meanings: ClaimCells,
): Chunk {
  const [rows, failures] = JSON.parse(text) as [[row: number, ...cells: string[]][], KeptFailure[]];
  const good: GoodRow[] = [];
  for (const [row, ...cells] of rows) {
    const again = readRow(TEMPLATE, { row, cells, problem: null }, context, serviceIds, meanings);
    if ('delivered' in again) good.push(again);
    else failures.push(again);
  }
  return { good, failures };
}

/** The heading that a row of a chunk is held against, in the file of failures too. */
export const templateHeader = (): ClaimFileHeader => TEMPLATE;

import { createHash } from 'node:crypto';
import { CsvDecoder, type CsvEncoding } from './csv-decoder.js';
import { CsvTable, separatorOf, type CsvSeparator, type TableRow } from './csv-table.js';
import type { RowProblem } from './csv-template.rules.js';
import { defineError } from './errors.js';

/** How much of a file is read. */
export interface CsvLimits {
  readonly bytes: number;
  /** Rows below the heading that are not blank. */
  readonly rows: number;
  readonly columns: number;
  /** Characters of one cell. */
  readonly cellLength: number;
  /** Characters of one row; also what an unclosed quote can swallow before it is noticed. */
  readonly rowLength: number;
}

export const CSV_LIMITS: CsvLimits = {
  bytes: 10 * 1024 * 1024,
  rows: 50_000,
  columns: 200,
  cellLength: 8 * 1024,
  rowLength: 64 * 1024,
};

/**
 * What a file gives, in order: the heading; each row that is not blank, perhaps with a problem of its own; at most one
 * `refused`, from whose row on nothing could be read; the end. Rows have the numbers that a spreadsheet shows. Cells are
 * as they stand in the file, without the blanks around them: a row without a problem has as many as the heading.
 */
export type CsvItem =
  | {
      readonly kind: 'header';
      readonly row: number;
      readonly cells: string[];
      /** Null of a file that is no table of text. */
      readonly separator: CsvSeparator | null;
    }
  | { readonly kind: 'row'; readonly row: number; readonly cells: string[]; readonly problem: RowProblem | null }
  | { readonly kind: 'refused'; readonly row: number; readonly problem: RowProblem }
  | CsvEnd;

export interface CsvEnd {
  readonly kind: 'end';
  readonly rows: number;
  readonly bytes: number;
  /** Of all bytes received, in hexadecimal: tells the same file sent twice. */
  readonly sha256: string;
  readonly encoding: CsvEncoding;
  /** Names that are not read, where each row has its own. */
  readonly dropped?: readonly string[];
}

export const csvTooLarge = defineError({
  code: 'csv.too_large',
  kind: 'invalid',
  title: 'The file is larger than what is accepted.',
  fix: 'Split it into files within the limit that details name.',
});
export const csvNotText = defineError({
  code: 'csv.not_text',
  kind: 'invalid',
  title: 'The file is not a CSV text file; it may be a workbook.',
  fix: 'Open it in the spreadsheet program and save it as "CSV UTF-8".',
});
export const csvEmpty = defineError({
  code: 'csv.empty',
  kind: 'invalid',
  title: 'The file has no heading row.',
  fix: 'Put the names of the columns in the first row.',
});
export const csvUnreadableHeading = defineError({
  code: 'csv.unreadable_heading',
  kind: 'invalid',
  title: 'The heading row cannot be read.',
  fix: 'Correct the quotation marks of the first row.',
});

const SLICE_BYTES = 64 * 1024;

/**
 * Reads a CSV file of whatever program made it, while it arrives: UTF-8, UTF-16 with a byte order mark or Windows-1252;
 * comma, semicolon or tab; CRLF, LF or CR. Memory is bounded by the limits of a row, not by the file.
 *
 * A file that is over a limit, is not text or has no heading is refused by a thrown error, at any point: rows given before
 * it must not be kept. An unclosed quote is not thrown: rows above it are good, and the digest covers the whole file.
 */
export async function* readCsv(
  source: AsyncIterable<Uint8Array>,
  limits: CsvLimits = CSV_LIMITS,
): AsyncGenerator<CsvItem, void, undefined> {
  const decoder = new CsvDecoder();
  const hash = createHash('sha256');
  const sheet = new Sheet(limits);
  let bytes = 0;
  for await (const chunk of source) {
    for (let at = 0; at < chunk.length; at += SLICE_BYTES) {
      const slice = chunk.subarray(at, at + SLICE_BYTES);
      bytes += slice.length;
      if (bytes > limits.bytes) throw csvTooLarge({ limit: 'bytes', most: limits.bytes });
      hash.update(slice);
      if (sheet.isRefused) continue;
      // One by one: to delegate costs a promise more for each row.
      for (const item of await sheet.write(decoder.write(slice))) yield item;
    }
  }
  if (!sheet.isRefused) yield* await sheet.write(decoder.end());
  yield* sheet.end();
  yield { kind: 'end', rows: sheet.rows, bytes, sha256: hash.digest('hex'), encoding: decoder.encoding };
}

/** The text of a file becoming items: first the separator is found, then the heading, then rows are held against it. */
class Sheet {
  rows = 0;
  isRefused = false;
  private start = '';
  private table: CsvTable | null = null;
  private separator: CsvSeparator = ',';
  private width: number | null = null;

  constructor(private readonly limits: CsvLimits) {}

  /** The items that a piece of text completes, one as it is asked for. */
  async write(text: string): Promise<Iterable<CsvItem>> {
    if (text.includes('\0')) throw csvNotText();
    if (this.table !== null) return this.items(await this.table.write(text));
    this.start += text;
    const separator = separatorOf(this.start, this.start.length > this.limits.rowLength);
    return separator === null ? [] : this.items(await this.open(separator).write(this.start));
  }

  async *end(): AsyncGenerator<CsvItem, void, undefined> {
    const opened = this.table;
    const table = opened ?? this.open(separatorOf(this.start, true) ?? ',');
    if (opened === null) yield* this.items(await table.write(this.start));
    if (!this.isRefused) yield* this.items(await table.end());
    if (this.width === null) throw csvEmpty();
  }

  private open(separator: CsvSeparator): CsvTable {
    this.separator = separator;
    this.table = new CsvTable(separator, this.limits.rowLength);
    return this.table;
  }

  private *items(rows: readonly TableRow[]): Generator<CsvItem, void, undefined> {
    for (const { row, cells } of rows) {
      if (cells.every((cell) => cell === '')) continue;
      yield this.width === null ? this.heading(row, cells) : this.body(row, cells, this.width);
    }
    const broken = this.table?.broken ?? null;
    if (broken === null || this.isRefused) return;
    if (this.width === null) throw csvUnreadableHeading({ row: broken.row }, broken.problem.howToFix);
    this.isRefused = true;
    yield { kind: 'refused', ...broken };
  }

  private heading(row: number, cells: string[]): CsvItem {
    const named = withoutBlankEnd(cells, 0);
    if (named.length > this.limits.columns) throw csvTooLarge({ limit: 'columns', most: this.limits.columns });
    this.width = named.length;
    return { kind: 'header', row, cells: named, separator: this.separator };
  }

  private body(row: number, all: string[], width: number): CsvItem {
    this.rows += 1;
    if (this.rows > this.limits.rows) throw csvTooLarge({ limit: 'rows', most: this.limits.rows });
    const cells = withoutBlankEnd(all, width);
    const long = cells.findIndex((cell) => cell.length > this.limits.cellLength);
    if (long >= 0) {
      const kept = cells.map((cell) => (cell.length > this.limits.cellLength ? '' : cell));
      return { kind: 'row', row, cells: kept, problem: cellTooLong(long, this.limits.cellLength) };
    }
    return { kind: 'row', row, cells, problem: cells.length === width ? null : ragged(cells.length, width) };
  }
}

/** Drops blank cells at the end, down to a number of cells: spreadsheets write them for columns once used. */
function withoutBlankEnd(cells: string[], least: number): string[] {
  let length = cells.length;
  while (length > least && cells[length - 1] === '') length -= 1;
  return cells.slice(0, length);
}

/** Too few cells may be a row cut off in the middle of an amount; too many, an amount with a comma. Neither is guessed. */
const ragged = (found: number, expected: number): RowProblem => ({
  column: 'row',
  entered: '',
  code: 'ragged_row',
  howToFix: `This row has ${found} cells, the heading ${expected}. ${
    found > expected
      ? 'Put cells that contain the separator in quotation marks.'
      : 'Give every column a cell, if only an empty one.'
  }`,
});

const cellTooLong = (position: number, most: number): RowProblem => ({
  column: `column ${position + 1}`,
  entered: '',
  code: 'cell_too_long',
  howToFix: `A cell holds at most ${most} characters.`,
});

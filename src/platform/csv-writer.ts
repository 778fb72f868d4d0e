import { formatPounds } from '../money/index.js';

/** A column: its header, and what a row says in it, by type. */
export type CsvColumn<Row> =
  | { readonly header: string; readonly text: (row: Row) => string | null }
  /** Pence, written as pounds with two decimals and no separators: −500n is `-5.00`. */
  | { readonly header: string; readonly pounds: (row: Row) => bigint | null }
  | { readonly header: string; readonly integer: (row: Row) => number | bigint | null };

const SEPARATOR = ',';
const END_OF_LINE = '\r\n';
const CHUNK_CHARACTERS = 16_384;

/** What a spreadsheet takes for the start of a formula, in full width too, behind any white space or invisible mark. */
const FORMULA = /^[\s\p{C}]*[=+\-@\uFF1D\uFF0B\uFF0D\uFF20]/u;
/** Lost, or taken as a command, where a cell begins with one. */
const LEADING_CONTROL = /^[\t\r\n\0]/;
/** The comma of RFC 4180, and what a spreadsheet set to another language separates by. */
const NEEDS_QUOTES = /[",;\t\r\n]|^\s|\s$/;

/**
 * Writes rows as CSV (RFC 4180: commas, CRLF, quotes doubled), in pieces of text of some kilobytes, with flat memory.
 *
 * Text that a spreadsheet would run as a formula gets an apostrophe before it. Figures are written bare from typed
 * columns, so that a negative amount stays a number and reads back as it was.
 */
export async function* csvText<Row>(
  columns: readonly CsvColumn<Row>[],
  rows: AsyncIterable<Row> | Iterable<Row>,
): AsyncGenerator<string> {
  let chunk = line(columns.map(({ header }) => textCell(header)));
  for await (const row of rows) {
    chunk += line(columns.map((column) => cell(column, row)));
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

function cell<Row>(column: CsvColumn<Row>, row: Row): string {
  if ('text' in column) return textCell(column.text(row) ?? '');
  if ('pounds' in column) {
    const amount = column.pounds(row);
    return amount === null ? '' : formatPounds(amount).replaceAll(/[£,]/g, '');
  }
  const count = column.integer(row);
  if (typeof count === 'number' && !Number.isSafeInteger(count)) throw new RangeError(`Not an integer: ${count}`);
  return count === null ? '' : count.toString();
}

function textCell(text: string): string {
  const safe = FORMULA.test(text) || LEADING_CONTROL.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

function line(cells: readonly string[]): string {
  return cells.join(SEPARATOR) + END_OF_LINE;
}

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
/** None of the above can be in it: most cells of a long file, told at one look. */
const PLAIN = /^[A-Za-z0-9][\w.:/&()'-]*(?: [\w.:/&()'-]+)*$/;

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
  let chunk = headOf(columns);
  for await (const row of rows) {
    chunk += lineOf(columns, row);
    if (chunk.length < CHUNK_CHARACTERS) continue;
    yield chunk;
    chunk = '';
  }
  if (chunk !== '') yield chunk;
}

/** The same of rows that come some hundreds at a time: nothing is waited for between two rows of a page. */
export async function* csvTextOfPages<Row>(
  columns: readonly CsvColumn<Row>[],
  pages: AsyncIterable<readonly Row[]>,
): AsyncGenerator<string> {
  let chunk = headOf(columns);
  for await (const page of pages) {
    for (const row of page) {
      chunk += lineOf(columns, row);
      if (chunk.length < CHUNK_CHARACTERS) continue;
      yield chunk;
      chunk = '';
    }
  }
  if (chunk !== '') yield chunk;
}

function headOf<Row>(columns: readonly CsvColumn<Row>[]): string {
  return columns.map(({ header }) => textCell(header)).join(SEPARATOR) + END_OF_LINE;
}

function lineOf<Row>(columns: readonly CsvColumn<Row>[], row: Row): string {
  let text = '';
  let separator = '';
  for (const column of columns) {
    text += separator + cell(column, row);
    separator = SEPARATOR;
  }
  return text + END_OF_LINE;
}

function cell<Row>(column: CsvColumn<Row>, row: Row): string {
  if ('text' in column) return textCell(column.text(row) ?? '');
  if ('pounds' in column) {
    const amount = column.pounds(row);
    return amount === null ? '' : pounds(amount);
  }
  const count = column.integer(row);
  if (typeof count === 'number' && !Number.isSafeInteger(count)) throw new RangeError(`Not an integer: ${count}`);
  return count === null ? '' : count.toString();
}

function pounds(amountMinor: bigint): string {
  const digits = (amountMinor < 0n ? -amountMinor : amountMinor).toString().padStart(3, '0');
  return `${amountMinor < 0n ? '-' : ''}${digits.slice(0, -2)}.${digits.slice(-2)}`;
}

function textCell(text: string): string {
  if (text === '' || PLAIN.test(text)) return text;
  const safe = FORMULA.test(text) || LEADING_CONTROL.test(text) ? `'${text}` : text;
  return NEEDS_QUOTES.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

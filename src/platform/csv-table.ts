import { Parser, type CsvError } from 'csv-parse';
import type { RowProblem } from './csv-template.rules.js';

export type CsvSeparator = ',' | ';' | '\t';

/** One row as it stands in the file; blank ones too. `row` counts from 1, as a spreadsheet does: a line break in quotes is no new row. */
export interface TableRow {
  readonly row: number;
  readonly cells: string[];
}

/** Where the table stops making sense: neither this row nor a later one can be told apart. */
export interface TableBreak {
  readonly row: number;
  readonly problem: RowProblem;
}

const SEPARATORS: readonly CsvSeparator[] = [',', ';', '\t'];

/**
 * The separator of a table: the one that stands most often, outside quotes, in the first row that is not blank; a comma
 * when none does. Null while that row is not complete.
 */
export function separatorOf(text: string, isComplete: boolean): CsvSeparator | null {
  let counts = new Map<string, number>();
  let quoted = false;
  let blank = true;
  for (const sign of text) {
    if (sign === '"') quoted = !quoted;
    if ((sign === '\n' || sign === '\r') && !quoted) {
      if (!blank) return mostOf(counts);
      counts = new Map();
    } else if (!quoted && (sign === ',' || sign === ';' || sign === '\t')) {
      counts.set(sign, (counts.get(sign) ?? 0) + 1);
    } else if (sign.trim() !== '') {
      blank = false;
    }
  }
  return isComplete ? mostOf(counts) : null;
}

const mostOf = (counts: ReadonlyMap<string, number>): CsvSeparator =>
  SEPARATORS.reduce((best, sign) => ((counts.get(sign) ?? 0) > (counts.get(best) ?? 0) ? sign : best));

const LINE_END = /\r\n|\n|\r/;
const QUOTE = '"';
/** Blanks that csv-parse drops ahead of a cell. Behind it, it drops all that `trimEnd` does. */
const BLANKS_AHEAD = /^[ \t\f]+/;
/** A longer line is left to csv-parse, which counts what a row holds: at most four bytes for a character. */
const PLAIN_LINE_MOST = 4_096;
const BYTES_MOST = 4;

/**
 * csv-parse, fed by hand: the rows that a piece of text completes are there when the write returns, so that none is lost
 * when a later one cannot be read (a destroyed stream drops what it has buffered). RFC 4180, any mix of line ends; blanks
 * around a cell are dropped. As long as there are no quotation marks, which most files never have, a row is a line and is
 * split as such: the same rows, several times faster.
 */
export class CsvTable {
  /** Set once; nothing is read after it. */
  broken: TableBreak | null = null;
  private readonly parser: Parser;
  private readonly plainLineMost: number;
  /** The line that is not complete; null once csv-parse reads. */
  private line: string | null = '';
  private complete: TableRow[] = [];
  private rows = 0;
  private lastLine = 0;

  constructor(
    private readonly separator: CsvSeparator,
    longestRow: number,
  ) {
    this.plainLineMost = Math.min(PLAIN_LINE_MOST, Math.floor(longestRow / BYTES_MOST));
    this.parser = new Parser({
      delimiter: separator,
      record_delimiter: ['\r\n', '\n', '\r'],
      relax_column_count: true,
      trim: true,
      max_record_size: longestRow,
      on_record: (cells: string[], { lines }) => {
        this.rows += 1;
        this.lastLine = lines;
        this.complete.push({ row: this.rows, cells });
        return null;
      },
    });
    this.parser.on('error', () => {
      // Told to the callbacks of write and end; without a listener it would end the program as well.
    });
  }

  async write(text: string): Promise<TableRow[]> {
    if (text === '') return [];
    if (this.line === null) return this.feed((done) => this.parser.write(text, done));
    const { rows, rest, isPlain } = this.split(this.line + text);
    this.line = isPlain ? rest : null;
    return isPlain ? rows : [...rows, ...(await this.feed((done) => this.parser.write(rest, done)))];
  }

  async end(): Promise<TableRow[]> {
    const { line } = this;
    if (line === null) return this.feed((done) => this.parser.end(done));
    // Blanks behind the last line end are no row.
    const isBlank = !line.includes(this.separator) && line.replace(BLANKS_AHEAD, '') === '';
    return isBlank ? [] : [this.rowOf(line.replace(/\r$/, ''))];
  }

  /** The complete rows of what begins with a row, up to what only csv-parse can read. */
  private split(text: string): { rows: TableRow[]; rest: string; isPlain: boolean } {
    const quote = text.indexOf(QUOTE);
    // A carriage return at the end may be half of a line end.
    const plain = quote < 0 ? text.replace(/\r$/, '') : text.slice(0, quote);
    const last = Math.max(plain.lastIndexOf('\n'), plain.lastIndexOf('\r'));
    const lines =
      last < 0
        ? []
        : text
            .slice(0, last + 1)
            .split(LINE_END)
            .slice(0, -1);
    const long = lines.findIndex(({ length }) => length > this.plainLineMost);
    const start = long < 0 ? last + 1 : startOf(text, long);
    const rows = (long < 0 ? lines : lines.slice(0, long)).map((line) => this.rowOf(line));
    const rest = text.slice(start);
    return { rows, rest, isPlain: quote < 0 && long < 0 && rest.length <= this.plainLineMost };
  }

  private rowOf(line: string): TableRow {
    this.rows += 1;
    const cells = line.split(this.separator).map((cell) => cell.trimEnd().replace(BLANKS_AHEAD, ''));
    return { row: this.rows, cells };
  }

  private async feed(give: (done: (error?: Error | null) => void) => void): Promise<TableRow[]> {
    if (this.broken !== null) return [];
    const error = await new Promise<Error | null>((resolve) => {
      give((failure) => resolve(failure ?? null));
    });
    if (error !== null) this.broken = this.explain(error as CsvError);
    const taken = this.complete;
    this.complete = [];
    return taken;
  }

  /** In our own words: those of csv-parse repeat what the cell holds. An error that is not about the text is a bug. */
  private explain(error: CsvError): TableBreak {
    const row = this.rows + 1;
    const column = `column ${Number(error['column'] ?? 0) + 1}`;
    const spansLines = Number(error['lines'] ?? 0) > this.lastLine + 1;
    const breakAt = (code: string, howToFix: string): TableBreak => ({
      row,
      problem: { column, entered: '', code, howToFix: `${howToFix} Row ${row} and those after it were not read.` },
    });
    switch (error.code) {
      case 'CSV_QUOTE_NOT_CLOSED':
      case 'CSV_INVALID_CLOSING_QUOTE':
      case 'CSV_NON_TRIMABLE_CHAR_AFTER_CLOSING_QUOTE':
        return breakAt('unclosed_quote', unclosed(row, column));
      case 'CSV_MAX_RECORD_SIZE':
        return spansLines
          ? breakAt('unclosed_quote', unclosed(row, column))
          : breakAt('row_too_long', `Row ${row} is too long. Look for a missing line end or quotation mark.`);
      case 'INVALID_OPENING_QUOTE':
        return breakAt(
          'stray_quote',
          `Row ${row} has a quotation mark in the middle of ${column}. Remove it, or put the whole cell in quotation marks and write those inside it twice.`,
        );
      default:
        throw error;
    }
  }
}

/** Where a line begins, by its number from nought. */
function startOf(text: string, line: number): number {
  const ends = new RegExp(LINE_END, 'g');
  for (let passed = 0; passed < line; passed++) ends.exec(text);
  return ends.lastIndex;
}

const unclosed = (row: number, column: string): string =>
  `A quotation mark was opened in row ${row}, ${column}, and not closed. Close it, or remove it; quotation marks inside a quoted cell are written twice.`;

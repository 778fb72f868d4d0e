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

/**
 * csv-parse, fed by hand: the rows that a piece of text completes are there when the write returns, so that none is lost
 * when a later one cannot be read (a destroyed stream drops what it has buffered). RFC 4180, any mix of line ends; blanks
 * around a cell are dropped.
 */
export class CsvTable {
  /** Set once; nothing is read after it. */
  broken: TableBreak | null = null;
  private readonly parser: Parser;
  private complete: TableRow[] = [];
  private rows = 0;
  private lastLine = 0;

  constructor(separator: CsvSeparator, longestRow: number) {
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
    return this.feed((done) => this.parser.write(text, done));
  }

  async end(): Promise<TableRow[]> {
    return this.feed((done) => this.parser.end(done));
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

const unclosed = (row: number, column: string): string =>
  `A quotation mark was opened in row ${row}, ${column}, and not closed. Close it, or remove it; quotation marks inside a quoted cell are written twice.`;

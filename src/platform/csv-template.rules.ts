import { maskIdentifiers } from '../identifiers/index.js';
import { wordKey, type CellResult } from './csv-cells.rules.js';

/** A column of a file that people fill in. `key` is ours and stable; `title` is what the template prints. */
export interface TemplateColumn<K extends string> {
  readonly key: K;
  readonly title: string;
  /** Other headings that mean the same. Compared by letters and digits alone, so case, spaces, `_` and `-` do not matter. */
  readonly synonyms: readonly string[];
  readonly describes: string;
  readonly example: string;
  /** True when a date is expected here, so that it is not masked as if it were a date of birth. */
  readonly holdsDate?: boolean;
  /** True when what is entered identifies a person: it is never shown again, masked or not. */
  readonly isSecret?: boolean;
}

/** Why a cell of a row was refused, in words for the person who made the file. `column` is a title; `entered` is masked. */
export interface RowProblem {
  readonly column: string;
  readonly entered: string;
  readonly code: string;
  readonly howToFix: string;
}

/** Why a whole file was refused for its heading row: said once, not once a row. */
export interface HeaderProblem {
  readonly code: 'missing_column' | 'duplicate_column';
  readonly column: string;
  readonly howToFix: string;
}

/** A heading row, understood: where each column of ours stands, and the headings that are left out (masked). */
export interface MatchedHeader<K extends string> {
  readonly positions: ReadonlyMap<K, number>;
  readonly dropped: readonly string[];
  readonly width: number;
}

/** The columns that a file of failures has in front of the template's own; they are passed over when it is sent again. */
export const failureTitles = ['row', 'problem', 'how to fix'] as const;

const longestShown = 60;

/** The beginning of a cell, masked, for an error. Cut between signs, since half a sign is no text for a database. */
export function entered(text: string, dates: 'mask' | 'keep' = 'mask'): string {
  const signs = Array.from(maskIdentifiers(text.trim(), { dates }));
  return signs.length > longestShown ? `${signs.slice(0, longestShown - 1).join('')}…` : signs.join('');
}

/** Matches headings to columns. A column named twice (or by two synonyms) is a problem: it cannot be guessed which is meant. */
export function matchHeader<K extends string>(
  columns: readonly TemplateColumn<K>[],
  cells: readonly string[],
): { header: MatchedHeader<K>; problems: HeaderProblem[] } {
  const known = new Map(columns.flatMap((column) => namesOf(column).map((name) => [name, column] as const)));
  const passedOver = new Set(failureTitles.map(wordKey));
  const positions = new Map<K, number>();
  const dropped: string[] = [];
  const problems: HeaderProblem[] = [];
  for (const [position, cell] of cells.entries()) {
    const name = wordKey(cell);
    const column = known.get(name);
    if (column === undefined) {
      if (name !== '' && !passedOver.has(name)) dropped.push(entered(cell));
    } else if (positions.has(column.key)) {
      problems.push(duplicateColumn(column.title));
    } else {
      positions.set(column.key, position);
    }
  }
  return { header: { positions, dropped, width: cells.length }, problems };
}

/** The problem of a file without a needed column. Only headings that we know are repeated: the first row may hold a person. */
export function missingColumn<K extends string>(
  columns: readonly TemplateColumn<K>[],
  header: MatchedHeader<K>,
  title: string,
): HeaderProblem {
  const found = columns.filter((column) => header.positions.has(column.key)).map((column) => column.title);
  const seen =
    found.length > 0
      ? `Columns that were recognised: ${found.join(', ')}.`
      : 'No column was recognised: the first row must hold the headings.';
  return { code: 'missing_column', column: title, howToFix: `Add a column with the heading "${title}". ${seen}` };
}

/**
 * The cell of a column, without the blanks around it and without the apostrophe that a spreadsheet-safe export (csv-writer)
 * puts in front of =, +, - and @; '' when the file has no such column.
 */
export function cellOf<K extends string>(header: MatchedHeader<K>, cells: readonly string[], key: K): string {
  const position = header.positions.get(key);
  const text = (position === undefined ? '' : (cells[position] ?? '')).trim();
  return text.startsWith("'") ? text.replace(/^'(?=[=+\-@＝＋－＠])/u, '') : text;
}

/** A row being read: it gathers problems, so that a person hears of all of them at once. */
export interface OpenRow<K extends string> {
  readonly problems: RowProblem[];
  isBlank(key: K): boolean;
  /** The meaning of a cell; null when it is blank or refused (then there is a problem more). */
  read<T>(key: K, meaning: (text: string) => CellResult<T>): T | null;
  /** As `read`, but a blank cell is a problem too. */
  need<T>(key: K, meaning: (text: string) => CellResult<T>, advice: string): T | null;
  refuse(key: K, code: string, howToFix: string): void;
}

const longestCell = 200;

/** Opens a row for reading by column. No cell of the template is longer than 200 characters. */
export function openRow<K extends string>(
  columns: readonly TemplateColumn<K>[],
  header: MatchedHeader<K>,
  cells: readonly string[],
): OpenRow<K> {
  return new TemplateRow(columns, header, cells);
}

class TemplateRow<K extends string> implements OpenRow<K> {
  readonly problems: RowProblem[] = [];

  constructor(
    private readonly columns: readonly TemplateColumn<K>[],
    private readonly header: MatchedHeader<K>,
    private readonly cells: readonly string[],
  ) {}

  isBlank(key: K): boolean {
    return this.textOf(key) === '';
  }

  read<T>(key: K, meaning: (text: string) => CellResult<T>): T | null {
    const text = this.textOf(key);
    if (text === '') return null;
    const result: CellResult<T> =
      text.length > longestCell
        ? { code: 'cell_too_long', howToFix: `At most ${longestCell} characters are accepted here.` }
        : meaning(text);
    if ('ok' in result) return result.ok;
    this.refuse(key, result.code, result.howToFix);
    return null;
  }

  need<T>(key: K, meaning: (text: string) => CellResult<T>, advice: string): T | null {
    if (this.isBlank(key)) this.refuse(key, 'missing_value', advice);
    return this.read(key, meaning);
  }

  refuse(key: K, code: string, howToFix: string): void {
    const column = this.columns.find((one) => one.key === key);
    const dates = column?.holdsDate === true ? 'keep' : 'mask';
    const shown = column?.isSecret === true ? '' : entered(this.textOf(key), dates);
    this.problems.push({ column: column?.title ?? key, entered: shown, code, howToFix });
  }

  private textOf(key: K): string {
    return cellOf(this.header, this.cells, key);
  }
}

/** A template as CSV with CRLF line ends (RFC 4180): the headings and one example row, of which no cell needs quotes. */
export function templateCsv<K extends string>(columns: readonly TemplateColumn<K>[]): string {
  const rows = [columns.map((column) => column.title), columns.map((column) => column.example)];
  return rows.map((row) => `${row.join(',')}\r\n`).join('');
}

/** The heading row of a file of failures. */
export const failureHeader = <K extends string>(columns: readonly TemplateColumn<K>[]): string[] => [
  ...failureTitles,
  ...columns.map((column) => column.title),
];

/** A row that failed. `row` is the number that a spreadsheet shows for it. */
export interface FailedRow {
  readonly row: number;
  readonly cells: readonly string[];
  readonly problems: readonly RowProblem[];
}

/**
 * One row of a file of failures: what is wrong, then the template's columns alone, ready to correct and send again. Cells
 * that were accepted stand as they were entered; refused ones are masked, secret ones left empty. A problem that names no column of the template
 * (a row with too many cells, say) makes every cell doubtful, and all are masked.
 */
export function failureCells<K extends string>(
  columns: readonly TemplateColumn<K>[],
  header: MatchedHeader<K>,
  failed: FailedRow,
): string[] {
  const refused = new Set(failed.problems.map((problem) => problem.column));
  const known = new Set(columns.map((column) => column.title));
  const allDoubtful = [...refused].some((title) => !known.has(title));
  const shown = columns.map((column) => {
    const text = column.isSecret === true ? '' : cellOf(header, failed.cells, column.key);
    const doubtful = allDoubtful || refused.has(column.title);
    return doubtful ? maskIdentifiers(text, { dates: column.holdsDate === true ? 'keep' : 'mask' }) : text;
  });
  const inOne = (texts: readonly string[]): string => [...new Set(texts)].join(' ');
  return [
    String(failed.row),
    inOne(failed.problems.map((problem) => `${problem.column}: ${problem.code.replaceAll('_', ' ')}.`)),
    inOne(failed.problems.map((problem) => problem.howToFix)),
    ...shown,
  ];
}

const namesOf = <K extends string>(column: TemplateColumn<K>): string[] => [
  ...new Set([column.title, column.key, ...column.synonyms].map(wordKey)),
];

const duplicateColumn = (title: string): HeaderProblem => ({
  code: 'duplicate_column',
  column: title,
  howToFix: `The file has more than one column for "${title}". Keep the one that is meant and remove the other.`,
});

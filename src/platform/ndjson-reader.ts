import { createHash } from 'node:crypto';
import type { RowProblem } from './csv-template.rules.js';
import { csvEmpty, csvNotText, csvTooLarge, type CsvLimits } from './csv-reader.js';

/** What a file of JSON lines gives, in order: each line that is not blank, by its number from 1; the end. */
export type NdjsonItem =
  | { readonly kind: 'row'; readonly row: number; readonly fields: ReadonlyMap<string, string> }
  | { readonly kind: 'row'; readonly row: number; readonly problem: RowProblem }
  | {
      readonly kind: 'end';
      readonly rows: number;
      readonly bytes: number;
      /** Of all bytes received, in hexadecimal. */
      readonly sha256: string;
    };

/**
 * Reads JSON lines (one object a line, UTF-8, LF or CRLF) while they arrive. Each member of an object is one cell: a text, a
 * number, true or false; null is blank. A line that is no such object is a row with a problem, and the next one is read.
 *
 * A file that is over a limit, is not UTF-8 or has no line is refused by a thrown error, at any point. The errors are those
 * of CSV files, for they are about files.
 */
export async function* readNdjson(
  source: AsyncIterable<Uint8Array>,
  limits: CsvLimits,
): AsyncGenerator<NdjsonItem, void, undefined> {
  const decoder = new TextDecoder('utf-8', { fatal: true });
  const hash = createHash('sha256');
  let [bytes, line, rows] = [0, 0, 0];
  let text = '';
  function* itemsOf(lines: readonly string[]): Generator<NdjsonItem> {
    for (const one of lines) {
      line += 1;
      if (one.trim() === '') continue;
      rows += 1;
      if (rows > limits.rows) throw csvTooLarge({ limit: 'rows', most: limits.rows });
      yield { kind: 'row', row: line, ...cellsOf(one, limits) };
    }
  }
  for await (const chunk of source) {
    bytes += chunk.length;
    if (bytes > limits.bytes) throw csvTooLarge({ limit: 'bytes', most: limits.bytes });
    hash.update(chunk);
    text += decoded(() => decoder.decode(chunk, { stream: true }));
    const lines = text.split('\n');
    text = lines.pop() ?? '';
    yield* itemsOf(lines);
    if (text.length > limits.rowLength) throw csvTooLarge({ limit: 'rowLength', most: limits.rowLength });
  }
  text += decoded(() => decoder.decode());
  yield* itemsOf([text]);
  if (rows === 0) throw csvEmpty();
  yield { kind: 'end', rows, bytes, sha256: hash.digest('hex') };
}

function decoded(decode: () => string): string {
  try {
    return decode();
  } catch {
    throw csvNotText();
  }
}

function cellsOf(line: string, limits: CsvLimits): { fields: ReadonlyMap<string, string> } | { problem: RowProblem } {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch {
    return { problem: NOT_AN_OBJECT };
  }
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return { problem: NOT_AN_OBJECT };
  const members = Object.entries(value);
  if (members.length > limits.columns) return { problem: TOO_MANY };
  const fields = new Map<string, string>();
  for (const [name, member] of members as [string, unknown][]) {
    const cell = cellOf(member);
    if (cell === undefined || cell.length > limits.cellLength || cell.includes('\0') || !cell.isWellFormed())
      return { problem: NO_CELL };
    fields.set(name, cell);
  }
  return { fields };
}

/** A number is written as JSON writes it. */
function cellOf(member: unknown): string | undefined {
  if (typeof member === 'string') return member;
  if (member === null) return '';
  return typeof member === 'object' ? undefined : JSON.stringify(member);
}

const NOT_AN_OBJECT: RowProblem = {
  column: 'row',
  entered: '',
  code: 'not_an_object',
  howToFix: 'This line is not a JSON object. Write one object a line, and nothing else.',
};

const TOO_MANY: RowProblem = {
  column: 'row',
  entered: '',
  code: 'too_many_members',
  howToFix: 'This object has too many members: only the columns of the template are read.',
};

const NO_CELL: RowProblem = {
  column: 'row',
  entered: '',
  code: 'not_a_cell',
  howToFix: 'A member of this object is not a text, a number, true, false or null, or it is too long.',
};

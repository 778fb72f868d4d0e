import {
  bigintArray,
  booleanArray,
  byteaArray,
  dateArray,
  hexArray,
  intArray,
  jsonbArray,
  textArray,
  timestamptzArray,
  uuidArray,
  type Column,
} from './binary-arrays.js';
import type { IsoDate } from './clock.js';
import type { Tx } from './database.js';

/** A column of a table, and what of a row stands in it. */
export interface BulkColumn<Row> {
  readonly name: string;
  readonly type: string;
  readonly of: Column<Row, unknown>;
  /** One value as a parameter of its own. */
  readonly single: (value: unknown) => unknown;
  readonly array: (rows: readonly Row[], of: Column<Row, never>) => Buffer;
  /** The expression that makes the column from what was sent. */
  readonly made: (sent: string) => string;
  /** Whether a value that many rows have is sent once: where the database takes long to read one. */
  readonly isShared: boolean;
}

type Spec<Value> = Pick<BulkColumn<never>, 'type'> & {
  readonly array: <Row>(rows: readonly Row[], of: Column<Row, Value>) => Buffer;
  readonly single?: (value: Value) => unknown;
  readonly made?: (sent: string) => string;
  readonly isShared?: boolean;
};

function columnOf<Value>({ type, array, single, made, isShared = false }: Spec<Value>) {
  return <Row>(name: string, of: Column<Row, Value>): BulkColumn<Row> => ({
    name,
    type,
    of,
    single: (single ?? same) as (value: unknown) => unknown,
    array,
    made: made ?? same,
    isShared,
  });
}

const same = <T>(value: T): T => value;

/** Makes a column of each type. */
export const column = {
  uuid: columnOf<string>({ type: 'uuid', array: uuidArray }),
  text: columnOf<string>({ type: 'text', array: textArray }),
  int: columnOf<number>({ type: 'int', array: intArray }),
  bigint: columnOf<bigint>({ type: 'bigint', array: bigintArray, single: String }),
  boolean: columnOf<boolean>({ type: 'boolean', array: booleanArray }),
  date: columnOf<IsoDate>({ type: 'date', array: dateArray }),
  timestamptz: columnOf<Date>({ type: 'timestamptz', array: timestamptzArray }),
  /** Bytes, or a text as its bytes in UTF-8. */
  bytea: columnOf<Uint8Array | string>({ type: 'bytea', array: byteaArray, single: (bytes) => Buffer.from(bytes) }),
  /** Bytes, by their hexadecimal digits. */
  hex: columnOf<string>({ type: 'bytea', array: hexArray, single: (digits) => Buffer.from(digits, 'hex') }),
  /** Text that is JSON. */
  jsonb: columnOf<string>({ type: 'jsonb', array: jsonbArray, isShared: true }),
  /** Codes as `text[]`, sent with spaces between them. */
  codes: columnOf<string>({ type: 'text', array: textArray, made: (sent) => `string_to_array(${sent}, ' ')` }),
};

/**
 * Inserts rows with one statement, in the order given; nothing for no rows. A column that has one value in all of them is
 * one parameter, every other an array in PostgreSQL's binary format: what is sent and read is only what differs.
 *
 * @param table with its schema where it needs one; never from outside, as the names of columns are not
 * @param ending such as `on conflict do nothing`
 * @returns how many were inserted
 */
export async function insertRows<Row>(
  tx: Pick<Tx, 'execute'>,
  table: string,
  columns: readonly BulkColumn<Row>[],
  rows: readonly Row[],
  ending = '',
): Promise<number> {
  const insertion = insertionOf(table, columns, rows, ending);
  return insertion ? tx.execute(insertion.sql, insertion.parameters) : 0;
}

/** The same, without waiting for it: what comes next fails as it did. */
export function sendRows<Row>(
  tx: Pick<Tx, 'send'>,
  table: string,
  columns: readonly BulkColumn<Row>[],
  rows: readonly Row[],
  ending = '',
): void {
  const insertion = insertionOf(table, columns, rows, ending);
  if (insertion) tx.send(insertion.sql, insertion.parameters);
}

function insertionOf<Row>(
  table: string,
  columns: readonly BulkColumn<Row>[],
  rows: readonly Row[],
  ending: string,
): { readonly sql: string; readonly parameters: unknown[] } | undefined {
  const [first] = rows;
  if (first === undefined) return undefined;
  const parameters: unknown[] = [];
  const arrays: string[] = [];
  const names: string[] = [];
  const values = columns.map((part) => {
    const { name, type, of, single, array, made } = part;
    const value = of(first);
    if (value === null) {
      if (rows.every((row) => of(row) === null)) return made(`null::${type}`);
    } else if (rows.every((row) => isSame(of(row), value))) {
      return made(`$${parameters.push(single(value))}::${type}`);
    }
    names.push(name);
    const shared = part.isShared ? sharedValues(rows, part) : undefined;
    arrays.push(
      shared
        ? `$${parameters.push(intArray(shared.places, same))}::int[]`
        : `$${parameters.push(array(rows, of as Column<Row, never>))}::${type}[]`,
    );
    return made(shared ? `($${parameters.push(shared.values)}::${type}[])[r.${name}]` : `r.${name}`);
  });
  const from = arrays.length === 0 ? '' : ` from unnest(${arrays.join(', ')}) as r(${names.join(', ')})`;
  // Without a column that differs, as many rows as there are.
  const count = arrays.length === 0 && rows.length > 1 ? ` from generate_series(1, ${rows.length})` : '';
  const target = columns.map(({ name }) => name).join(', ');
  const sql = `insert into ${table} (${target}) select ${values.join(', ')}${from}${count} ${ending}`.trimEnd();
  return { sql, parameters };
}

/** The values of a column, each once, and the place of each row's among them; undefined where most rows have their own. */
function sharedValues<Row>(
  rows: readonly Row[],
  { of, array }: BulkColumn<Row>,
): { readonly values: Buffer; readonly places: readonly (number | null)[] } | undefined {
  const placeOf = new Map<unknown, number>();
  const places = rows.map((row) => {
    const value = of(row);
    if (value === null) return null;
    const place = placeOf.get(value) ?? placeOf.size + 1;
    placeOf.set(value, place);
    return place;
  });
  if (placeOf.size > rows.length / 2) return undefined;
  return { values: (array as Spec<unknown>['array'])([...placeOf.keys()], same), places };
}

function isSame(one: unknown, other: unknown): boolean {
  if (one === other) return true;
  return one instanceof Date && other instanceof Date && one.getTime() === other.getTime();
}

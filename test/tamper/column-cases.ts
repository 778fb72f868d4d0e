import { stateTables } from '../../src/ledger/index.js';
import type { Superuser } from './superuser.js';

/** One thing that a superuser does. Says how many rows it changed: a case that changes nothing proves nothing. */
export interface TamperCase {
  readonly name: string;
  readonly table: string;
  readonly run: (superuser: Superuser) => Promise<number>;
}

interface Column {
  readonly name: string;
  readonly type: string;
  readonly isNullable: boolean;
  readonly isKey: boolean;
}

interface Kind {
  readonly name: string;
  /** Of which rows it changes something. */
  readonly where: string;
  readonly to: string;
}

/** Tables of the logs, with the columns of which nothing follows. */
const LOG_TABLES: Readonly<Record<string, readonly string[]>> = {
  'ledger.seal_cursor': ['id', 'system_identifier', 'timeline', 'must_compare', 'epoch'],
  'ledger.log_head': ['anchored_at'],
  'ledger.tile': [],
  'ledger.checkpoint': ['published_at', 'sealed_at'],
  'ledger.platform_entry': [],
};

/** Of which rows something follows, where it is not of all; `unless` it is these columns that change. */
const ROWS_THAT_COUNT: Readonly<Record<string, { readonly where: string; readonly unless: readonly string[] }>> = {
  claim_tally: { where: '(r.lines, r.units) <> (0, 0)', unless: ['lines', 'units'] },
};

/** Where a value that is taken away leaves what may be: the newest checkpoint without its note waits for its signature. */
const NOTHING_THAT_COUNTS: Readonly<Record<string, string>> = {
  'ledger.checkpoint.note': 'r.size < (select max(o.size) from ledger.checkpoint o where o.log_id = r.log_id)',
};

function counting(table: string, column = ''): string {
  const rows = ROWS_THAT_COUNT[table];
  return rows === undefined || rows.unless.includes(column) ? 'true' : rows.where;
}

/** Every column of every table that follows from the journal, or makes up the logs, changed in each way that its type has. */
export async function columnCases(superuser: Superuser): Promise<TamperCase[]> {
  const cases: TamperCase[] = [];
  const states = [...stateTables()].map(([table, { untold = {} }]) => ({ table, untold: Object.keys(untold) }));
  const logs = Object.entries(LOG_TABLES).map(([table, untold]) => ({ table, untold }));
  for (const { table, untold } of [...states, ...logs]) {
    const columns = await columnsOf(superuser, table);
    for (const column of columns.filter(({ name }) => !untold.includes(name))) {
      for (const kind of kindsOf(table, column)) cases.push(changeOf(table, column, kind));
    }
    cases.push(...rowCases(table, columns));
  }
  return cases;
}

async function columnsOf(superuser: Superuser, table: string): Promise<Column[]> {
  return superuser.query<Column>(
    `select a.attname as name, format_type(a.atttypid, null) as type, not a.attnotnull as "isNullable",
       exists (select from pg_index i where i.indrelid = a.attrelid and i.indisprimary and a.attnum = any (i.indkey)) as "isKey"
     from pg_attribute a where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by a.attnum`,
    [table],
  );
}

/** What a value of a type becomes, and what stands where there was none. */
const TYPES: Readonly<
  Record<string, { other: (column: string) => string; filled: string; nudged?: (column: string) => string }>
> = {
  uuid: { other: () => 'gen_random_uuid()', filled: 'gen_random_uuid()' },
  text: { other: (c) => `${c} || 'x'`, filled: `'x'`, nudged: (c) => `overlay(${c} placing 'q' from 1)` },
  character: { other: () => `'EUR'`, filled: `'EUR'` },
  '"char"': { other: (c) => `case ${c} when 'D' then 'C' else 'D' end::"char"`, filled: `'D'` },
  smallint: { other: (c) => `${c} + 3`, filled: '1' },
  integer: { other: (c) => `${c} + 1000`, filled: '1', nudged: (c) => `${c} - 1` },
  bigint: { other: (c) => `${c} + 1000`, filled: '1', nudged: (c) => `${c} - 1000` },
  boolean: { other: (c) => `not ${c}`, filled: 'true' },
  date: { other: (c) => `${c} + 1`, filled: `'2026-10-01'`, nudged: (c) => `${c} - 365` },
  'timestamp with time zone': {
    other: (c) => `${c} + interval '1 day'`,
    filled: `'2026-10-01T10:00:00Z'`,
    nudged: (c) => `${c} - interval '1 ms'`,
  },
  bytea: {
    other: (c) => `set_byte(${c}, 0, (get_byte(${c}, 0) + 1) % 256)`,
    filled: `'\\x00'::bytea`,
    nudged: (c) => `set_byte(${c}, length(${c}) - 1, (get_byte(${c}, length(${c}) - 1) + 128) % 256)`,
  },
  jsonb: {
    other: (c) => `case jsonb_typeof(${c}) when 'array' then ${c} || '[1]' else ${c} || '{"tampered": 1}' end`,
    filled: `'{"tampered": 1}'`,
  },
  'text[]': { other: (c) => `${c} || 'x'::text`, filled: `'{x}'` },
  'uuid[]': { other: (c) => `${c}[2:] || ${c}[1:1]`, filled: `array[gen_random_uuid()]` },
  pg_snapshot: { other: () => `'1:1:'`, filled: `'1:1:'` },
  xid8: { other: (c) => `(${c}::text::bigint + 1000000)::text::xid8`, filled: `'3'` },
};

/** A transaction earlier than the first pass was seen by that pass as well: for the log it is the same. */
function kindsOf(table: string, { name, type, isKey }: Column): Kind[] {
  const change = TYPES[type];
  if (!change) throw new Error(`${table}.${name} is of a type that no case knows: ${type}`);
  const isText = type === 'bytea' ? `length(r.${name}) > 0` : `r.${name} is not null`;
  const kinds: Kind[] = [{ name: 'another value', where: isText, to: change.other(`r.${name}`) }];
  if (change.nudged) kinds.push({ name: 'a value near it', where: isText, to: change.nudged(`r.${name}`) });
  if (!isKey) {
    const counts = NOTHING_THAT_COUNTS[`${table}.${name}`] ?? 'true';
    kinds.push({ name: 'nothing', where: `r.${name} is not null and ${counts}`, to: 'null' });
    kinds.push({ name: 'something', where: `r.${name} is null`, to: change.filled });
    const other = `(select o.${name} from ${table} o where o.${name}::text is distinct from r.${name}::text order by md5(o.ctid::text || '${name}') limit 1)`;
    kinds.push({
      name: 'that of another row',
      where: `exists (select from ${table} o where o.${name}::text is distinct from r.${name}::text)`,
      to: other,
    });
  }
  return kinds;
}

function changeOf(table: string, { name }: Column, kind: Kind): TamperCase {
  const title = `${table}.${name} becomes ${kind.name}`;
  return {
    name: title,
    table,
    run: (superuser) =>
      superuser.execute(
        `update ${table} r set ${name} = ${kind.to}
         where r.ctid = (select r.ctid from ${table} r where ${kind.where} and ${counting(table, name)} order by md5(r.ctid::text || $1) limit 1)`,
        [title],
      ),
  };
}

function rowCases(table: string, columns: readonly Column[]): TamperCase[] {
  const picked = (title: string) =>
    `(select r.ctid from ${table} r where ${counting(table)} order by md5(r.ctid::text || '${title}') limit 1)`;
  const gone = [1, 2, 3].map((nth) => `a row of ${table} is deleted, ${nth}`);
  const deletions = gone.map((title) => ({
    name: title,
    table,
    run: (superuser: Superuser) => superuser.execute(`delete from ${table} where ctid = ${picked(title)}`),
  }));
  const key =
    columns.find(({ isKey, type, name }) => isKey && type === 'uuid' && !/^(commissioner|log)_id$/.test(name)) ??
    columns.find(({ isKey, type }) => isKey && /^(bigint|integer)$/.test(type));
  if (!key) return deletions;
  const title = `a row of ${table} is made up`;
  const values = columns.map(({ name }) =>
    name !== key.name ? name : key.type === 'uuid' ? 'gen_random_uuid()' : `${name} + 1000000`,
  );
  return [
    ...deletions,
    {
      name: title,
      table,
      run: (superuser) =>
        superuser.execute(
          `insert into ${table} (${columns.map(({ name }) => name).join(', ')})
           select ${values.join(', ')} from ${table} where ctid = ${picked(title)}`,
        ),
    },
  ];
}

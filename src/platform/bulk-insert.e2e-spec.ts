import fc from 'fast-check';
import pg from 'pg';
import { testDatabase, type TestDatabase } from '../../test/support/database.js';
import { column, insertRows, type BulkColumn } from './bulk-insert.js';

interface Thing {
  id: string | null;
  name: string | null;
  count: number | null;
  amount: bigint | null;
  on: string | null;
  at: Date | null;
  isGood: boolean | null;
  bytes: Buffer | null;
  hex: string | null;
  json: string | null;
  codes: string | null;
}

const COLUMNS: BulkColumn<Thing>[] = [
  column.uuid('id', ({ id }) => id),
  column.text('name', ({ name }) => name),
  column.int('count', ({ count }) => count),
  column.bigint('amount', ({ amount }) => amount),
  column.date('held_on', ({ on }) => on),
  column.timestamptz('held_at', ({ at }) => at),
  column.boolean('is_good', ({ isGood }) => isGood),
  column.bytea('bytes', ({ bytes }) => bytes),
  column.hex('hex', ({ hex }) => hex),
  column.jsonb('json', ({ json }) => json),
  column.codes('codes', ({ codes }) => codes),
];

/** Few values, so that columns often have one alone. */
const few = <T>(...values: T[]) => fc.constantFrom<T | null>(null, ...values);
const thing: fc.Arbitrary<Thing> = fc.record({
  id: few('00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'),
  name: few('', 'a,b "c"', 'ŵ'),
  count: few(0, -7),
  amount: few(0n, -(2n ** 63n)),
  on: few('2026-02-28', '1999-12-31'),
  at: few(new Date('2026-03-29T01:30:00.123Z'), new Date(0)),
  isGood: few(true, false),
  bytes: few(Buffer.alloc(0), Buffer.from([0, 255, 92])),
  hex: few('', '00ff'),
  json: few('{"a":[1,"£"]}', '[]'),
  codes: few('', 'late_claim', 'late_claim over_cap'),
});

describe('rows inserted by the thousand', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  const tx = {
    execute: async (sql: string, parameters?: unknown[]) => (await admin.query(sql, parameters)).rowCount ?? 0,
  };

  beforeAll(async () => {
    database = await testDatabase();
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
    await admin.query(
      `create temp table thing (place bigint generated always as identity, id uuid, name text, count int, amount bigint,
                                held_on date, held_at timestamptz, is_good boolean, bytes bytea, hex bytea, json jsonb, codes text[])`,
    );
  });
  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  it('are there as they were given, in their order, whatever they have in common', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(thing, { maxLength: 6 }), async (things) => {
        await admin.query('delete from thing');
        expect(await insertRows(tx, 'thing', COLUMNS, things)).toBe(things.length);
        const { rows } = await admin.query<Thing>(
          `select id, name, count, amount::text as amount, held_on::text as on, held_at as at, is_good as "isGood", bytes, encode(hex, 'hex') as hex,
                  json::text as json, array_to_string(codes, ' ') as codes from thing order by place`,
        );
        const plain = (one: Thing) => ({ ...one, amount: one.amount?.toString() ?? null, json: parsed(one.json) });
        expect(rows.map(plain)).toEqual(things.map(plain));
      }),
      { numRuns: 150 },
    );
  });

  it('end as the caller says, and count what was inserted', async () => {
    await admin.query('create temp table once (id uuid primary key)');
    const columns = [column.uuid('id', (id: string) => id)];
    const ids = ['00000000-0000-4000-8000-000000000001', '00000000-0000-4000-8000-000000000002'];
    expect(await insertRows(tx, 'once', columns, ids.slice(1))).toBe(1);
    expect(await insertRows(tx, 'once', columns, ids, 'on conflict do nothing')).toBe(1);
  });
});

const parsed = (json: string | null): unknown => (json === null ? null : JSON.parse(json));

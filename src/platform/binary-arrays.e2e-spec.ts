import { randomUUID } from 'node:crypto';
import fc from 'fast-check';
import type { DataSource } from 'typeorm';
import { testDatabase, type TestDatabase } from '../../test/support/database.js';
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
} from './binary-arrays.js';
import { connect } from './data-source.js';

/** Text as PostgreSQL can hold it: no U+0000, no half of a surrogate pair. */
const storable = fc.string({ unit: 'grapheme', maxLength: 40 }).filter((text) => !text.includes('\0'));
const instant = fc.date({ min: new Date('1900-01-01'), max: new Date('2100-01-01'), noInvalidDate: true });
const row = fc.record({
  id: fc.option(fc.uuid()),
  text: fc.option(storable),
  json: fc.option(fc.jsonValue({ maxDepth: 2 }).filter((value) => !JSON.stringify(value).includes('\\u'))),
  bytes: fc.option(fc.uint8Array({ maxLength: 300 })),
  utf8: fc.option(storable),
  hex: fc.option(fc.uint8Array({ maxLength: 40 }).map((bytes) => Buffer.from(bytes).toString('hex'))),
  int: fc.option(fc.integer({ min: -(2 ** 31), max: 2 ** 31 - 1 })),
  bigint: fc.option(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n })),
  flag: fc.option(fc.boolean()),
  day: fc.option(instant.map((date) => date.toISOString().slice(0, 10))),
  instant: fc.option(instant),
});

describe('columns as binary arrays', () => {
  let database: TestDatabase;
  let source: DataSource;

  beforeAll(async () => {
    database = await testDatabase();
    source = await connect(database.appUrl, [], 2);
  });
  afterAll(async () => {
    await source.destroy();
    await database.drop();
  });

  it('arrive as what they were, nulls and no rows at all included', async () => {
    const sql = `
      select id, text, json::text, bytes, convert_from(utf8, 'UTF8') as utf8, encode(hex, 'hex') as hex, int, bigint, flag, day, instant
      from unnest($1::uuid[], $2::text[], $3::jsonb[], $4::bytea[], $5::int[], $6::bigint[], $7::boolean[], $8::date[],
                  $9::timestamptz[], $10::bytea[], $11::bytea[]) as r(id, text, json, bytes, int, bigint, flag, day, instant, utf8, hex)`;
    await fc.assert(
      fc.asyncProperty(fc.array(row, { maxLength: 12 }), async (rows) => {
        const found = (await source.query(sql, [
          uuidArray(rows, ({ id }) => id),
          textArray(rows, ({ text }) => text),
          jsonbArray(rows, ({ json }) => (json === null ? null : JSON.stringify(json))),
          byteaArray(rows, ({ bytes }) => bytes),
          intArray(rows, ({ int }) => int),
          bigintArray(rows, ({ bigint }) => bigint),
          booleanArray(rows, ({ flag }) => flag),
          dateArray(rows, ({ day }) => day),
          timestamptzArray(rows, (one) => one.instant),
          byteaArray(rows, ({ utf8 }) => utf8),
          hexArray(rows, ({ hex }) => hex),
        ])) as Record<string, unknown>[];
        const plain = found.map(({ json, bytes, ...rest }) => ({
          ...rest,
          json: json === null ? null : JSON.parse(json as string),
          bytes: bytes === null ? null : new Uint8Array(bytes as Buffer),
        }));
        expect(plain).toEqual(rows.map((one) => ({ ...one, json: JSON.parse(JSON.stringify(one.json)) })));
      }),
      { numRuns: 60 },
    );
  });

  it('take capital letters in a UUID, and nothing that is none', () => {
    const id = randomUUID();
    const spelled = (text: string) => uuidArray([text], (one) => one);
    expect(spelled(id.toUpperCase())).toEqual(spelled(id));
    for (const wrong of ['', id.slice(1), `${id}0`, id.replace(/^./, 'g'), id.replace(/^./, 'é')])
      expect(() => spelled(wrong)).toThrow('is not a UUID');
  });

  it('take bytes by their hexadecimal digits only', () => {
    for (const wrong of ['0', 'xy', '00é0']) expect(() => hexArray([wrong], (one) => one)).toThrow(TypeError);
  });
});

import fc from 'fast-check';
import { MadeBooks } from '../../test/support/made-books.js';
import { readEventBody } from './event-body.js';
import { EventReader, readBody } from './event-reader.js';
import type { Said } from './replay-said.rules.js';
import type { ReadBody } from './segment.js';

const ASKED = ['has', 'minor', 'count', 'id', 'idOrNull', 'text', 'flag', 'sha256', 'day', 'instant'] as const;

const books = new MadeBooks({ contracts: 3, sessions: 4 });
const events = [...take(books.events(), 400)].map(({ body }) => Buffer.from(body));

/** One that has read an event of each shape, and so knows them. */
const reader = new EventReader(books.commissionerId);
for (const entry of events) read(entry);

describe('EventReader', () => {
  it('reads every event of a log as the long way does', () => {
    for (const entry of events) expect(read(entry)).toEqual(readLong(entry));
  });

  it('reads and refuses what was tampered with as the long way does', () => {
    const changed = fc
      .tuple(fc.nat(events.length - 1), fc.array(change(), { minLength: 1, maxLength: 3 }))
      .map(([place, changes]) =>
        changes.reduce<Buffer>((entry, make) => make(entry), events[place] ?? Buffer.alloc(0)),
      );
    fc.assert(
      fc.property(changed, (entry) => {
        expect(read(entry)).toEqual(readLong(entry));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each<[string, (text: string) => string]>([
    ['a name twice', (text) => text.replace('"data":{', '"data":{"a":1,"a":1,')],
    ['names out of order', (text) => text.replace('"data":{', '"data":{"zz":null,')],
    ['a space', (text) => text.replace('"data":{', '"data": {')],
    ['a nought before a number', (text) => text.replace('"quantity":1', '"quantity":01')],
    ['a nought below zero', (text) => text.replace('"quantity":1', '"quantity":-0')],
    ['a number with too many digits', (text) => text.replace('"quantity":1', '"quantity":12345678901234567')],
    ['no number', (text) => text.replace('"quantity":1', '"quantity":')],
    ['a fraction', (text) => text.replace('"quantity":1', '"quantity":1.0')],
    ['capitals in an id', (text) => text.replace(/"contractId":"[^"]*"/, (id) => id.toUpperCase())],
    ['another type', (text) => text.replace('claim.submitted', 'claim.subMitted')],
    ['other books', (text) => text.replace(/"commissionerId":"0/, '"commissionerId":"1')],
    ['a day that there is not', (text) => text.replace(/(recordedAt":"....)-..-../, '$1-02-30')],
    ['an hour that there is not', (text) => text.replace(/(recordedAt":"..........)T../, '$1T24')],
    ['another layout', (text) => text.replace('"v":1}', '"v":2}')],
    ['an escape', (text) => text.replace('"primary"', '"prim\\u0061ry"')],
    ['a control character', (text) => text.replace('"primary"', '"prim\nry"')],
    ['bytes of no text', (text) => text.replace('"primary"', '"prim\u00e9ry"')],
    ['something behind it', (text) => `${text} `],
    ['another event behind it', (text) => text + text],
    ['no end', (text) => text.slice(0, -1)],
  ])('refuses %s', (_, spell) => {
    const claim = events.find((entry) => entry.includes('"quantity":1,'))?.toString('latin1') ?? '';
    expect(spell(claim)).not.toBe(claim);
    const entry = Buffer.from(spell(claim), 'latin1');
    expect(typeof readLong(entry)).toBe('string');
    expect(read(entry)).toEqual(readLong(entry));
  });

  it('keeps no value of the event before', () => {
    const claim = events.find((entry) => entry.includes('"quantity":1,')) ?? Buffer.alloc(0);
    const other = Buffer.from(claim.toString('latin1').replace('"quantity":1,', '"quantity":25,'), 'latin1');
    read(claim);
    const seen = reader.read(other, 0, other.length) as ReadBody;
    expect([seen.said.count('quantity'), seen.said.count('absent'), seen.said.missing]).toEqual([25, 0, ['absent']]);
    expect((reader.read(claim, 0, claim.length) as ReadBody).said.missing).toEqual([]);
  });
});

/** Between other bytes, as it stands in a bundle. */
function read(entry: Buffer) {
  const among = Buffer.concat([Buffer.from('"}'), entry, Buffer.from('","v":1}')]);
  return saidBy(reader.read(among, 2, 2 + entry.length), entry);
}

function readLong(entry: Buffer) {
  const body = readEventBody(entry, books.commissionerId);
  return saidBy(typeof body === 'string' ? body : readBody(body), entry);
}

/** All that can be asked of an event. */
function saidBy(body: ReadBody | string, entry: Buffer): unknown {
  if (typeof body === 'string') return body;
  const { said, ...columns } = body;
  const { type, id, subjectId, orgId, memberId, providerId, referrerId, causeId, recordedAt, transfers } = columns;
  const ids = [id, subjectId, orgId, memberId, providerId, referrerId, causeId].map((one) => one && one.toString());
  const { data } = JSON.parse(entry.toString('utf8')) as { data: object };
  return { type, ids, recordedAt, transfers, said: answers(said, data) };
}

function answers(said: Said, data: object): unknown {
  const told = Object.entries({ ...data, absent: undefined }).map(([name, value]) => {
    const values = ASKED.map((ask) => String(said[ask](name)));
    const within =
      isObject(value) && !Array.isArray(value) ? answers(said.inside(name), value) : said.inside(name).has('x');
    const items = said.list(name).map((item, place) => {
      const of: unknown = Array.isArray(value) ? value[place] : undefined;
      return answers(item, isObject(of) ? of : {});
    });
    return [name, values, within, items];
  });
  return [told, [...said.missing]];
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null;
}

/** Somebody changes a byte, takes bytes out, writes some twice, or puts a word of JSON where there was something else. */
function change(): fc.Arbitrary<(entry: Buffer) => Buffer> {
  const place = fc.noBias(fc.nat(99_999)).map((part) => part / 100_000);
  const words = [
    '',
    '0',
    '-',
    '"',
    '\\',
    '{',
    '}',
    '[]',
    ',',
    'null',
    'true',
    '1',
    '-7',
    'a',
    'é',
    '00',
    '"x":1,',
    '-0',
    '2026-02-30',
  ];
  return fc.oneof(
    fc.tuple(place, fc.integer({ min: 0, max: 255 })).map(([at, byte]) => (entry: Buffer) => {
      const changed = Buffer.from(entry);
      changed[Math.floor(at * entry.length)] = byte;
      return changed;
    }),
    fc.tuple(place, fc.nat(40)).map(
      ([at, length]) =>
        (entry: Buffer) =>
          splice(entry, at, length, ''),
    ),
    fc.tuple(place, fc.nat(4), fc.constantFrom(...words)).map(
      ([at, length, word]) =>
        (entry: Buffer) =>
          splice(entry, at, length, word),
    ),
    fc.tuple(place, fc.constantFrom(...words, '"b"', '"2026-01-01"', `"${books.commissionerId}"`)).map(
      ([at, word]) =>
        (entry: Buffer) =>
          withValue(entry, at, word),
    ),
  );
}

function splice(entry: Buffer, at: number, length: number, word: string): Buffer {
  const start = Math.floor(at * entry.length);
  return Buffer.concat([entry.subarray(0, start), Buffer.from(word), entry.subarray(start + length)]);
}

/** The value of the next name is another one. */
function withValue(entry: Buffer, at: number, word: string): Buffer {
  const text = entry.toString('latin1');
  const start = text.indexOf(':', Math.floor(at * text.length)) + 1;
  const length = /^(?:"[^"]*"|[^,\]}"]*)/.exec(text.slice(start))?.[0].length ?? 0;
  return Buffer.concat([entry.subarray(0, start), Buffer.from(word), entry.subarray(start + length)]);
}

function* take<T>(all: Iterable<T>, count: number): Generator<T> {
  let taken = 0;
  for (const one of all) {
    yield one;
    if (++taken === count) return;
  }
}

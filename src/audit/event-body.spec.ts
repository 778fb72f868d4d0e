import fc from 'fast-check';
import { type Canonical, canonicalJson } from '../platform/canonical-json.js';
import { plainText, plainValueEnd } from './canonical-scan.js';
import { readEventBody } from './event-body.js';
import type { EventBody } from './segment.js';

const ICB = '01a20000-0000-7000-8010-00009e3779b1';
const ID = '01a20000-0000-7000-8020-00003c6ef362';

const BODY = {
  v: 1,
  id: ID,
  commissionerId: ICB,
  type: 'batch.approved',
  subjectId: ID,
  actor: { kind: 'person', orgId: ICB, memberId: ID, keyId: null },
  providerId: ID,
  referrerId: null,
  causeId: ID,
  occurredAt: '2026-10-31T23:59:59.999Z',
  recordedAt: '2026-11-01T00:00:00.000Z',
  data: { totalMinor: '6400', lineCount: 2, flags: [{ code: 'late', days: -3 }], note: null, isLate: true },
  transfers: { count: 3, totalMinor: '12800', sha256: 'ab'.repeat(32) },
} satisfies EventBody;

const spelled = (body: Record<string, unknown>) => Buffer.from(canonicalJson(body as Canonical as never));
const read = (body: Record<string, unknown>) => readEventBody(spelled(body), ICB);

describe('readEventBody', () => {
  const { transfers: _, ...still } = BODY;

  it.each<[string, Record<string, unknown>]>([
    ['that moves money', BODY],
    ['that moves nothing', still],
    ['with no more than it must say', { ...still, providerId: null, causeId: null, data: {} }],
    ['by a program', { ...still, actor: { kind: 'system', orgId: ICB, memberId: null, keyId: null } }],
    ['with words that JSON escapes', { ...still, data: { code: 'a"b\\c\u0001' } }],
    ['with words of other alphabets', { ...still, data: { code: 'Bronwen Llŷr, 東' } }],
    ['with names that look like numbers', { ...still, data: { 10: 'a', 9: 'b' } }],
    ['of a leap day', { ...still, occurredAt: '2028-02-29T12:00:00.000Z' }],
  ])('reads an event %s', (_name, body) => {
    expect(read(body)).toEqual(body);
  });

  it.each<[string, Record<string, unknown>, string]>([
    ['of other books', { commissionerId: ID }, 'other books'],
    ['of another layout', { v: 2 }, 'layout is 2'],
    ['with a column more', { more: 1 }, 'other columns'],
    ['with a column less', { causeId: undefined }, 'other columns'],
    ['with an id that is none', { id: 'x' }, 'id'],
    ['with an id in capitals', { subjectId: ID.toUpperCase() }, 'id'],
    ['with a cause that is none', { causeId: 'x' }, 'cause'],
    ['with a provider that is none', { providerId: 5 }, 'provider'],
    ['with an actor of another kind', { actor: { ...BODY.actor, kind: 'robot' } }, 'actor'],
    ['with an actor of nobody', { actor: { ...BODY.actor, orgId: null } }, 'actor'],
    ['with more of an actor', { actor: { ...BODY.actor, name: 'A.' } }, 'actor'],
    ['with a type that is none', { type: 'Batch' }, 'type'],
    ['on a day that there is not', { occurredAt: '2026-02-29T12:00:00.000Z' }, 'instants'],
    ['at an hour that there is not', { recordedAt: '2026-02-28T24:00:00.000Z' }, 'instants'],
    ['in another zone', { recordedAt: '2026-02-28T12:00:00.000+01:00' }, 'instants'],
    ['whose data is a list', { data: [] }, 'data'],
    ['whose data is nothing', { data: null }, 'data'],
    ['that binds no transfers', { transfers: { ...BODY.transfers, count: 0 } }, 'digest'],
    ['that binds a sum of nothing', { transfers: { ...BODY.transfers, totalMinor: '0' } }, 'digest'],
    ['whose digest is none', { transfers: { ...BODY.transfers, sha256: 'AB' } }, 'digest'],
  ])('refuses an event %s', (_name, change, reason) => {
    const body = Object.fromEntries(Object.entries({ ...BODY, ...change }).filter(([, value]) => value !== undefined));
    expect(read(body)).toContain(reason);
  });

  const text = spelled(BODY).toString();
  it.each<[string, string | Buffer]>([
    ['nothing', ''],
    ['no JSON', '{'],
    ['a number', '5'],
    ['null', 'null'],
    ['a list', '[]'],
    ['a space', text.replace('"v":1', '"v": 1')],
    ['a newline at the end', `${text}\n`],
    ['a name that is there twice', text.replace('"lineCount":2', '"lineCount":1,"lineCount":2')],
    ['a column that is there twice', text.replace('"v":1}', '"v":1,"v":1}')],
    ['names in another order', text.replace('"isLate":true,"lineCount":2', '"lineCount":2,"isLate":true')],
    ['a fraction', text.replace('"lineCount":2', '"lineCount":2.5')],
    ['a number with an exponent', text.replace('"lineCount":2', '"lineCount":2e0')],
    ['minus nought', text.replace('"lineCount":2', '"lineCount":-0')],
    ['a number that begins with nought', text.replace('"lineCount":2', '"lineCount":02')],
    ['a number that no double holds', text.replace('"lineCount":2', '"lineCount":9007199254740993')],
    ['an escape that is not needed', text.replace('"late"', '"\\u006cate"')],
    ['half of a character', text.replace('"late"', '"\\ud800"')],
    ['a control character', text.replace('"late"', '"l\u0001te"')],
    ['bytes that are no UTF-8', Buffer.from(text.replace('"late"', '"l\u00ffte"'), 'latin1')],
    ['a bottomless list', text.replace('"late"', '['.repeat(30_000))],
    ['a deep list', text.replace('"late"', `${'['.repeat(20_000)}${']'.repeat(20_000)}`)],
  ])('refuses %s', (_name, given) => {
    expect(typeof readEventBody(Buffer.from(given as string), ICB)).toBe('string');
  });
});

describe('plainValueEnd', () => {
  const canonical = fc
    .jsonValue({ maxDepth: 4 })
    .filter((value) => !/[^\x20-\x7e]|\\|\d\.\d|\de[-+]|\d{16}/.test(JSON.stringify(value)));

  it('finds the end of what is canonical, and of nothing else that means the same', () => {
    fc.assert(
      fc.property(canonical, fc.string(), (value, behind) => {
        const text = canonicalJson(value as Canonical);
        const end = /^[-0-9]/.test(text) ? text.length : plainValueEnd(`${text}${behind}`, 0);
        expect(end).toBe(text.length);
      }),
    );
  });

  it('takes a text for plain exactly when it spells what it means', () => {
    const pieces = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"a"',
      '"b"',
      '1',
      '-1',
      '0',
      '-0',
      '01',
      'true',
      ' ',
      'null',
    );
    fc.assert(
      fc.property(fc.array(pieces, { maxLength: 12 }), (parts) => {
        const text = parts.join('');
        const isPlain = plainValueEnd(text, 0) === text.length && text !== '';
        expect(isPlain).toBe(isCanonicalJson(text));
      }),
      { numRuns: 3_000 },
    );
  });

  it.each([
    ['{"a":1,"b":{"c":[]}}', true],
    ['{"b":1,"a":1}', false],
    ['{"a":1,"a":1}', false],
    ['{"a":1,"aa":1}', true],
    ['{"aa":1,"a":1}', false],
    ['{"":1,"a":1}', true],
  ])('reads %s', (text, isPlain) => {
    expect(plainValueEnd(text, 0) === text.length).toBe(isPlain);
  });

  it('leaves what is not ASCII, or has an escape, to others', () => {
    expect(plainText(Buffer.from('{"a":"é"}'))).toBeUndefined();
    expect(plainText(Buffer.from('{"a":"\\n"}'))).toBeUndefined();
    expect(plainText(Buffer.from('{"a":"n"}'))).toBe('{"a":"n"}');
  });
});

function isCanonicalJson(text: string): boolean {
  try {
    return canonicalJson(JSON.parse(text) as Canonical) === text;
  } catch {
    return false;
  }
}

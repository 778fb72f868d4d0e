import fc from 'fast-check';
import { type Canonical, canonicalJson } from './canonical-json.js';

describe('canonicalJson', () => {
  it.each<[Canonical, string]>([
    [null, 'null'],
    [true, 'true'],
    [-0, '0'],
    [Number.MAX_SAFE_INTEGER, '9007199254740991'],
    [123_456_789_012_345_678_901n, '"123456789012345678901"'],
    [[], '[]'],
    [{}, '{}'],
    [{ b: [2, { d: null, c: -5n }], a: '£' }, '{"a":"£","b":[2,{"c":"-5","d":null}]}'],
    [{ 10: 1, 9: 2 }, '{"10":1,"9":2}'],
    ['\\ud800', String.raw`"\\ud800"`],
    [{ '\\ud': ['\\ud', '\ud83d\ude00'] }, String.raw`{"\\ud":["\\ud","😀"]}`],
  ])('spells %p', (value, spelling) => {
    expect(canonicalJson(value)).toBe(spelling);
  });

  it('spells strings as RFC 8785 section 3.2.2.2 does', () => {
    expect(canonicalJson('\u20ac$\u000f\u000aA\'\u0042\u0022\u005c\\"/\u2028')).toBe(
      String.raw`"€$\u000f\nA'B\"\\\\\"/` + '\u2028"',
    );
  });

  it('sorts names by UTF-16 code units, as the example of RFC 8785 section 3.2.3 does', () => {
    const names = ['\u20ac', '\r', '\ufb33', '1', '\ud83d\ude00', '\u0080', '\u00f6'];
    const sorted = ['\r', '1', '\u0080', '\u00f6', '\u20ac', '\ud83d\ude00', '\ufb33'];
    const spelled = canonicalJson(Object.fromEntries(names.map((name) => [name, 0])));
    expect(spelled).toBe(`{${sorted.map((name) => `${JSON.stringify(name)}:0`).join(',')}}`);
  });

  it.each<[string, unknown, string]>([
    ['a fraction', { price: 0.5 }, '$.price is 0.5'],
    ['a number that a double does not hold exactly', [2 ** 53], '$[0] is 9007199254740992'],
    ['not a number', Number.NaN, '$ is NaN'],
    ['undefined', { a: undefined }, '$.a is undefined'],
    ['a hole', Array.from({ length: 1 }), '$[0] is undefined'],
    ['a date', { at: new Date(0) }, '$.at is a Date'],
    ['a map', new Map(), '$ is a Map'],
    ['bytes', { hash: Buffer.from('a') }, '$.hash is a Buffer'],
    ['a lone surrogate in a text', 'a\ud800', '$ holds a lone surrogate'],
    ['a lone surrogate in a name', { '\udfff': 1 }, '$ holds a lone surrogate'],
    ['a function', () => 1, '$ is function'],
  ])('refuses %s and says where', (_what, value, place) => {
    expect(() => canonicalJson(value as Canonical)).toThrow(place);
  });

  it('is JSON of the same value, and the same text in whatever order the members come', () => {
    const value = fc.letrec<{ any: Canonical }>((tie) => ({
      any: fc.oneof(
        { maxDepth: 3 },
        fc.string({ unit: 'grapheme' }),
        fc.maxSafeInteger(),
        fc.boolean(),
        fc.constant(null),
        fc.array(tie('any'), { maxLength: 4 }),
        fc.dictionary(fc.string({ unit: 'grapheme' }), tie('any'), { maxKeys: 4 }),
      ),
    })).any;
    fc.assert(
      fc.property(value, (any) => {
        const spelled = canonicalJson(any);
        const again = JSON.parse(spelled) as Canonical;
        expect(again).toEqual(JSON.parse(JSON.stringify(any)));
        expect(canonicalJson(backwards(again))).toBe(spelled);
      }),
    );
  });
});

function backwards(value: Canonical): Canonical {
  if (Array.isArray(value)) return value.map((item: Canonical) => backwards(item));
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value).map(([name, member]): [string, Canonical] => [name, backwards(member)]);
  return Object.fromEntries(members.reverse());
}

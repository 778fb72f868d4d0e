import fc from 'fast-check';
import { ByteView, instantAt, isAt, readUuid } from './byte-scan.js';
import { Uuid } from './uuid.rules.js';

const ascii = fc.integer({ min: 0x20, max: 0x7e });
const BEHIND = Buffer.from('0123456789abcdef0123456789abcdef0123456789');

/** Bytes in a larger buffer, where others stand before and behind them. */
function among(bytes: Uint8Array): ByteView {
  return new ByteView(Buffer.concat([Buffer.from('xyz'), bytes, BEHIND]).subarray(3));
}

describe('a part of a text at a place', () => {
  const text = fc.array(ascii, { minLength: 1, maxLength: 40 });
  const changed = fc.tuple(text, fc.nat(39), fc.integer({ min: 0, max: 255 }), fc.nat(9));

  it('is there just when its bytes are', () => {
    fc.assert(
      fc.property(changed, ([codes, place, byte, from]) => {
        const expected = Buffer.from(codes);
        const said = Buffer.from(expected);
        said[place % said.length] = byte;
        const start = from % expected.length;
        const isSame = said.subarray(start).equals(expected.subarray(start));
        expect(isAt(among(said), start, new ByteView(expected), start)).toBe(isSame);
        expect(isAt(among(expected), 0, new ByteView(expected))).toBe(true);
      }),
      { numRuns: 2_000 },
    );
  });

  it.each([0x00, 0x7f, 0x80, 0xf0, 0xff])('is not eight bytes of %i', (byte) => {
    expect(isAt(among(Buffer.alloc(8, byte)), 0, new ByteView(Buffer.from('12345678')))).toBe(false);
  });
});

describe('a UUID at a place', () => {
  const REST = '-0000-4000-8000-00000000abcd';

  it('is read as its text', () => {
    fc.assert(
      fc.property(fc.uuid(), (id) => {
        const read = new Uuid();
        expect([readUuid(among(Buffer.from(id)), 0, read), read.toString()]).toEqual([true, id]);
      }),
    );
  });

  it('has no other digits, whatever byte stands in place of one', () => {
    const isRead = (byte: number, place: number) => {
      const bytes = Buffer.from(`00000000${REST}`);
      bytes[place] = byte;
      return readUuid(among(bytes), 0, new Uuid());
    };
    const places = Array.from({ length: 36 }, (_, place) => place);
    const read = (place: number) =>
      Array.from({ length: 256 }, (_, byte) => byte).filter((byte) => isRead(byte, place));
    const digits = [...Buffer.from('0123456789abcdef')];
    for (const place of places) expect(read(place)).toEqual([8, 13, 18, 23].includes(place) ? [0x2d] : digits);
  });
});

describe('an instant at a place', () => {
  const day = fc
    .tuple(fc.integer({ min: 95, max: 9_999 }), fc.nat(13), fc.nat(32))
    .map((parts) => parts.map((part, place) => String(part).padStart(place === 0 ? 4 : 2, '0')).join('-'));
  const time = fc
    .tuple(fc.nat(25), fc.nat(61), fc.nat(61), fc.nat(999))
    .map(([h, m, s, ms]) => `${[h, m, s].map((part) => String(part).padStart(2, '0')).join(':')}.${pad3(ms)}Z`);

  it('is what Date says of it, where Date would spell it so', () => {
    fc.assert(
      fc.property(day, time, (of, at) => {
        const text = `${of}T${at}`;
        const ms = Date.parse(text);
        const isSpelled = !Number.isNaN(ms) && new Date(ms).toISOString() === text && text >= '0100';
        const view = among(Buffer.from(text));
        expect([instantAt(view, 0), instantAt(view, 0)]).toEqual(isSpelled ? [ms, ms] : [Number.NaN, Number.NaN]);
      }),
      { numRuns: 3_000 },
    );
  });

  it('has its signs and digits, whatever byte stands in place of one', () => {
    const text = '2026-11-25T09:08:07.065Z';
    for (const [place, sign] of Buffer.from(text).entries()) {
      for (const byte of [0x00, 0x2f, 0x3a, 0x41, 0xb0, 0xff]) {
        const bytes = Buffer.from(text);
        bytes[place] = byte;
        if (byte !== sign) expect([place, byte, instantAt(among(bytes), 0)]).toEqual([place, byte, NaN]);
      }
    }
  });
});

function pad3(ms: number): string {
  return String(ms).padStart(3, '0');
}

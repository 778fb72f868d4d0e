import fc from 'fast-check';
import { ABSENT, KeyMap } from './replay-key-map.js';

/** Few upper words, so that keys meet in a table; nought among the lower ones, which marks a free place. */
const key = fc.tuple(fc.constantFrom(0, 1, 2 ** 31 - 1, -(2 ** 31), -1), fc.integer({ min: -400, max: 400 }));

describe('a map of keys', () => {
  it('holds what a Map holds', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(key, fc.nat(255)), { maxLength: 600 }), (puts) => {
        const [map, model] = [new KeyMap('values'), new Map<string, number>()];
        for (const [[high, low], value] of puts) {
          expect(map.get(high, low)).toBe(model.get(`${high} ${low}`) ?? ABSENT);
          map.set(high, low, value);
          model.set(`${high} ${low}`, value);
        }
        for (const [[high, low]] of puts) expect(map.get(high, low)).toBe(model.get(`${high} ${low}`));
        expect(map.size).toBe(model.size);
      }),
    );
  });

  it('holds large values where it has room for them', () => {
    const map = new KeyMap('values');
    map.set(7, 7, 2 ** 31 - 1);
    expect([map.get(7, 7), map.get(7, 8)]).toEqual([2 ** 31 - 1, ABSENT]);
  });

  it('says whether a key was added to a set', () => {
    const set = new KeyMap('keys');
    expect([set.add(1, 2), set.add(1, 2), set.add(2, 1), set.has(1, 2), set.has(2, 2)]).toEqual([
      true,
      false,
      true,
      true,
      false,
    ]);
  });

  it('stays right as it grows by many thousands', () => {
    const map = new KeyMap('values');
    const spread = (n: number) => [Math.imul(n, 0x9e3779b1), Math.imul(n, 0x85ebca6b)] as const;
    for (let n = 1; n <= 50_000; n++) map.set(...spread(n), n);
    const wrong = Array.from({ length: 50_000 }, (_, place) => place + 1).filter((n) => map.get(...spread(n)) !== n);
    expect([map.size, wrong]).toEqual([50_000, []]);
  });
});

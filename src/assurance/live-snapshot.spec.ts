import fc from 'fast-check';
import { isSeen, parseSnapshot } from './live-snapshot.rules.js';

describe('a snapshot', () => {
  it.each<[string, bigint, boolean]>([
    ['10:20:10,14', 9n, true],
    ['10:20:10,14', 10n, false],
    ['10:20:10,14', 11n, true],
    ['10:20:10,14', 14n, false],
    ['10:20:10,14', 19n, true],
    ['10:20:10,14', 20n, false],
    ['7:7:', 6n, true],
    ['7:7:', 7n, false],
  ])('%s sees %s: %s', (text, xid, expected) => {
    expect(isSeen(xid, parseSnapshot(text))).toBe(expected);
  });

  it('reads what PostgreSQL writes', () => {
    const ids = fc.uniqueArray(fc.bigInt({ min: 3n, max: 2n ** 63n }), { maxLength: 5 });
    fc.assert(
      fc.property(ids, (given) => {
        const running = given.sort((a, b) => (a < b ? -1 : 1));
        const [xmin, xmax] = [running[0] ?? 3n, (running.at(-1) ?? 2n) + 1n];
        expect(parseSnapshot(`${xmin}:${xmax}:${running.join(',')}`)).toEqual({
          xmin,
          xmax,
          running: new Set(running),
        });
      }),
    );
  });

  it('is not read from another text', () => {
    expect(() => parseSnapshot('x:y:')).toThrow(SyntaxError);
  });
});

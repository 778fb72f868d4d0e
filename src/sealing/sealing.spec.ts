import { changeOf, isDue, LOOK_EVERY_MS, originOf, PASS_EVERY_MS, restAfterMs, untilOwn } from './sealing.rules.js';

describe('the sealer’s rules', () => {
  const here = { systemIdentifier: '7', timeline: '00000001', xmax: '1000' };

  it.each([
    ['none', here],
    ['none', { ...here, xmax: '999' }],
    ['cluster', { ...here, xmax: '1001' }],
    ['cluster', { ...here, timeline: '00000002', xmax: '10000' }],
    ['timeline', { ...here, timeline: '00000002' }],
    ['cluster', { ...here, systemIdentifier: '8' }],
    ['cluster', { ...here, systemIdentifier: '8', timeline: '00000002' }],
    ['cluster', { systemIdentifier: '', timeline: '', xmax: '1' }],
  ] as const)('tell that the change is: %s', (change, last) => {
    expect(changeOf(last, here)).toBe(change);
  });

  it('anchor a head that never was, or not since', () => {
    const before = new Date('2026-11-25T10:00:00Z');
    expect(isDue(null, before)).toBe(true);
    expect(isDue(before, before)).toBe(true);
    expect(isDue(new Date('2026-11-25T10:00:00.001Z'), before)).toBe(false);
  });

  it.each([-200, -1, 0, 1, 200])('skip one look of a clock that is %i ms off, after news, and not the next', (off) => {
    expect(restAfterMs(0)).toBe(0);
    for (const sealed of [1, 10_000]) {
      expect(LOOK_EVERY_MS + off).toBeLessThan(restAfterMs(sealed));
      expect(PASS_EVERY_MS + off).toBeGreaterThan(restAfterMs(sealed));
    }
  });

  it.each([
    ['10:20:10,14', 23n, '10:23:10,14,20,21,22'],
    ['20:20:', 21n, '20:21:20'],
    ['20:20:', 20n, '20:20:'],
    ['20:20:', 19n, '20:20:'],
    ['20:20:', 20_020n, '20:20:'],
  ])('name in %s all that had begun before %s', (snapshot, own, named) => {
    expect(untilOwn(snapshot, own)).toBe(named);
  });

  it('name a log', () => {
    expect(originOf('log.example', 'a')).toBe('log.example/a');
  });
});

import fc from 'fast-check';
import { Turnstile } from './turnstile.js';

describe('a turnstile', () => {
  it('never lets in more than it may, and turns away only beyond those who may wait', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 4 }), fc.nat(4), fc.nat(12), async (atOnce, waitingMax, comers) => {
        const turnstile = new Turnstile(atOnce, waitingMax);
        const open: (() => void)[] = [];
        let inside = 0;
        let most = 0;
        const visits = Array.from({ length: comers }, () =>
          turnstile.pass(async () => {
            most = Math.max(most, ++inside);
            await new Promise<void>((resolve) => open.push(resolve));
            inside -= 1;
          }),
        );
        const settled = Promise.allSettled(visits);
        for (let served = 0; served < Math.min(comers, atOnce + waitingMax); served++) {
          while (open.length === 0) await new Promise(setImmediate);
          open.shift()?.();
        }
        const refused = (await settled).filter(({ status }) => status === 'rejected');
        expect(refused).toHaveLength(Math.max(0, comers - atOnce - waitingMax));
        expect(most).toBe(Math.min(comers, atOnce));
        expect(inside).toBe(0);
      }),
      { numRuns: 60 },
    );
  });

  it('says 429, and lets people in again after work that failed', async () => {
    const turnstile = new Turnstile(1, 0);
    let fail: ((error: Error) => void) | undefined;
    const first = turnstile.pass(() => new Promise((_resolve, reject) => (fail = reject)));
    await expect(turnstile.pass(async () => 'second')).rejects.toMatchObject({ status: 429 });
    fail?.(new Error('broken'));
    await expect(first).rejects.toThrow('broken');
    expect(await turnstile.pass(async () => 'third')).toBe('third');
  });
});

import { setTimeout as sleep } from 'node:timers/promises';

/** Does the work of each, so many at a time, in their order; the first failure ends it once those under way have ended. */
export async function inTurns<T>(atOnce: number, all: readonly T[], work: (one: T) => Promise<void>): Promise<void> {
  const left = all[Symbol.iterator]();
  let failure: unknown;
  await Promise.all(
    Array.from({ length: Math.min(atOnce, all.length) }, async () => {
      for (const one of left) {
        if (failure !== undefined) return;
        try {
          await work(one);
        } catch (error) {
          failure ??= error;
        }
      }
    }),
  );
  if (failure !== undefined) throw failure;
}

const LOOK_MS = 100;
const PATIENCE_MS = 120_000;

/**
 * Waits until the background has brought a number to what it must be.
 *
 * @throws Error when nothing has moved for two minutes
 */
export async function reach(what: string, wanted: number, read: () => Promise<number>): Promise<void> {
  let [last, movedAt] = [-1, performance.now()];
  for (;;) {
    const found = await read();
    if (found >= wanted) return;
    if (found !== last) [last, movedAt] = [found, performance.now()];
    if (performance.now() - movedAt > PATIENCE_MS) throw new Error(`${what}: ${found} of ${wanted}, and no more come`);
    await sleep(LOOK_MS);
  }
}

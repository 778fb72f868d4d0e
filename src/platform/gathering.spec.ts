import fc from 'fast-check';
import { Gathering } from './gathering.js';

/** Does lots one after the other, each when it is let. */
function stage(options: { most?: number; waitingMost?: number; patienceMs?: number } = {}) {
  const lots: number[][] = [];
  const gates: (() => void)[] = [];
  const gathering = new Gathering<number, number>({
    most: options.most ?? 100,
    waitingMost: options.waitingMost ?? 100,
    patienceOf: () => options.patienceMs ?? 0,
    keysOf: (request) => (request > 9 ? [`ends with ${request % 10}`] : []),
    run: async (requests) => {
      lots.push([...requests]);
      await new Promise<void>((resolve) => gates.push(resolve));
      return requests.map((request) =>
        request < 0
          ? { status: 'rejected', reason: new RangeError(String(request)) }
          : { status: 'fulfilled', value: request * 2 },
      );
    },
  });
  const turn = () => new Promise<void>((resolve) => setImmediate(resolve));
  const openOne = async () => {
    await turn();
    gates.shift()?.();
    await turn();
  };
  const open = async () => {
    while (gathering.waiting > 0) {
      gates.shift()?.();
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  return { gathering, lots, open, openOne };
}

describe('what is done together', () => {
  it('is what came while something else was done, and each gets its own answer', async () => {
    const { gathering, lots, open } = stage();
    const first = gathering.join('a', 1);
    await new Promise((resolve) => setImmediate(resolve));
    const later = [2, 3, -4].map((request) => gathering.join('a', request));
    const settled = Promise.allSettled(later);
    await open();
    expect(lots).toEqual([[1], [2, 3, -4]]);
    await expect(first).resolves.toBe(2);
    await expect(settled).resolves.toEqual([
      { status: 'fulfilled', value: 4 },
      { status: 'fulfilled', value: 6 },
      { status: 'rejected', reason: new RangeError('-4') },
    ]);
  });

  it('is also what one turn of the loop brought, one after the other', async () => {
    const { gathering, lots, open } = stage();
    const all = [gathering.join('a', 1)];
    for (const one of [2, 3]) {
      for (let steps = 0; steps < 20; steps++) await Promise.resolve();
      all.push(gathering.join('a', one));
    }
    await open();
    await expect(Promise.all(all)).resolves.toEqual([2, 4, 6]);
    expect(lots).toEqual([[1, 2, 3]]);
  });

  it('has no lane in common, and no more at a time than are allowed', async () => {
    const { gathering, lots, open } = stage({ most: 2 });
    const all = Promise.all([1, 2, 3].map((one) => gathering.join('a', one)).concat(gathering.join('b', 4)));
    await open();
    await all;
    expect(lots).toEqual([[1, 2], [4], [3]]);
  });

  it('leaves whoever collides for the next time, in the order in which they came', async () => {
    const { gathering, lots, open } = stage();
    const all = Promise.all([11, 21, 2, 31].map((one) => gathering.join('a', one)));
    await open();
    await expect(all).resolves.toEqual([22, 42, 4, 62]);
    expect(lots).toEqual([[11, 2], [21], [31]]);
  });

  it('turns away who comes when too many wait, and takes others once these are done', async () => {
    const { gathering, open } = stage({ waitingMost: 2 });
    const two = Promise.all([gathering.join('a', 1), gathering.join('b', 2)]);
    await expect(gathering.join('c', 3)).rejects.toMatchObject({
      code: 'request.too_busy',
      status: 503,
      details: { retryAfterSeconds: 1 },
    });
    await open();
    await two;
    const three = gathering.join('c', 3);
    await open();
    await expect(three).resolves.toBe(6);
  });

  describe('in a lane that waits for those whom it has answered', () => {
    const FOR_EVER = 60_000;
    const joined = (gathering: Gathering<number, number>, ...requests: number[]) =>
      Promise.all(requests.map((one) => gathering.join('a', one)));

    it('begins when as many have come again, and not with the first of them', async () => {
      const { gathering, lots, openOne } = stage({ patienceMs: FOR_EVER });
      const first = joined(gathering, 1, 2, 3);
      await openOne();
      await first;
      const second = joined(gathering, 4, 5);
      await openOne();
      expect(lots).toEqual([[1, 2, 3]]);
      const third = joined(gathering, 6);
      await openOne();
      expect(lots).toEqual([
        [1, 2, 3],
        [4, 5, 6],
      ]);
      await expect(Promise.all([second, third])).resolves.toEqual([[8, 10], [12]]);
      await gathering.drain();
    });

    it.each([
      { most: 100, needed: [4, 5] },
      { most: 2, needed: [4] },
    ])('counts those who waited as well, up to $most at a time', async ({ most, needed }) => {
      const { gathering, lots, openOne } = stage({ patienceMs: FOR_EVER, most });
      const first = joined(gathering, 1, 2);
      await new Promise((resolve) => setImmediate(resolve));
      const all = [gathering.join('a', 3)];
      await openOne();
      await first;
      for (const one of needed) {
        expect(lots).toEqual([[1, 2]]);
        all.push(gathering.join('a', one));
        await openOne();
      }
      expect(lots).toEqual([
        [1, 2],
        [3, ...needed],
      ]);
      await Promise.all(all);
      await gathering.drain();
    });

    it('is not kept by one that had a lot to itself: an idle lane does not wait', async () => {
      const { gathering, lots, openOne } = stage({ patienceMs: FOR_EVER });
      for (const one of [1, 2, 3]) {
        const alone = gathering.join('a', one);
        await openOne();
        await alone;
      }
      expect(lots).toEqual([[1], [2], [3]]);
    });

    it('begins without those who do not come', async () => {
      const { gathering, lots, open } = stage({ patienceMs: 1 });
      const first = joined(gathering, 1, 2);
      await open();
      await first;
      const one = gathering.join('a', 3);
      await open();
      await expect(one).resolves.toBe(6);
      expect(lots).toEqual([[1, 2], [3]]);
    });

    it('begins at once when the process ends', async () => {
      const { gathering, openOne } = stage({ patienceMs: FOR_EVER });
      const first = joined(gathering, 1, 2);
      await openOne();
      await first;
      const one = gathering.join('a', 3);
      const drained = gathering.drain();
      await openOne();
      await expect(one).resolves.toBe(6);
      await drained;
    });
  });

  it('fails all of a lot when the lot fails', async () => {
    const gathering = new Gathering<number, number>({
      most: 9,
      waitingMost: 9,
      run: () => Promise.reject(new Error('the database is away')),
    });
    const all = await Promise.allSettled([gathering.join('a', 1), gathering.join('a', 2)]);
    expect(all.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    expect(gathering.waiting).toBe(0);
  });

  it('drains: nobody who waits is forgotten', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c'), fc.nat(50))), async (requests) => {
        const { gathering, lots, open } = stage({ most: 3 });
        const all = Promise.all(requests.map(([lane, one]) => gathering.join(lane, one)));
        await open();
        await gathering.drain();
        await expect(all).resolves.toEqual(requests.map(([, one]) => one * 2));
        const byNumber = (one: number, other: number) => one - other;
        expect(lots.flat().toSorted(byNumber)).toEqual(requests.map(([, one]) => one).toSorted(byNumber));
        expect(lots.every(({ length }) => length <= 3)).toBe(true);
      }),
      { numRuns: 50 },
    );
  });
});

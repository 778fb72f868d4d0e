import fc from 'fast-check';
import { newId } from '../platform/ids.js';
import { byLog, type EventRun, Leaves, mintedAtMs, oldestMs } from './leaves.rules.js';

interface Event {
  logId: string;
  id: string;
  seq: number;
  hash: Buffer;
}

/** As PostgreSQL gives a run. */
function runOf(events: readonly Event[]): EventRun {
  return {
    logId: events[0]?.logId ?? '',
    hashes: Buffer.concat(events.map(({ hash }) => hash)),
    ids: `{${events.map(({ id }) => id).join(',')}}`,
    seqs: `{${events.map(({ seq }) => seq).join(',')}}`,
  };
}

const event = fc
  .record({ id: fc.uuid(), seq: fc.nat(), hash: fc.uint8Array({ minLength: 32, maxLength: 32 }) })
  .map(({ hash, ...rest }) => ({ ...rest, hash: Buffer.from(hash) }));

const run = fc
  .record({ logId: fc.constantFrom('a', 'b', 'c'), events: fc.array(event, { minLength: 1, maxLength: 20 }) })
  .map(({ logId, events }) => events.map((one) => ({ ...one, logId })));

describe('leaves', () => {
  it('are those of the runs of each log, in their order, whatever lies between', () => {
    fc.assert(
      fc.property(fc.array(run, { maxLength: 8 }), fc.nat(), fc.nat(), (runs, one, other) => {
        const logs = byLog(runs.map(runOf));
        expect([...logs.keys()]).toEqual([...new Set(runs.flat().map(({ logId }) => logId))]);
        for (const [logId, leaves] of logs) {
          const own = runs.flat().filter((each) => each.logId === logId);
          expect(leaves.count).toBe(own.length);
          own.forEach(({ hash }, n) => expect(leaves.hashAt(n)).toEqual(hash));
          const [from = 0, to = 0] = [one % own.length, other % own.length].toSorted((a, b) => a - b);
          const some = own.slice(from, to + 1);
          expect(leaves.eventsOf(from, to + 1)).toEqual({
            ids: runOf(some).ids,
            minSeq: String(some[0]?.seq),
            maxSeq: String(some.at(-1)?.seq),
          });
        }
      }),
    );
  });

  it('of the platform’s log are nobody’s', () => {
    const leaves = Leaves.ofEntries([Buffer.alloc(32, 1), Buffer.alloc(32, 2)]);
    expect([leaves.count, leaves.hashAt(1), leaves.eventsOf(0, 2)]).toEqual([2, Buffer.alloc(32, 2), null]);
  });

  it('are as old as the oldest id', () => {
    const times = fc.array(fc.integer({ min: 0, max: 2 ** 48 - 1 }), { minLength: 1, maxLength: 30 });
    fc.assert(
      fc.property(times, (all) => {
        expect(oldestMs({ ids: `{${all.map((ms) => newId(ms)).join(',')}}` })).toBe(Math.min(...all));
      }),
    );
    expect(mintedAtMs('ffffffff-ffff-7000-8000-000000000000')).toBe(2 ** 48 - 1);
  });
});

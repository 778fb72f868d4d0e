import { setTimeout as sleep } from 'node:timers/promises';
import { removeFreshFolder, undoAll } from '../../test/support/embedded-servers.js';
import { EventWriters } from '../../test/support/event-writers.js';
import { type OwnCluster, ownCluster } from '../../test/support/sealing-cluster.js';
import { StillClock } from '../../test/support/ledger-stage.js';
import { findUnsound, sealerOn } from '../../test/support/sealing-stage.js';

const CLIENTS = 14;
const WRITING_MS = 6_000;

let cluster: OwnCluster;

beforeAll(async () => {
  cluster = await ownCluster({ max_prepared_transactions: '40' });
});
afterAll(async () => {
  await undoAll();
  await removeFreshFolder();
});

/** What looks as if it would do: seals whatever has a greater number than the last that it sealed. */
class NaiveSealer {
  readonly sealed: string[] = [];
  private last = '0';

  async pass(): Promise<void> {
    const events = await cluster.admin<{ id: string; seq: string }>(
      'select id, seq from ledger.event where seq > $1 order by seq',
      [this.last],
    );
    this.sealed.push(...events.map(({ id }) => id));
    this.last = events.at(-1)?.seq ?? this.last;
  }
}

it('seals every event once and each stream in its order, however transactions overlap; a sealer by number would not', async () => {
  const clock = new StillClock();
  const sealers = [sealerOn(await cluster.open(2), clock), sealerOn(await cluster.open(2), clock)];
  const naive = new NaiveSealer();
  const writers = new EventWriters(cluster);
  const writing = writers.write(CLIENTS, WRITING_MS);
  const again = async (pass: () => Promise<unknown>) => {
    while (!writers.areDone) {
      await pass();
      await sleep(60);
    }
    await pass();
  };
  await Promise.all([...sealers, naive].map((one) => again(() => one.pass())));
  await writing;

  await expect(findUnsound(cluster.admin, { checkpoints: 'last' })).resolves.toEqual([]);
  const [written] = await cluster.admin<{ ids: string[] }>('select array_agg(id::text) as ids from ledger.event');
  expect(new Set(written?.ids)).toEqual(writers.committed);
  expect(sealers.reduce((sum, { metrics }) => sum + metrics.sealed, 0)).toBe(writers.committed.size);
  expect(sealers.reduce((sum, { metrics }) => sum + metrics.failures, 0)).toBe(0);

  const missedByNumber = writers.committed.size - new Set(naive.sealed).size;
  expect(missedByNumber).toBeGreaterThan(0);
});

import { randomUUID } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { testDatabase, type TestDatabase } from '../../test/support/database.js';
import { LOG_NAME } from '../../test/support/sealing-stage.js';
import { signingProcess, type SigningProcess } from '../../test/support/signing-stage.js';
import { witnessDouble, type WitnessDouble } from '../../test/support/witness-double.js';
import { cosignatures, parseVerifierKey, signingKey, verifierKey } from '../transparency/index.js';
import { ANCHOR_EVERY_MS } from './sealing.rules.js';

const REST_MS = 30_000;

let databases: TestDatabase[];
let open: SigningProcess[];
let witness: WitnessDouble;
let log: string;

beforeEach(async () => {
  databases = [await testDatabase()];
  open = [];
  log = randomUUID();
  witness = await witnessDouble((origin) => [verifierKey(origin, signingKey(Buffer.alloc(32, 7)))]);
});
afterEach(async () => {
  for (const one of open) await one.close();
  for (const one of databases) await one.drop();
  await witness.close();
});

async function start(database = databases[0]): Promise<SigningProcess> {
  if (!database) throw new Error('there is a database');
  const started = await signingProcess(database, { witness });
  open.push(started);
  return started;
}

async function stop(process: SigningProcess): Promise<void> {
  open = open.filter((one) => one !== process);
  await process.close();
}

/** Seals so many events, each under an anchor of its own in the platform's log. */
async function grow(process: SigningProcess, times = 1): Promise<void> {
  for (let anchored = 0; anchored < times; anchored++) {
    await process.record(log, 1);
    await process.seal();
    process.clock.at = new Date(process.clock.at.getTime() + ANCHOR_EVERY_MS);
  }
}

async function platformOf(process: SigningProcess): Promise<{ id: string; note: string }> {
  const id = await process.proofs.platformLogId();
  return { id, note: await process.proofs.newestCheckpoint(id) };
}

const seenSizes = () => [...witness.seen.values()].map(({ size }) => size);
const signersOf = (note: string) => cosignatures(note, [parseVerifierKey(witness.key)]).map(({ name }) => name);

describe('a witness', () => {
  it('cosigns the platform, and each checkpoint as it goes on', async () => {
    const process = await start();
    for (const size of [1, 2, 3, 4, 5]) {
      await grow(process);
      expect(seenSizes()).toEqual([size]);
      expect(signersOf((await platformOf(process)).note)).toEqual(['witness.example/w1']);
    }
    const { id } = await platformOf(process);
    expect([...witness.seen.keys()]).toEqual([`${LOG_NAME}/${id}`]);
    expect(witness.answered).toEqual([200, 200, 200, 200, 200]);
    expect(process.said).toEqual(['the witness cosigns']);
    // The keys that are not known are left out.
    expect((await platformOf(process)).note).not.toContain('elsewhere');
  });

  it('says where it was when a process ended before it could remember', async () => {
    const first = await start();
    await grow(first, 2);
    await first.admin('alter table ledger.added_signature disable trigger user');
    await first.admin('delete from ledger.added_signature');
    await stop(first);
    const next = await start();
    next.clock.at = first.clock.at;
    await grow(next, 2);
    expect(witness.answered.slice(2)).toEqual([409, 200, 200]);
    expect(seenSizes()).toEqual([4]);
  });

  it('that is away or says nothing of use holds nothing up, and cosigns when it is back', async () => {
    const now = jest.spyOn(performance, 'now');
    try {
      const process = await start();
      witness.instead = (response) => response.destroy();
      await grow(process);
      const replies: ((response: ServerResponse) => void)[] = [
        (response) => response.writeHead(503).end(),
        (response) => response.writeHead(200).end('— witness.example/w1 nonsense\n'),
        (response) => response.writeHead(200).end('x'.repeat(1_000_000)),
        (response) => response.writeHead(302, { location: 'http://127.0.0.1:9/' }).end(),
      ];
      let later = 0;
      for (const reply of replies) {
        witness.instead = reply;
        later += REST_MS;
        now.mockImplementation(() => later + 1e9);
        await grow(process);
      }
      expect(signersOf((await platformOf(process)).note)).toEqual([]);
      await expect(process.holds()).resolves.toEqual(new Map());
      witness.instead = null;
      await process.signer.sign();
      expect(seenSizes()).toEqual([]);
      now.mockImplementation(() => later + 1e9 + REST_MS);
      await process.signer.sign();
      expect(seenSizes()).toEqual([5]);
      expect(signersOf((await platformOf(process)).note)).toEqual(['witness.example/w1']);
      expect(process.said.filter((line) => line.includes('does not')).length).toBeGreaterThanOrEqual(4);
    } finally {
      now.mockRestore();
    }
  });

  it('is not believed when its signature is wrong', async () => {
    const process = await start();
    witness.forges = true;
    await grow(process);
    expect(witness.answered).toEqual([200]);
    expect((await platformOf(process)).note).not.toContain('witness.example');
    expect(process.said).toEqual(['the witness does not cosign a wrong signature']);
  });

  it('stops the one of two restored copies that did not come first, and nothing is sealed there for anybody', async () => {
    const before = await start();
    await grow(before, 2);
    await stop(before);
    const restored = await databases[0]?.copy();
    if (!restored) throw new Error('there is a copy');
    databases.push(restored);
    const [one, other] = [await start(), await start(restored)];
    one.clock.at = other.clock.at = before.clock.at;
    await grow(one, 2);
    expect(seenSizes()).toEqual([4]);
    await grow(other);
    const { id } = await platformOf(other);
    await expect(other.holds()).resolves.toEqual(new Map([[id, 'behind_witness']]));
    expect((await other.heads()).get(id)).toMatchObject({ signed: 2, sealed: 3 });
    const [event = ''] = await other.record(log, 1);
    await expect(other.sealer.ensureSealed(log, event)).resolves.toBe(false);
    expect(other.said).toContain('checkpoint not signed behind_witness');
    await stop(other);
    const again = await start(restored);
    again.clock.at = new Date(before.clock.at.getTime() + 10 * ANCHOR_EVERY_MS);
    await grow(again, 3);
    await expect(again.holds()).resolves.toEqual(new Map([[id, 'differs_from_witness']]));
    expect(seenSizes()).toEqual([4]);
    await grow(one);
    expect(seenSizes()).toEqual([5]);
  });

  it('does not cosign two checkpoints of one size', async () => {
    const process = await start();
    await grow(process);
    const { id } = await platformOf(process);
    witness.seen.set(`${LOG_NAME}/${id}`, { size: 2, root: Buffer.alloc(32, 1) });
    await grow(process);
    await expect(process.holds()).resolves.toEqual(new Map([[id, 'differs_from_witness']]));
    expect((await process.heads()).get(id)).toMatchObject({ signed: 1, sealed: 2 });
  });
});

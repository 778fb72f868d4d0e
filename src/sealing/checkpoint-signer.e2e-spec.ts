import { randomUUID } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { testDatabase, type TestDatabase } from '../../test/support/database.js';
import { signingProcess, type SigningOptions, type SigningProcess } from '../../test/support/signing-stage.js';
import { LOG_NAME } from '../../test/support/sealing-stage.js';
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import {
  consistencyProof,
  openNote,
  parseCheckpoint,
  parseVerifierKey,
  proveFork,
  rootOf,
  type TileHashes,
} from '../transparency/index.js';

let own: TestDatabase;
let folder: TemporaryFolder;
let open: SigningProcess[];
let databases: TestDatabase[];
let log: string;

beforeEach(async () => {
  own = await testDatabase();
  databases = [own];
  folder = temporaryFolder();
  open = [];
  log = randomUUID();
});
afterEach(async () => {
  for (const one of open) await one.close();
  for (const one of databases) await one.drop();
  folder.remove();
});

async function start(options: SigningOptions = {}, database = own): Promise<SigningProcess> {
  const started = await signingProcess(database, options);
  open.push(started);
  return started;
}

/** As a process that ends; nobody may be signed in to a database that is copied. */
async function stop(process: SigningProcess): Promise<void> {
  open = open.filter((one) => one !== process);
  await process.close();
}

async function copy(): Promise<TestDatabase> {
  const copied = await own.copy();
  databases.push(copied);
  return copied;
}

const stored = (): { storeDir: string } => ({ storeDir: folder.path });
const logFolder = () => join(folder.path, log);
const published = () => readFileSync(join(logFolder(), 'checkpoint'), 'utf8');
const editions = () => readdirSync(logFolder()).filter((name) => /^\d+$/.test(name));
/** What a log was, by its own tiles. */
async function beginningOf(process: SigningProcess, size: number, of: number) {
  const tiles = await process.admin<{ level: number; n: string; hashes: Buffer }>(
    'select * from ledger.tile where log_id = $1',
    [log],
  );
  const at: TileHashes = (level, n) =>
    tiles.find((tile) => tile.level === level && Number(tile.n) === n)?.hashes ?? Buffer.alloc(0);
  return { root: rootOf(size, at), proof: consistencyProof(size, of, at) };
}

const headOf = async (process: SigningProcess) => (await process.heads()).get(log);

describe('a checkpoint', () => {
  it('is signed as the log under every name that the log has, and by everybody the same', async () => {
    const [one, two] = [await start(), await start()];
    await one.record(log, 3);
    await one.sealer.pass();
    await Promise.all([one.signer.sign(), two.signer.sign(), one.signer.sign(), two.signer.sign()]);
    const notes = await one.admin<{ log: string; note: string; size: number; root: Buffer }>(
      'select log_id as log, note, size::int, root from ledger.checkpoint order by log_id = $1 desc',
      [log],
    );
    expect(notes.map((row) => row.log === log)).toEqual([true, false]);
    for (const { log: id, note, size, root } of notes) {
      const origin = `${LOG_NAME}/${id}`;
      const opened = openNote(note, one.keys.verifierKeys(origin).map(parseVerifierKey));
      expect(parseCheckpoint(opened.text)).toEqual({ origin, size, root, extensions: [] });
      expect(one.keys.sign(origin, opened.text)).toBe(note);
    }
    expect([...one.said, ...two.said]).toEqual([]);
    await expect(one.states.read()).resolves.toMatchObject({ logs: 2, unsigned: 0, held: [], isPublishing: false });
  });

  it('is signed by the next process when one ends between the commit and the signature', async () => {
    const first = await start(stored());
    for (let passes = 0; passes < 3; passes++) {
      await first.record(log, 200);
      await first.sealer.pass();
    }
    await stop(first);
    const next = await start(stored());
    await expect(headOf(next)).resolves.toMatchObject({ signed: 0, sealed: 600 });
    await expect(next.states.read()).resolves.toMatchObject({ unsigned: 4, unsignedSince: expect.any(Date) });
    await next.signer.sign();
    await expect(headOf(next)).resolves.toMatchObject({ signed: 600, sealed: 600, note: published() });
    await expect(next.states.read()).resolves.toMatchObject({ unsigned: 0, unsignedSince: null });
    expect(editions()).toHaveLength(1);
  });

  it('is published before it is signed, and signed when that was all that came to pass', async () => {
    const first = await start(stored());
    await first.record(log, 5);
    await first.seal();
    const note = published();
    await first.record(log, 5);
    await first.seal();
    // As if the process had ended between the two: what is published is not signed here.
    await first.admin(`alter table ledger.checkpoint disable trigger user`);
    await first.admin(`update ledger.checkpoint set note = null, published_at = null where log_id = $1 and size = 10`, [
      log,
    ]);
    await first.admin(`alter table ledger.checkpoint enable trigger user`);
    await stop(first);
    const next = await start(stored());
    await next.seal();
    await expect(headOf(next)).resolves.toMatchObject({ signed: 10, note: published() });
    expect(published()).not.toBe(note);
    expect(editions()).toHaveLength(2);
    await expect(next.holds()).resolves.toEqual(new Map());
  });

  it('is published by one of many processes that seal and sign at once, and each goes on from the one before', async () => {
    const processes = [await start(stored()), await start(stored()), await start(stored())];
    await Promise.all(
      processes.map(async (one) => {
        for (let times = 0; times < 8; times++) {
          await one.record(log, 40);
          await one.seal();
        }
      }),
    );
    const [one] = processes;
    await one?.seal();
    await expect(one?.holds()).resolves.toEqual(new Map());
    expect(processes.flatMap(({ said }) => said)).toEqual([]);
    await expect(headOf(one ?? (await start()))).resolves.toMatchObject({ signed: 960, note: published() });
    const sizes = editions().map((name) => Number(readFileSync(join(logFolder(), name), 'utf8').split('\n')[1]));
    expect(sizes).toEqual([...sizes].sort((a, b) => a - b));
    expect(new Set(sizes).size).toBe(sizes.length);
  });
});

describe('a process that is overtaken', () => {
  it('looks again before it says that anything was lost', async () => {
    const [slow, quick] = [await start(stored()), await start(stored())];
    await slow.record(log, 2);
    await slow.seal();
    await slow.record(log, 2);
    await slow.sealer.pass();
    const read = slow.store.read.bind(slow.store);
    jest.spyOn(slow.store, 'read').mockImplementationOnce(async (logId) => {
      const before = await read(logId);
      await quick.record(log, 2);
      await quick.seal();
      return before;
    });
    await slow.signer.sign();
    await expect(slow.holds()).resolves.toEqual(new Map());
    expect([...slow.said, ...quick.said]).toEqual([]);
    await expect(headOf(slow)).resolves.toMatchObject({ signed: 6, sealed: 6, note: published() });
  });

  it('publishes on top of what was published meanwhile, or not at all', async () => {
    const [slow, quick] = [await start(stored()), await start(stored())];
    await slow.record(log, 2);
    await slow.sealer.pass();
    const publish = slow.store.publish.bind(slow.store);
    jest.spyOn(slow.store, 'publish').mockImplementationOnce(async (...asked) => {
      await quick.record(log, 2);
      await quick.seal();
      return publish(...asked);
    });
    await slow.signer.sign();
    expect(published().split('\n')[1]).toBe('4');
    await expect(headOf(slow)).resolves.toMatchObject({ signed: 4, note: published() });
    expect([...slow.said, ...quick.said]).toEqual([]);
  });
});

describe('two databases that were restored from one backup', () => {
  let one: SigningProcess;
  let other: SigningProcess;

  async function restoreTwice(options: SigningOptions): Promise<void> {
    const before = await start(options);
    await before.record(log, 300);
    await before.seal();
    await stop(before);
    const restored = await copy();
    [one, other] = [await start(options), await start(options, restored)];
  }

  it('publish in one alone where there is a store: the other says so and signs nothing', async () => {
    await restoreTwice(stored());
    await one.record(log, 10);
    await one.seal();
    const [early = ''] = await other.record(log, 10);
    await other.seal();
    await expect(headOf(one)).resolves.toMatchObject({ signed: 310 });
    await expect(headOf(other)).resolves.toMatchObject({ signed: 300, sealed: 310 });
    await expect(other.holds()).resolves.toEqual(new Map([[log, 'differs_from_published']]));
    expect(other.said).toEqual(['checkpoint not signed differs_from_published']);
    await expect(other.states.read()).resolves.toMatchObject({
      unsigned: 1,
      held: [{ logId: log, isPlatform: false, code: 'differs_from_published', since: other.clock.now() }],
    });
    await expect(other.sealer.ensureSealed(log, early)).resolves.toBe(false);
    await other.record(log, 5);
    await other.seal();
    await expect(headOf(other)).resolves.toMatchObject({ signed: 300, sealed: 315 });
    expect(other.said).toHaveLength(1);
    const [late = ''] = await one.record(log, 1);
    await expect(one.sealer.ensureSealed(log, late)).resolves.toBe(true);
    expect(one.said).toEqual([]);
  });

  it('do so also when both begin at the same moment', async () => {
    await restoreTwice(stored());
    await Promise.all([one.record(log, 10), other.record(log, 20)]);
    await Promise.all([one.sealer.pass(), other.sealer.pass()]);
    await Promise.all([one.signer.sign(), other.signer.sign()]);
    const heads = [await headOf(one), await headOf(other)];
    expect(heads.filter((head) => head?.signed === 300)).toHaveLength(1);
    expect(heads.filter((head) => head?.note === published())).toHaveLength(1);
    const held = [await one.holds(), await other.holds()].flatMap((holds) => [...holds.values()]);
    expect(held).toEqual([expect.stringMatching(/^(behind|differs_from)_published$/)]);
  });

  it('trust nothing that the backup had signed once the other has gone on', async () => {
    const before = await start(stored());
    const [id = ''] = await before.record(log, 1);
    await before.seal();
    await stop(before);
    const restored = await copy();
    [one, other] = [await start(stored()), await start(stored(), restored)];
    await one.record(log, 1);
    await one.seal();
    // It is under a signed checkpoint in both.
    await expect(one.sealer.ensureSealed(log, id)).resolves.toBe(true);
    await expect(other.sealer.ensureSealed(log, id)).resolves.toBe(false);
    await expect(other.holds()).resolves.toEqual(new Map([[log, 'behind_published']]));
  });

  it('both sign where there is none, and are proved to be two by their heads', async () => {
    await restoreTwice({});
    await one.record(log, 10);
    await one.seal();
    await other.record(log, 25);
    await other.seal();
    const [small, large] = [(await headOf(one))?.note ?? '', (await headOf(other))?.note ?? ''];
    const verifiers = one.keys.verifierKeys(`${LOG_NAME}/${log}`).map(parseVerifierKey);
    // What the other's log was at the size of the one.
    const beginning = await beginningOf(other, 310, 325);
    expect(proveFork(small, large, verifiers, beginning)).toMatchObject({ origin: `${LOG_NAME}/${log}`, size: 310 });
    await one.record(log, 15);
    await one.seal();
    expect(proveFork((await headOf(one))?.note ?? '', large, verifiers)).toMatchObject({ size: 325 });
  });
});

describe('a log that is not what is published', () => {
  it('is held where the database was restored to an earlier time, and signed when the right one is back', async () => {
    const before = await start(stored());
    await before.record(log, 2);
    await before.seal();
    await stop(before);
    const backup = await copy();
    const lost = await start(stored());
    await lost.record(log, 3);
    await lost.seal();
    await stop(lost);
    const restored = await start(stored(), backup);
    await restored.signer.sign();
    await expect(restored.holds()).resolves.toEqual(new Map([[log, 'behind_published']]));
    await restored.record(log, 9);
    await restored.seal();
    await expect(restored.holds()).resolves.toEqual(new Map([[log, 'differs_from_published']]));
    await expect(headOf(restored)).resolves.toMatchObject({ signed: 2, sealed: 11 });
    const right = await start(stored());
    await right.record(log, 1);
    await right.seal();
    await expect(headOf(right)).resolves.toMatchObject({ signed: 6 });
  });

  it('waits while the store cannot be reached or lost its file, skips nothing, and goes on when it is back', async () => {
    const process = await start(stored());
    await process.record(log, 2);
    await process.seal();
    const away = `${folder.path}-away`;
    renameSync(folder.path, away);
    for (const code of ['store_unreachable', 'published_missing']) {
      if (code === 'published_missing') mkdirSync(folder.path);
      const [id = ''] = await process.record(log, 3);
      await process.seal();
      expect((await process.holds()).get(log)).toBe(code);
      await expect(process.sealer.ensureSealed(log, id)).resolves.toBe(false);
    }
    await expect(headOf(process)).resolves.toMatchObject({ signed: 2, sealed: 8 });
    rmSync(folder.path, { recursive: true });
    renameSync(away, folder.path);
    await process.signer.sign();
    await expect(headOf(process)).resolves.toMatchObject({ signed: 8, note: published() });
    const unsigned = await process.admin('select 1 from ledger.checkpoint where note is null');
    expect(unsigned).toEqual([]);
    await expect(process.holds()).resolves.toEqual(new Map());
    expect(process.said).toEqual(
      expect.arrayContaining(['checkpoint not signed store_unreachable', 'checkpoints are signed again']),
    );
  });

  it('is held when something else stands in its place', async () => {
    const process = await start(stored());
    await process.record(log, 2);
    await process.seal();
    const name = editions().at(-1) ?? '';
    const note = readFileSync(join(logFolder(), name), 'utf8');
    for (const text of ['nonsense', note.replace('\n2\n', '\n1\n'), note.replace(log, randomUUID())]) {
      writeFileSync(join(logFolder(), name), text);
      await process.record(log, 1);
      await process.seal();
      expect((await process.holds()).get(log)).toBe('published_unreadable');
    }
    writeFileSync(join(logFolder(), name), note);
    await process.signer.sign();
    await expect(headOf(process)).resolves.toMatchObject({ signed: 5 });
  });

  it('is held when its tiles or its checkpoints were changed, also where nothing is published', async () => {
    const process = await start();
    await process.record(log, 300);
    await process.seal();
    await process.record(log, 1);
    await process.sealer.pass();
    await process.admin(`alter table ledger.tile disable trigger user`);
    const swap = `update ledger.tile set hashes = overlay(hashes placing sha256('x') from 1) where log_id = $1 and level = $2 and n = 0`;
    await process.admin(swap, [log, 0]);
    await process.signer.sign();
    // The first leaf is under the first tile's root, which is what a proof is made of.
    await expect(headOf(process)).resolves.toMatchObject({ signed: 301 });
    await process.admin(swap, [log, 1]);
    await process.record(log, 1);
    await process.seal();
    await expect(process.holds()).resolves.toEqual(new Map([[log, 'differs_from_signed']]));
    await expect(headOf(process)).resolves.toMatchObject({ signed: 301, sealed: 302 });
  });

  it('is held when a checkpoint is no head of its tiles, be it the first', async () => {
    const process = await start();
    await process.record(log, 3);
    await process.sealer.pass();
    await process.admin(`alter table ledger.checkpoint disable trigger user`);
    await process.admin(`update ledger.checkpoint set root = sha256('x') where log_id = $1`, [log]);
    await process.signer.sign();
    expect((await process.holds()).get(log)).toBe('differs_from_signed');
    await process.admin(
      `insert into ledger.checkpoint (log_id, size, root, epoch, sealed_at) values ($1, 9, sha256('y'), 1, now())`,
      [randomUUID()],
    );
    await process.signer.sign();
    expect([...(await process.holds()).values()]).toEqual(['differs_from_signed', 'differs_from_signed']);
  });

  it('is compared when the timeline has changed, though nothing is new', async () => {
    const process = await start(stored());
    await process.record(log, 2);
    await process.seal();
    const [edition = ''] = editions();
    rmSync(join(logFolder(), edition));
    await process.signer.sign();
    await expect(process.holds()).resolves.toEqual(new Map());
    await process.admin(`update ledger.seal_cursor set timeline = '00000002'`);
    await process.seal();
    await expect(process.holds()).resolves.toEqual(new Map([[log, 'published_missing']]));
    const [cursor] = await process.admin<{ must: boolean }>('select must_compare as must from ledger.seal_cursor');
    expect(cursor).toEqual({ must: false });
  });
});

describe('a key', () => {
  it('that did not sign the newest checkpoint signs nothing, unless the old one is there as well', async () => {
    const old = await start({ seeds: [1], ...stored() });
    await old.record(log, 2);
    await old.seal();
    await stop(old);
    const stranger = await start({ seeds: [2], ...stored() });
    await stranger.record(log, 1);
    await stranger.seal();
    expect((await stranger.holds()).get(log)).toBe('key_unknown');
    await expect(headOf(stranger)).resolves.toMatchObject({ signed: 2 });
    await stop(stranger);
    const both = await start({ seeds: [2, 1], ...stored() });
    await both.seal();
    await expect(headOf(both)).resolves.toMatchObject({ signed: 3 });
    const origin = `${LOG_NAME}/${log}`;
    const [newKey = '', oldKey = ''] = both.keys.verifierKeys(origin);
    for (const vkey of [newKey, oldKey]) openNote(published(), [parseVerifierKey(vkey)]);
    await stop(both);
    const after = await start({ seeds: [2], ...stored() });
    await after.record(log, 1);
    await after.seal();
    await expect(headOf(after)).resolves.toMatchObject({ signed: 4 });
    expect(() => openNote(published(), [parseVerifierKey(oldKey)])).toThrow();
    await expect(after.holds()).resolves.toEqual(new Map());
  });

  it('that comes later signs also what nothing is added to', async () => {
    const old = await start({ seeds: [1], ...stored() });
    await old.record(log, 2);
    await old.seal();
    await stop(old);
    const both = await start({ seeds: [2, 1], ...stored() });
    await both.signer.sign();
    await stop(both);
    const after = await start({ seeds: [2], ...stored() });
    const [vkey = ''] = after.keys.verifierKeys(`${LOG_NAME}/${log}`);
    const note = await after.proofs.newestCheckpoint(log);
    expect(note).toBe(published());
    expect(openNote(note, [parseVerifierKey(vkey)]).text).toContain('\n2\n');
    await after.record(log, 1);
    await after.seal();
    await expect(headOf(after)).resolves.toMatchObject({ signed: 3 });
  });

  it('goes on under another name for the logs', async () => {
    const before = await start(stored());
    await before.record(log, 2);
    await before.seal();
    await stop(before);
    const after = await start({ logName: 'new.example', ...stored() });
    await after.record(log, 1);
    await after.seal();
    expect(published()).toMatch(new RegExp(`^new\\.example/${log}\n3\n`));
  });
});

import { mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { temporaryFolder, type TemporaryFolder } from '../../test/support/temporary-folder.js';
import { CheckpointStore, StoreUnreachable } from './checkpoint-store.gateway.js';

const LOG = '01890a5d-ac96-774b-bcce-b302099a8057';

describe('the store of checkpoints', () => {
  let folder: TemporaryFolder;
  let store: CheckpointStore;
  beforeEach(() => {
    folder = temporaryFolder();
    store = new CheckpointStore({ keys: [], storeDir: folder.path });
  });
  afterEach(() => folder.remove());

  const numbered = () => readdirSync(join(folder.path, LOG)).filter((name) => /^\d+$/.test(name));

  it('has nothing of a log at first, and then the newest, for people too', async () => {
    await expect(store.read(LOG)).resolves.toBeNull();
    await expect(store.publish(LOG, null, 'first\n')).resolves.toBe(true);
    const first = await store.read(LOG);
    expect(first).toEqual({ edition: 1, note: 'first\n' });
    await expect(store.publish(LOG, first, 'second\n')).resolves.toBe(true);
    await expect(store.read(LOG)).resolves.toEqual({ edition: 2, note: 'second\n' });
    expect(readFileSync(join(folder.path, LOG, 'checkpoint'), 'utf8')).toBe('second\n');
    await expect(store.read('01890a5d-ac96-774b-bcce-b302099a8058')).resolves.toBeNull();
  });

  it('takes a note only on top of the newest', async () => {
    await store.publish(LOG, null, 'first\n');
    const first = await store.read(LOG);
    await store.publish(LOG, first, 'second\n');
    await expect(store.publish(LOG, first, 'another second\n')).resolves.toBe(false);
    await expect(store.publish(LOG, null, 'another first\n')).resolves.toBe(false);
    await expect(store.read(LOG)).resolves.toMatchObject({ note: 'second\n' });
  });

  it('lets one of many publishers through, and all that say the same', async () => {
    await store.publish(LOG, null, 'first\n');
    const first = await store.read(LOG);
    const others = Array.from({ length: 20 }, () => new CheckpointStore({ keys: [], storeDir: folder.path }));
    const won = await Promise.all(others.map((one, index) => one.publish(LOG, first, `by ${index}\n`)));
    expect(won.filter(Boolean)).toHaveLength(1);
    const second = await store.read(LOG);
    expect(second).toEqual({ edition: 2, note: `by ${won.indexOf(true)}\n` });
    await expect(Promise.all(others.map((one) => one.publish(LOG, second, 'the same\n')))).resolves.toEqual(
      others.map(() => true),
    );
  });

  it('clears away what is old, and takes nothing in its place', async () => {
    await store.publish(LOG, null, 'note 1\n');
    const first = await store.read(LOG);
    for (let edition = 2; edition <= 40; edition++)
      await store.publish(LOG, await store.read(LOG), `note ${edition}\n`);
    expect(numbered()).toHaveLength(16);
    await expect(store.publish(LOG, first, 'a late second\n')).resolves.toBe(false);
    await expect(store.read(LOG)).resolves.toEqual({ edition: 40, note: 'note 40\n' });
  });

  it('knows nothing of what a publisher left half written', async () => {
    await store.publish(LOG, null, 'first\n');
    writeFileSync(join(folder.path, LOG, '.draft-of-a-process-that-died'), 'sec');
    await expect(store.read(LOG)).resolves.toEqual({ edition: 1, note: 'first\n' });
    // Cut off before people could see it: what counts is there.
    rmSync(join(folder.path, LOG, 'checkpoint'));
    await expect(store.read(LOG)).resolves.toEqual({ edition: 1, note: 'first\n' });
    await expect(store.publish(LOG, await store.read(LOG), 'second\n')).resolves.toBe(true);
  });

  it('says when its folder is not there, and does not make one', async () => {
    rmSync(folder.path, { recursive: true });
    await expect(store.read(LOG)).rejects.toThrow(StoreUnreachable);
    await expect(store.publish(LOG, null, 'first\n')).rejects.toThrow(StoreUnreachable);
    mkdirSync(folder.path);
    await expect(store.read(LOG)).resolves.toBeNull();
  });

  it('says when what is in its place is no folder', async () => {
    writeFileSync(join(folder.path, LOG), 'a file');
    await expect(store.read(LOG)).rejects.toThrow(StoreUnreachable);
  });
});

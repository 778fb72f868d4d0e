import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import {
  chmodSync,
  cpSync,
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  symlinkSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type ServerAccount } from './embedded-postgres-account.js';

export interface PostgresBinaries {
  initdb: string;
  postgres: string;
}

/**
 * The server programs of this platform, runnable by the account. They come from the npm package of the platform. When
 * that copy does not run (the account cannot read node_modules, or install scripts were blocked, so that the links
 * between the libraries are missing), it is mended in place if possible, else copied to a folder that does.
 * @throws Error that names the platform, and what each attempt answered.
 */
export async function locateBinaries(
  account: ServerAccount | undefined,
  log: (line: string) => void,
): Promise<PostgresBinaries> {
  const native = await findNativeFolder();
  const failures: string[] = [];
  const runs = (folder: string): boolean => {
    const failure = tryToRun(folder, account);
    if (failure) failures.push(`${folder}: ${failure}`);
    return !failure;
  };
  if (runs(native)) return programs(native);
  if (linkLibraries(native) && runs(native)) return programs(native);
  for (const shelf of shelves()) {
    try {
      const copy = copyNativeFolder(native, shelf);
      if (!runs(copy)) continue;
      log(`PostgreSQL's programs cannot run from ${native}; using the copy in ${copy}`);
      return programs(copy);
    } catch (error) {
      failures.push(`${shelf}: ${(error as Error).message}`);
    }
  }
  throw new Error(
    `The embedded PostgreSQL does not run on this machine${account ? ` as user ${account.name}` : ''}. On Linux it needs ` +
      `glibc 2.27 or later (not musl). Use a PostgreSQL server of your own instead.\n  ${failures.join('\n  ')}`,
  );
}

async function findNativeFolder(): Promise<string> {
  const name = `@embedded-postgres/${process.platform}-${process.arch}`;
  try {
    const { postgres } = (await import(name)) as { postgres: string };
    return path.resolve(postgres, '../..');
  } catch (error) {
    throw new Error(
      `There is no embedded PostgreSQL for ${process.platform}-${process.arch} (package ${name} is not installed). ` +
        'Use a PostgreSQL server of your own instead.',
      { cause: error },
    );
  }
}

const programs = (native: string): PostgresBinaries => ({
  initdb: path.join(native, 'bin/initdb'),
  postgres: path.join(native, 'bin/postgres'),
});

/** Starts the server program for its version: the loader then resolves every library. Undefined = it runs. */
function tryToRun(native: string, account: ServerAccount | undefined): string | undefined {
  const identity = account && { uid: account.uid, gid: account.gid };
  const { postgres } = programs(native);
  const { status, stderr, error } = spawnSync(postgres, ['--version'], { ...identity, cwd: '/', encoding: 'utf8' });
  if (status === 0) return undefined;
  return error?.message ?? (stderr.trim() || `exit code ${status}`);
}

/**
 * Makes the links between library names that the package's install script would have made (npm archives carry no
 * links; native/pg-symlinks.json lists them).
 * @returns whether every link is there now.
 */
function linkLibraries(native: string): boolean {
  const list = path.join(native, 'pg-symlinks.json');
  if (!existsSync(list)) return true;
  const links = JSON.parse(readFileSync(list, 'utf8')) as { source: string; target: string }[];
  const inside = (name: string) => path.join(path.dirname(native), name);
  try {
    for (const { source, target } of links) {
      if (!existsSync(inside(target))) symlinkSync(path.relative(path.dirname(target), source), inside(target));
    }
    return true;
  } catch {
    return false;
  }
}

/** Where a copy may go, the safest first: folders that only this user writes to, then the shared ones. */
function shelves(): string[] {
  const own = process.getuid?.() === 0 ? '/var/lib/wellpaid' : path.join(os.homedir(), '.cache/wellpaid');
  return [...new Set([own, os.tmpdir(), '/var/tmp'])];
}

/**
 * Copies the programs to a folder of the shelf that is named after their version and listing, and appears at once with
 * all its content, so that several starts may copy at the same time.
 * @throws Error when the shelf cannot be written to, or someone else could have put the programs there.
 */
function copyNativeFolder(native: string, shelf: string): string {
  const { version } = JSON.parse(readFileSync(path.join(native, '../package.json'), 'utf8')) as { version: string };
  const files = readdirSync(native, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
    .map((file) => `${path.relative(native, file)} ${lstatSync(file).size}`)
    .sort();
  const hash = createHash('sha256').update(files.join('\n')).digest('hex').slice(0, 12);
  if (mkdirSync(shelf, { recursive: true })) chmodSync(shelf, 0o755);
  refuseForeignShelf(shelf);
  const copy = path.join(shelf, `wellpaid-postgres-${version}-${hash}`);
  if (!existsSync(copy)) {
    const staging = mkdtempSync(`${copy}-`);
    try {
      cpSync(native, path.join(staging, 'native'), { recursive: true, verbatimSymlinks: true });
      openForReading(staging);
      linkLibraries(path.join(staging, 'native'));
      renameSync(staging, copy);
    } catch (error) {
      rmSync(staging, { recursive: true, force: true });
      if (!existsSync(copy)) throw error;
    }
  }
  refuseForeignFolder(copy);
  return path.join(copy, 'native');
}

function openForReading(entry: string): void {
  const stats = lstatSync(entry);
  if (stats.isSymbolicLink()) return;
  const executable = stats.isDirectory() || (stats.mode & 0o100) !== 0;
  chmodSync(entry, executable ? 0o755 : 0o644);
  if (stats.isDirectory()) for (const name of readdirSync(entry)) openForReading(path.join(entry, name));
}

/** In a folder that others write to, only the sticky bit keeps them from replacing ours with theirs. */
function refuseForeignShelf(shelf: string): void {
  const { uid, mode } = lstatSync(shelf);
  const trusted = uid === 0 || uid === process.getuid?.();
  if (!trusted || ((mode & 0o022) !== 0 && (mode & 0o1000) === 0)) throw new Error('others may replace its content');
}

/**
 * Refuses a folder that a user other than this one and root made, or may write to: what lies in it could be theirs.
 * @throws Error that names the folder.
 */
export function refuseForeignFolder(folder: string): void {
  const { uid, mode } = lstatSync(folder);
  const trusted = uid === 0 || uid === process.getuid?.();
  if ((mode & 0o170000) !== 0o040000 || !trusted || (mode & 0o022) !== 0) {
    throw new Error(`${folder} is not a folder that this user alone writes to; remove it`);
  }
}

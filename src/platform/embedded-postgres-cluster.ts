import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import {
  chmodSync,
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  lchownSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readFileSync,
  readdirSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import path from 'node:path';
import { canEnter, chooseServerAccount, type ServerAccount } from './embedded-postgres-account.js';
import { locateBinaries, type PostgresBinaries } from './embedded-postgres-binaries.js';

export const SUPERUSER = 'postgres';

/** What a data folder holds: the server's own files in `cluster`, and beside them what this program keeps. */
export interface DataFolder {
  dir: string;
  cluster: string;
  passwordFile: string;
  portFile: string;
  ownerFile: string;
}

/**
 * The folder with its real path, made when missing: the path identifies a running server.
 * A root process opens the folders it makes for reading, since the server runs under another account.
 */
export function openDataFolder(dataDir: string): DataFolder {
  const root = process.getuid?.() === 0;
  const first = mkdirSync(dataDir, { recursive: true, mode: root ? 0o755 : 0o700 });
  if (first && root) {
    for (let made = path.resolve(dataDir); made.length >= first.length; made = path.dirname(made))
      chmodSync(made, 0o755);
  }
  const dir = realpathSync(dataDir);
  const inside = (name: string) => path.join(dir, name);
  return {
    dir,
    cluster: inside('cluster'),
    passwordFile: inside('superuser-password'),
    portFile: inside('port'),
    ownerFile: inside('owner'),
  };
}

export interface PreparedCluster {
  account: ServerAccount | undefined;
  binaries: PostgresBinaries;
  password: string;
}

/**
 * Makes the database cluster when the folder has none, with a random password for the superuser, and gives it to the
 * account the server runs under. The caller holds the folder, or is alone with it.
 * @param durable false leaves the new files to the system's write cache.
 * @throws Error when the account cannot reach the folder, or the password is lost.
 */
export async function prepareCluster(
  folder: DataFolder,
  { durable, log }: { durable: boolean; log: (line: string) => void },
): Promise<PreparedCluster> {
  const account = chooseServerAccount(folder.cluster);
  if (!canEnter(account, folder.dir)) {
    throw new Error(
      `PostgreSQL runs as user ${account?.name ?? 'of this process'}, who cannot reach ${folder.dir}. ` +
        'Choose a data folder below folders that user may enter.',
    );
  }
  const binaries = await locateBinaries(account, log);
  if (!existsSync(folder.cluster)) {
    log(`creating a database in ${folder.dir}`);
    createCluster(folder, binaries, account, durable);
  } else if (account && statSync(folder.cluster).uid !== account.uid) {
    giveTo(account, folder.cluster);
  }
  if (!existsSync(folder.passwordFile)) {
    throw new Error(`${folder.cluster} holds a database, but its password file ${folder.passwordFile} is missing`);
  }
  return { account, binaries, password: readFileSync(folder.passwordFile, 'utf8').trim() };
}

/** Builds the cluster aside and renames it into place, so that a start cut short leaves no half of one. */
function createCluster(
  folder: DataFolder,
  binaries: PostgresBinaries,
  account: ServerAccount | undefined,
  durable: boolean,
): void {
  for (const name of readdirSync(folder.dir)) {
    if (name.startsWith('new-')) rmSync(path.join(folder.dir, name), { recursive: true, force: true });
  }
  const staging = mkdtempSync(path.join(folder.dir, 'new-'));
  const cluster = path.join(staging, 'cluster');
  const passwordCopy = path.join(staging, 'password');
  const password = randomBytes(24).toString('base64url');
  rmSync(folder.passwordFile, { force: true });
  writeFileSync(folder.passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx', flush: durable });
  writeFileSync(passwordCopy, `${password}\n`, { mode: 0o600, flag: 'wx' });
  if (account) giveTo(account, staging);
  try {
    const { status, stderr, error } = spawnSync(binaries.initdb, initdbArguments(cluster, passwordCopy, durable), {
      ...(account && { uid: account.uid, gid: account.gid }),
      cwd: staging,
      env: SERVER_ENVIRONMENT,
      encoding: 'utf8',
    });
    if (status !== 0) throw new Error(`Creating the database failed: ${error?.message ?? stderr.trim()}`);
    if (account) chownSync(staging, 0, 0);
    renameSync(cluster, folder.cluster);
    if (durable) syncFolder(folder.dir);
  } finally {
    rmSync(staging, { recursive: true, force: true });
  }
}

/** A rename is on disk only once its folder is. */
function syncFolder(dir: string): void {
  const handle = openSync(dir, 'r');
  try {
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
}

/** The server sees nothing of this process's environment, which may hold secrets. */
export const SERVER_ENVIRONMENT = { PATH: '/usr/bin:/bin', LC_ALL: 'C', TZ: 'UTC' };

/** The built-in C.UTF-8 locale sorts the same on every system and release, so that indexes survive an upgrade. */
const initdbArguments = (cluster: string, passwordFile: string, durable: boolean): string[] => [
  `--pgdata=${cluster}`,
  `--username=${SUPERUSER}`,
  `--pwfile=${passwordFile}`,
  '--auth=scram-sha-256',
  '--encoding=UTF8',
  '--locale=C',
  '--locale-provider=builtin',
  '--builtin-locale=C.UTF-8',
  '--data-checksums',
  ...(durable ? [] : ['--no-sync']),
];

function giveTo(account: ServerAccount, entry: string): void {
  lchownSync(entry, account.uid, account.gid);
  if (!statSync(entry).isDirectory()) return;
  for (const child of readdirSync(entry, { withFileTypes: true })) {
    const childPath = path.join(entry, child.name);
    if (child.isDirectory()) giveTo(account, childPath);
    else lchownSync(childPath, account.uid, account.gid);
  }
}

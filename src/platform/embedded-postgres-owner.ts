import { execFileSync } from 'node:child_process';
import { randomUUID } from 'node:crypto';
import { existsSync, linkSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { type DataFolder } from './embedded-postgres-cluster.js';

const ORPHAN_WAIT_MS = 60_000;
const POLL_MS = 50;
/** Above every system's largest process number. */
const NO_PROCESS = 2_147_483_647;

/**
 * Takes a data folder for this process. A server whose owner has died is shutting down: it is waited for.
 * PostgreSQL's own lock stays the last guard, should two processes take over from a dead owner at the same instant.
 * @returns gives the folder back.
 * @throws Error that names the process that uses the folder.
 */
export async function claimDataFolder(folder: DataFolder, log: (line: string) => void): Promise<() => void> {
  const orphaned = takeOwnerFile(folder);
  const release = () => rmSync(folder.ownerFile, { force: true });
  try {
    await waitForServerToEnd(folder, orphaned, log);
  } catch (error) {
    release();
    throw error;
  }
  return release;
}

/** @returns whether an owner that has died left the folder. */
function takeOwnerFile(folder: DataFolder): boolean {
  const own = `${process.pid} ${identifyProcess(process.pid)}\n`;
  let orphaned = false;
  for (;;) {
    const draft = `${folder.ownerFile}.${randomUUID()}`;
    writeFileSync(draft, own, { mode: 0o644 });
    try {
      linkSync(draft, folder.ownerFile);
      return orphaned;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
    } finally {
      rmSync(draft, { force: true });
    }
    const owner = findLiveOwner(folder);
    if (owner !== undefined) throw inUse(folder, owner);
    orphaned = true;
    rmSync(folder.ownerFile, { force: true });
  }
}

function findLiveOwner(folder: DataFolder): number | undefined {
  if (!existsSync(folder.ownerFile)) return undefined;
  const [pid = '', identity = ''] = readFileSync(folder.ownerFile, 'utf8').trim().split(/ (.*)/);
  return identity !== '' && identifyProcess(Number(pid)) === identity ? Number(pid) : undefined;
}

async function waitForServerToEnd(folder: DataFolder, orphaned: boolean, log: (line: string) => void): Promise<void> {
  let server = findServer(folder);
  if (server === undefined) return;
  if (!orphaned) throw inUse(folder, server);
  log(`waiting for process ${server}, the database server of a process that has ended, to shut down`);
  askToShutDown(server);
  for (let waited = 0; server !== undefined; waited += POLL_MS) {
    if (waited >= ORPHAN_WAIT_MS) throw inUse(folder, server);
    await sleep(POLL_MS);
    server = findServer(folder);
  }
}

/** Its warden has asked already, unless that was killed as well; asking twice does no harm. */
function askToShutDown(server: number): void {
  try {
    process.kill(server, 'SIGINT');
  } catch {
    // It has ended, or belongs to another user.
  }
}

const inUse = (folder: DataFolder, pid: number): Error =>
  new Error(`The data folder ${folder.dir} is already in use by process ${pid}`);

/**
 * The process number of the server that runs on the folder. When its lock file names a process that is another
 * program by now, the file is made to name none: PostgreSQL would take that program for a server and refuse to start.
 * The rest of the file stays, for with it PostgreSQL makes sure that no process of the dead server is left.
 */
function findServer(folder: DataFolder): number | undefined {
  const lockFile = path.join(folder.cluster, 'postmaster.pid');
  if (!existsSync(lockFile)) return undefined;
  const [pid = '', ...rest] = readFileSync(lockFile, 'utf8').split('\n');
  const server = Math.abs(Number(pid));
  if (!Number.isInteger(server) || server === 0) return undefined;
  if (isServerOf(folder, server)) return server;
  if (server !== NO_PROCESS) writeFileSync(lockFile, [NO_PROCESS, ...rest].join('\n'));
  return undefined;
}

function isServerOf(folder: DataFolder, pid: number): boolean {
  try {
    if (process.platform === 'linux') {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes(`\0-D\0${folder.cluster}\0`);
    }
    return execFileSync('ps', ['-ww', '-o', 'command=', '-p', String(pid)], ps).includes(` -D ${folder.cluster} `);
  } catch {
    return false;
  }
}

const ps = { encoding: 'utf8', stdio: 'pipe' } as const;

/** Tells a process from a later one of the same number by when it started; undefined = there is none. */
function identifyProcess(pid: number): string | undefined {
  try {
    if (process.platform !== 'linux') {
      return execFileSync('ps', ['-o', 'lstart=', '-p', String(pid)], ps).trim();
    }
    const boot = readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim();
    const stat = readFileSync(`/proc/${pid}/stat`, 'utf8');
    // Fields follow the program's name, which may hold spaces and brackets: proc_pid_stat(5), field 22 = start time.
    const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ');
    return fields[0] === 'Z' ? undefined : `${boot} ${fields[19]}`;
  } catch {
    return undefined;
  }
}

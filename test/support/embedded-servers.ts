import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import {
  chmodSync,
  chownSync,
  cpSync,
  existsSync,
  mkdtempSync,
  readFileSync,
  readdirSync,
  readlinkSync,
  rmSync,
} from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import readline from 'node:readline';
import { setTimeout as sleep } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { chooseServerAccount } from '../../src/platform/embedded-postgres-account.js';
import { locateBinaries } from '../../src/platform/embedded-postgres-binaries.js';
import { openDataFolder, prepareCluster, SERVER_ENVIRONMENT } from '../../src/platform/embedded-postgres-cluster.js';
import {
  type EmbeddedPostgres,
  type EmbeddedPostgresOptions,
  startEmbeddedPostgres,
} from '../../src/platform/embedded-postgres.js';

export const isRoot = process.getuid?.() === 0;
export const NOBODY = 65_534;
export const QUICK = { fsync: 'off', shared_buffers: '16MB' };

const compiledModule = fileURLToPath(new URL('../../src/platform/embedded-postgres.js', import.meta.url));
const undo: (() => unknown)[] = [];

/** Has the step run when the test is over, before the steps of what was made earlier. */
export const afterTest = (step: () => unknown): number => undo.push(step);

export async function undoAll(): Promise<void> {
  for (const step of undo.splice(0).reverse()) await step();
}

/** An empty folder that the server's account can enter, or one that belongs to the owner alone. */
export function makeFolder(owner?: number): string {
  const dir = mkdtempSync(path.join(os.tmpdir(), 'wellpaid-spec-'));
  afterTest(() => rmSync(dir, { recursive: true, force: true }));
  if (owner !== undefined) chownSync(dir, owner, owner);
  else if (isRoot) chmodSync(dir, 0o755);
  return dir;
}

let fresh: Promise<string> | undefined;

/**
 * A data folder whose cluster exists and has never been started: a copy, which is quicker than to create one. All copies have
 * the same system identifier.
 */
export async function makeDataFolder(): Promise<string> {
  fresh ??= makeFreshFolder();
  const dataDir = path.join(makeFolder(), 'data');
  cpSync(await fresh, dataDir, { recursive: true });
  return dataDir;
}

async function makeFreshFolder(): Promise<string> {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'wellpaid-spec-'));
  if (isRoot) chmodSync(folder, 0o755);
  await prepareCluster(openDataFolder(folder), { durable: false, log: () => undefined });
  return folder;
}

export async function removeFreshFolder(): Promise<void> {
  if (fresh) rmSync(await fresh, { recursive: true });
  fresh = undefined;
}

export async function start(
  dataDir: string,
  options: Partial<EmbeddedPostgresOptions> = {},
): Promise<EmbeddedPostgres> {
  const server = await startEmbeddedPostgres({ dataDir, settings: QUICK, ...options });
  afterTest(() => server.stop());
  return server;
}

export async function query(url: string, sql: string): Promise<Record<string, unknown>[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows as Record<string, unknown>[];
  } finally {
    await client.end();
  }
}

export const writeRow = (url: string) => query(url, 'create table kept as select 42 as answer');
export const readRow = (url: string) => query(url, 'select answer from kept');

export const lockFileOf = (dataDir: string): string => path.join(dataDir, 'cluster/postmaster.pid');
export const serverPid = (dataDir: string): number => Number(readFileSync(lockFileOf(dataDir), 'utf8').split('\n')[0]);

export function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

export async function until(condition: () => boolean): Promise<void> {
  while (!condition()) await sleep(25);
}

/** Every process that works in the folder, as all of the server's do; without /proc, the first one of the server. */
export function processesIn(dataDir: string, server: number): number[] {
  if (!existsSync('/proc/self/cwd')) return isAlive(server) ? [server] : [];
  const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name));
  return pids.filter((pid) => workingFolder(pid)?.startsWith(dataDir)).map(Number);
}

function workingFolder(pid: string): string | undefined {
  try {
    return readlinkSync(`/proc/${pid}/cwd`);
  } catch {
    return undefined;
  }
}

/** A server that nothing watches over, on a fresh cluster. */
export async function startWithoutOwner(dataDir: string): Promise<number> {
  const { cluster, dir } = openDataFolder(dataDir);
  const owned = await start(dataDir);
  await owned.stop();
  const account = chooseServerAccount(cluster);
  const { postgres } = await locateBinaries(account, () => undefined);
  const settings = ['listen_addresses=127.0.0.1', `port=${owned.port}`, 'unix_socket_directories='];
  const flags = settings.flatMap((setting) => ['-c', setting]);
  const server = spawn(postgres, ['-D', cluster, ...flags], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: dir,
    env: SERVER_ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  afterTest(async () => {
    if (server.exitCode !== null) return;
    server.kill('SIGQUIT');
    await once(server, 'exit');
  });
  const lines = readline.createInterface({ input: server.stderr });
  for await (const line of lines) if (line.includes('ready to accept connections')) break;
  server.stderr.resume();
  return server.pid ?? 0;
}

export interface ServerProcess {
  child: ChildProcess;
  url: string;
  error: string;
  log: string[];
}

/** Ignores Ctrl-C, reports once, and stops the server when its input ends. */
const PROGRAM = `
  const { dataDir, settings, module, uid } = JSON.parse(process.argv[1]);
  if (uid !== undefined) { process.setgroups([]); process.setgid(uid); process.setuid(uid); }
  process.on('SIGINT', () => undefined);
  const { startEmbeddedPostgres } = await import(module);
  const log = [];
  try {
    const server = await startEmbeddedPostgres({ dataDir, settings, log: (line) => log.push(line) });
    console.log(JSON.stringify({ url: server.url(), error: '', log }));
    process.stdin.resume().once('end', () => server.stop());
  } catch (error) {
    console.log(JSON.stringify({ url: '', error: error.message, log }));
  }`;

/** Starts a server from a process of its own, which may be another user's, or run another installation. */
export async function startFromProcess(
  dataDir: string,
  { uid, module = compiledModule }: { uid?: number; module?: string } = {},
): Promise<ServerProcess> {
  const argument = JSON.stringify({ dataDir, settings: QUICK, module, uid });
  const child = spawn(process.execPath, ['--input-type=module', '-e', PROGRAM, argument], {
    stdio: ['pipe', 'pipe', 'inherit'],
    cwd: '/',
    detached: true,
  });
  afterTest(() => finish(child));
  const [line] = await once(readline.createInterface({ input: child.stdout }), 'line');
  return { child, ...(JSON.parse(String(line)) as Omit<ServerProcess, 'child'>) };
}

const hasEnded = (child: ChildProcess): boolean => child.exitCode !== null || child.signalCode !== null;

/** Lets the process stop its server and end. */
export async function finish(child: ChildProcess): Promise<void> {
  if (hasEnded(child)) return;
  child.stdin?.end();
  await once(child, 'exit');
}

export async function kill(child: ChildProcess, signal: NodeJS.Signals = 'SIGKILL'): Promise<void> {
  if (hasEnded(child)) return;
  child.kill(signal);
  await once(child, 'exit');
}

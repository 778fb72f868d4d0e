import { type ChildProcess, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import path from 'node:path';
import readline from 'node:readline';
import { canEnter, chooseServerAccount } from './embedded-postgres-account.js';
import {
  type DataFolder,
  openDataFolder,
  prepareCluster,
  type PreparedCluster,
  SERVER_ENVIRONMENT,
  SUPERUSER,
} from './embedded-postgres-cluster.js';
import { claimDataFolder } from './embedded-postgres-owner.js';

export interface EmbeddedPostgresOptions {
  /** Everything of the database lies below this folder. */
  dataDir: string;
  log?: (line: string) => void;
  /** Server settings, by name; the defaults are durable. */
  settings?: Record<string, string>;
  /** Called once when the server ends without having been stopped. */
  onExit?: (error: Error) => void;
}

export interface EmbeddedPostgres {
  port: number;
  /** The address of a database; with the password when the user is the superuser (the default). */
  url(database?: string, user?: string): string;
  /** Ends sessions, writes everything down and resolves once the server has exited. */
  stop(): Promise<void>;
}

const PORT_ATTEMPTS = 5;
const STOP_PATIENCE_MS = 60_000;

/**
 * Starts the PostgreSQL server that comes with the program, on 127.0.0.1 alone and with a password. The server ends
 * with this process, however that ends.
 * @throws Error when the folder is in use, cannot be reached by the account the server runs under, or the server does
 * not start; the last lines of its log are in the message.
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log = () => undefined, settings = {} } = options;
  const folder = openDataFolder(options.dataDir);
  const release = await claimDataFolder(folder, log);
  try {
    const cluster = await prepareCluster(folder, { durable: settings.fsync !== 'off', log });
    const { server, port } = await startOnFreePort(folder, cluster, settings, log);
    log(`PostgreSQL listens on 127.0.0.1:${port}, data in ${folder.dir}`);
    return superviseServer(server, port, cluster.password, { release, onExit: options.onExit });
  } catch (error) {
    release();
    throw error;
  }
}

/**
 * Where the data lies unless the operator says otherwise: `.wellpaid/postgres` in the project. When root runs a project
 * that the server's account cannot reach, a folder of /var/lib/wellpaid named after the project's path.
 */
export function defaultDataDir(projectRoot: string): string {
  const usual = path.join(projectRoot, '.wellpaid/postgres');
  if (process.getuid?.() !== 0) return usual;
  if (canEnter(chooseServerAccount(path.join(usual, 'cluster')), projectRoot)) return usual;
  const hash = createHash('sha256').update(path.resolve(projectRoot)).digest('hex').slice(0, 12);
  return path.join('/var/lib/wellpaid', hash);
}

async function startOnFreePort(
  folder: DataFolder,
  cluster: PreparedCluster,
  settings: Record<string, string>,
  log: (line: string) => void,
): Promise<{ server: ChildProcess; port: number }> {
  const lastPort = existsSync(folder.portFile) ? Number(readFileSync(folder.portFile, 'utf8')) : 0;
  let port = await findFreePort(lastPort).catch(() => findFreePort(0));
  for (let attempt = 1; ; attempt += 1) {
    const server = spawnServer(folder, cluster, port, settings);
    const failure = await waitUntilReady(server, log);
    if (failure === undefined) {
      rmSync(folder.portFile, { force: true });
      writeFileSync(folder.portFile, `${port}\n`);
      return { server, port };
    }
    // Another program may take the port between the look and the start.
    const taken = failure.includes('Address already in use');
    if (!taken || attempt === PORT_ATTEMPTS) throw new Error(`PostgreSQL did not start:\n${failure}`);
    port = await findFreePort(0);
  }
}

async function findFreePort(wanted: number): Promise<number> {
  const probe = net.createServer().listen(wanted, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

/**
 * Runs the server ("$@") and ends it when standard input closes, which it does when this process ends, even by
 * SIGKILL. The shell stands between the two from the start, so there is no instant at which a server has no warden.
 * It ignores the signals a terminal or service manager sends to all processes, and leaves when the server has.
 */
const WARDEN = `
trap '' HUP INT QUIT TERM
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -INT "$server"; } >/dev/null 2>&1 &
watch=$!
exec 3<&- </dev/null
wait "$server"
code=$?
kill -KILL "$watch"
exit "$code"`;

function spawnServer(
  folder: DataFolder,
  { account, binaries }: PreparedCluster,
  port: number,
  settings: Record<string, string>,
): ChildProcess {
  const all = {
    unix_socket_directories: '',
    timezone: 'UTC',
    log_timezone: 'UTC',
    ...settings,
    listen_addresses: '127.0.0.1',
    port: String(port),
  };
  const flags = Object.entries(all).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn('/bin/sh', ['-c', WARDEN, 'wellpaid-postgres', binaries.postgres, '-D', folder.cluster, ...flags], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: folder.dir,
    env: SERVER_ENVIRONMENT,
    // A group of its own: Ctrl-C in a terminal must reach the server only through this process, after its last work.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

/** @returns the last lines of the server's log when it ended instead. */
async function waitUntilReady(server: ChildProcess, log: (line: string) => void): Promise<string | undefined> {
  if (!server.stderr) throw new Error('the server was started without a pipe for its log');
  const lines = readline.createInterface({ input: server.stderr });
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      log(line);
      last.push(line);
      if (last.length > 20) last.shift();
      if (line.includes('ready to accept connections')) resolve(undefined);
    });
    server.once('error', reject);
    server.once('close', () => resolve(last.join('\n')));
  });
}

function superviseServer(
  server: ChildProcess,
  port: number,
  password: string,
  { release, onExit }: { release: () => void; onExit: ((error: Error) => void) | undefined },
): EmbeddedPostgres {
  const handles = [server, server.stdin as net.Socket, server.stderr as net.Socket];
  let stopping = false;
  const ended = new Promise<void>((resolve) => {
    server.once('close', (code) => {
      release();
      resolve();
      if (!stopping) onExit?.(new Error(`PostgreSQL ended unexpectedly (exit code ${code})`));
    });
  });
  // A forgotten server must not keep the process alive: it ends with it.
  for (const handle of handles) handle.unref();
  return {
    port,
    url(database = 'postgres', user = SUPERUSER) {
      const url = new URL(`postgres://127.0.0.1:${port}/${encodeURIComponent(database)}`);
      url.username = encodeURIComponent(user);
      if (user === SUPERUSER) url.password = password;
      return url.href;
    },
    async stop() {
      stopping = true;
      for (const handle of handles) handle.ref();
      server.stdin?.end();
      const impatience = setTimeout(() => process.kill(-(server.pid ?? 0), 'SIGQUIT'), STOP_PATIENCE_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
}

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import net from 'node:net';
import readline from 'node:readline';
import { type DataFolder, type PreparedCluster, SERVER_ENVIRONMENT } from './embedded-postgres-cluster.js';

export interface RunningServer {
  port: number;
  /** The superuser's. */
  password: string;
  /** Resolves, with how it ended, when no process of the server is left. */
  ended: Promise<Error>;
  shutDown(): Promise<void>;
}

interface StartOptions {
  settings: Record<string, string>;
  log: (line: string) => void;
}

const PORT_ATTEMPTS = 5;
const SHUTDOWN_PATIENCE_MS = 60_000;
const LINES_KEPT_FOR_ERRORS = 20;

/**
 * Starts the server on the port it had last, else on a free one, which is recorded in the folder.
 * @throws Error with the last lines of the server's log when it ends instead.
 */
export async function startServer(
  folder: DataFolder,
  cluster: PreparedCluster,
  { settings, log }: StartOptions,
): Promise<RunningServer> {
  const lastPort = existsSync(folder.portFile) ? Number(readFileSync(folder.portFile, 'utf8')) : 0;
  let port = await findFreePort(lastPort).catch(() => findFreePort(0));
  for (let attempt = 1; ; attempt += 1) {
    const server = spawnServer(folder, cluster, serverSettings(port, settings));
    const failure = await waitUntilReady(server, log);
    if (failure === undefined) {
      rmSync(folder.portFile, { force: true });
      writeFileSync(folder.portFile, `${port}\n`);
      return supervise(server, port, cluster.password);
    }
    // Another program may have taken the port since it was found free.
    const taken = failure.includes('Address already in use');
    if (!taken || attempt === PORT_ATTEMPTS) throw new Error(`PostgreSQL did not start:\n${failure}`);
    port = await findFreePort(0);
  }
}

/** @throws Error when the wanted port (0 = any) is not free. */
async function findFreePort(wanted: number): Promise<number> {
  const probe = net.createServer().listen(wanted, '127.0.0.1');
  await once(probe, 'listening');
  const { port } = probe.address() as net.AddressInfo;
  probe.close();
  await once(probe, 'close');
  return port;
}

const serverSettings = (port: number, settings: Record<string, string>): Record<string, string> => ({
  timezone: 'UTC',
  log_timezone: 'UTC',
  // Details and statements carry the values of rows, and people's data stays out of logs.
  log_error_verbosity: 'terse',
  log_min_error_statement: 'panic',
  // A page is logged whole when it is first changed after a checkpoint: a claim file of a million rows has one every five
  // minutes or two gigabytes, not every half of one, and finds the pages of its indexes in memory.
  shared_buffers: '256MB',
  max_wal_size: '4GB',
  ...settings,
  listen_addresses: '127.0.0.1',
  port: String(port),
  unix_socket_directories: '',
  // That the server is ready is read from its log on standard error.
  logging_collector: 'off',
  log_destination: 'stderr',
  log_min_messages: 'warning',
});

/**
 * Runs the server ("$@") and shuts it down when standard input closes, which it does when this process ends, even by
 * SIGKILL. The shell stands between the two from the first, so at no instant is there a server without a warden.
 * It ignores the signals that terminals and service managers send to all processes, and ends when the server has.
 */
const WARDEN = `
trap '' HUP INT QUIT TERM
exec 3<&0
"$@" </dev/null 3<&- &
server=$!
{ read -r _ <&3; kill -INT "$server"; } >/dev/null 2>&1 &
reader=$!
exec 3<&- </dev/null
wait "$server"
code=$?
kill -KILL "$reader" 2>/dev/null
exit "$code"`;

function spawnServer(
  folder: DataFolder,
  { account, binaries }: PreparedCluster,
  settings: Record<string, string>,
): ChildProcess {
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return spawn('/bin/sh', ['-c', WARDEN, 'wellpaid-postgres', binaries.postgres, '-D', folder.cluster, ...flags], {
    ...(account && { uid: account.uid, gid: account.gid }),
    cwd: folder.dir,
    env: SERVER_ENVIRONMENT,
    // A group of its own: Ctrl-C in a terminal reaches the server only through this process, after its last work.
    detached: true,
    stdio: ['pipe', 'ignore', 'pipe'],
  });
}

/** @returns the last lines of the server's log when it ended instead; undefined = it takes connections. */
async function waitUntilReady(server: ChildProcess, log: (line: string) => void): Promise<string | undefined> {
  const lines = readline.createInterface({ input: server.stderr as net.Socket });
  const last: string[] = [];
  return new Promise((resolve, reject) => {
    lines.on('line', (line) => {
      log(line);
      last.push(line);
      if (last.length > LINES_KEPT_FOR_ERRORS) last.shift();
      if (line.includes('database system is ready to accept connections')) resolve(undefined);
    });
    server.once('error', reject);
    server.once('close', () => resolve(last.join('\n')));
  });
}

function supervise(server: ChildProcess, port: number, password: string): RunningServer {
  // The server's processes hold its log open, so "close" (unlike "exit") means that all of them are gone.
  const ended = once(server, 'close').then(([code]) => new Error(`PostgreSQL ended unexpectedly: ${explain(code)}`));
  const handles = [server, server.stdin as net.Socket, server.stderr as net.Socket];
  for (const handle of handles) handle.unref();
  return {
    port,
    password,
    ended,
    async shutDown() {
      for (const handle of handles) handle.ref();
      server.stdin?.end();
      const impatience = setTimeout(() => abort(server), SHUTDOWN_PATIENCE_MS);
      await ended;
      clearTimeout(impatience);
    },
  };
}

/** A shell reports a program that a signal ended as 128 and the signal's number. */
const explain = (code: number | null): string =>
  code !== null && code > 128 ? `signal ${code - 128}` : `exit code ${code}`;

/** Makes the server end without the checkpoint; the next start recovers from its log, and nothing committed is lost. */
function abort(server: ChildProcess): void {
  if (server.pid !== undefined) process.kill(-server.pid, 'SIGQUIT');
}

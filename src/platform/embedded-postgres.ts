import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import path from 'node:path';
import { canEnter, chooseServerAccount } from './embedded-postgres-account.js';
import { openDataFolder, prepareCluster, SUPERUSER } from './embedded-postgres-cluster.js';
import { claimDataFolder } from './embedded-postgres-owner.js';
import { type RunningServer, startServer } from './embedded-postgres-server.js';

export interface EmbeddedPostgresOptions {
  /** Everything of the database lies below this folder. */
  dataDir: string;
  log?: (line: string) => void;
  /** Server settings by name, over durable defaults. */
  settings?: Record<string, string>;
  /** Called once when the server ends without having been stopped. */
  onExit?: (error: Error) => void;
}

export interface EmbeddedPostgres {
  port: number;
  /** The address of a database; with the password when the user is the superuser, as is the default. */
  url(database?: string, user?: string): string;
  /** Ends all sessions, writes everything to disk, and resolves once the server has exited. */
  stop(): Promise<void>;
}

/**
 * Starts the PostgreSQL server that comes with this program: on 127.0.0.1 alone, every login by password. The server
 * ends with this process, however that ends; one that is never stopped does not keep the process alive.
 * @throws Error when the folder is in use (the message names the process), when the account the server runs under
 * cannot reach it, or when the server does not start (the message ends with the server's log).
 */
export async function startEmbeddedPostgres(options: EmbeddedPostgresOptions): Promise<EmbeddedPostgres> {
  const { log = () => undefined, settings = {} } = options;
  const folder = openDataFolder(options.dataDir);
  const release = await claimDataFolder(folder, log);
  let server: RunningServer;
  try {
    const cluster = await prepareCluster(folder, { durable: settings.fsync !== 'off', log });
    server = await startServer(folder, cluster, { settings, log });
  } catch (error) {
    release();
    throw error;
  }
  log(`PostgreSQL listens on 127.0.0.1:${server.port}, its data is in ${folder.dir}`);
  let stopping = false;
  const awaitEnd = async (): Promise<void> => {
    const error = await server.ended;
    release();
    if (!stopping) options.onExit?.(error);
  };
  const ended = awaitEnd();
  return {
    port: server.port,
    url(database = 'postgres', user = SUPERUSER) {
      const url = new URL(`postgres://127.0.0.1:${server.port}/${encodeURIComponent(database)}`);
      url.username = user;
      if (user === SUPERUSER) url.password = server.password;
      return url.href;
    },
    async stop() {
      stopping = true;
      await server.shutDown();
      await ended;
    },
  };
}

/**
 * Where the data lies unless the operator says otherwise: `.wellpaid/postgres` in the project. When root runs a project
 * that the server's account cannot reach (a root user's home folder), a folder of /var/lib/wellpaid that is named after
 * the project's path; once data is there, it stays the place.
 */
export function defaultDataDir(projectRoot: string): string {
  const usual = path.resolve(projectRoot, '.wellpaid/postgres');
  if (process.getuid?.() !== 0) return usual;
  const hash = createHash('sha256').update(path.resolve(projectRoot)).digest('hex').slice(0, 12);
  const system = path.join('/var/lib/wellpaid', hash);
  if (existsSync(path.join(system, 'cluster'))) return system;
  return canEnter(chooseServerAccount(path.join(usual, 'cluster')), projectRoot) ? usual : system;
}

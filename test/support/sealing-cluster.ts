import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import readline from 'node:readline';
import pg from 'pg';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { chooseServerAccount } from '../../src/platform/embedded-postgres-account.js';
import { locateBinaries } from '../../src/platform/embedded-postgres-binaries.js';
import { openDataFolder, SERVER_ENVIRONMENT } from '../../src/platform/embedded-postgres-cluster.js';
import { APP_LOGIN, migrate } from '../../src/platform/migrate.js';
import { afterTest, makeDataFolder, makeFolder, QUICK, start } from './embedded-servers.js';
import { type Admin, adminOf } from './sealing-stage.js';

/** A database in a cluster of its own, whose transactions are counted from its own beginning. */
export interface OwnCluster {
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly dataDir: string;
  readonly port: number;
  readonly admin: Admin;
  /** Connections of the application, which end with the test. */
  open(poolSize: number): Promise<Database>;
  /** A connection of its own, signed in as the application. */
  client(): Promise<pg.Client>;
  /** One more connection of the superuser. */
  superuser(): Promise<pg.Client>;
  stop(): Promise<void>;
}

const NAME = 'wellpaid';
const PASSWORD = 'only-for-this-test';

/**
 * What is opened here ends with `undoAll` of the embedded servers.
 *
 * @param options.isCopied whether it is a copy, as all that are copied from one cluster are known by one identifier
 */
export async function ownCluster(settings: Record<string, string> = {}, { isCopied = true } = {}): Promise<OwnCluster> {
  const dataDir = isCopied ? await makeDataFolder() : makeFolder();
  const server = await start(dataDir, { settings: { ...QUICK, ...settings } });
  const postgres = await connected(server.url());
  await postgres.query(`create database ${NAME}`);
  await migrate({ adminUrl: server.url(NAME), appLogin: { user: APP_LOGIN, password: PASSWORD } });
  const appUrl = new URL(server.url(NAME, APP_LOGIN));
  appUrl.password = PASSWORD;
  return {
    adminUrl: server.url(NAME),
    appUrl: appUrl.href,
    dataDir,
    port: server.port,
    superuser: () => connected(server.url(NAME)),
    stop: () => server.stop(),
    admin: adminOf(await connected(server.url(NAME))),
    client: () => connected(appUrl.href),
    async open(poolSize) {
      const database = new Database(await connect(appUrl.href, [], poolSize));
      afterTest(() => database.onApplicationShutdown());
      return database;
    },
  };
}

async function connected(connectionString: string): Promise<pg.Client> {
  const client = new pg.Client({ connectionString });
  client.on('error', () => undefined); // the test may end the server first
  await client.connect();
  afterTest(() => client.end());
  return client;
}

/** Starts a stopped server again as a standby, which replays what its primary sends and is read meanwhile: here, nothing. */
export async function startAsStandby(dataDir: string, port: number): Promise<void> {
  const { cluster } = openDataFolder(dataDir);
  const account = chooseServerAccount(cluster);
  const owner = account && { uid: account.uid, gid: account.gid };
  const signal = path.join(cluster, 'standby.signal');
  writeFileSync(signal, '');
  if (owner) chownSync(signal, owner.uid, owner.gid);
  const { postgres } = await locateBinaries(account, () => undefined);
  const settings = ['listen_addresses=127.0.0.1', `port=${port}`, 'unix_socket_directories='];
  const flags = settings.flatMap((setting) => ['-c', setting]);
  const standby = spawn(postgres, ['-D', cluster, ...flags], {
    ...owner,
    cwd: dataDir,
    env: SERVER_ENVIRONMENT,
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  afterTest(async () => {
    if (standby.exitCode !== null) return;
    standby.kill('SIGQUIT');
    await once(standby, 'exit');
  });
  const lines = readline.createInterface({ input: standby.stderr });
  for await (const line of lines) if (line.includes('ready to accept read-only connections')) break;
  standby.stderr.resume();
}

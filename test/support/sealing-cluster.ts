import pg from 'pg';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { APP_LOGIN, migrate } from '../../src/platform/migrate.js';
import { afterTest, makeDataFolder, QUICK, start } from './embedded-servers.js';
import { type Admin, adminOf } from './sealing-stage.js';

/** A database in a cluster of its own, whose transactions are counted from its own beginning. */
export interface OwnCluster {
  readonly adminUrl: string;
  readonly appUrl: string;
  readonly admin: Admin;
  /** Connections of the application, which end with the test. */
  open(poolSize: number): Promise<Database>;
  /** A connection of its own, signed in as the application. */
  client(): Promise<pg.Client>;
}

const NAME = 'wellpaid';
const PASSWORD = 'only-for-this-test';

/** What is opened here ends with `undoAll` of the embedded servers. */
export async function ownCluster(settings: Record<string, string> = {}): Promise<OwnCluster> {
  const server = await start(await makeDataFolder(), { settings: { ...QUICK, ...settings } });
  const postgres = await connected(server.url());
  await postgres.query(`create database ${NAME}`);
  await migrate({ adminUrl: server.url(NAME), appLogin: { user: APP_LOGIN, password: PASSWORD } });
  const appUrl = new URL(server.url(NAME, APP_LOGIN));
  appUrl.password = PASSWORD;
  return {
    adminUrl: server.url(NAME),
    appUrl: appUrl.href,
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
  await client.connect();
  afterTest(() => client.end());
  return client;
}

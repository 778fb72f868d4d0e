import { runMigrations } from 'bullmq';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';

export const QUEUE_SCHEMA = 'bullmq';
/** The login role that the first migration makes: it owns nothing, and may become each side's role. */
export const APP_LOGIN = 'wp_app';

export interface MigrateOptions {
  /** A login that may create roles, schemas and tables. */
  adminUrl: string;
  /** Gives the application's login role this password. */
  appLogin?: { user: string; password: string };
  log?: (line: string) => void;
}

/** Held while a database is brought up to date, so that of two processes that start at once one waits. */
const LOCK = 7_355_608;

/** Brings a database to this version: roles, tables, policies, the queue's schema. Safe to run again, also at once. */
export async function migrate({ adminUrl, appLogin, log = () => undefined }: MigrateOptions): Promise<void> {
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await client.query('select pg_advisory_lock($1)', [LOCK]);
    await migrateTables(adminUrl, log);
    await runMigrations(client, QUEUE_SCHEMA);
    await grantQueue(client);
    await client.query(`grant select on migrations to ${APP_LOGIN}`);
    if (appLogin) await setPassword(client, appLogin);
  } finally {
    await client.end();
  }
}

/** The migrations of this version that are not among those that ran. */
export function findMissingMigrations(ran: readonly string[]): string[] {
  return migrations.map((Migration) => new Migration().name).filter((name) => !ran.includes(name));
}

async function migrateTables(adminUrl: string, log: (line: string) => void): Promise<void> {
  const dataSource = new DataSource({ type: 'postgres', url: adminUrl, migrations, migrationsTransactionMode: 'each' });
  await dataSource.initialize();
  try {
    const ran = await dataSource.runMigrations();
    for (const migration of ran) log(`migrated: ${migration.name}`);
  } finally {
    await dataSource.destroy();
  }
}

/** The role of the queue reaches nothing else. BullMQ makes a sequence for each queue when it adds the first job. */
async function grantQueue(client: pg.Client): Promise<void> {
  await client.query(`
    grant usage, create on schema ${QUEUE_SCHEMA} to wp_queue;
    grant all on all tables in schema ${QUEUE_SCHEMA} to wp_queue;
    grant all on all sequences in schema ${QUEUE_SCHEMA} to wp_queue;
    grant execute on all functions in schema ${QUEUE_SCHEMA} to wp_queue;
    grant execute on all procedures in schema ${QUEUE_SCHEMA} to wp_queue`);
}

async function setPassword(client: pg.Client, login: { user: string; password: string }): Promise<void> {
  const user = pg.escapeIdentifier(login.user);
  const password = pg.escapeLiteral(login.password);
  await client.query(`alter role ${user} login noinherit password ${password}`);
}

import { setTimeout as sleep } from 'node:timers/promises';
import { runMigrations } from 'bullmq';
import pg from 'pg';
import { AbstractLogger, DataSource } from 'typeorm';
import { migrations } from '../../migrations/index.js';
import { sqlState } from './constraints.js';

export const QUEUE_SCHEMA = 'bullmq';
/** The login role that the first migration makes: it owns nothing, and may become each side's role. */
export const APP_LOGIN = 'wp_app';

export interface MigrateOptions {
  /** A login that may create roles, schemas and tables. */
  adminUrl: string;
  /** Gives the application's login role this password. */
  appLogin?: { user: string; password: string };
  log?: (line: string) => void;
  /** What is to have run; all of this version unless given. */
  versions?: typeof migrations;
}

/** Held while a database is brought up to date, so that of two processes that start at once one waits. */
const LOCK = 7_355_608;

/**
 * Whoever comes after a statement that waits for a lock waits behind it: a migration gives up after this long, lets the
 * others pass, and comes again. What it does once it has its locks may take longer.
 */
const LOCK_TIMEOUT_MS = 1_000;
const PAUSE_MS = 1_000;
const TURN_MS = 200;
const TRIES_MAX = 15;
const LOCK_NOT_AVAILABLE = '55P03';
const TIMEOUTS = `-c lock_timeout=${LOCK_TIMEOUT_MS} -c statement_timeout=0`;

/**
 * Brings a database to this version: roles, tables, policies, the queue's schema. Safe to run again, also at once, and
 * beside processes that work: see LOCK_TIMEOUT_MS.
 *
 * @throws Error, `expected`, when somebody else kept a lock all the while
 */
export async function migrate(options: MigrateOptions): Promise<void> {
  const { adminUrl, appLogin, log = () => undefined, versions = migrations } = options;
  const client = new pg.Client({ connectionString: adminUrl });
  await client.connect();
  try {
    await takeTurn(client);
    await client.query(`set lock_timeout = ${LOCK_TIMEOUT_MS}; set statement_timeout = 0`);
    await migrateTables(adminUrl, versions, log);
    await patiently(
      async () => 'the queue',
      log,
      async () => {
        await runMigrations(client, QUEUE_SCHEMA);
        await grantQueue(client);
      },
    );
    await client.query(`grant select on migrations to ${APP_LOGIN}`);
    if (appLogin) await setPassword(client, appLogin);
  } finally {
    await client.end();
  }
}

/**
 * Asks again and again instead of waiting in a statement: an index that is made concurrently waits for every statement that
 * is older, and two who migrate at once would wait for each other for ever.
 */
async function takeTurn(client: pg.Client): Promise<void> {
  for (;;) {
    const { rows } = await client.query<{ mine: boolean }>('select pg_try_advisory_lock($1) as mine', [LOCK]);
    if (rows[0]?.mine === true) return;
    await new Promise((resolve) => setTimeout(resolve, TURN_MS));
  }
}

/** The migrations of this version that are not among those that ran. */
export function findMissingMigrations(ran: readonly string[], versions = migrations): string[] {
  return versions.map((Migration) => new Migration().name).filter((name) => !ran.includes(name));
}

/** What fails is thrown, and what waits is told here: TypeORM would say it on standard output as well. */
class Quiet extends AbstractLogger {
  protected override writeLog(): void {}
}

/** Each in a transaction of its own, but for one that says `transaction = false`. What has run stays when a later one waits. */
async function migrateTables(adminUrl: string, versions: typeof migrations, log: (line: string) => void) {
  const dataSource = new DataSource({
    type: 'postgres',
    url: adminUrl,
    migrations: versions,
    migrationsTransactionMode: 'each',
    logger: new Quiet(),
    extra: { options: TIMEOUTS },
  });
  await dataSource.initialize();
  const missing = async (): Promise<string[]> => {
    const [{ isThere }] = await dataSource.query(`select to_regclass('migrations') is not null as "isThere"`);
    const ran: { name: string }[] = isThere ? await dataSource.query('select name from migrations') : [];
    return findMissingMigrations(
      ran.map(({ name }) => name),
      versions,
    );
  };
  try {
    const before = await missing();
    const told = new Set<string>();
    const tell = async (): Promise<string> => {
      const still = await missing();
      for (const name of before.filter((one) => !still.includes(one) && !told.has(one))) {
        told.add(name);
        log(`migrated: ${name}`);
      }
      return still[0] ?? 'the list of migrations';
    };
    await patiently(tell, log, () => dataSource.runMigrations());
    await tell();
  } finally {
    await dataSource.destroy();
  }
}

/** Tries again what could not get a lock in time. `next` names what it is that waits. */
async function patiently(
  next: () => Promise<string>,
  log: (line: string) => void,
  work: () => Promise<unknown>,
): Promise<void> {
  for (let attempt = 1; ; attempt++) {
    try {
      await work();
      return;
    } catch (error) {
      if (sqlState(error) !== LOCK_NOT_AVAILABLE) throw error;
      const name = await next();
      if (attempt === TRIES_MAX) throw lockKept(name);
      log(`waiting: ${name} got no lock within ${LOCK_TIMEOUT_MS} ms (${attempt} of ${TRIES_MAX} tries)`);
      await sleep(PAUSE_MS);
    }
  }
}

/** The person at the terminal can mend it: shown as its message, without a stack. */
function lockKept(name: string): Error {
  const message =
    `${name} got no lock in ${TRIES_MAX} tries: a transaction holds it for long. Nothing of it was done. Find it with ` +
    '"select pid, xact_start, application_name from pg_stat_activity order by xact_start", and migrate again.';
  return Object.assign(new Error(message), { expected: true });
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

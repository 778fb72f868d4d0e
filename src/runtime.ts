import { randomBytes } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import { ENTITIES } from './entities.js';
import { SandboxClock, SystemClock, type Clock } from './platform/clock.js';
import type { Config } from './platform/config.js';
import { startStripeDoubleProcess, type StripeDoubleProcess } from './sandbox-stripe.js';
import { connect } from './platform/data-source.js';
import { Database } from './platform/database.js';
import { defaultDataDir, startEmbeddedPostgres, type EmbeddedPostgres } from './platform/embedded-postgres.js';
import { createLog } from './platform/log.js';
import { migrate } from './platform/migrate.js';
import { projectRoot } from './platform/paths.js';
import type { Runtime } from './platform/platform.module.js';
import { Pseudonyms } from './platform/pseudonyms.js';

const APP_LOGIN = 'wp_app';
const DATABASE_NAME = 'wellpaid';

export interface OpenRuntime extends Runtime {
  /** Folder of what the instance keeps beside its database: the sandbox's state. */
  dataDir: string;
  /** Stops what was started with the runtime, the embedded database last; call it after the application's close. */
  stop(): Promise<void>;
}

export interface RuntimeOptions {
  /** Whether this process runs background jobs. */
  work: boolean;
  /** Whether a sandbox starts a Stripe double of its own, unless the configuration names one that is shared. */
  stripeDouble?: boolean;
  /** Told what is being started, in words for a terminal. */
  say?: (line: string) => void;
}

/**
 * Opens what a process stands on: its database (embedded when none is configured), its clock, its log, its keys.
 *
 * @throws Error when the configured database cannot be used; the message says how to mend it
 */
export async function openRuntime(
  config: Config,
  { work, stripeDouble = false, say = () => undefined }: RuntimeOptions,
): Promise<OpenRuntime> {
  const log = createLog(config.logLevel);
  const dataDir = config.dataDir ?? defaultDataDir(projectRoot()).replace(/\/postgres$/, '');
  mkdirSync(dataDir, { recursive: true });
  let embedded: EmbeddedPostgres | undefined;
  let databaseUrl = config.databaseUrl;
  let stripe: StripeDoubleProcess | undefined;
  const stop = async () => {
    await stripe?.stop();
    await embedded?.stop();
  };
  try {
    if (databaseUrl === undefined) {
      embedded = await startEmbeddedPostgres({
        dataDir: join(dataDir, 'postgres'),
        log: (line) => log.debug({ from: 'postgres' }, line),
        onExit: (error) => log.fatal({ error }, 'the embedded database has ended'),
      });
      databaseUrl = await prepareEmbedded(embedded, say);
    }
    if (stripeDouble && config.sandbox && config.sandboxStripeUrl === undefined) {
      stripe = await startStripeDoubleProcess(import.meta.dirname, join(dataDir, 'stripe-double.json'));
    }
    const dataSource = await connect(databaseUrl, ENTITIES, config.databasePoolSize);
    return {
      config,
      database: new Database(dataSource),
      jobs: { databaseUrl, redisUrl: config.redisUrl, work },
      clock: openClock(config, dataDir),
      log,
      pseudonyms: new Pseudonyms(pseudonymKey(config, dataDir)),
      sandboxStripe:
        config.sandboxStripeUrl === undefined ? (stripe ?? null) : { url: config.sandboxStripeUrl, webhookBase: null },
      dataDir,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function prepareEmbedded(server: EmbeddedPostgres, say: (line: string) => void): Promise<string> {
  const client = new pg.Client({ connectionString: server.url() });
  await client.connect();
  try {
    const { rowCount } = await client.query('select from pg_database where datname = $1', [DATABASE_NAME]);
    if (rowCount === 0) await client.query(`create database ${DATABASE_NAME}`);
  } finally {
    await client.end();
  }
  const password = randomBytes(24).toString('base64url');
  await migrate({ adminUrl: server.url(DATABASE_NAME), appLogin: { user: APP_LOGIN, password }, log: say });
  const url = new URL(server.url(DATABASE_NAME, APP_LOGIN));
  url.password = password;
  return url.href;
}

/** The sandbox may live on another day: one that the configuration names, or one that the demo left. */
function openClock(config: Config, dataDir: string): Clock {
  if (!config.sandbox) return new SystemClock();
  if (config.sandboxClock) return new SandboxClock(config.sandboxClock);
  const file = sandboxClockFile(dataDir);
  return existsSync(file) ? new SandboxClock(new Date(readFileSync(file, 'utf8'))) : new SystemClock();
}

/** Where the demo keeps the instant that its data stops at, so that "npm start" shows the same day. */
export function sandboxClockFile(dataDir: string): string {
  return join(dataDir, 'sandbox-clock');
}

/** Outside the sandbox the key must be configured; the sandbox makes one and keeps it. */
function pseudonymKey(config: Config, dataDir: string): Buffer {
  if (config.pseudonymKey !== undefined) return Buffer.from(config.pseudonymKey, 'hex');
  const file = join(dataDir, 'pseudonym-key');
  if (!existsSync(file)) writeFileSync(file, randomBytes(32).toString('hex'), { mode: 0o600, flag: 'wx' });
  return Buffer.from(readFileSync(file, 'utf8'), 'hex');
}

import { randomBytes, type KeyObject } from 'node:crypto';
import { existsSync, linkSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import pg from 'pg';
import type { Logger } from 'pino';
import { expectedError } from './commands/expected-error.js';
import { ENTITIES } from './entities.js';
import { SandboxClock, SystemClock, type Clock } from './platform/clock.js';
import type { Config } from './platform/config.js';
import { startStripeDoubleProcess, type StripeDoubleProcess } from './sandbox-stripe.js';
import { connect } from './platform/data-source.js';
import { Database } from './platform/database.js';
import { defaultDataDir, startEmbeddedPostgres, type EmbeddedPostgres } from './platform/embedded-postgres.js';
import { createLog } from './platform/log.js';
import { APP_LOGIN, migrate } from './platform/migrate.js';
import { projectRoot } from './platform/paths.js';
import type { CheckpointSettings, Runtime } from './platform/platform.module.js';
import { Pseudonyms } from './platform/pseudonyms.js';
import { SecretBox } from './platform/secret-box.js';
import { signingKey } from './transparency/index.js';

const DATABASE_NAME = 'wellpaid';

export interface OpenRuntime extends Runtime {
  /** Folder of what the instance keeps beside its database: the sandbox's state. */
  dataDir: string;
  /** Resolves with the reason when something that was started with the runtime ends by itself. */
  failed: Promise<string>;
  /** Stops what was opened with the runtime, the embedded database last; call it after the application's close. */
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
  let embedded: EmbeddedPostgres | undefined;
  let databaseUrl = config.databaseUrl;
  let stripe: StripeDoubleProcess | undefined;
  let database: Database | undefined;
  if (config.sandbox || databaseUrl === undefined) mkdirSync(dataDir, { recursive: true });
  let fail: (reason: string) => void = () => undefined;
  const failed = new Promise<string>((resolve) => {
    fail = resolve;
  });
  const stop = async () => {
    await database?.onApplicationShutdown();
    await stripe?.stop();
    await embedded?.stop();
  };
  try {
    if (databaseUrl === undefined) {
      const onExit = () => fail('The embedded database has ended.');
      embedded = await openEmbedded(join(dataDir, 'postgres'), log, onExit);
      databaseUrl = await prepareEmbedded(embedded, say);
    }
    const clock = openClock(config, dataDir);
    if (stripeDouble && config.sandbox && config.sandboxStripeUrl === undefined) {
      stripe = await startStripeDoubleProcess(import.meta.dirname, join(dataDir, 'stripe-double.json'), clock.now());
      void stripe.ended.then(() => fail('The Stripe double has ended.'));
    }
    database = new Database(await connect(databaseUrl, ENTITIES, config.databasePoolSize));
    const key = instanceKey(config, dataDir);
    return {
      config,
      database,
      jobs: { databaseUrl, redisUrl: config.redisUrl, work },
      clock,
      log,
      pseudonyms: new Pseudonyms(key),
      secretBox: new SecretBox(key),
      checkpoints: openCheckpoints(config, dataDir, log),
      sandboxStripe:
        config.sandboxStripeUrl === undefined ? (stripe ?? null) : { url: config.sandboxStripeUrl, webhookBase: null },
      dataDir,
      failed,
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function openEmbedded(dataDir: string, log: Logger, onExit: () => void): Promise<EmbeddedPostgres> {
  try {
    return await startEmbeddedPostgres({ dataDir, log: (line) => log.debug({ from: 'postgres' }, line), onExit });
  } catch (error) {
    const { message } = error as Error;
    throw expectedError(`${message}\nThe embedded database did not start. WELLPAID_DATA_DIR names its folder.`);
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
  if (config.sandboxClock) return SandboxClock.sinceProcessBegan(config.sandboxClock);
  const file = sandboxClockFile(dataDir);
  if (!existsSync(file)) return new SystemClock();
  const startsAt = new Date(readFileSync(file, 'utf8').trim());
  if (Number.isNaN(startsAt.getTime())) throw expectedError(`${file} does not hold an instant; remove it.`);
  return SandboxClock.sinceProcessBegan(startsAt);
}

/** Where the demo keeps the instant that its data stops at, so that "npm start" shows the same day. */
export function sandboxClockFile(dataDir: string): string {
  return join(dataDir, 'sandbox-clock');
}

/** Beside a database of its own the key must be configured; the sandbox and the embedded database make one and keep it. */
function instanceKey(config: Config, dataDir: string): Buffer {
  const loss = 'pseudonyms made with another key do not match';
  return Buffer.from(config.pseudonymKey ?? keptKey(join(dataDir, 'pseudonym-key'), loss).hex, 'hex');
}

/** A folder in which the embedded database is, is no place that survives it; but it shows a copy that fell behind. */
function openCheckpoints({ sealing, databaseUrl }: Config, dataDir: string, log: Logger): CheckpointSettings {
  const ownDir = databaseUrl === undefined ? join(dataDir, 'checkpoints') : undefined;
  const storeDir = sealing.storeDir ?? ownDir;
  // Only our own is made: where a folder that somebody named is missing, a disk is. What was published and is lost is noticed.
  if (storeDir !== undefined && storeDir === ownDir) mkdirSync(storeDir, { recursive: true });
  if (sealing.keys.length > 0) return { keys: sealing.keys.map(keyOfSeed), storeDir };
  const file = join(dataDir, 'checkpoint-key');
  const { hex, isNew } = keptKey(file, 'nothing is signed with a key that did not sign before');
  if (isNew) log.warn({ file }, 'a key that signs checkpoints was made: keep it, and set CHECKPOINT_KEY in earnest');
  return { keys: [keyOfSeed(hex)], storeDir };
}

function keyOfSeed(hex: string): KeyObject {
  return signingKey(Buffer.from(hex, 'hex'));
}

/** Made at the first start. @throws Error, expected, when the file is damaged: with what is lost without it */
function keptKey(file: string, loss: string): { hex: string; isNew: boolean } {
  const isNew = !existsSync(file);
  if (isNew) placeOnce(file, randomBytes(32).toString('hex'));
  const hex = readFileSync(file, 'utf8').trim();
  if (!/^[0-9a-f]{64}$/.test(hex)) throw expectedError(`${file} is damaged. Restore it from a backup: ${loss}.`);
  return { hex, isNew };
}

/** Of two processes that start at once one places its text, whole; the other finds it. */
function placeOnce(file: string, text: string): void {
  const draft = `${file}.${process.pid}`;
  writeFileSync(draft, text, { mode: 0o600 });
  try {
    linkSync(draft, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  } finally {
    rmSync(draft);
  }
}

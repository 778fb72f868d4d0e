import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { NestFactory } from '@nestjs/core';
import pg from 'pg';
import { AppModule } from '../app.module.js';
import { UnreadableError, type HeldNote } from '../audit/index.js';
import { ENTITIES } from '../entities.js';
import { SystemClock } from '../platform/clock.js';
import { type Config, readConfig } from '../platform/config.js';
import { connect } from '../platform/data-source.js';
import { Database } from '../platform/database.js';
import { defaultDataDir, startEmbeddedPostgres } from '../platform/embedded-postgres.js';
import { createLog } from '../platform/log.js';
import { APP_LOGIN } from '../platform/migrate.js';
import { projectRoot } from '../platform/paths.js';
import type { Runtime } from '../platform/platform.module.js';
import { Pseudonyms } from '../platform/pseudonyms.js';
import { readOnlyUrl } from '../platform/read-only-url.js';
import { SecretBox } from '../platform/secret-box.js';
import { signingKey } from '../transparency/index.js';
import { checkBooks, checkShape, type DrillFinding } from './drill-checks.command.js';

const USAGE = `wellpaid drill [--checkpoint FILE]... [--json]
  of the database of DATABASE_URL, else DATABASE_ADMIN_URL, else the embedded one of WELLPAID_DATA_DIR
  --checkpoint  a signed checkpoint, or a proof, that somebody was given before`;

/** What a restored database was found to be. Its JSON is an interface: names stay, and more may come. */
export interface DrillReport {
  readonly outcome: 'well' | 'wrong' | 'unreadable';
  readonly milliseconds: number;
  readonly findings: readonly DrillFinding[];
}

const EXIT_CODES = { well: 0, wrong: 1, unreadable: 2 } as const;

/**
 * `wellpaid drill`: looks through a restored database before anybody works on it. It starts no job, calls nobody and cannot
 * write: the server refuses it. Exits with 0 when all is well, 1 when something is wrong, 2 when that cannot be told.
 */
export async function drillCommand(arguments_: string[]): Promise<number> {
  const isJson = arguments_.includes('--json');
  const report = await drill(() => read(arguments_), readConfig);
  process.stdout.write(`${isJson ? JSON.stringify(report, digits, 2) : inWords(report).join('\n')}\n`);
  return EXIT_CODES[report.outcome];
}

/** Looks through the database that the configuration names. `held` gives what was handed out before. */
export async function drill(held: () => readonly HeldNote[], configured: () => Config): Promise<DrillReport> {
  const began = performance.now();
  const findings: DrillFinding[] = [];
  const report = (outcome: DrillReport['outcome']) => ({
    outcome,
    milliseconds: Math.round(performance.now() - began),
    findings,
  });
  try {
    const [notes, config] = [held(), configured()];
    await withDatabase(config, async (url, keys) => {
      findings.push(...(await onClient(url, checkShape)));
      if (findings.some(({ check, is }) => check === 'migrations' && is === 'wrong')) return;
      findings.push(...(await onBooks(url, keys, config, notes)));
    });
    return report(findings.some(({ is }) => is === 'wrong') ? 'wrong' : 'well');
  } catch (error) {
    const [says, mend] =
      error instanceof UnreadableError
        ? [error.message, error.mend]
        : [`The database could not be looked through: ${messageOf(error)}`, 'Drill again once it answers.'];
    findings.push({ check: 'reading', is: 'wrong', says, mend });
    return report('unreadable');
  }
}

interface Keys {
  /** Hexadecimal digits; undefined where there is none: a drill makes no key. */
  readonly pseudonym: string | undefined;
  readonly checkpoint: readonly string[];
  readonly storeDir: string | undefined;
}

async function withDatabase(config: Config, work: (url: string, keys: Keys) => Promise<void>): Promise<void> {
  const dataDir = config.dataDir ?? defaultDataDir(projectRoot()).replace(/\/postgres$/, '');
  const { databaseUrl, databaseAdminUrl, sealing } = config;
  const isEmbedded = databaseUrl === undefined && databaseAdminUrl === undefined;
  const ownKey = kept(join(dataDir, 'checkpoint-key'));
  const ownStore = isEmbedded ? join(dataDir, 'checkpoints') : undefined;
  const keys = {
    pseudonym: config.pseudonymKey ?? kept(join(dataDir, 'pseudonym-key')),
    checkpoint: sealing.keys.length > 0 || ownKey === undefined ? sealing.keys : [ownKey],
    storeDir: sealing.storeDir ?? (ownStore !== undefined && existsSync(ownStore) ? ownStore : undefined),
  };
  if (databaseUrl !== undefined) return work(readOnlyUrl(databaseUrl), keys);
  if (databaseAdminUrl !== undefined) return work(readOnlyUrl(databaseAdminUrl, APP_LOGIN), keys);
  const folder = join(dataDir, 'postgres');
  if (!existsSync(folder)) throw new UnreadableError(`There is no database in ${folder}.`, `Usage: ${USAGE}`);
  const server = await startEmbeddedPostgres({ dataDir: folder, log: () => undefined });
  try {
    await work(readOnlyUrl(server.url('wellpaid'), APP_LOGIN), keys);
  } finally {
    await server.stop();
  }
}

function kept(file: string): string | undefined {
  const text = existsSync(file) ? readFileSync(file, 'utf8').trim() : '';
  return /^[0-9a-f]{64}$/.test(text) ? text : undefined;
}

async function onClient<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/** The services of the product, put together without serving, without working, and on connections that cannot write. */
async function onBooks(url: string, keys: Keys, config: Config, held: readonly HeldNote[]): Promise<DrillFinding[]> {
  const database = new Database(await connect(url, ENTITIES, 2));
  // Where a key is missing one of zeros stands for it, which opens nothing: the findings say so.
  const key = Buffer.from(keys.pseudonym ?? '00'.repeat(32), 'hex');
  const runtime: Runtime = {
    config,
    database,
    jobs: { databaseUrl: url, redisUrl: undefined, work: false },
    clock: new SystemClock(),
    log: createLog('silent'),
    pseudonyms: new Pseudonyms(key),
    secretBox: new SecretBox(key),
    checkpoints: { keys: keys.checkpoint.map((seed) => signingKey(Buffer.from(seed, 'hex'))), storeDir: keys.storeDir },
    sandboxStripe: null,
  };
  try {
    const app = await NestFactory.createApplicationContext(AppModule.with(runtime), {
      logger: false,
      abortOnError: false,
    });
    try {
      return await checkBooks(app, held);
    } finally {
      await app.close();
    }
  } finally {
    await database.onApplicationShutdown();
  }
}

function inWords({ outcome, milliseconds, findings }: DrillReport): string[] {
  const ends = { well: 'All is well', wrong: 'NOT WELL: do not start workers', unreadable: 'Cannot be told' };
  return [
    ...findings.flatMap(({ check, is, says, mend }) => [
      `${is.padEnd(5)} ${check}: ${says}`,
      ...(mend === undefined ? [] : [`      ${mend}`]),
    ]),
    `${ends[outcome]}. It took ${(milliseconds / 1_000).toFixed(1)} s.`,
  ];
}

function read(arguments_: string[]): HeldNote[] {
  try {
    const options = { checkpoint: { type: 'string', multiple: true }, json: { type: 'boolean' } } as const;
    const { values } = parseArgs({ args: arguments_, options });
    return (values.checkpoint ?? []).map((name) => ({ name, text: readFileSync(name, 'utf8') }));
  } catch (error) {
    throw new UnreadableError(messageOf(error), `Usage: ${USAGE}`);
  }
}

function messageOf(error: unknown): string {
  const { message, code } = error as { message?: string; code?: string };
  return message || (code ?? String(error));
}

/** What JSON's numbers would round is a string of digits. */
function digits(_: string, value: unknown): unknown {
  return typeof value === 'bigint' ? value.toString() : value;
}

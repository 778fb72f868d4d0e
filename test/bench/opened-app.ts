import type { INestApplicationContext } from '@nestjs/common';
import pg from 'pg';
import { createApp } from '../../src/app.js';
import { ENTITIES } from '../../src/entities.js';
import { SandboxClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { createLog } from '../../src/platform/log.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { signingKey } from '../../src/transparency/index.js';

/** The services of the product on a database, with a clock that stands. */
export interface OpenedApp {
  readonly nest: INestApplicationContext;
  readonly database: Database;
  close(): Promise<void>;
}

export interface OpenOptions {
  readonly poolSize?: number;
  /** Jobs, the sealer and every other duty run in this process. */
  readonly work?: boolean;
}

export async function openApp(appUrl: string, now: string, options: OpenOptions = {}): Promise<OpenedApp> {
  const { poolSize = 8, work = false } = options;
  const database = new Database(await connect(appUrl, ENTITIES, poolSize));
  const nest = await createApp({
    config: readConfig({ LOG_LEVEL: 'silent', PORT: '0', DATABASE_URL: appUrl }),
    database,
    jobs: { databaseUrl: appUrl, redisUrl: undefined, work },
    clock: new SandboxClock(new Date(now)),
    log: createLog('silent'),
    pseudonyms: new Pseudonyms(Buffer.alloc(32, 7)),
    secretBox: new SecretBox(Buffer.alloc(32, 7)),
    checkpoints: { keys: [signingKey(Buffer.alloc(32, 7))], storeDir: undefined },
    sandboxStripe: null,
  });
  await nest.init();
  return { nest, database, close: () => nest.close() };
}

/** Runs statements as the superuser, one after the other. */
export async function runAsAdmin(
  adminUrl: string,
  statements: readonly (readonly [sql: string, parameters?: readonly unknown[]])[],
): Promise<void> {
  const admin = new pg.Client({ connectionString: adminUrl });
  await admin.connect();
  try {
    for (const [sql, parameters = []] of statements) await admin.query(sql, [...parameters]);
  } finally {
    await admin.end();
  }
}

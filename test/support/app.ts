import pg from 'pg';
import { createApp } from '../../src/app.js';
import { ENTITIES } from '../../src/entities.js';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { SandboxClock } from '../../src/platform/clock.js';
import { type Config, readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { Jobs } from '../../src/platform/jobs.js';
import { createLog } from '../../src/platform/log.js';
import type { Runtime } from '../../src/platform/platform.module.js';
import { Pseudonyms } from '../../src/platform/pseudonyms.js';
import { SecretBox } from '../../src/platform/secret-box.js';
import { signingKey } from '../../src/transparency/index.js';
import { client, type ApiClient } from './api-client.js';
import { testDatabase, type TestDatabase } from './database.js';

export interface TestApp {
  url: string;
  nest: NestFastifyApplication;
  runtime: Runtime;
  clock: SandboxClock;
  jobs: Jobs;
  database: Database;
  testDatabase: TestDatabase;
  /** A superuser's connection: what no part of the product has. */
  admin: pg.Client;
  /** A client of the HTTP API with a key. */
  api(key?: string): ApiClient;
  close(): Promise<void>;
}

/** The day on which stories begin unless they say otherwise: the last Thursday of October 2026, nine in the morning. */
export const STORY_START = '2026-10-29T09:00:00Z';

/** The keys of checkpoints in tests, the same in all of them unless one is configured. */
function seedsOf({ sealing }: Config): readonly string[] {
  return sealing.keys.length > 0 ? sealing.keys : ['07'.repeat(32)];
}

/** The whole application over HTTP on a database of its own, with a clock that the test moves. */
export async function startTestApp(
  options: { now?: string; environment?: Record<string, string>; stripeUrl?: string } = {},
): Promise<TestApp> {
  const database = await testDatabase();
  const config = readConfig({ LOG_LEVEL: 'silent', PORT: '0', DATABASE_URL: database.appUrl, ...options.environment });
  const clock = new SandboxClock(new Date(options.now ?? STORY_START));
  const runtime = {
    config,
    database: new Database(await connect(database.appUrl, ENTITIES, 8)),
    jobs: { databaseUrl: database.appUrl, redisUrl: config.redisUrl, work: true },
    clock,
    log: createLog(config.logLevel),
    pseudonyms: new Pseudonyms(Buffer.alloc(32, 7)),
    secretBox: new SecretBox(Buffer.alloc(32, 7)),
    checkpoints: {
      keys: seedsOf(config).map((seed) => signingKey(Buffer.from(seed, 'hex'))),
      storeDir: config.sealing.storeDir,
    },
    sandboxStripe: options.stripeUrl === undefined ? null : { url: options.stripeUrl, webhookBase: null },
  };
  const app = await serveRuntime(runtime, database);
  return {
    ...app,
    close: async () => {
      await app.close();
      await database.drop();
    },
  };
}

/** Serves on a free port what runs on a clock that can be moved. Closing it leaves the database. */
export async function serveRuntime(
  runtime: Runtime & { readonly clock: SandboxClock },
  database: TestDatabase,
): Promise<TestApp> {
  const nest = await createApp(runtime);
  await nest.listen(0, '127.0.0.1');
  const url = await nest.getUrl();
  if (runtime.sandboxStripe) runtime.sandboxStripe.webhookBase = url;
  const admin = new pg.Client({ connectionString: database.adminUrl });
  await admin.connect();
  return {
    url,
    nest,
    runtime,
    clock: runtime.clock,
    jobs: nest.get(Jobs),
    database: runtime.database,
    testDatabase: database,
    admin,
    api: (key) => client(url, key),
    close: async () => {
      await nest.close();
      await admin.end();
    },
  };
}

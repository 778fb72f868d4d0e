import { randomBytes } from 'node:crypto';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import pg from 'pg';
import { startEmbeddedPostgres } from '../../src/platform/embedded-postgres.js';
import { APP_LOGIN, migrate } from '../../src/platform/migrate.js';

/** A PostgreSQL as the program brings its own: every commit waits for the disk, and checksums are on. */
export interface BenchServer {
  /** A migrated database of its own. */
  database(): Promise<{ readonly adminUrl: string; readonly appUrl: string }>;
  stop(): Promise<void>;
}

const TEMPLATE = 'bench_template';

export async function startBenchServer(): Promise<BenchServer> {
  const dataDir = mkdtempSync(path.join(os.tmpdir(), 'wellpaid-bench-'));
  if (process.getuid?.() === 0) chmodSync(dataDir, 0o755); // root runs the server under another account
  const lines: string[] = [];
  const server = await startEmbeddedPostgres({ dataDir, log: (line) => lines.push(line) });
  const password = randomBytes(18).toString('base64url');
  await query(server.url(), `create database ${TEMPLATE}`);
  await migrate({ adminUrl: server.url(TEMPLATE), appLogin: { user: APP_LOGIN, password }, log: () => undefined });
  let made = 0;
  return {
    async database() {
      const name = `bench_${++made}`;
      await query(server.url(), `create database ${name} template ${TEMPLATE}`);
      const appUrl = new URL(server.url(name, APP_LOGIN));
      appUrl.password = password;
      return { adminUrl: server.url(name), appUrl: appUrl.href };
    },
    async stop() {
      await server.stop();
      rmSync(dataDir, { recursive: true, force: true });
    },
  };
}

/** As in a database that is in use: PostgreSQL knows what is in its tables. */
export function analyse(adminUrl: string): Promise<void> {
  return query(adminUrl, 'vacuum analyze');
}

async function query(connectionString: string, sql: string): Promise<void> {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

import pg from 'pg';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { testDatabase, type TestDatabase } from './database.js';
import { query } from './embedded-servers.js';

/** Runs a statement as the superuser of the test server, outside of any test's database. */
export const onServer = (sql: string) => query(process.env.WELLPAID_TEST_ADMIN_URL ?? '', sql);

/** Two commissioners whose rows a test tells apart. */
export const HERE = { side: 'commissioner', orgId: '01890a5d-ac96-774b-bcce-b302099a8057' } as const;
export const THERE = { side: 'commissioner', orgId: '01890a5d-ac96-774b-bcce-b302099a8058' } as const;

export interface ProbeStage {
  database: Database;
  /** A superuser's connection. */
  admin: pg.Client;
  testDatabase: TestDatabase;
  /** Counts of the probe's rows as the superuser sees them, by name. */
  counts(): Promise<Record<string, number>>;
  close(): Promise<void>;
}

const PROBE = `
  create table probe (
    org_id uuid not null,
    name   text not null constraint probe_name check (name <> 'nonsense'),
    count  int  not null default 0 constraint probe_count check (count < 1000),
    primary key (org_id, name)
  );
  alter table probe enable row level security, force row level security;
  grant select, insert, update, delete on probe to wp_commissioner;
  create policy own on probe to wp_commissioner
    using (org_id = (select app.org())) with check (org_id = (select app.org()))`;

/** A database of the test's own with one small tenant table, and the product's way into it. */
export async function openProbe(poolSize = 4): Promise<ProbeStage> {
  const own = await testDatabase();
  const admin = new pg.Client({ connectionString: own.adminUrl });
  await admin.connect();
  await admin.query(PROBE);
  const database = new Database(await connect(own.appUrl, [], poolSize));
  return {
    database,
    admin,
    testDatabase: own,
    counts: async () => {
      const { rows } = await admin.query<{ name: string; count: number }>('select name, count from probe order by 1');
      return Object.fromEntries(rows.map(({ name, count }) => [name, count]));
    },
    close: async () => {
      await database.onApplicationShutdown();
      await admin.end();
      await own.drop();
    },
  };
}

/** Resolves for each of `parties` once all of them have arrived. */
export function meeting(parties: number): () => Promise<void> {
  let arrived = 0;
  let open: () => void = () => undefined;
  const all = new Promise<void>((resolve) => {
    open = resolve;
  });
  return () => {
    if (++arrived === parties) open();
    return all;
  };
}

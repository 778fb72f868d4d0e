import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { DataSource } from 'typeorm';
import { migrations } from '../migrations/index.js';
import { createIndexConcurrently } from '../migrations/concurrent-index.js';
import { migrate } from '../src/platform/migrate.js';

const WAIT_MAX_MS = 1_500;
const BLOCKED_MS = 3_000;
const TABLES = `select format('%I.%I', schemaname, tablename) as name from pg_tables
                where schemaname in ('public', 'ledger') and tablename <> 'migrations' order by 1`;

/** What whoever worked meanwhile had to put up with. */
interface Suffered {
  statements: number;
  failed: string[];
  longestMs: number;
}

describe('a migration while people work', () => {
  const server = process.env.WELLPAID_TEST_ADMIN_URL ?? '';
  const name = `test_${randomUUID().replaceAll('-', '')}`;
  const adminUrl = Object.assign(new URL(server), { pathname: `/${name}` }).href;
  let admin: pg.Client;
  let tables: string[];

  async function client(url = adminUrl): Promise<pg.Client> {
    const opened = new pg.Client({ connectionString: url });
    await opened.connect();
    return opened;
  }

  beforeAll(async () => {
    const root = await client(server);
    await root.query(`create database ${name}`);
    await root.end();
    await migrate({ adminUrl, versions: migrations.slice(0, -1) });
    admin = await client();
    tables = (await admin.query<{ name: string }>(TABLES)).rows.map((row) => row.name);
  });
  afterAll(async () => {
    await admin.end();
    const root = await client(server);
    await root.query(`drop database ${name} with (force)`);
    await root.end();
  });

  /** Two who read and two who write, every table in turn: a statement that finds no row takes the locks of one that does. */
  async function underTraffic(work: () => Promise<unknown>): Promise<Suffered> {
    const suffered: Suffered = { statements: 0, failed: [], longestMs: 0 };
    const until = { over: false };
    const people = ['select from', 'select from', 'delete from', 'delete from'].map(async (verb) => {
      const own = await client();
      while (!until.over) {
        for (const table of tables) await suffer(own, `${verb} ${table} where false`, suffered);
        await sleep(5);
      }
      await own.end();
    });
    const blocker = await client();
    await blocker.query('begin');
    for (const table of tables) await blocker.query(`delete from ${table} where false`);
    const released = sleep(BLOCKED_MS).then(() => blocker.query('commit'));
    try {
      await work();
    } finally {
      until.over = true;
      await Promise.all([released, ...people]);
      await blocker.end();
    }
    return suffered;
  }

  async function suffer(own: pg.Client, sql: string, suffered: Suffered): Promise<void> {
    const asked = performance.now();
    await own.query(sql).catch((error: Error) => suffered.failed.push(`${sql}: ${error.message}`));
    suffered.statements++;
    suffered.longestMs = Math.max(suffered.longestMs, performance.now() - asked);
  }

  it('fails no statement and keeps none waiting for long, the last one', async () => {
    const said: string[] = [];
    const last = migrations.at(-1);
    if (!last) throw new Error('There is no migration');
    const { statements, failed, longestMs } = await underTraffic(() =>
      migrate({ adminUrl, log: (line) => said.push(line) }),
    );
    expect(failed).toEqual([]);
    expect(longestMs).toBeLessThan(WAIT_MAX_MS);
    expect(statements).toBeGreaterThan(tables.length);
    expect(said.at(-1)).toBe(`migrated: ${new last().name}`);
  });

  it('would keep them waiting without a limit to its own waiting, and this test would say so', async () => {
    const { longestMs } = await underTraffic(() => admin.query('alter table payout add column planted int'));
    expect(longestMs).toBeGreaterThan(WAIT_MAX_MS);
  });

  it('says which one waits, and tries again what got no lock', async () => {
    await admin.query('alter table payout drop column planted');
    class Planted {
      name = 'Planted1764000000999';
      up = (runner: { query(sql: string): Promise<unknown> }) =>
        runner.query('alter table claim add column planted int');
      down = () => Promise.resolve();
    }
    const said: string[] = [];
    const versions = [...migrations, Planted] as unknown as typeof migrations;
    const blocker = await client();
    await blocker.query('begin; select from claim');
    const log = (line: string) => {
      said.push(line);
      if (line.startsWith('waiting')) void blocker.query('commit');
    };
    await migrate({ adminUrl, versions, log });
    await blocker.end();
    expect(said).toEqual([
      'waiting: Planted1764000000999 got no lock within 1000 ms (1 of 15 tries)',
      'migrated: Planted1764000000999',
    ]);
  });

  describe('that makes an index', () => {
    const index = { name: 'planted_index', table: 'public.dead_letter', on: '(name)', unique: true };
    let dataSource: DataSource;
    const make = async (one = index) => {
      const runner = dataSource.createQueryRunner();
      try {
        await createIndexConcurrently(runner, one);
      } finally {
        await runner.release();
      }
    };
    const validity = async () =>
      (
        await admin.query(
          `select i.indisvalid as valid from pg_index i where i.indexrelid = to_regclass('planted_index')`,
        )
      ).rows;

    beforeAll(async () => {
      dataSource = await new DataSource({ type: 'postgres', url: adminUrl }).initialize();
    });
    afterAll(() => dataSource.destroy());

    it('leaves an invalid one when it fails, and makes it again the next time', async () => {
      await admin.query(`create table public.planted (name text); alter table public.planted owner to wp_owner`);
      await admin.query(`insert into public.planted values ('a'), ('a')`);
      const planted = { ...index, table: 'public.planted' };
      await expect(make(planted)).rejects.toThrow('could not create unique index');
      expect(await validity()).toEqual([{ valid: false }]);
      await admin.query(`delete from public.planted where ctid = '(0,1)'`);
      await make(planted);
      expect(await validity()).toEqual([{ valid: true }]);
      await make(planted); // is there already
      const role = await dataSource.query('select current_user = session_user as own');
      expect(role).toEqual([{ own: true }]);
    });

    it('says that a table is not there', async () => {
      await expect(make({ ...index, table: 'public.nowhere' })).rejects.toThrow('There is no table public.nowhere');
    });
  });
});

import pg from 'pg';
import { testDatabase, type TestDatabase } from '../../test/support/database.js';
import { query } from '../../test/support/embedded-servers.js';
import { HERE, onServer, openProbe, type ProbeStage } from '../../test/support/probe-table.js';
import { connect } from './data-source.js';

describe('a login', () => {
  let own: TestDatabase;
  const made: string[] = [];
  beforeAll(async () => {
    own = await testDatabase();
  });
  afterAll(async () => {
    await own.drop();
    // The databases are gone, and with them what the roles owned there.
    for (const role of made) await onServer(`drop role ${role}`);
  });

  /** The address of a login role of the test's own. */
  async function login(attributes: string, grants: (role: string) => string = () => ''): Promise<string> {
    const role = `spec_${process.pid}_${made.length}`;
    await query(own.adminUrl, `create role ${role} login password 'canary' ${attributes}`);
    made.push(role);
    await query(own.adminUrl, `grant select on migrations to ${role}; ${grants(role)}`);
    const url = new URL(own.adminUrl);
    url.username = role;
    url.password = 'canary';
    return url.href;
  }

  /** Resolves when the refused one has no session left. */
  async function disconnected(role: string): Promise<void> {
    while ((await query(own.adminUrl, `select 1 from pg_stat_activity where usename = '${role}'`)).length > 0);
  }

  const refusal = async (url: string): Promise<Error> => {
    const dataSource = await connect(url, [], 2).catch((error: Error) => error);
    if (dataSource instanceof Error) return dataSource;
    await dataSource.destroy();
    return new Error('it was let in');
  };

  it.each<[string, string, (role: string) => string]>([
    ['a superuser', 'superuser', () => ''],
    ['above row-level security', 'bypassrls', () => ''],
    ['the owner of a table', '', (role) => `create table owned_${role} (); alter table owned_${role} owner to ${role}`],
    ['one that may become the owner of the tables', 'noinherit', (role) => `grant wp_owner to ${role}`],
    ['one that may write the ledger', '', (role) => `grant wp_ledger to ${role}`],
  ])('is refused when it is %s', async (_, attributes, grants) => {
    const error = await refusal(await login(attributes, grants));
    expect(error).toMatchObject({
      message: expect.stringContaining('row-level security does not bind'),
      expected: true,
    });
    expect(error.message).not.toContain('canary');
    await disconnected(made.at(-1) ?? '');
  });

  it('is let in when it is the one for the application', async () => {
    expect((await refusal(own.appUrl)).message).toBe('it was let in');
  });

  it('with a wrong password is told so in words, without the password', async () => {
    const url = new URL(own.appUrl);
    url.password = 'canary';
    const error = await refusal(url.href);
    expect(error).toMatchObject({ message: expect.stringContaining('password authentication failed'), expected: true });
    expect(error.message).not.toContain('canary');
  });

  it('to a server that is not there is told so', async () => {
    const error = await refusal('postgres://wp_app:canary@127.0.0.1:1/wellpaid');
    expect(error).toMatchObject({ message: expect.stringContaining('ECONNREFUSED'), expected: true });
  });

  it('to a database that lacks a migration is told which, and one from the future is let in', async () => {
    const [last] = await query(own.adminUrl, 'select name from migrations order by id desc limit 1');
    await query(own.adminUrl, 'update migrations set name = $$Future$$ where id = (select max(id) from migrations)');
    const error = await refusal(own.appUrl);
    expect(error.message).toContain(`${String(last?.name)} did not run`);
    await query(own.adminUrl, `insert into migrations (timestamp, name) values (1, '${String(last?.name)}')`);
    expect((await refusal(own.appUrl)).message).toBe('it was let in');
  });

  it('to an empty database is told to migrate it', async () => {
    await query(own.adminUrl, 'alter table migrations rename to hidden');
    expect((await refusal(own.appUrl)).message).toContain('Run "wellpaid migrate" first');
    await query(own.adminUrl, 'alter table hidden rename to migrations');
  });
});

describe('values', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe(2);
  });
  afterAll(() => stage.close());

  it('arrive without loss: money as bigint, days as text, exact numbers as text, instants as Date', async () => {
    const [row] = await stage.database.read(HERE, (reader) =>
      reader.query(
        `select 9007199254740993::int8 as money, array[9007199254740993, null]::int8[] as moneys, 1::int4 as count,
                '2026-03-29'::date as day, array['2026-03-29']::date[] as days, 1.10::numeric as exact,
                array[1.10]::numeric[] as exacts, '2026-03-29T00:30:00Z'::timestamptz as instant, '\\x00ff'::bytea as bytes`,
      ),
    );
    expect(row).toEqual({
      money: 9_007_199_254_740_993n,
      moneys: [9_007_199_254_740_993n, null],
      count: 1,
      day: '2026-03-29',
      days: ['2026-03-29'],
      exact: '1.10',
      exacts: ['1.10'],
      instant: new Date('2026-03-29T00:30:00Z'),
      bytes: Buffer.from([0, 255]),
    });
  });

  it('are parsed so in our own pool only', () => {
    expect(pg.types.getTypeParser(20)('1')).toBe('1');
  });
});

describe('a lost connection', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe(2);
  });
  afterAll(() => stage.close());

  const cut = () =>
    stage.admin.query(
      `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'wp_app' and datname = current_database()`,
    );

  it('fails what it carried, keeps nothing of it, and the pool goes on with new ones', async () => {
    const work = stage.database.transaction(HERE, async (tx) => {
      await tx.execute(`insert into probe values ($1, 'a')`, [HERE.orgId]);
      await cut();
      await tx.query('select 1');
    });
    await expect(work).rejects.toThrow(Error);
    for (let round = 0; round < 4; round++) await stage.database.ping();
    expect(await stage.counts()).toEqual({});
  });

  it('between transactions leaves a pool that heals', async () => {
    const both = () => Promise.all([stage.database.ping(), stage.database.ping()]);
    await both();
    await cut();
    while (!(await both().catch(() => false)));
    await both();
  });

  it('after work that no longer asked fails the commit', async () => {
    const work = stage.database.transaction(HERE, async (tx) => {
      await tx.execute(`insert into probe values ($1, 'a')`, [HERE.orgId]);
      await cut();
    });
    await expect(work).rejects.toThrow(Error);
    expect(await stage.counts()).toEqual({});
  });
});

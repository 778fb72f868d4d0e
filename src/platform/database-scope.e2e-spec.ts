import { HERE, openProbe, THERE, type ProbeStage } from '../../test/support/probe-table.js';
import type { Reader } from './database.js';

const names = async (reader: Reader) =>
  (await reader.query<{ name: string }>('select name from probe order by 1')).map(({ name }) => name);
const whoAmI = `select current_user as role, session_user as login, current_setting('app.org', true) as org,
  current_setting('transaction_read_only') as "readOnly", current_setting('transaction_isolation') as isolation`;

describe('a scope', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe(1); // one connection: each borrower gets it after the one before
    for (const scope of [HERE, THERE]) {
      const name = scope === HERE ? 'here' : 'there';
      await stage.database.transaction(scope, (tx) =>
        tx.execute('insert into probe values ($1, $2)', [scope.orgId, name]),
      );
    }
  });
  afterAll(() => stage.close());

  it('is the role of its side and its organisation, in one transaction', async () => {
    const [seen] = await stage.database.transaction(HERE, (tx) => tx.query(whoAmI));
    expect(seen).toEqual({
      role: 'wp_commissioner',
      login: 'wp_app',
      org: HERE.orgId,
      readOnly: 'off',
      isolation: 'read committed',
    });
  });

  it('shows its own rows, on a snapshot that does not change', async () => {
    const [before, [seen], after] = await stage.database.read(THERE, async (reader) => {
      const first = await names(reader);
      const mode = await reader.query(whoAmI);
      await stage.admin.query(`insert into probe values ($1, 'later')`, [THERE.orgId]);
      return [first, mode, await names(reader)];
    });
    await stage.admin.query(`delete from probe where name = 'later'`);
    expect(seen).toMatchObject({ org: THERE.orgId, readOnly: 'on', isolation: 'repeatable read' });
    expect([before, after]).toEqual([['there'], ['there']]);
  });

  it('without an organisation shows nothing', async () => {
    expect(await stage.database.read({ side: 'commissioner', orgId: null }, names)).toEqual([]);
  });

  it('cannot write for another organisation, nor without one', async () => {
    const write = (scope: typeof HERE | { side: 'commissioner'; orgId: null }) =>
      stage.database.transaction(scope, (tx) => tx.execute(`insert into probe values ($1, 'forged')`, [THERE.orgId]));
    await expect(write(HERE)).rejects.toMatchObject({ driverError: { code: '42501' } });
    await expect(write({ side: 'commissioner', orgId: null })).rejects.toMatchObject({
      driverError: { code: '42501' },
    });
    expect(await stage.counts()).toEqual({ here: 0, there: 0 });
  });

  it('cannot be a text that is no UUID', async () => {
    const orgId = `${HERE.orgId}', true); --`;
    await expect(stage.database.read({ side: 'commissioner', orgId }, names)).rejects.toThrow('must be a UUID');
  });

  it('leaves nothing to the next borrower of the connection, however it ended', async () => {
    const fail = (reader: Reader) => reader.query('select 1 / 0');
    const sides = ['commissioner', 'auth', 'provider', 'relay'] as const;
    for (let round = 0; round < 40; round++) {
      const side = sides[round % sides.length] ?? 'auth';
      const orgId = round % 3 === 0 ? null : HERE.orgId;
      const [seen] = await stage.database.transaction({ side, orgId }, (tx) => tx.query(whoAmI));
      expect(seen).toMatchObject({ role: `wp_${side}`, org: orgId ?? '', readOnly: 'off' });
      if (round % 2 === 0) await expect(stage.database.read(HERE, fail)).rejects.toThrow('division by zero');
      else await stage.database.read(HERE, names);
    }
    await stage.database.ping();
    expect(await sessionState()).toEqual({ role: 'wp_app', org: '', state: 'idle' });
  });

  it('is the same for one statement alone, which writes nothing and leaves nothing behind', async () => {
    for (let round = 0; round < 8; round++) {
      const [seen] = await stage.database.lookUp(round % 2 === 0 ? HERE : THERE, whoAmI, []);
      expect(seen).toMatchObject({
        role: 'wp_commissioner',
        org: round % 2 === 0 ? HERE.orgId : THERE.orgId,
        readOnly: 'on',
        isolation: 'repeatable read',
      });
      expect(await stage.database.lookUp(THERE, 'select name from probe', [])).toEqual([{ name: 'there' }]);
      const failing = stage.database.lookUp(HERE, 'select 1 / $1::int', [0]);
      await expect(failing).rejects.toMatchObject({ driverError: { code: '22012' } });
      const writing = stage.database.lookUp(HERE, 'update probe set count = count + $1', [1]);
      await expect(writing).rejects.toMatchObject({ driverError: { code: '25006' } });
      const elsewhere = stage.database.lookUp({ side: 'owner' as never, orgId: null }, 'select 1', []);
      await expect(elsewhere).rejects.toMatchObject({ driverError: { code: '42501' } });
      expect(await sessionState()).toEqual({ role: 'wp_app', org: '', state: 'idle' });
    }
    const nested = stage.database.read(HERE, () => stage.database.lookUp(HERE, whoAmI, []));
    await expect(nested).rejects.toThrow('Nested transaction');
    expect(await stage.counts()).toEqual({ here: 0, there: 0 });
  });

  /** What the only session of the application carries between transactions, read through it. */
  async function sessionState(): Promise<unknown> {
    const { rows } = await stage.admin.query<{ state: string }>(
      `select state from pg_stat_activity where usename = 'wp_app' and datname = current_database()`,
    );
    expect(rows).toHaveLength(1);
    const [bare] = await stage.database['dataSource'].query(
      `select current_user as role, coalesce(current_setting('app.org', true), '') as org`,
    );
    return { ...bare, state: rows[0]?.state };
  }

  it('has no side that the login may not take', async () => {
    for (const side of ['owner', 'ledger'] as const) {
      const work = stage.database.read({ side: side as never, orgId: null }, names);
      await expect(work).rejects.toMatchObject({ driverError: { code: '42501' } });
    }
  });
});

describe('a reader', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe();
    await stage.database.transaction(HERE, (tx) => tx.execute(`insert into probe values ($1, 'a')`, [HERE.orgId]));
  });
  afterAll(() => stage.close());

  it.each([
    ['insert', `insert into probe values ('${HERE.orgId}', 'b')`],
    ['update', 'update probe set count = 1'],
    ['delete', 'delete from probe'],
    ['lock rows', 'select from probe for update'],
    ['make a table', 'create table other (id int)'],
    ['take a sequence on', `select nextval('outbox_id_seq')`],
  ])('cannot %s', async (_, sql) => {
    const work = stage.database.read(HERE, (reader) => reader.query(sql));
    await expect(work).rejects.toMatchObject({ driverError: { code: expect.stringMatching(/^(25006|42501)$/) } });
    expect(await stage.counts()).toEqual({ a: 0 });
  });

  it('is told that the transaction is read only, not that it lacks a right', async () => {
    const work = stage.database.read(HERE, (reader) => reader.query('update probe set count = 1'));
    await expect(work).rejects.toMatchObject({ driverError: { code: '25006' } });
  });

  it.each([`set transaction read write`, `select set_config('transaction_read_only', 'off', true)`])(
    'cannot make itself a writer by %s',
    async (sql) => {
      const work = stage.database.read(HERE, async (reader) => {
        await reader.query(sql);
        await reader.query('update probe set count = 1');
      });
      await expect(work).rejects.toMatchObject({ driverError: { code: expect.stringMatching(/^25/) } });
      expect(await stage.counts()).toEqual({ a: 0 });
    },
  );
});

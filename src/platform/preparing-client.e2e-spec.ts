import { HERE, openProbe, THERE, type ProbeStage } from '../../test/support/probe-table.js';
import { onConstraint } from './constraints.js';
import type { Reader, Tx } from './database.js';
import { defineError } from './errors.js';
import { PreparingClient } from './preparing-client.js';

const ALL = 'select name, count from probe order by name';
const all = (reader: Reader) => reader.query(ALL);
const add = 'insert into probe (org_id, name) values ($1, $2)';

/** Often enough to be prepared. */
async function often(work: () => Promise<unknown>): Promise<void> {
  for (let time = 0; time < 8; time++) await work();
}

describe('a plan that is kept', () => {
  let stage: ProbeStage;
  beforeEach(async () => {
    stage = await openProbe(1); // one connection: whoever comes next finds what was prepared before
    for (const [scope, name] of [
      [HERE, 'here'],
      [THERE, 'there'],
    ] as const)
      await stage.database.transaction(scope, (tx) => tx.execute(add, [scope.orgId, name]));
  });
  afterEach(() => stage.close());

  const prepared = async () =>
    (
      await stage.database.read(HERE, (reader) =>
        reader.query<{ statement: string }>('select statement from pg_prepared_statements order by prepare_time'),
      )
    ).map(({ statement }) => statement);
  const readHere = () => stage.database.read(HERE, all);

  it('is of a statement that came again and again', async () => {
    await readHere();
    expect(await prepared()).not.toContain(ALL);
    await often(readHere);
    expect(await prepared()).toContain(ALL);
  });

  it('shows each organisation its own rows', async () => {
    await often(async () => {
      expect(await readHere()).toEqual([{ name: 'here', count: 0 }]);
      expect(await stage.database.read(THERE, all)).toEqual([{ name: 'there', count: 0 }]);
      expect(await stage.database.read({ ...HERE, orgId: null }, all)).toEqual([]);
    });
  });

  it('does not open to one side what another may see', async () => {
    await often(readHere);
    for (let time = 0; time < 8; time++) {
      const work = stage.database.read({ side: 'auth', orgId: HERE.orgId }, all);
      await expect(work).rejects.toMatchObject({ driverError: { code: '42501' } });
      expect(await readHere()).toHaveLength(1);
    }
  });

  it('follows a right that is taken, and a policy that is changed', async () => {
    await often(readHere);
    await stage.admin.query(`alter policy own on probe using (name <> 'here')`);
    expect(await readHere()).toEqual([{ name: 'there', count: 0 }]);
    await stage.admin.query('revoke select on probe from wp_commissioner');
    await expect(readHere()).rejects.toMatchObject({ driverError: { code: '42501' } });
  });

  it('is made anew when a migration has changed what it answers, in a transaction that is tried again', async () => {
    await often(readHere);
    await stage.admin.query('alter table probe alter count type bigint');
    expect(await readHere()).toEqual([{ name: 'here', count: 0n }]);
    await often(() => stage.database.lookUp(HERE, ALL, []));
    await stage.admin.query('alter table probe alter count type smallint');
    expect(await stage.database.lookUp(HERE, ALL, [])).toEqual([{ name: 'here', count: 0 }]);
    await often(() => stage.database.transaction(HERE, all));
    await stage.admin.query('alter table probe alter count type real');
    let runs = 0;
    const written = await stage.database.transaction(HERE, async (tx) => {
      runs++;
      await tx.execute(add, [HERE.orgId, 'new']);
      return all(tx);
    });
    expect(written).toEqual([
      { name: 'here', count: 0 },
      { name: 'new', count: 0 },
    ]);
    expect([runs, Object.keys(await stage.counts())]).toEqual([2, ['here', 'new', 'there']]);
  });

  it('is made anew when it is gone', async () => {
    await often(readHere);
    await stage.database.read(HERE, (reader) => reader.query('deallocate all'));
    expect(await readHere()).toEqual([{ name: 'here', count: 0 }]);
  });

  it('gives way to those that were used later', async () => {
    await often(readHere);
    for (let count = 0; count < 250; count++)
      await stage.database.read(HERE, async (reader) => {
        for (let time = 0; time < 5; time++) await reader.query(`select ${count} as count`);
      });
    const held = await prepared();
    expect(held.length).toBeLessThanOrEqual(201);
    expect(held).not.toContain(ALL);
    expect(held).toContain('select 249 as count');
    expect(await readHere()).toEqual([{ name: 'here', count: 0 }]);
  });
});

describe('a statement that is sent', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe(1);
  });
  afterAll(() => stage.close());
  afterEach(() => stage.admin.query('delete from probe'));

  const MUCH = 'insert into probe (org_id, name, count) values ($1, $2, 1000)';
  const write = <T>(work: (tx: Tx) => Promise<T>) => stage.database.transaction(HERE, work);
  /** What cannot be sent: pg asks a parameter for what it is in PostgreSQL. */
  const unsendable = () => [
    {
      toPostgres() {
        throw Object.assign(new TypeError('cannot be sent'), { code: 'ERR_OF_NODE' });
      },
    },
    'never',
  ];

  it('is done before what comes next, and kept with it', async () => {
    const seen = await write((tx) => {
      tx.send(add, [HERE.orgId, 'a']);
      tx.send('update probe set count = 2');
      return all(tx);
    });
    expect(seen).toEqual([{ name: 'a', count: 2 }]);
    expect(await stage.counts()).toEqual({ a: 2 });
  });

  it('is kept when nothing comes next', async () => {
    await write(async (tx) => tx.send(add, [HERE.orgId, 'a']));
    expect(await stage.counts()).toEqual({ a: 0 });
  });

  it('fails what comes next with its own failure, prepared or not', async () => {
    for (let time = 0; time < 8; time++) {
      const work = write(async (tx) => {
        tx.send(add, [HERE.orgId, 'a']);
        tx.send(MUCH, [HERE.orgId, 'much']);
        tx.send(add, [HERE.orgId, 'b']);
        await tx.execute(add, [HERE.orgId, 'c']);
        await tx.execute(add, [HERE.orgId, 'd']);
      });
      await expect(work).rejects.toMatchObject({ driverError: { constraint: 'probe_count' } });
    }
    expect(await stage.counts()).toEqual({});
  });

  it('fails what is found through an entity as well, and its whole transaction when nobody waits', async () => {
    const failing = write(async (tx) => {
      await tx.execute(add, [HERE.orgId, 'a']);
      tx.send(MUCH, [HERE.orgId, 'much']);
      return 'done';
    });
    await expect(failing).rejects.toMatchObject({ driverError: { constraint: 'probe_count' } });
    const swallowing = write(async (tx) => {
      tx.send(MUCH, [HERE.orgId, 'much']);
      await tx.execute(add, [HERE.orgId, 'a']).catch(() => undefined);
      await tx.query('select 1').catch(() => undefined);
      return 'done';
    });
    await expect(swallowing).rejects.toMatchObject({ driverError: { constraint: 'probe_count' } });
    expect(await stage.counts()).toEqual({});
  });

  it('is the domain error of its constraint', async () => {
    await stage.admin.query(`alter table probe add constraint probe_sent check (name <> 'unsent')`);
    onConstraint(
      'probe_sent',
      defineError({ code: 'spec.unsent', kind: 'rule_broken', title: 'Unsent.', fix: 'Send it.' }),
    );
    const work = write(async (tx) => tx.send(add, [HERE.orgId, 'unsent']));
    await expect(work).rejects.toMatchObject({ name: 'DomainError', code: 'spec.unsent' });
  });

  it('is undone with its savepoint, and nothing else is', async () => {
    await write(async (tx) => {
      tx.send(add, [HERE.orgId, 'before']);
      tx.send('savepoint part');
      tx.send(MUCH, [HERE.orgId, 'much']);
      tx.send(add, [HERE.orgId, 'part']);
      tx.send('rollback to savepoint part');
      await tx.execute(add, [HERE.orgId, 'after']);
    });
    expect(await stage.counts()).toEqual({ after: 0, before: 0 });
  });

  it('that never left the process fails the transaction, whatever succeeds or is rolled back to', async () => {
    const goingOn = write(async (tx) => {
      tx.send(add, unsendable());
      await tx.execute(add, [HERE.orgId, 'a']).catch(() => undefined);
      return 'done';
    });
    await expect(goingOn).rejects.toThrow('cannot be sent');
    const rolledBack = write(async (tx) => {
      await tx.execute('savepoint part');
      tx.send(add, unsendable());
      await tx.execute('rollback to savepoint part').catch(() => undefined);
      await tx.execute(add, [HERE.orgId, 'a']).catch(() => undefined);
    });
    await expect(rolledBack).rejects.toThrow('cannot be sent');
    expect(await stage.counts()).toEqual({});
    await write((tx) => tx.execute(add, [HERE.orgId, 'a']));
    expect(await stage.counts()).toEqual({ a: 0 });
  });

  it('does nothing behind a transaction that did not begin', async () => {
    const work = stage.database.transaction({ side: 'owner' as never, orgId: HERE.orgId }, async (tx) => {
      tx.send(add, [HERE.orgId, 'a']);
      await tx.query('select 1').catch(() => undefined);
    });
    await expect(work).rejects.toMatchObject({ driverError: { code: '42501' } });
    expect(await stage.counts()).toEqual({});
  });

  it("after the end of its transaction reaches nobody: the connection is the next one's", async () => {
    let handle: Tx | undefined;
    await write(async (tx) => {
      handle = tx;
    });
    const late = handle;
    const [inNext] = await Promise.allSettled([
      stage.database.transaction(THERE, async (tx) => {
        await expect(late?.execute(add, [THERE.orgId, 'late'])).rejects.toThrow('after the end');
        await expect(late?.query('select 1')).rejects.toThrow('after the end');
        return tx.query('select 1 as one');
      }),
    ]);
    expect(inNext).toEqual({ status: 'fulfilled', value: [{ one: 1 }] });
    expect(await stage.counts()).toEqual({});
  });
});

describe('a connection', () => {
  let stage: ProbeStage;
  let client: PreparingClient;
  beforeAll(async () => {
    stage = await openProbe(1);
    client = new PreparingClient({ connectionString: stage.testDatabase.appUrl, pipeline: true });
    await client.connect();
  });
  afterAll(async () => {
    await client.end();
    await stage.close();
  });

  it('does not call it done when PostgreSQL rolls back instead', async () => {
    await client.begin(HERE, 'READ COMMITTED', false);
    await client.ask('select 1');
    const outcomes = await Promise.allSettled([client.ask('select 1 / 0'), client.commit()]);
    expect(outcomes).toMatchObject([
      { status: 'rejected', reason: { code: '22012' } },
      { status: 'rejected', reason: { message: 'PostgreSQL answered ROLLBACK to COMMIT' } },
    ]);
  });

  it('commits nothing where no transaction is', async () => {
    await expect(client.commit()).rejects.toThrow('no transaction to commit');
    await client.begin(HERE, 'READ COMMITTED', false);
    await client.ask(add, [HERE.orgId, 'a']);
    await client.ask('rollback');
    await expect(client.commit()).rejects.toThrow('no transaction to commit');
  });

  it('leaves no role and no organisation behind, whichever way a transaction ended', async () => {
    const ends = [
      async () => client.commit(),
      async () => client.rollback(),
      async () => {
        await client.ask('select 1 / 0').catch(() => undefined);
        await client.rollback();
      },
    ];
    for (const end of ends) {
      for (const readOnly of [false, true]) {
        await client.begin(HERE, 'REPEATABLE READ', readOnly);
        const { rows: inside } = await client.ask(`select current_user as role, current_setting('app.org') as org`);
        expect(inside).toEqual([{ role: 'wp_commissioner', org: HERE.orgId }]);
        await end();
        const { rows } = await client.ask(`select current_user as role, current_setting('app.org') as org`);
        expect(rows).toEqual([{ role: 'wp_app', org: '' }]);
      }
    }
  });
});

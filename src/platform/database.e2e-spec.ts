import { HERE, meeting, openProbe, type ProbeStage } from '../../test/support/probe-table.js';
import { onConstraint } from './constraints.js';
import { afterCommit, assertOutsideTransaction, type Reader, type Tx } from './database.js';
import { defineError } from './errors.js';

const add = (tx: Tx, name: string) =>
  tx.execute(
    `insert into probe (org_id, name, count) values ($1, $2, 1)
     on conflict (org_id, name) do update set count = probe.count + 1`,
    [HERE.orgId, name],
  );

describe('a transaction', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe();
  });
  afterAll(() => stage.close());
  afterEach(() => stage.admin.query('delete from probe'));

  it('keeps what it wrote, and gives what it answered', async () => {
    expect(await stage.database.transaction(HERE, (tx) => add(tx, 'a'))).toBe(1);
    expect(await stage.counts()).toEqual({ a: 1 });
  });

  it('keeps nothing when the work throws', async () => {
    const work = stage.database.transaction(HERE, async (tx) => {
      await add(tx, 'a');
      throw new Error('the work went wrong');
    });
    await expect(work).rejects.toThrow('the work went wrong');
    expect(await stage.counts()).toEqual({});
  });

  it('fails when a failed statement was swallowed, for nothing of it can be kept', async () => {
    const work = stage.database.transaction(HERE, async (tx) => {
      await add(tx, 'a');
      await tx.query('select 1 / 0').catch(() => undefined);
      return 'done';
    });
    await expect(work).rejects.toMatchObject({ driverError: { code: '22012' } });
    expect(await stage.counts()).toEqual({});
  });

  it('goes on after a failed statement once a savepoint was rolled back to', async () => {
    const work = stage.database.transaction(HERE, async (tx) => {
      await add(tx, 'a');
      await tx.execute('savepoint before');
      await tx.query('select 1 / 0').catch(() => tx.execute('rollback to savepoint before'));
      return 'done';
    });
    expect(await work).toBe('done');
    expect(await stage.counts()).toEqual({ a: 1 });
  });

  it('is retried whole after a deadlock, so that both of two crossing transactions are kept', async () => {
    await stage.database.transaction(HERE, async (tx) => {
      await add(tx, 'a');
      await add(tx, 'b');
    });
    const bothHoldOne = meeting(2);
    const both: Promise<void>[] = [];
    let runs = 0;
    const cross = (first: string, second: string) =>
      stage.database.transaction(HERE, async (tx) => {
        // What is run again may be quicker than the other one wakes, and meet it once more.
        if (++runs > 2) await Promise.race(both);
        await add(tx, first);
        await bothHoldOne();
        await add(tx, second);
      });
    both.push(cross('a', 'b'), cross('b', 'a'));
    await Promise.all(both);
    expect(runs).toBe(3);
    expect(await stage.counts()).toEqual({ a: 3, b: 3 });
  });

  it.each(['40001', '40P01'])('is tried three times when it fails with %s, and then fails so', async (code) => {
    let runs = 0;
    const work = stage.database.transaction(HERE, async (tx) => {
      runs++;
      await add(tx, 'a');
      await tx.query(`do $$ begin raise exception 'again' using errcode = '${code}'; end $$`);
    });
    await expect(work).rejects.toMatchObject({ driverError: { code } });
    expect(runs).toBe(3);
    expect(await stage.counts()).toEqual({});
  });

  it('is kept once when only its first try fails', async () => {
    let runs = 0;
    await stage.database.transaction(HERE, async (tx) => {
      await add(tx, 'a');
      if (++runs === 1) await tx.query(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    expect(await stage.counts()).toEqual({ a: 1 });
  });

  it('is not retried after any other failure', async () => {
    let runs = 0;
    const work = stage.database.transaction(HERE, async (tx) => {
      runs++;
      await tx.query('select 1 / 0');
    });
    await expect(work).rejects.toThrow();
    expect(runs).toBe(1);
  });

  it('cannot hold another one, nor a read', async () => {
    const inside = (work: () => Promise<unknown>) => stage.database.transaction(HERE, work);
    await expect(inside(() => stage.database.transaction(HERE, async () => 1))).rejects.toThrow('Nested transaction');
    await expect(inside(() => stage.database.read(HERE, async () => 1))).rejects.toThrow('Nested transaction');
    await expect(stage.database.read(HERE, () => stage.database.read(HERE, async () => 1))).rejects.toThrow('Nested');
  });

  it('lets nobody call the network inside', async () => {
    expect(assertOutsideTransaction).not.toThrow();
    await expect(stage.database.transaction(HERE, async () => assertOutsideTransaction())).rejects.toThrow(
      'Network call',
    );
    await expect(stage.database.read(HERE, async () => assertOutsideTransaction())).rejects.toThrow('Network call');
    expect(assertOutsideTransaction).not.toThrow();
  });
});

describe('what waits for the commit', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe();
  });
  afterAll(() => stage.close());
  afterEach(() => stage.admin.query('delete from probe'));

  it('runs once after it, outside of the transaction, when the row is there for everyone', async () => {
    let seen: Promise<Record<string, number>> | undefined;
    const calls: string[] = [];
    const wake = () => {
      assertOutsideTransaction();
      calls.push('woken');
      seen = stage.counts();
    };
    await stage.database.transaction(HERE, async (tx) => {
      afterCommit(wake);
      afterCommit(wake);
      await add(tx, 'a');
      calls.push('worked');
    });
    expect(calls).toEqual(['worked', 'woken']);
    expect(await seen).toEqual({ a: 1 });
  });

  it('does not run after a rollback, nor for the tries that failed', async () => {
    let woken = 0;
    let runs = 0;
    const fail = stage.database.transaction(HERE, async () => {
      afterCommit(() => woken++);
      throw new Error('no');
    });
    await expect(fail).rejects.toThrow('no');
    expect(woken).toBe(0);
    await stage.database.transaction(HERE, async (tx) => {
      afterCommit(() => woken++);
      if (++runs < 3) await tx.query(`do $$ begin raise exception 'again' using errcode = '40001'; end $$`);
    });
    expect([runs, woken]).toEqual([3, 1]);
  });

  it('needs a transaction to wait for', () => {
    expect(() => afterCommit(() => undefined)).toThrow('outside a transaction');
  });

  it('does not run when the commit itself is refused', async () => {
    await stage.admin.query(`
      create or replace function refuse() returns trigger language plpgsql as $$ begin raise 'refused at commit'; end $$;
      create constraint trigger late after insert on probe deferrable initially deferred for each row execute function refuse()`);
    let woken = 0;
    const work = stage.database.transaction(HERE, async (tx) => {
      afterCommit(() => woken++);
      return add(tx, 'a');
    });
    await expect(work).rejects.toThrow('refused at commit');
    await stage.admin.query('drop trigger late on probe');
    expect([woken, await stage.counts()]).toEqual([0, {}]);
  });
});

describe('a failed constraint', () => {
  let stage: ProbeStage;
  beforeAll(async () => {
    stage = await openProbe();
  });
  afterAll(() => stage.close());

  it('is the domain error that its name stands for', async () => {
    const nonsense = defineError({
      code: 'spec.nonsense',
      kind: 'rule_broken',
      title: 'Nonsense.',
      fix: 'Make sense.',
    });
    onConstraint('probe_name', nonsense);
    const work = stage.database.transaction(HERE, (tx) => add(tx, 'nonsense'));
    await expect(work).rejects.toMatchObject({ name: 'DomainError', code: 'spec.nonsense' });
  });

  it('that nobody named is a bug, and stays what it was', async () => {
    const work = stage.database.transaction(HERE, (tx) =>
      tx.execute(`insert into probe values ($1, 'much', 1000)`, [HERE.orgId]),
    );
    await expect(work).rejects.toMatchObject({ name: 'QueryFailedError', driverError: { constraint: 'probe_count' } });
  });
});

describe('the handles', () => {
  it('do not compile for what they cannot do', () => {
    const misuse = (reader: Reader, tx: Tx) => {
      const needsTx = (given: Tx) => given;
      // @ts-expect-error a reader is no transaction
      needsTx(reader);
      // @ts-expect-error a reader does not execute
      void reader.execute('delete from probe');
      // @ts-expect-error nor insert
      void reader.insert('probe', {});
      // @ts-expect-error save selects first, then guesses
      void tx.save({});
      // @ts-expect-error a plain object is no handle
      needsTx({ query: async () => [], execute: async () => 0 });
      const reads = (given: Reader) => given;
      return reads(tx);
    };
    expect(misuse).toBeInstanceOf(Function);
  });
});

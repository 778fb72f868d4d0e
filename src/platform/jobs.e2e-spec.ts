import { occurrences } from '../../test/support/canaries.js';
import {
  dataOf,
  doOnce,
  eventually,
  gate,
  isPending,
  openJobStage,
  UNDONE,
  type JobStage,
} from '../../test/support/job-stage.js';
import { HERE } from '../../test/support/probe-table.js';
import { describeOnRedis } from '../../test/support/redis.js';
import { defineTopic, emit, type TopicData } from './events.js';
import type { JobDefinition } from './jobs.js';

const asked = defineTopic('spec.asked');
const other = defineTopic('spec.other');
const named = (count: number) => Array.from({ length: count }, (_, index) => `row-${String(index).padStart(2, '0')}`);
const everyOneDone = (names: string[]) => Object.fromEntries(names.map((name) => [name, 1]));

/** A job that notes what it ran for. */
function noting(name: string, on: JobDefinition['on'], ran: string[]): JobDefinition {
  return { name, on, run: async ({ id }: TopicData) => void ran.push(id) };
}

/** The same suite on both backends. */
const BACKENDS = [
  {
    describeOn: (body: (redisUrl: () => string | undefined) => void) =>
      describe('jobs on PostgreSQL', () => body(() => undefined)),
  },
  { describeOn: (body: (redisUrl: () => string | undefined) => void) => describeOnRedis('jobs on Redis', body) },
];

for (const { describeOn } of BACKENDS) {
  describeOn((redisUrl) => {
    let stage: JobStage;
    beforeAll(async () => {
      stage = await openJobStage(redisUrl());
    });
    afterAll(() => stage.close());
    afterEach(() => stage.reset());

    it('run once what asked for them is committed, and see it', async () => {
      const seen: unknown[] = [];
      const { jobs } = await stage.instance((own, database) =>
        own.define({
          name: 'see',
          on: [asked],
          run: async ({ id }) => {
            seen.push(
              ...(await database.read(HERE, (reader) => reader.query('select name from probe where name = $1', [id]))),
            );
          },
        }),
      );
      const committing = gate();
      const asking = stage.ask(asked, ['a'], committing.wait);
      await jobs.settle();
      expect(seen).toEqual([]);
      committing.open();
      await asking;
      await jobs.settle();
      expect(seen).toEqual([{ name: 'a' }]);
    });

    it('do not run when it is rolled back', async () => {
      const ran: string[] = [];
      const { jobs } = await stage.instance((own) => own.define(noting('note', [asked], ran)));
      const asking = stage.ask(asked, ['a'], async () => {
        throw new Error('no');
      });
      await expect(asking).rejects.toThrow('no');
      await stage.ask(asked, ['b']);
      await jobs.settle();
      expect(ran).toEqual(['b']);
    });

    it('run for what they subscribe to, and nothing else', async () => {
      const ran = { one: [] as string[], both: [] as string[], another: [] as string[] };
      const { jobs } = await stage.instance((own) => {
        own.define(noting('one', [asked], ran.one));
        own.define(noting('both', [asked, other], ran.both));
        own.define(noting('another', [other], ran.another));
      });
      await stage.ask(asked, ['a', 'b']);
      await stage.ask(other, ['c']);
      await stage.ask(defineTopic('spec.nobody_listens'), ['d']);
      await jobs.settle();
      expect(ran.one.sort()).toEqual(['a', 'b']);
      expect(ran.both.sort()).toEqual(['a', 'b', 'c']);
      expect(ran.another).toEqual(['c']);
      expect((await stage.admin.query('select from outbox')).rowCount).toBe(0);
    });

    it('lead to others, which are waited for', async () => {
      const ran: string[] = [];
      const { jobs } = await stage.instance((own, database) => {
        own.define({
          name: 'first',
          on: [asked],
          run: ({ id }) => database.transaction(HERE, (tx) => emit(tx, HERE.orgId, other, dataOf(`after-${id}`))),
        });
        own.define(noting('second', [other], ran));
      });
      await stage.ask(asked, ['a', 'b']);
      await jobs.settle();
      expect(ran.sort()).toEqual(['after-a', 'after-b']);
    });

    it('that throw are tried four times, then lie in dead letters, and are found again by the sweeper', async () => {
      let works = false;
      const attempts: unknown[] = [];
      const { jobs, log } = await stage.instance((own, database) =>
        own.define({
          name: 'break',
          on: [asked],
          due: (reader) => reader.query(UNDONE),
          run: async (data) => {
            if (works) return doOnce(database, data);
            attempts.push(await occurrences(stage.admin, 'canary'));
            throw Object.assign(new TypeError('for Jane Canary of 1 High Street'), { code: 'E_CANDLE' });
          },
        }),
      );
      await stage.ask(asked, ['a']);
      await jobs.settle();
      expect(attempts).toEqual([[], [], [], []]);
      const letters = 'select job, data, error from dead_letter';
      expect((await stage.admin.query(letters)).rows).toEqual([
        { job: 'break', data: dataOf('a'), error: 'TypeError E_CANDLE' },
      ]);
      expect(log.filter(({ msg }) => msg === 'job failed').map(({ job, id, attempt }) => [job, id, attempt])).toEqual(
        [1, 2, 3, 4].map((attempt) => ['break', 'a', attempt]),
      );
      works = true;
      await jobs.sweep({ patient: true });
      await jobs.settle();
      expect(await stage.counts()).toEqual({ a: 0 });
      await stage.admin.query(`update dead_letter set failed_at = failed_at - interval '31 seconds'`);
      await jobs.sweep({ patient: true });
      await jobs.settle();
      expect(await stage.counts()).toEqual({ a: 1 });
    });

    it('are found again when the queue has lost everything, and when nobody ever rang', async () => {
      const names = named(20);
      const held = gate();
      let started = 0;
      const { jobs } = await stage.instance((own, database) =>
        own.define({
          name: 'do',
          on: [asked],
          due: (reader) => reader.query(UNDONE),
          run: async (data) => {
            started++;
            await held.wait();
            await doOnce(database, data);
          },
        }),
      );
      await stage.ask(asked, names);
      await stage.admin.query(`insert into probe values ($1, 'never-rung')`, [HERE.orgId]);
      await eventually(() => started === 4);
      await eventually(async () => (await stage.admin.query('select from outbox')).rowCount === 0);
      await stage.wipeQueue();
      held.open();
      await eventually(async () => Object.values(await stage.counts()).filter((count) => count === 1).length === 4);
      await jobs.settle();
      expect(Object.values(await stage.counts()).filter((count) => count === 0)).toHaveLength(17);
      await jobs.sweep();
      await jobs.settle();
      expect(await stage.counts()).toEqual(everyOneDone([...names, 'never-rung']));
    });

    it('of two processes run once each', async () => {
      const names = named(40);
      const ran: string[] = [];
      const define = (own: Pick<JobStage, never> & { define(job: JobDefinition): void }) =>
        own.define(noting('note', [asked], ran));
      const one = await stage.instance(define);
      const two = await stage.instance(define);
      await Promise.all(names.map((name) => stage.ask(asked, [name])));
      await one.jobs.settle();
      await two.jobs.settle();
      expect(ran.sort()).toEqual(names);
    });

    it('of a transaction that commits after later ones are not lost', async () => {
      const ran: string[] = [];
      const { jobs } = await stage.instance((own) => own.define(noting('note', [asked], ran)));
      const late = gate();
      const wrote = gate();
      const early = stage.ask(asked, ['early'], () => {
        wrote.open();
        return late.wait();
      });
      await wrote.wait();
      for (const name of ['b', 'c']) {
        await stage.ask(asked, [name]);
        await jobs.settle();
      }
      expect(ran).toEqual(['b', 'c']);
      late.open();
      await early;
      await jobs.settle();
      expect(ran).toEqual(['b', 'c', 'early']);
    });

    it('are rung for at the commit, without a timer', async () => {
      const ran: string[] = [];
      const started = await withoutTimers(() => stage.instance((own) => own.define(noting('note', [asked], ran))));
      await stage.ask(asked, ['a']);
      await eventually(() => ran.length === 1);
      expect(started.log).toEqual([]);
    });

    it('that run are waited for when the process stops, with the database still there', async () => {
      const held = gate();
      let started = false;
      const instance = await stage.instance((own, database) =>
        own.define({
          name: 'slow',
          on: [asked],
          run: async (data) => {
            started = true;
            await held.wait();
            await doOnce(database, data);
          },
        }),
      );
      await stage.ask(asked, ['a']);
      await eventually(() => started);
      const stopping = instance.stop();
      expect(await isPending(stopping)).toBe(true);
      expect(await stage.counts()).toEqual({ a: 0 });
      held.open();
      await stopping;
      expect(await stage.counts()).toEqual({ a: 1 });
      expect(instance.log.filter(({ level }) => level === 'error')).toEqual([]);
    });

    it('go on after every connection to the database was cut', async () => {
      const ran: string[] = [];
      const { jobs } = await stage.instance((own) => own.define(noting('note', [asked], ran)));
      await stage.ask(asked, ['a']);
      await jobs.settle();
      await stage.admin.query(
        `select pg_terminate_backend(pid) from pg_stat_activity where usename = 'wp_app' and datname = current_database()`,
      );
      await eventually(() =>
        stage.ask(asked, ['b']).then(
          () => true,
          () => false,
        ),
      );
      await eventually(() => ran.includes('b'));
      expect(ran).toEqual(['a', 'b']);
    });
  });
}

/** What is started inside polls and sweeps only once. */
async function withoutTimers<T>(start: () => Promise<T>): Promise<T> {
  const real = globalThis.setInterval;
  globalThis.setInterval = (_work: () => void) => real(() => undefined, 3_600_000);
  try {
    return await start();
  } finally {
    globalThis.setInterval = real;
  }
}

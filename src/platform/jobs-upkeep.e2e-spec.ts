import {
  dataOf,
  doOnce,
  eventually,
  gate,
  isPending,
  openJobStage,
  UNDONE,
  type Entry,
  type JobStage,
} from '../../test/support/job-stage.js';
import { defineTopic } from './events.js';
import { JobRecords } from './job-records.js';
import { Jobs } from './jobs.js';
import { createLog } from './log.js';

const asked = defineTopic('spec.upkeep_asked');
const HOUR_MS = 3_600_000;
const silent = createLog('silent');

describe('a process that works', () => {
  let stage: JobStage;
  beforeAll(async () => {
    stage = await openJobStage(undefined);
  });
  afterAll(() => stage.close());
  afterEach(() => stage.reset());

  it('rests when the relay fails, without filling the log, and then goes on by itself', async () => {
    const ran: string[] = [];
    const { log } = await stage.instance((jobs) =>
      jobs.define({ name: 'note', on: [asked], run: async ({ id }) => void ran.push(id) }),
    );
    const failures = () => log.filter(({ msg }) => msg === 'relay failed');
    await stage.admin.query('alter table outbox rename to away');
    await eventually(() => failures().length > 0);
    await new Promise((resolve) => setTimeout(resolve, 1_200)); // six turns of the timer that wakes the relay
    expect(failures().length).toBeLessThan(3);
    await stage.admin.query('alter table away rename to outbox');
    await stage.ask(asked, ['a']);
    await eventually(() => ran.length > 0);
    expect(ran).toEqual(['a']);
    expect(failures()[0]).toMatchObject({ level: 'error', error: { name: 'QueryFailedError', code: '42P01' } });
  });

  it('says which sweep failed, and does the others', async () => {
    const ran: string[] = [];
    const { jobs, log } = await stage.instance((own) => {
      own.define({
        name: 'broken',
        on: [],
        due: (reader) => reader.query('select from nowhere'),
        run: async () => undefined,
      });
      own.define({
        name: 'sound',
        on: [],
        due: async () => (ran.length > 0 ? [] : [{ commissionerId: 'c', id: 'a' }]),
        run: async ({ id }) => void ran.push(id),
      });
    });
    await jobs.settle();
    await eventually(() => ran.length > 0);
    expect(log.filter(({ msg }) => msg === 'sweep failed').map(({ job }) => job)).toEqual(['broken']);
  });

  it('shows what was given up, whether it is still to be done, and tries it again when it is asked to', async () => {
    let works = false;
    const { jobs, database } = await stage.instance((own, owned) =>
      own.define({
        name: 'break',
        on: [asked],
        due: (reader) => reader.query(UNDONE),
        run: async (data) => {
          if (!works) throw Object.assign(new TypeError('for Jane Canary of 1 High Street'), { code: 'E_CANDLE' });
          await doOnce(owned, data);
        },
      }),
    );
    const log: Entry[] = [];
    const records = new JobRecords(
      database,
      jobs,
      createLog('info', { write: (line) => log.push(JSON.parse(line) as Entry) }),
    );
    await stage.ask(asked, ['a', 'b']);
    await jobs.settle();
    const [one, other] = await records.listFailed();
    expect(new Set([one?.id, other?.id])).toEqual(new Set(['a', 'b']));
    expect(one).toMatchObject({ job: 'break', failure: 'TypeError E_CANDLE', times: 1, state: 'due' });
    expect(one?.lastAt).toBeInstanceOf(Date);
    expect(await records.now()).toEqual({
      backend: 'postgresql',
      open: 0,
      outbox: { waiting: 0, oldestSeconds: null },
      failed: 2,
    });
    works = true;
    await records.tryAgain('break', 'a', 'an operator');
    await jobs.settle();
    expect(await stage.counts()).toEqual({ a: 1, b: 0 });
    const states = (await records.listFailed()).map(({ id, state }) => `${id} ${state}`).sort();
    expect(states).toEqual(['a done', 'b due']);
    expect((await records.now()).failed).toBe(1);
    expect(log).toMatchObject([{ msg: 'job asked for again', job: 'break', id: 'a', by: 'an operator' }]);
    await expect(records.tryAgain('break', 'c', 'an operator')).rejects.toMatchObject({ code: 'not_found' });
    await expect(records.tryAgain('other', 'a', 'an operator')).rejects.toMatchObject({ code: 'not_found' });
  });

  it('counts what waits in the outbox, and how long', async () => {
    const settings = { databaseUrl: '', redisUrl: 'redis://nowhere', work: false };
    const records = new JobRecords(stage.database, new Jobs(stage.database, settings, silent), silent);
    await stage.admin.query(
      `insert into outbox (org_id, topic, data, created_at)
       select $1, 'spec.late', $2, now() - interval '90 seconds' from generate_series(1, 3)`,
      [dataOf('x').commissionerId, JSON.stringify(dataOf('x'))],
    );
    const { outbox, ...rest } = await records.now();
    expect(rest).toEqual({ backend: 'redis', open: null, failed: 0 });
    expect(outbox.waiting).toBe(3);
    expect(Math.floor(outbox.oldestSeconds ?? 0)).toBeGreaterThanOrEqual(90);
  });

  it('looks for due work under a role that sees ids only', async () => {
    const { log, jobs } = await stage.instance((own) =>
      own.define({
        name: 'nosy',
        on: [],
        due: (reader) => reader.query('select secret_hash as id from api_key'),
        run: async () => undefined,
      }),
    );
    await jobs.sweep();
    expect(log.some(({ error }) => (error as Entry | undefined)?.code === '42501')).toBe(true);
  });

  it('does its duties at once, then again, one run at a time, whatever became of the one before', async () => {
    let runs = 0;
    let running = 0;
    let together = 0;
    const { log } = await stage.instance((jobs) =>
      jobs.every({
        name: 'tidy',
        everyMs: 5,
        run: async () => {
          together = Math.max(together, ++running);
          await new Promise((resolve) => setTimeout(resolve, 12));
          running--;
          if (++runs === 1) throw new Error('not tidy');
        },
      }),
    );
    await eventually(() => runs >= 3);
    expect(together).toBe(1);
    expect(log.filter(({ msg }) => msg === 'duty failed')).toMatchObject([
      { duty: 'tidy', error: { message: 'not tidy' } },
    ]);
  });

  it('waits for a duty when it stops, and does none after that', async () => {
    const held = gate();
    let runs = 0;
    const { stop } = await stage.instance((jobs) =>
      jobs.every({
        name: 'tidy',
        everyMs: HOUR_MS,
        run: async () => {
          await held.wait();
          runs++;
        },
      }),
    );
    const stopping = stop();
    expect(await isPending(stopping)).toBe(true);
    held.open();
    await stopping;
    expect(runs).toBe(1);
  });

  it('knows each job by one name', async () => {
    const { jobs } = await stage.instance();
    const job = { name: 'twice', on: [], run: async () => undefined };
    jobs.define(job);
    expect(() => jobs.define(job)).toThrow('twice is defined twice');
  });

  it('says when it does not settle', async () => {
    const held = gate();
    const { jobs } = await stage.instance((own) => own.define({ name: 'slow', on: [asked], run: held.wait }));
    await stage.ask(asked, ['a']);
    await expect(jobs.settle(100)).rejects.toThrow('did not settle within 100 ms');
    held.open();
    await jobs.settle();
  });

  it('may be one that only serves requests: then it runs nothing, and stops all the same', async () => {
    let runs = 0;
    const settings = { databaseUrl: stage.testDatabase.appUrl, redisUrl: undefined, work: false };
    const jobs = new Jobs(stage.database, settings, silent);
    jobs.every({ name: 'tidy', everyMs: 1, run: async () => runs++ });
    await jobs.start();
    await stage.ask(asked, ['a']);
    await jobs.sweep();
    await expect(jobs.settle()).rejects.toThrow('runs no jobs');
    await jobs.beforeApplicationShutdown();
    expect(runs).toBe(0);
    expect((await stage.admin.query('select from outbox')).rowCount).toBe(1);
  });
});

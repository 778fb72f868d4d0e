import { Redis } from 'ioredis';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { emit, type Topic, type TopicData } from '../../src/platform/events.js';
import { Jobs } from '../../src/platform/jobs.js';
import { createLog } from '../../src/platform/log.js';
import { HERE, openProbe, type ProbeStage } from './probe-table.js';

export interface Entry extends Record<string, unknown> {
  level: string;
  msg: string;
}

/** A process that works: its jobs, its way into the database, and what it logs. */
export interface Instance {
  jobs: Jobs;
  database: Database;
  log: Entry[];
  stop: () => Promise<void>;
}

export interface JobStage extends ProbeStage {
  /** One more process on the same database; its jobs are defined before it starts. */
  instance(define?: (jobs: Jobs, database: Database) => void): Promise<Instance>;
  /** Adds a row that is work to do, and emits that it is there, in one transaction. */
  ask(topic: Topic, names: string[], meanwhile?: () => Promise<void>): Promise<void>;
  /** Loses everything that the queue holds. */
  wipeQueue(): Promise<void>;
  /** Ends every process and empties what they left. */
  reset(): Promise<void>;
}

/** Work is a row of the probe, known by a name; these are the rows that nobody did. */
export const UNDONE = `select name as id, org_id as "commissionerId" from probe where count = 0 order by 1`;

export const dataOf = (id: string): TopicData => ({ commissionerId: HERE.orgId, id });

/** Does the work once, however often it is told to. */
export async function doOnce(database: Database, { id }: TopicData): Promise<void> {
  await database.transaction(HERE, (tx) =>
    tx.execute('update probe set count = 1 where name = $1 and count = 0', [id]),
  );
}

export async function openJobStage(redisUrl: string | undefined): Promise<JobStage> {
  const probe = await openProbe();
  await probe.admin.query(`
    grant select on probe to wp_relay;
    create policy relay on probe for select to wp_relay using (true)`);
  const wipeQueue = () => (redisUrl === undefined ? truncateQueue(probe) : flush(redisUrl));
  await wipeQueue();
  const instances: Instance[] = [];
  const stopAll = async () => {
    for (const { stop } of instances.splice(0)) await stop();
  };
  return {
    ...probe,
    wipeQueue,
    reset: async () => {
      await stopAll();
      await wipeQueue();
      await probe.admin.query('truncate probe, outbox, dead_letter');
    },
    instance: async (define = () => undefined) => {
      const log: Entry[] = [];
      const database = new Database(await connect(probe.testDatabase.appUrl, [], 6));
      const settings = { databaseUrl: probe.testDatabase.appUrl, redisUrl, work: true };
      const logger = createLog('debug', { write: (line) => log.push(JSON.parse(line) as Entry) });
      const jobs = new Jobs(database, settings, logger);
      const stop = async () => {
        await jobs.beforeApplicationShutdown();
        await database.onApplicationShutdown();
      };
      const instance = { jobs, database, log, stop };
      instances.push(instance);
      define(jobs, database);
      await jobs.start();
      return instance;
    },
    ask: (topic, names, meanwhile) =>
      // Any process may ask: this one works itself only when it is the first instance.
      (instances[0]?.database ?? probe.database).transaction(HERE, async (tx) => {
        for (const name of names) await tx.execute('insert into probe values ($1, $2)', [HERE.orgId, name]);
        await emit(tx, HERE.orgId, topic, names.map(dataOf));
        await meanwhile?.();
      }),
    close: async () => {
      await stopAll();
      await probe.close();
    },
  };
}

async function truncateQueue({ admin }: ProbeStage): Promise<void> {
  const { rows } = await admin.query<{ name: string }>(
    `select format('%I.%I', schemaname, tablename) as name from pg_tables
     where schemaname = 'bullmq' and tablename not like '%migration%'`,
  );
  await admin.query(`truncate ${rows.map(({ name }) => name).join(', ')}`);
}

async function flush(redisUrl: string): Promise<void> {
  const redis = new Redis(redisUrl);
  await redis.flushdb();
  await redis.quit();
}

/** A gate that holds everyone until it is opened. */
export function gate(): { wait: () => Promise<void>; open: () => void } {
  let open: () => void = () => undefined;
  const opened = new Promise<void>((resolve) => {
    open = resolve;
  });
  return { wait: () => opened, open };
}

/** Resolves once the condition holds; the test's own limit ends one that never does. */
export async function eventually(condition: () => boolean | Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

/** Whether a promise has not settled after a moment in which it could have. */
export async function isPending(promise: Promise<unknown>): Promise<boolean> {
  const moment = new Promise((resolve) => setTimeout(() => resolve(isPending), 150));
  return (await Promise.race([promise, moment])) === isPending;
}

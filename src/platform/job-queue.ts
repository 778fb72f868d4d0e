import { createPostgresBackend, Queue, Worker, type Job } from 'bullmq';
import type { TopicData } from './events.js';
import { QUEUE_SCHEMA } from './migrate.js';

/** How often a job is tried before it counts as failed for good. */
export const ATTEMPTS_MAX = 4;

const QUEUE = 'wellpaid';
const OPTIONS = {
  attempts: ATTEMPTS_MAX,
  backoff: { type: 'exponential', delay: 250 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;
/** From here on they are added at once: on PostgreSQL that makes two temporary tables, which cost as much as three jobs one by one. */
const BULK_MIN = 3;
const WORK = { concurrency: 4, maxStalledCount: 10 };

export interface QueuedJob {
  readonly name: string;
  readonly data: TopicData;
  /** While a job of this id waits or runs, another one is not added. */
  readonly jobId: string;
}

/** The bell that is rung for work: on PostgreSQL, or on Redis where there are many workers. */
export interface JobQueue {
  add(jobs: readonly QueuedJob[]): Promise<void>;
  /** Jobs that wait, run, or rest before the next attempt. */
  countOpen(): Promise<number>;
  /** Waits for what runs here, and takes no more. */
  endWork(): Promise<void>;
  close(): Promise<void>;
}

export interface JobQueueOptions {
  databaseUrl: string;
  redisUrl: string | undefined;
  /** Runs one job; `attempt` counts from 1. What it throws is kept in the queue until the next attempt. */
  perform: (name: string, data: TopicData, attempt: number) => Promise<void>;
  onError: (error: Error) => void;
}

/** Opens the queue and a worker of this process. */
export async function openJobQueue(options: JobQueueOptions): Promise<JobQueue> {
  const { queue, worker } = options.redisUrl === undefined ? onPostgres(options) : onRedis(options, options.redisUrl);
  queue.on('error', options.onError);
  worker.on('error', options.onError);
  await Promise.all([queue.waitUntilReady(), worker.waitUntilReady()]);
  return {
    add: async (jobs) => {
      const named = jobs.map(({ name, data, jobId }) => ({ name, data, opts: { ...OPTIONS, jobId } }));
      if (named.length >= BULK_MIN) await queue.addBulk(named);
      else for (const { name, data, opts } of named) await queue.add(name, data, opts);
    },
    countOpen: async () => {
      const counts = await queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
      return Object.values(counts).reduce((sum, count) => sum + count, 0);
    },
    endWork: () => worker.close(),
    close: () => queue.close(),
  };
}

function onPostgres({ databaseUrl, perform }: JobQueueOptions) {
  const connection = {
    connectionString: databaseUrl,
    schema: QUEUE_SCHEMA,
    max: 4,
    options: '-c role=wp_queue',
  };
  return {
    queue: new Queue(QUEUE, { connection }, createPostgresBackend),
    worker: new Worker(QUEUE, performerOf(perform), { ...WORK, connection }, createPostgresBackend),
  };
}

function onRedis({ perform }: JobQueueOptions, url: string) {
  // The relay adds inside a transaction: without Redis that has to fail at once, not to wait with locks held.
  const hasty = { url, enableOfflineQueue: false, maxRetriesPerRequest: 1 };
  const patient = { url, maxRetriesPerRequest: null };
  return {
    queue: new Queue(QUEUE, { connection: hasty }),
    worker: new Worker(QUEUE, performerOf(perform), { ...WORK, connection: patient }),
  };
}

function performerOf(perform: JobQueueOptions['perform']) {
  return ({ name, data, attemptsMade }: Job<TopicData>) => perform(name, data, attemptsMade + 1);
}

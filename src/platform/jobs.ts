import { Inject, Injectable, type OnApplicationShutdown } from '@nestjs/common';
import {
  createPostgresBackend,
  Queue,
  setDefaultBackendFactory,
  Worker,
  type ConnectionOptions,
  type Job,
} from 'bullmq';
import type { Logger } from 'pino';
import { Database, type Reader, type Tx } from './database.js';
import { onEmit, type Topic, type TopicData } from './events.js';
import { QUEUE_SCHEMA } from './migrate.js';

export interface JobDefinition {
  readonly name: string;
  /** Runs for each of these. */
  readonly on: readonly Topic[];
  /** The work that is due according to the tables: the queue is only a bell. Runs under the relay's role: ids only. */
  readonly due?: (reader: Reader) => Promise<TopicData[]>;
  /** Does the work; it may run twice, also at the same time. */
  readonly run: (data: TopicData) => Promise<void>;
}

export interface JobSettings {
  databaseUrl: string;
  redisUrl: string | undefined;
  /** False in a process that only serves requests. */
  work: boolean;
}
export const JOB_SETTINGS = Symbol('JobSettings');
export const LOG = Symbol('Log');

const QUEUE = 'wellpaid';
const RELAY = { side: 'relay', orgId: null } as const;
const POLL_MS = 200;
const SWEEP_MS = 15_000;
/** After a failure, so that a database that is away does not fill the log. */
const REST_MS = 5_000;
const BATCH_MAX = 500;
const OPTIONS = {
  attempts: 4,
  backoff: { type: 'exponential', delay: 250 },
  removeOnComplete: true,
  removeOnFail: true,
} as const;

/**
 * Background work. A transaction inserts outbox rows; the relay alone talks to the queue (NOTIFY serialises commits);
 * the sweeper finds again, from the tables, whatever the queue forgot.
 */
@Injectable()
export class Jobs implements OnApplicationShutdown {
  private readonly definitions = new Map<string, JobDefinition>();
  private queue: Queue | undefined;
  private worker: Worker | undefined;
  private timers: NodeJS.Timeout[] = [];
  private relaying: Promise<void> | undefined;
  private again = false;
  private restsUntil = 0;
  private stopped = false;

  constructor(
    private readonly database: Database,
    @Inject(JOB_SETTINGS) private readonly settings: JobSettings,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Declares a job; call it from a module's onModuleInit. */
  define(job: JobDefinition): void {
    if (this.definitions.has(job.name)) throw new Error(`Job ${job.name} is defined twice`);
    this.definitions.set(job.name, job);
  }

  /** Starts the relay, the worker and the sweeper of this process. */
  async start(): Promise<void> {
    if (!this.settings.work) return;
    const connection = this.connection();
    this.queue = new Queue(QUEUE, { connection });
    this.worker = new Worker(QUEUE, (job: Job<TopicData>) => this.perform(job), {
      connection,
      concurrency: 4,
      maxStalledCount: 10,
    });
    this.queue.on('error', (error) => this.log.warn({ error }, 'queue'));
    this.worker.on('error', (error) => this.log.warn({ error }, 'worker'));
    this.worker.on('failed', (job, error) => void this.recordFailure(job, error));
    await Promise.all([this.queue.waitUntilReady(), this.worker.waitUntilReady()]);
    onEmit(() => this.wake());
    this.timers = [setInterval(() => this.wake(), POLL_MS), setInterval(() => void this.sweep(), SWEEP_MS)];
    for (const timer of this.timers) timer.unref();
    void this.sweep();
  }

  /** Waits until the outbox and the queue are empty: for tests, and for a command that ends. */
  async settle(timeoutMs = 60_000): Promise<void> {
    if (!this.queue) throw new Error('This process runs no jobs');
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 25) {
      await this.relay();
      const counts = await this.queue.getJobCounts('waiting', 'active', 'delayed', 'prioritized');
      const waiting = Object.values(counts).reduce((sum, count) => sum + count, 0);
      if (waiting === 0 && !(await this.outboxHasRows())) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`Background work did not settle within ${timeoutMs} ms`);
  }

  /** Queues whatever the tables say is due. */
  async sweep(): Promise<void> {
    for (const job of this.definitions.values()) {
      const { due } = job;
      if (!due || this.stopped) continue;
      try {
        const found = await this.database.read(RELAY, due);
        await this.enqueue(found.map((data) => ({ job, data, jobId: `due-${job.name}-${data.id}` })));
      } catch (error) {
        if (!this.stopped) this.log.error({ error, job: job.name }, 'sweep failed');
      }
    }
  }

  async onApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    onEmit(() => undefined);
    await this.relaying?.catch(() => undefined);
    await this.worker?.close();
    await this.queue?.close();
  }

  private wake(): void {
    if (this.stopped) return;
    if (this.restsUntil > performance.now()) return;
    void this.relay().catch((error: unknown) => {
      if (this.stopped) return;
      this.restsUntil = performance.now() + REST_MS;
      this.log.error({ error }, 'relay failed');
    });
  }

  private relay(): Promise<void> {
    if (this.relaying) {
      this.again = true;
      return this.relaying;
    }
    this.relaying = this.relayAll().finally(() => {
      this.relaying = undefined;
    });
    return this.relaying;
  }

  private async relayAll(): Promise<void> {
    do {
      this.again = false;
      while ((await this.database.transaction(RELAY, (tx) => this.relayOnce(tx))) === BATCH_MAX);
    } while (this.again && !this.stopped);
  }

  /** At least once: the jobs are added before the rows are gone, under ids that a second attempt repeats. */
  private async relayOnce(tx: Tx): Promise<number> {
    const rows = await tx.query<{ id: bigint; topic: string; data: TopicData }>(
      `delete from outbox where id in (select id from outbox order by id for update skip locked limit ${BATCH_MAX})
       returning id, topic, data`,
    );
    const jobs = rows.flatMap(({ id, topic, data }) =>
      [...this.definitions.values()]
        .filter((job) => job.on.some((one) => one.name === topic))
        .map((job) => ({ job, data, jobId: `ob-${id}-${job.name}` })),
    );
    await this.enqueue(jobs);
    return rows.length;
  }

  private async enqueue(jobs: { job: JobDefinition; data: TopicData; jobId: string }[]): Promise<void> {
    if (jobs.length === 0 || !this.queue) return;
    await this.queue.addBulk(
      jobs.map(({ job, data, jobId }) => ({ name: job.name, data, opts: { ...OPTIONS, jobId } })),
    );
  }

  private async perform(job: Job<TopicData>): Promise<void> {
    const definition = this.definitions.get(job.name);
    if (!definition) throw new Error(`No job is called ${job.name}`);
    await definition.run(job.data);
  }

  private async recordFailure(job: Job<TopicData> | undefined, error: Error): Promise<void> {
    this.log.error({ error, job: job?.name, id: job?.data.id, attempt: job?.attemptsMade }, 'job failed');
    if (!job || job.attemptsMade < OPTIONS.attempts || this.stopped) return;
    const failure = error as Error & { code?: string };
    await this.database
      .transaction(RELAY, (tx) =>
        tx.query('insert into dead_letter (job, data, error) values ($1, $2, $3)', [
          job.name,
          JSON.stringify(job.data),
          `${error.name}${failure.code === undefined ? '' : ` ${failure.code}`}`,
        ]),
      )
      .catch((failed: unknown) => this.log.error({ error: failed }, 'dead letter not kept'));
  }

  private async outboxHasRows(): Promise<boolean> {
    const rows = await this.database.read(RELAY, (reader) => reader.query('select 1 from outbox limit 1'));
    return rows.length > 0;
  }

  private connection(): ConnectionOptions {
    if (this.settings.redisUrl !== undefined) {
      setDefaultBackendFactory(undefined as never);
      return { url: this.settings.redisUrl, maxRetriesPerRequest: null };
    }
    setDefaultBackendFactory(createPostgresBackend as never);
    return {
      connectionString: this.settings.databaseUrl,
      schema: QUEUE_SCHEMA,
      max: 4,
      options: '-c role=wp_queue',
    };
  }
}

import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database, type Reader, type Tx } from './database.js';
import { defineTopic, onEmit, type Topic, type TopicData } from './events.js';
import { ATTEMPTS_MAX, openJobQueue, type JobQueue, type QueuedJob } from './job-queue.js';
import { Metrics } from './metrics.js';
import { traced } from './tracing.js';

export interface JobDefinition {
  readonly name: string;
  /** Runs for each of these. */
  readonly on: readonly Topic[];
  /** The work that is due according to the tables: the queue is only a bell. Runs under the relay's role: ids only. */
  readonly due?: (reader: Reader) => Promise<TopicData[]>;
  /** Does the work; it may run twice, also at the same time. */
  readonly run: (data: TopicData) => Promise<void>;
}

/** Something that is done again and again in each process that works, so it does no harm twice, also at the same time. */
export interface Duty {
  readonly name: string;
  readonly everyMs: number;
  readonly run: () => Promise<unknown>;
}

export interface JobSettings {
  databaseUrl: string;
  redisUrl: string | undefined;
  /** False in a process that only serves requests. */
  work: boolean;
}
export const JOB_SETTINGS = Symbol('JobSettings');
export const LOG = Symbol('Log');

const RELAY = { side: 'relay', orgId: null } as const;
const POLL_MS = 200;
const SWEEP_MS = 15_000;
/** After a failure, so that a database that is away does not fill the log. */
const REST_MS = 5_000;
const BATCH_MAX = 500;

/** Work that failed for good rests twice as long after each time, up to an hour, before the sweeper's timer finds it. */
const RESTING = `
  select data ->> 'id' as id from dead_letter where job = $1 group by 1
  having max(failed_at) + least(interval '1 hour', interval '15 seconds' * power(2, least(count(*), 20))) > now()`;

/** Rings for one job by its name, whatever else it runs for. */
export function againTopic(job: string): Topic {
  return defineTopic(`again.${job}`);
}

/**
 * Background work. A transaction inserts outbox rows; the relay alone talks to the queue (NOTIFY serialises commits);
 * the sweeper finds again, from the tables, whatever the queue forgot.
 */
@Injectable()
export class Jobs implements BeforeApplicationShutdown {
  private readonly definitions = new Map<string, JobDefinition>();
  private readonly duties: Duty[] = [];
  /** What was started and must end before the database is left. */
  private readonly running = new Set<Promise<unknown>>();
  private queue: JobQueue | undefined;
  private timers: NodeJS.Timeout[] = [];
  private relaying: Promise<void> | undefined;
  private looking: Promise<void> | undefined;
  private again = false;
  private restsUntil = 0;
  private stopped = false;
  private ignoreEmits: () => void = () => undefined;

  constructor(
    private readonly database: Database,
    @Inject(JOB_SETTINGS) private readonly settings: JobSettings,
    @Inject(LOG) private readonly log: Logger,
    private readonly metrics: Metrics = new Metrics(),
  ) {}

  /** Declares a job; call it from a module's onModuleInit. */
  define(job: JobDefinition): void {
    if (this.definitions.has(job.name)) throw new Error(`Job ${job.name} is defined twice`);
    this.definitions.set(job.name, job);
  }

  /** Declares a duty; call it from a module's onModuleInit. */
  every(duty: Duty): void {
    this.duties.push(duty);
  }

  has(name: string): boolean {
    return this.definitions.has(name);
  }

  get backend(): 'postgresql' | 'redis' {
    return this.settings.redisUrl === undefined ? 'postgresql' : 'redis';
  }

  /** Jobs that wait, run, or rest before the next attempt, of all processes; null in one that runs none. */
  async countOpen(): Promise<number | null> {
    return this.queue ? this.queue.countOpen() : null;
  }

  /** Ids of the work that a job has to do according to the tables; null for one that only does what it is rung for. */
  async findDue(name: string): Promise<ReadonlySet<string> | null> {
    const due = this.definitions.get(name)?.due;
    if (!due) return null;
    return new Set((await this.database.read(RELAY, due)).map(({ id }) => id));
  }

  /** Starts the relay, the worker, the sweeper and the duties of this process. */
  async start(): Promise<void> {
    if (!this.settings.work) return;
    this.queue = await openJobQueue({
      ...this.settings,
      perform: (name, data, attempt) => this.perform(name, data, attempt),
      onError: (error) => this.log.warn({ error }, 'queue'),
    });
    this.ignoreEmits = onEmit(() => this.wake());
    this.timers.push(setInterval(() => this.look(), POLL_MS));
    this.repeat({ name: 'sweep', everyMs: SWEEP_MS, run: () => this.sweep({ patient: true }) });
    for (const duty of this.duties) this.repeat(duty);
    for (const timer of this.timers) timer.unref();
  }

  /** Waits until the outbox and the queue are empty: for tests, and for a command that ends. */
  async settle(timeoutMs = 60_000): Promise<void> {
    if (!this.queue) throw new Error('This process runs no jobs');
    for (let waitedMs = 0; waitedMs < timeoutMs; waitedMs += 25) {
      await this.relay();
      if ((await this.queue.countOpen()) === 0 && !(await this.outboxHasRows())) return;
      await new Promise((resolve) => setTimeout(resolve, 25));
    }
    throw new Error(`Background work did not settle within ${timeoutMs} ms`);
  }

  /**
   * Queues whatever the tables say is due.
   *
   * @param options.patient lets work rest that failed for good a short while ago, as the timer does
   */
  async sweep({ patient = false } = {}): Promise<void> {
    for (const job of this.definitions.values()) {
      const { due } = job;
      if (!due || this.stopped) continue;
      try {
        const found = await this.database.read(RELAY, due);
        const resting = patient && found.length > 0 ? await this.findResting(job) : new Set<string>();
        const awake = found.filter(({ id }) => !resting.has(id));
        await this.enqueue(awake.map((data) => ({ name: job.name, data, jobId: `due-${job.name}-${data.id}` })));
      } catch (error) {
        if (!this.stopped) this.log.error({ error, job: job.name }, 'sweep failed');
      }
    }
  }

  /** Ends what runs while requests are still answered: the database closes after both. */
  async beforeApplicationShutdown(): Promise<void> {
    this.stopped = true;
    for (const timer of this.timers) clearInterval(timer);
    this.ignoreEmits();
    await this.looking;
    await this.relaying?.catch(() => undefined);
    await this.queue?.endWork();
    await Promise.all(this.running);
    await this.queue?.close();
  }

  /** Does the duty at once and then again and again, one run after the other. */
  private repeat({ name, everyMs, run }: Duty): void {
    let current: Promise<unknown> | undefined;
    const once = () => {
      if (current || this.stopped) return;
      const ended = traced(`duty ${name}`, {}, run)
        .catch((error: unknown) => this.log.error({ error, duty: name }, 'duty failed'))
        .finally(() => {
          this.running.delete(ended);
          current = undefined;
        });
      current = ended;
      this.running.add(ended);
    };
    once();
    this.timers.push(setInterval(once, everyMs));
  }

  private async findResting(job: JobDefinition): Promise<Set<string>> {
    const rows = await this.database.read(RELAY, (reader) => reader.query<{ id: string }>(RESTING, [job.name]));
    return new Set(rows.map(({ id }) => id));
  }

  /** Something was put into the outbox here. */
  private wake(): void {
    if (this.isResting()) return;
    void this.relay().catch((error: unknown) => this.rest(error));
  }

  /** Something may have been put there elsewhere. Mostly nothing was: to look is one round trip, and to take is two. */
  private look(): void {
    if (this.isResting() || this.looking || this.relaying) return;
    this.looking = this.wakeIfWaiting()
      .catch((error: unknown) => this.rest(error))
      .finally(() => {
        this.looking = undefined;
      });
  }

  private async wakeIfWaiting(): Promise<void> {
    if (await this.outboxHasRows()) this.wake();
  }

  private isResting(): boolean {
    return this.stopped || this.restsUntil > performance.now();
  }

  private rest(error: unknown): void {
    if (this.stopped) return;
    this.restsUntil = performance.now() + REST_MS;
    this.log.error({ error }, 'relay failed');
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
      while ((await this.database.transaction(RELAY, (tx) => this.relayOnce(tx))) === BATCH_MAX) {
        if (this.stopped) return;
      }
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
        .filter((job) => [...job.on, againTopic(job.name)].some((one) => one.name === topic))
        .map(({ name }) => ({ name, data, jobId: `ob-${id}-${name}` })),
    );
    await this.enqueue(jobs);
    return rows.length;
  }

  private async enqueue(jobs: QueuedJob[]): Promise<void> {
    if (jobs.length > 0) await this.queue?.add(jobs);
  }

  private async perform(name: string, data: TopicData, attempt: number): Promise<void> {
    const began = performance.now();
    const ended = (outcome: 'done' | 'failed' | 'given_up') =>
      this.metrics.job(name, outcome, (performance.now() - began) / 1_000);
    try {
      const definition = this.definitions.get(name);
      if (!definition) throw new Error(`No job is called ${name}`);
      await traced(`job ${name}`, { 'wellpaid.id': data.id, 'wellpaid.attempt': attempt }, () => definition.run(data));
      ended('done');
    } catch (error) {
      ended(attempt >= ATTEMPTS_MAX ? 'given_up' : 'failed');
      this.log.error({ error, job: name, id: data.id, attempt }, 'job failed');
      // The queue keeps the message of what it is thrown, and a message of the database can quote a row.
      const failure = kindOf(error);
      if (attempt >= ATTEMPTS_MAX) await this.keepDeadLetter(name, data, failure);
      throw new Error(failure, { cause: error });
    }
  }

  private async keepDeadLetter(job: string, data: TopicData, failure: string): Promise<void> {
    const row = [job, JSON.stringify(data), failure];
    await this.database
      .transaction(RELAY, (tx) => tx.query('insert into dead_letter (job, data, error) values ($1, $2, $3)', row))
      .catch((error: unknown) => this.log.error({ error, job }, 'dead letter not kept'));
  }

  private async outboxHasRows(): Promise<boolean> {
    return (await this.database.lookUp(RELAY, 'select 1 from outbox limit 1', [])).length > 0;
  }
}

/** What kind of failure it was: its name and code, without the message. */
function kindOf(error: unknown): string {
  if (!(error instanceof Error)) return typeof error;
  const { name, code, driverError } = error as Error & { code?: string; driverError?: { code?: string } };
  return [name, driverError?.code ?? code].filter((part) => part !== undefined).join(' ');
}

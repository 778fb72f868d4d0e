import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from './database.js';
import { notFound } from './errors.js';
import { emit, type TopicData } from './events.js';
import { againTopic, Jobs, LOG } from './jobs.js';
import type { Metrics, Sample } from './metrics.js';

const RELAY = { side: 'relay', orgId: null } as const;
const LISTED_MAX = 200;

/** How background work stands now. */
export interface JobsNow {
  readonly backend: 'postgresql' | 'redis';
  /** Jobs that wait, run or rest before another try; null in a process that runs none. */
  readonly open: number | null;
  /** What was committed and has not been handed to the queue. */
  readonly outbox: { readonly waiting: number; readonly oldestSeconds: number | null };
  /** Pieces of work that were given up and are still to be done. */
  readonly failed: number;
}

/** A piece of work that failed until it was given up, once or more often: whose and which by id, never what is in it. */
export interface FailedWork {
  readonly job: string;
  /** Of the thing that the work is about. */
  readonly id: string;
  /** The kind of the latest failure: its name and code. */
  readonly failure: string;
  readonly times: number;
  readonly firstAt: Date;
  readonly lastAt: Date;
  /** `due`: the tables say that it is to be done. `done`: they do not any more. `unknown`: they cannot say. */
  readonly state: 'due' | 'done' | 'unknown';
}

const OUTBOX = `
select count(*)::int as waiting, extract(epoch from now() - min(created_at))::float8 as "oldestSeconds" from outbox`;

const FAILED = `
select job, data ->> 'id' as id, (array_agg(error order by id desc))[1] as failure, count(*)::int as times,
       min(failed_at) as "firstAt", max(failed_at) as "lastAt"
from dead_letter group by 1, 2 order by max(failed_at) desc, 1, 2 limit ${LISTED_MAX}`;

const LATEST = `select data from dead_letter where job = $1 and data ->> 'id' = $2 order by id desc limit 1`;

/** What became of background work, for whoever runs the instance. It knows ids and nothing of any organisation. */
@Injectable()
export class JobRecords {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async now(): Promise<JobsNow> {
    const failed = await this.listFailed();
    return {
      backend: this.jobs.backend,
      open: await this.jobs.countOpen(),
      outbox: await this.outboxNow(),
      failed: failed.filter(({ state }) => state !== 'done').length,
    };
  }

  /** The same figures for a dashboard. They are of the whole instance, whichever process is asked. */
  declareFigures(metrics: Metrics): void {
    metrics.gauge({
      name: 'wellpaid_jobs_open',
      help: 'Jobs that wait, run or rest before another try, in the whole instance.',
      read: async () => one(await this.jobs.countOpen()),
    });
    metrics.gauge({
      name: 'wellpaid_outbox_rows',
      help: 'Rows of the outbox that were committed and have not been handed to the queue.',
      read: async () => one((await this.outboxNow()).waiting),
    });
    metrics.gauge({
      name: 'wellpaid_outbox_oldest_seconds',
      help: 'Age of the oldest row of the outbox; 0 when it is empty.',
      read: async () => one((await this.outboxNow()).oldestSeconds ?? 0),
    });
    metrics.gauge({
      name: 'wellpaid_work_given_up',
      help: 'Pieces of work that failed for good and are still to be done.',
      read: async () => one((await this.listFailed()).filter(({ state }) => state !== 'done').length),
    });
  }

  private async outboxNow(): Promise<JobsNow['outbox']> {
    const [outbox] = await this.database.read(RELAY, (reader) => reader.query<JobsNow['outbox']>(OUTBOX));
    return outbox ?? { waiting: 0, oldestSeconds: null };
  }

  /** The latest work that was given up, at most 200 pieces of it. */
  async listFailed(): Promise<FailedWork[]> {
    const rows = await this.database.read(RELAY, (reader) => reader.query<Omit<FailedWork, 'state'>>(FAILED));
    const due = new Map<string, ReadonlySet<string> | null>();
    for (const job of new Set(rows.map((row) => row.job))) {
      // One that cannot be asked is logged by the sweeper; the others are shown all the same.
      due.set(job, await this.jobs.findDue(job).catch(() => null));
    }
    return rows.map((row) => {
      const ids = due.get(row.job);
      return { ...row, state: ids ? (ids.has(row.id) ? 'due' : 'done') : 'unknown' };
    });
  }

  /**
   * Has work that was given up tried again now. Jobs can run twice, so it does no harm if it was done meanwhile.
   *
   * @param by the login of whoever asks for it
   * @throws not_found when nothing of the kind was given up
   */
  async tryAgain(job: string, id: string, by: string): Promise<void> {
    await this.database.transaction(RELAY, async (tx) => {
      const [letter] = await tx.query<{ data: TopicData }>(LATEST, [job, id]);
      if (!letter || !this.jobs.has(job)) throw notFound();
      await emit(tx, letter.data.commissionerId, againTopic(job), letter.data);
    });
    this.log.info({ job, id, by }, 'job asked for again');
  }
}

function one(value: number | null): Sample[] {
  return value === null ? [] : [{ value }];
}

import { setTimeout as sleep } from 'node:timers/promises';
import { Redis } from 'ioredis';
import type { Cluster } from './cluster.js';
import type { Fleet } from './instances.js';

/** What is still to be done according to the tables, whatever the queue believes. */
const OPEN = `
select 'rows of the outbox' as what, count(*)::int as n from outbox
union all select 'batches without a document', count(*)::int from batch b where b.state = 'approved' and b.charge_count > 0
  and not exists (select from invoice i where i.commissioner_id = b.commissioner_id and i.batch_id = b.id)
union all select 'drafts', count(*)::int from invoice where state = 'draft'
union all select 'payment runs', count(*)::int from payment_run where finished_at is null and cancelled_at is null
union all select 'payouts', count(*)::int from payout where state <> 'paid' or remittance_id is null
union all select 'notices of the rail', count(*)::int from webhook_event where state = 'received'
union all select 'notices to people', count(*)::int from notice where sent_at is null and given_up_at is null
union all select 'events to be sealed', (select count(*) from ledger.event)::int - coalesce((
  select sum(size) from ledger.log_head where log_id <> (select platform_log_id from ledger.seal_cursor)), 0)::int`;

/** The instants that somebody waits for: leases, and moments to try again. */
const WAITED_FOR = `
select min(next_try_at) as first, max(next_try_at) as last from (
  select next_try_at from payout where state <> 'paid'
  union all select next_try_at from notice where sent_at is null and given_up_at is null) w`;

const DUE_NOTICES = `
select count(*)::int as n from notice where sent_at is null and given_up_at is null and next_try_at <= $1`;

/** Where each payout stands that has not ended, for whoever asks why nothing moves. */
const STANDING = `
select p.state || coalesce('/' || a.step || ' ' || a.outcome, '') || coalesce(' ' || a.reason_code, '') as stands,
       count(*)::int as n, min(p.next_try_at) as at
from payout p
left join lateral (select step, outcome, reason_code from payout_attempt a
  where a.commissioner_id = p.commissioner_id and a.payout_id = p.id order by a.first_called_at desc nulls last limit 1) a on true
where p.state <> 'paid' or p.remittance_id is null group by 1`;

/** Nothing moves, and all of it waits for an hour to come. */
const WAITING_MS = 2_500;
/** Nothing moves, and some of it could: whoever follows a process that was killed may still be starting. */
const STUCK_MS = 10_000;

export interface Settled {
  readonly tookMs: number;
  /** Empty when all is done. */
  readonly open: readonly string[];
}

export class Settling {
  wiped = 0;
  /** How often time was made to pass. */
  hastened = 0;

  constructor(
    private readonly cluster: Cluster,
    private readonly fleet: Fleet,
    public redisUrl: string | undefined,
    private readonly say: (line: string) => void,
  ) {}

  /**
   * Waits until nothing is left to be done, or nothing of a kind. Work that waits for a lease or another try does not wait for the day to pass:
   * the workers are followed by others on a later clock, and what the queue holds for the dead is wiped.
   */
  async settle(withinMs: number, which = /./): Promise<Settled> {
    const began = Date.now();
    let open = await this.open(which);
    let changedMs = Date.now();
    while (open.length > 0 && Date.now() - began < withinMs) {
      await sleep(100);
      const next = await this.open(which);
      if (next.join() !== open.join()) changedMs = Date.now();
      open = next;
      const stillMs = Date.now() - changedMs;
      if (stillMs < WAITING_MS || (stillMs < STUCK_MS && !(await this.waits(open)))) continue;
      this.say(`  nothing moves: ${open.join(', ')}${await this.standing()}`);
      await this.hasten();
      changedMs = Date.now();
    }
    return { tookMs: Date.now() - began, open };
  }

  /** Resolves when one more payment run was ordered, or when nobody has in this time. */
  async untilPaymentRun(withinMs: number): Promise<void> {
    const before = await this.countRuns();
    for (const until = Date.now() + withinMs; Date.now() < until; await sleep(20)) {
      if ((await this.countRuns()) > before) return;
    }
  }

  private async countRuns(): Promise<number> {
    const [row] = await this.cluster.query<{ n: number }>('select count(*)::int as n from payment_run');
    return row?.n ?? 0;
  }

  /** Loses everything that the queue holds. */
  async wipeQueue(): Promise<void> {
    const jobs = await this.countQueued();
    this.wiped += jobs;
    await this.emptyQueue();
    this.say(`  the queue was wiped with ${jobs} jobs in it`);
  }

  /** Jobs that wait, run or rest. */
  countQueued(): Promise<number> {
    return this.redisUrl === undefined ? countRows(this.cluster) : withRedis(this.redisUrl, countKeys);
  }

  private async open(which: RegExp): Promise<string[]> {
    try {
      const rows = await this.cluster.query<{ what: string; n: number }>(OPEN);
      return rows.filter(({ what, n }) => n !== 0 && which.test(what)).map(({ what, n }) => `${n} ${what}`);
    } catch {
      return ['the database is away'];
    }
  }

  /**
   * Waits until every notice is sent whose hour has come, with no help but the product's own; gives how long that took.
   *
   * @throws when it takes longer than that
   */
  async recoverNotices(withinMs: number): Promise<number> {
    const began = Date.now();
    const aheadMs = Math.min(...this.fleet.workers.map((worker) => worker.aheadMs));
    for (;;) {
      const [row] = await this.cluster.query<{ n: number }>(DUE_NOTICES, [this.fleet.now(aheadMs)]);
      const tookMs = Date.now() - began;
      if (row?.n === 0) return tookMs;
      if (tookMs > withinMs) throw new Error(`${row?.n} notices were not found again within ${withinMs / 1_000} s`);
      await sleep(100);
    }
  }

  /** Whether no worker's clock is at the hour that anything waits for. */
  private async waits(open: readonly string[]): Promise<boolean> {
    if (!open.every((one) => /payouts|notices to people/.test(one))) return false;
    const { first } = await this.waitedFor();
    const aheadMs = Math.max(...this.fleet.workers.map((worker) => worker.aheadMs));
    return first !== null && first > this.fleet.now(aheadMs);
  }

  private async waitedFor(): Promise<{ first: Date | null; last: Date | null }> {
    const rows = await this.cluster.query<{ first: Date | null; last: Date | null }>(WAITED_FOR).catch(() => []);
    return rows[0] ?? { first: null, last: null };
  }

  private async emptyQueue(): Promise<void> {
    const { redisUrl, cluster } = this;
    await (redisUrl === undefined ? truncateQueue(cluster) : withRedis(redisUrl, (redis) => redis.flushdb()));
  }

  private async standing(): Promise<string> {
    const rows = await this.cluster.query<{ stands: string; n: number; at: Date | null }>(STANDING).catch(() => []);
    const nowMs = this.fleet.now().getTime();
    const told = rows.map(
      ({ stands, n, at }) => `${n} ${stands} due in ${at ? Math.round((at.getTime() - nowMs) / 1_000) : '?'} s`,
    );
    return told.length === 0 ? '' : ` (${told.join('; ')})`;
  }

  /** All workers at once, so that they are on one clock again: one that is behind passes over what another has left it. */
  private async hasten(): Promise<void> {
    this.hastened++;
    const { last } = await this.waitedFor();
    const { workers } = this.fleet;
    const neededMs = (last?.getTime() ?? 0) - this.fleet.now().getTime();
    const aheadMs = Math.max(neededMs + 1_000, ...workers.map((worker) => worker.aheadMs));
    // Work that was given up rests by the database's own clock.
    await this.cluster.query(`update dead_letter set failed_at = failed_at - interval '1 hour'`);
    await this.emptyQueue();
    for (const worker of workers) this.fleet.replace(worker, aheadMs);
    await Promise.all(workers.map(({ ready }) => ready));
  }
}

const JOBS = `
select format('%I.%I', schemaname, tablename) as name from pg_tables
where schemaname = 'bullmq' and tablename not like '%migration%'`;

async function countRows(cluster: Cluster): Promise<number> {
  const tables = await cluster.query<{ name: string }>(JOBS);
  const jobs = tables.find(({ name }) => /\.jobs?$/.test(name))?.name;
  if (jobs === undefined)
    throw new Error(`The queue keeps its jobs in none of ${tables.map(({ name }) => name).join()}`);
  const [row] = await cluster.query<{ n: number }>(`select count(*)::int as n from ${jobs}`);
  return row?.n ?? 0;
}

async function truncateQueue(cluster: Cluster): Promise<void> {
  const tables = await cluster.query<{ name: string }>(JOBS);
  await cluster.query(`truncate ${tables.map(({ name }) => name).join(', ')}`);
}

async function withRedis<T>(url: string, work: (redis: Redis) => Promise<T>): Promise<T> {
  const redis = new Redis(url);
  try {
    return await work(redis);
  } finally {
    await redis.quit();
  }
}

async function countKeys(redis: Redis): Promise<number> {
  const [rung, due] = await Promise.all([redis.keys('bull:wellpaid:ob-*'), redis.keys('bull:wellpaid:due-*')]);
  return rung.length + due.length;
}

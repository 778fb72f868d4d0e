import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { CARD, peopleFor, sendFile } from './claims.js';
import { cpuSecondsOf, cpuSecondsOfBackends, layWorld, startProgram } from './claims-stage.js';
import { percentile, type Row } from './row.js';
import { WAITS } from './seal-waits.js';
import type { BenchServer } from './server.js';

const ROWS = 150_000;
/** By which the sealer's connections are told from those of whoever takes the file. */
const SEALER = 'bench sealer';
const LOOK_MS = 500;

/**
 * What sealing costs beside a claim file, and how long events wait: one process takes the file, another seals, each with
 * connections of its own, so that what each spends can be told. What the sealer's process does besides counts as sealing.
 */
export async function* besideFiles(server: BenchServer): AsyncGenerator<Row> {
  const world = await layWorld(server, { people: peopleFor(ROWS), card: CARD });
  const named = new URL(world.appUrl);
  named.searchParams.set('application_name', SEALER);
  const [taker, sealer] = [await startProgram(world, 'serve'), await startProgram({ appUrl: named.href }, 'worker')];
  const [admin, watcher] = [new pg.Client(world.adminUrl), new pg.Client(world.adminUrl)];
  await Promise.all([admin.connect(), watcher.connect()]);
  const spending = new Spending(watcher, sealer.pid);
  try {
    while ((await untoldOf(admin)) > 0) await sleep(LOOK_MS);
    await spending.begin();
    const { programSeconds, serverSeconds } = await sendFile(world, taker, ROWS);
    while ((await openOf(admin)) > 0) await sleep(LOOK_MS);
    const { seconds, ofBackends } = await spending.end();
    const { rows: waits } = await admin.query<{ ms: number }>(WAITS, [world.commissionerId]);
    const lags = waits.map(({ ms }) => ms);
    const conditions = `${ROWS.toLocaleString('en-GB')} rows, ${lags.length.toLocaleString('en-GB')} events; taken by one process, sealed by another`;
    yield {
      suite: 'sealing',
      name: 'beside a claim file',
      figure: (100 * seconds) / (programSeconds + serverSeconds - ofBackends),
      unit: '%',
      conditions: `of the CPU time of the file, without the sealer's; ${conditions}`,
      target: { of: 'figure', atMost: 10 },
    };
    yield {
      suite: 'sealing',
      name: 'wait of an event of a claim file for its seal',
      figure: percentile(lags, 0.5),
      unit: 'ms',
      p50Ms: percentile(lags, 0.5),
      p99Ms: percentile(lags, 0.99),
      conditions,
      target: { of: 'p99', atMost: 2_000 },
    };
  } finally {
    await spending.end();
    await Promise.all([admin.end(), watcher.end()]);
    await Promise.all([taker.stop(), sealer.stop()]);
  }
}

/** Processor seconds of the sealer's process and of its backends; a backend that ended counts as it was last seen. */
class Spending {
  private readonly first = new Map<number, number>();
  private readonly last = new Map<number, number>();
  private programBefore = 0;
  private isOver = false;
  private looking = Promise.resolve();

  constructor(
    private readonly admin: pg.Client,
    private readonly pid: number,
  ) {}

  async begin(): Promise<void> {
    this.programBefore = cpuSecondsOf(this.pid);
    for (const [pid, seconds] of await cpuSecondsOfBackends(this.admin, SEALER)) this.first.set(pid, seconds);
    this.looking = this.watch();
  }

  /** Since the beginning; `ofBackends` is the database's part of it. */
  async end(): Promise<{ seconds: number; ofBackends: number }> {
    this.isOver = true;
    await this.looking;
    const ofBackends = [...this.last].reduce((sum, [pid, seconds]) => sum + seconds - (this.first.get(pid) ?? 0), 0);
    return { seconds: cpuSecondsOf(this.pid) - this.programBefore + ofBackends, ofBackends };
  }

  private async watch(): Promise<void> {
    for (let isLast = false; !isLast;) {
      isLast = this.isOver;
      for (const [pid, seconds] of await cpuSecondsOfBackends(this.admin, SEALER)) this.last.set(pid, seconds);
      if (!isLast) await sleep(LOOK_MS);
    }
  }
}

/** People who were laid down by their references, and whom the worker still has to commit to: no part of sealing. */
async function untoldOf(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(
    'select count(*)::int as n from person where commitment is null and reference is not null',
  );
  return rows[0]?.n ?? 0;
}

/** Events that are not sealed yet. */
async function openOf(admin: pg.Client): Promise<number> {
  const { rows } = await admin.query<{ n: number }>(
    `select (select count(*) from ledger.event)::int - coalesce((select sum(size) from ledger.log_head
       where log_id <> (select platform_log_id from ledger.seal_cursor)), 0)::int as n`,
  );
  return rows[0]?.n ?? 0;
}

import { setTimeout as sleep } from 'node:timers/promises';
import { existsSync, readFileSync } from 'node:fs';
import pg from 'pg';
import { accounts, type NewTransfer } from '../../src/ledger/index.js';
import { Sealer } from '../../src/sealing/index.js';
import { PASS_EVERY_MS } from '../../src/sealing/sealing.rules.js';
import { SystemClock } from '../../src/platform/clock.js';
import { readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { newId } from '../../src/platform/ids.js';
import { PostingStage } from './posting.js';
import { percentile, type Row } from './row.js';
import { besideFiles } from './sealing-files.js';
import { WAITS } from './seal-waits.js';
import type { BenchServer } from './server.js';

const MILLION = 1_000_000;
const LOGS = 50;
const CLIENTS = 8;
/** Batches of 100 in the time between two passes, at 9,000 transfers a second: on a busy machine the time says nothing. */
const BATCHES_A_PASS = (90 * PASS_EVERY_MS) / 1_000;
const WARM_UP = 8;

/** Signing is measured on its own. */
const UNSIGNED = { sign: () => Promise.resolve(), stands: () => Promise.resolve(true) };

/** What sealing costs: a pass among a million events, an event, and a share of the work that it follows. */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  yield* amongMillion(server);
  yield await lagUnderLoad(server);
  yield* besidePosting(server);
  yield* besideFiles(server);
}

async function* amongMillion(server: BenchServer): AsyncGenerator<Row> {
  const stage = await JournalStage.open(server);
  const shared = { suite: 'sealing', unit: 'ms' };
  const among = `among 10⁶ events of ${LOGS} logs, fsync on`;
  try {
    await stage.write(MILLION);
    await stage.analyse();
    yield {
      ...shared,
      name: 'first pass, over 10⁶ events',
      figure: await stage.pass(),
      conditions: `${LOGS} logs, fsync on`,
    };
    await stage.analyse();
    const passes: number[] = [];
    for (let times = 0; times < 21; times++) {
      await stage.write(1_000);
      passes.push(await stage.pass());
    }
    yield {
      ...shared,
      name: 'pass over 1,000 new events',
      figure: percentile(passes, 0.5),
      p50Ms: percentile(passes, 0.5),
      p99Ms: percentile(passes, 0.99),
      conditions: among,
      target: { of: 'figure', atMost: 50 },
    };
    const large: number[] = [];
    for (let times = 0; times < 7; times++) {
      await stage.write(10_000);
      large.push(await stage.pass());
    }
    yield {
      ...shared,
      name: 'an event, in passes over 10,000',
      unit: 'µs',
      figure: percentile(large, 0.5) / 10,
      conditions: among,
    };
    const idle: number[] = [];
    for (let times = 0; times < 41; times++) idle.push(await stage.pass());
    yield {
      ...shared,
      name: 'pass that finds nothing',
      figure: percentile(idle, 0.5),
      conditions: among,
      target: { of: 'figure', atMost: 10 },
    };
  } finally {
    await stage.close();
  }
}

/** How long events wait for the pass that seals them, while clients post as much as the machine takes. */
async function lagUnderLoad(server: BenchServer): Promise<Row> {
  const stage = await PostingStage.open(server);
  const sealer = sealerOn(stage.database);
  try {
    await sealer.pass();
    const loaded = new AbortController();
    const sealing = (async () => {
      while (!loaded.signal.aborted) {
        const began = performance.now();
        await sealer.pass();
        await sleep(Math.max(0, PASS_EVERY_MS - (performance.now() - began)));
      }
      await sealer.pass();
    })();
    const { perSecond } = await stage.load('approval', 100);
    loaded.abort();
    await sealing;
    const lags = await readLags(stage);
    return {
      suite: 'sealing',
      name: 'wait of an event for its seal',
      figure: percentile(lags, 0.5),
      unit: 'ms',
      p50Ms: percentile(lags, 0.5),
      p99Ms: percentile(lags, 0.99),
      conditions: `${lags.length} events, ${CLIENTS} clients post ${Math.round(perSecond)} transfers/s, a pass each ${PASS_EVERY_MS} ms`,
      target: { of: 'p99', atMost: 2_000 },
    };
  } finally {
    await stage.close();
  }
}

async function readLags({ database, actor }: PostingStage): Promise<number[]> {
  const waits = await database.read({ side: 'sealer', orgId: null }, (reader) =>
    reader.query<{ ms: number }>(WAITS, [actor.orgId]),
  );
  return waits.map(({ ms }) => ms);
}

/**
 * What sealing adds to the CPU time of posting, in this process and in the server's: clients post what they do between two
 * passes, then a pass seals it, alone, so that neither hides in the other.
 */
async function* besidePosting(server: BenchServer): AsyncGenerator<Row> {
  for (const [each, atMost] of [
    [100, 1],
    [1, 10],
  ] as const) {
    const stage = await PostingStage.open(server);
    const sealer = sealerOn(stage.database);
    const contracts = Array.from({ length: 500 }, () => [newId(), newId()] as const);
    const lines = () =>
      Array.from({ length: 100 }, (): NewTransfer => {
        const [provider, contract] = contracts[Math.floor(Math.random() * contracts.length)] ?? ['', ''];
        return { debit: accounts.activity(), credit: accounts.accrued(provider, contract), amountMinor: 1n };
      });
    const event = () => ({
      type: 'bench.posted',
      commissionerId: stage.actor.orgId,
      subjectId: newId(),
      actor: stage.actor,
      data: {},
    });
    const batch = () =>
      each === 100
        ? [{ event: event(), transfers: lines() }]
        : lines().map((line) => ({ event: event(), transfers: [line] }));
    try {
      await stage.post(
        contracts.map(([provider, contract]) => ({
          event: event(),
          transfers: [{ debit: accounts.activity(), credit: accounts.accrued(provider, contract), amountMinor: 1n }],
        })),
      );
      await sealer.pass();
      const clock = new CpuClock();
      let postingMs = 0;
      let sealingMs = 0;
      for (let slice = 0; slice < WARM_UP + 16; slice++) {
        // All connections are open once it is warm.
        if (slice <= WARM_UP) await clock.follow(stage);
        const began = clock.read();
        await Promise.all(
          Array.from({ length: CLIENTS }, async (_, client) => {
            for (let made = client; made < BATCHES_A_PASS; made += CLIENTS) await stage.post(batch());
          }),
        );
        const posted = clock.read();
        await sealer.pass();
        const sealed = clock.read();
        if (slice < WARM_UP) continue;
        postingMs += posted - began;
        sealingMs += sealed - posted;
      }
      yield {
        suite: 'sealing',
        name: `beside posting, an event for ${each === 1 ? 'each transfer' : '100 transfers'}`,
        figure: (100 * sealingMs) / postingMs,
        unit: '%',
        conditions: `of the CPU time of posting in batches of 100, ${CLIENTS} clients, a pass for ${BATCHES_A_PASS} of them`,
        target: { of: 'figure', atMost },
      };
    } finally {
      await stage.close();
    }
  }
}

/** CPU time of this process and of those of the server that serve it, as Linux counts it. */
class CpuClock {
  private readonly ofBackend = new Map<number, number>();

  /** Also looks after processes that were started since. */
  async follow({ database, actor }: PostingStage): Promise<void> {
    const backends = await database.read(actor, (reader) =>
      reader.query<{ pid: number }>(`select pid from pg_stat_activity where datname = current_database()`),
    );
    for (const { pid } of backends) if (!this.ofBackend.has(pid)) this.ofBackend.set(pid, 0);
  }

  /** In milliseconds; one that has ended counts as it was. */
  read(): number {
    for (const pid of this.ofBackend.keys()) {
      const file = `/proc/${pid}/schedstat`;
      if (existsSync(file)) this.ofBackend.set(pid, Number(readFileSync(file, 'utf8').split(' ')[0]) / 1_000_000);
    }
    const { user, system } = process.cpuUsage();
    return [...this.ofBackend.values()].reduce((sum, ms) => sum + ms, (user + system) / 1_000);
  }
}

/** A sealer that does not sign. */
export function sealerOn(database: Database): Sealer {
  return new Sealer(database, new SystemClock(), readConfig({ LOG_NAME: 'bench.example' }), UNSIGNED);
}

/** A journal of many commissioners that is filled without the product, since only sealing is measured. */
export class JournalStage {
  private constructor(
    private readonly database: Database,
    private readonly admin: pg.Client,
    private readonly sealer: Sealer,
  ) {}

  static async open(server: BenchServer): Promise<JournalStage> {
    const { adminUrl, appUrl } = await server.database();
    const admin = new pg.Client({ connectionString: adminUrl });
    await admin.connect();
    const database = new Database(await connect(appUrl, [], 2));
    await admin.query(
      `create table bench_log as select n, gen_random_uuid() as id from generate_series(0, ${LOGS - 1}) n`,
    );
    return new JournalStage(database, admin, sealerOn(database));
  }

  /** Events with bodies of 400 bytes, in turn of each commissioner. */
  async write(count: number): Promise<void> {
    await this.admin.query(
      `insert into ledger.event (commissioner_id, id, type, subject_id, actor_org_id, occurred_at, recorded_at, body)
       select l.id, e.id, 'bench.written', l.id, l.id, now(), now(), convert_to(rpad(e.id::text, 400, '.'), 'UTF8')
       from (select n, (lpad(to_hex((extract(epoch from now()) * 1000)::bigint), 12, '0') || '7' || substr(md5(n || clock_timestamp()::text), 1, 19))::uuid as id
             from generate_series(1, $1::int) n) e join bench_log l on l.n = e.n % ${LOGS}`,
      [count],
    );
  }

  async analyse(): Promise<void> {
    await this.admin.query('vacuum analyze');
  }

  /** How long a pass takes, in milliseconds. */
  async pass(): Promise<number> {
    const began = performance.now();
    await this.sealer.pass();
    return performance.now() - began;
  }

  async close(): Promise<void> {
    await this.database.onApplicationShutdown();
    await this.admin.end();
  }
}

import pg from 'pg';
import { type Account, accounts, LedgerService, type NewTransfer, type Posting } from '../../src/ledger/index.js';
import type { Actor } from '../../src/platform/actor.js';
import { SystemClock } from '../../src/platform/clock.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { newId } from '../../src/platform/ids.js';
import { actorOf } from '../support/ledger-stage.js';
import { percentile, type Row } from './row.js';
import type { BenchServer } from './server.js';

const CLIENTS = 8;
const BATCH = 100;
const SECONDS = 8;
const CONTRACTS = 5_000;

type Shape = 'spread' | 'approval' | 'hot';

/** What each must reach; the ratios to the lean ledger are set from the first run that was measured when all was quiet. */
const SHAPES: readonly { shape: Shape; atLeast: number; single: number; lean: number }[] = [
  { shape: 'spread', atLeast: 7_000, single: 5, lean: 1.2 },
  { shape: 'approval', atLeast: 9_000, single: 5, lean: 1.2 },
  { shape: 'hot', atLeast: 9_000, single: 12, lean: 3 },
];

/** Posts as the product does, in steps of 100 transfers with an event each, against one transfer in each transaction. */
export async function* rows(server: BenchServer): AsyncGenerator<Row> {
  for (const { shape, atLeast, single, lean } of SHAPES) {
    const stage = await PostingStage.open(server);
    try {
      const one = await stage.load(shape, 1);
      const { perSecond: figure, p50Ms, p99Ms } = await stage.load(shape, BATCH);
      const row = { suite: 'posting', name: shape, figure, unit: 'transfers/s' };
      const conditions = `${CLIENTS} clients, batch ${BATCH}, an event each, fsync on, hashing on`;
      yield { ...row, p50Ms, p99Ms, conditions, target: { of: 'figure', atLeast } };
      yield {
        ...row,
        comparator: { name: 'itself, one transfer a transaction', figure: one.perSecond },
        conditions: `${CLIENTS} clients both`,
        target: { of: 'ratio', atLeast: single },
      };
      yield {
        ...row,
        comparator: { name: 'lean double entry, one transfer a transaction', figure: await leanRate(server, shape) },
        conditions: `${CLIENTS} clients both; theirs without event, hash, tenant, command key or reversal`,
        target: { of: 'ratio', atLeast: lean },
      };
    } finally {
      await stage.close();
    }
  }
}

async function leanRate(server: BenchServer, shape: Shape): Promise<number> {
  const lean = await LeanStage.open(server);
  try {
    return await lean.load(shape);
  } finally {
    await lean.close();
  }
}

/** Runs the work in each of so many clients for some seconds; what it returns is how much was done. */
export async function forSeconds(
  clients: number,
  seconds: number,
  work: (client: number) => Promise<number>,
): Promise<{ perSecond: number; p50Ms: number; p99Ms: number }> {
  const began = performance.now();
  const latencies: number[] = [];
  let done = 0;
  await Promise.all(
    Array.from({ length: clients }, async (_, client) => {
      while (performance.now() - began < seconds * 1_000) {
        const started = performance.now();
        const amount = await work(client); // not added in one go: the sum would be read before the wait
        done += amount;
        latencies.push(performance.now() - started);
      }
    }),
  );
  const perSecond = (done / (performance.now() - began)) * 1_000;
  return { perSecond, p50Ms: percentile(latencies, 0.5), p99Ms: percentile(latencies, 0.99) };
}

/** The ledger on a database of its own, with open accounts to post to. */
export class PostingStage {
  private constructor(
    readonly database: Database,
    readonly ledger: LedgerService,
    readonly actor: Actor,
    readonly contracts: readonly (readonly [string, string])[],
    readonly adminUrl: string,
  ) {}

  static async open(server: BenchServer): Promise<PostingStage> {
    const { appUrl, adminUrl } = await server.database();
    const database = new Database(await connect(appUrl, [], CLIENTS + 2));
    const contracts = Array.from({ length: CONTRACTS }, () => [newId(), newId()] as const);
    const stage = new PostingStage(
      database,
      new LedgerService(new SystemClock()),
      actorOf('commissioner', newId()),
      contracts,
      adminUrl,
    );
    // Every strict account holds enough to be lowered for the length of the run.
    for (let start = 0; start < CONTRACTS; start += 500) {
      const lines = contracts.slice(start, start + 500).flatMap(([provider, contract]): NewTransfer[] => [
        {
          debit: accounts.authorised(provider, contract),
          credit: accounts.budget(provider, contract),
          amountMinor: 10n ** 9n,
        },
        { debit: accounts.activity(), credit: accounts.accrued(provider, contract), amountMinor: 10n ** 9n },
      ]);
      await stage.post([stage.posting('contract.authorised', lines)]);
    }
    await stage.post([
      stage.posting('funds.received', [{ debit: accounts.funds(), credit: accounts.bank(), amountMinor: 10n ** 12n }]),
    ]);
    return stage;
  }

  load(shape: Shape, batch: number): Promise<{ perSecond: number; p50Ms: number; p99Ms: number }> {
    return forSeconds(CLIENTS, SECONDS, async () => {
      await this.post(this.batch(shape, batch));
      return batch;
    });
  }

  /** So many transfers, an event each. */
  batch(shape: Shape, size: number): Posting[] {
    return Array.from({ length: size }, () => this.posting('bench.posted', [this.line(shape)]));
  }

  async post(postings: readonly Posting[]): Promise<void> {
    await this.database.transaction(this.actor, (tx) => this.ledger.postAll(tx, postings));
  }

  close(): Promise<void> {
    return this.database.onApplicationShutdown();
  }

  private posting(type: string, transfers: readonly NewTransfer[]): Posting {
    const event = { type, commissionerId: this.actor.orgId, subjectId: newId(), actor: this.actor, data: {} };
    return { event, transfers };
  }

  /** Spread: both sides strict among 10,000. Approval: one side strict, the other the one account of activity. Hot: one strict account. */
  private line(shape: Shape): NewTransfer {
    const [provider, contract] = this.contracts[Math.floor(Math.random() * CONTRACTS)] ?? ['', ''];
    const strict = (kind: 'budget' | 'committed' | 'accrued' | 'owed'): Account => accounts[kind](provider, contract);
    if (shape === 'spread') return { debit: strict('accrued'), credit: strict('owed'), amountMinor: 1n };
    if (shape === 'approval') return { debit: accounts.activity(), credit: strict('accrued'), amountMinor: 1n };
    return { debit: accounts.funds(), credit: accounts.bank(), amountMinor: 1n };
  }
}

/** As ledgers on PostgreSQL do it: one function, the two balance rows locked in order, one transfer a transaction. */
class LeanStage {
  private constructor(private readonly pool: pg.Pool) {}

  static async open(server: BenchServer): Promise<LeanStage> {
    const { adminUrl } = await server.database();
    const pool = new pg.Pool({ connectionString: adminUrl, max: CLIENTS });
    await pool.query(LEAN_SCHEMA);
    return new LeanStage(pool);
  }

  async load(shape: Shape): Promise<number> {
    const account = () => 1 + Math.floor(Math.random() * 2 * CONTRACTS);
    const { perSecond } = await forSeconds(CLIENTS, SECONDS, async () => {
      const from = account();
      const to = shape === 'hot' ? 0 : account();
      if (from === to) return 0;
      await this.pool.query({ name: 'transfer', text: 'select lean.transfer($1, $2, 1)', values: [from, to] });
      return 1;
    });
    return perSecond;
  }

  close(): Promise<void> {
    return this.pool.end();
  }
}

const LEAN_SCHEMA = `
create schema lean;
create table lean.account (id bigint primary key, balance bigint not null, version bigint not null);
insert into lean.account select n, 1000000000, 0 from generate_series(0, ${2 * CONTRACTS}) n;
create table lean.transfer (
  id bigint primary key generated always as identity, from_id bigint not null references lean.account,
  to_id bigint not null references lean.account, amount bigint not null, made_at timestamptz not null default now());
create table lean.entry (
  id bigint primary key generated always as identity, transfer_id bigint not null references lean.transfer,
  account_id bigint not null references lean.account, amount bigint not null, balance_after bigint not null, version bigint not null);
create index on lean.entry (account_id, id);
create function lean.transfer(p_from bigint, p_to bigint, p_amount bigint) returns bigint language plpgsql as $$
declare made bigint; a lean.account; b lean.account;
begin
  perform 1 from lean.account where id in (p_from, p_to) order by id for update;
  insert into lean.transfer (from_id, to_id, amount) values (p_from, p_to, p_amount) returning id into made;
  update lean.account set balance = balance - p_amount, version = version + 1 where id = p_from returning * into a;
  update lean.account set balance = balance + p_amount, version = version + 1 where id = p_to returning * into b;
  if a.balance < 0 then raise exception 'below zero'; end if;
  insert into lean.entry (transfer_id, account_id, amount, balance_after, version) values
    (made, p_from, -p_amount, a.balance, a.version), (made, p_to, p_amount, b.balance, b.version);
  return made;
end $$;
`;

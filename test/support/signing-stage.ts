import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { LedgerService } from '../../src/ledger/index.js';
import { type Config, readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { createLog } from '../../src/platform/log.js';
import { Metrics } from '../../src/platform/metrics.js';
import { CheckpointSigner } from '../../src/sealing/checkpoint-signer.service.js';
import { CheckpointStore } from '../../src/sealing/checkpoint-store.gateway.js';
import { LogExaminer } from '../../src/sealing/log-examiner.service.js';
import { LogKeys } from '../../src/sealing/log-keys.service.js';
import { LogProofs } from '../../src/sealing/log-proofs.service.js';
import { PlatformWitness } from '../../src/sealing/platform-witness.service.js';
import { Sealer } from '../../src/sealing/sealer.service.js';
import { SigningStates } from '../../src/sealing/signing-status.service.js';
import { Witness } from '../../src/sealing/witness.gateway.js';
import { signingKey } from '../../src/transparency/index.js';
import type { TestDatabase } from './database.js';
import { actorOf, StillClock } from './ledger-stage.js';
import { LOG_NAME } from './sealing-stage.js';

/** A process that seals and signs, and what a test needs to look into it. */
export interface SigningProcess {
  readonly sealer: Sealer;
  readonly signer: CheckpointSigner;
  readonly keys: LogKeys;
  readonly store: CheckpointStore;
  readonly proofs: LogProofs;
  readonly states: SigningStates;
  readonly clock: StillClock;
  /** The messages of its log with their codes, in order: `checkpoint not signed key_unknown`. */
  readonly said: string[];
  /** Records events of a commissioner in one transaction, and gives their ids. */
  record(commissionerId: string, count: number): Promise<string[]>;
  /** One pass, and all of it signed where it may be. */
  seal(): Promise<void>;
  /** Each log's newest signed checkpoint and the newest of all, by id. */
  heads(): Promise<Map<string, { signed: number; sealed: number; note: string | null }>>;
  /** Why logs are held, by id. */
  holds(): Promise<Map<string, string>>;
  /** Runs a statement as the superuser. */
  admin<Row = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export interface SigningOptions {
  /** What the seeds of the keys are made of, the newest first. */
  readonly seeds?: readonly number[];
  readonly storeDir?: string;
  readonly witness?: { readonly url: string; readonly key: string };
  readonly logName?: string;
}

export async function signingProcess(own: TestDatabase, options: SigningOptions = {}): Promise<SigningProcess> {
  const { witness: seen, logName = LOG_NAME } = options;
  const config = readConfig({
    LOG_NAME: logName,
    ...(seen && { WITNESS_URL: seen.url, WITNESS_KEY: seen.key }),
  });
  const database = new Database(await connect(own.appUrl, [], 4));
  const client = new pg.Client({ connectionString: own.adminUrl });
  await client.connect();
  const clock = new StillClock();
  const admin = async <Row>(sql: string, parameters: unknown[] = []) =>
    (await client.query(sql, parameters)).rows as Row[];
  const { signer, ...parts } = partsOf(database, clock, config, options);
  const sealer = new Sealer(database, clock, config, signer);
  return {
    ...parts,
    signer,
    sealer,
    clock,
    admin,
    proofs: new LogProofs(database),
    record: (commissionerId, count) => record(database, new LedgerService(clock), commissionerId, count),
    seal: async () => {
      await sealer.pass();
      await signer.sign();
    },
    heads: async () => {
      const rows = await admin<{ id: string; signed: number; sealed: number; note: string | null }>(HEADS);
      return new Map(rows.map(({ id, ...head }) => [id, head]));
    },
    holds: async () => {
      const rows = await admin<{ id: string; code: string }>('select log_id as id, code from ledger.log_hold');
      return new Map(rows.map(({ id, code }) => [id, code]));
    },
    close: async () => {
      await database.onApplicationShutdown();
      await client.end();
    },
  };
}

const HEADS = `
select log_id as id, coalesce(max(size) filter (where note is not null), 0)::int as signed, max(size)::int as sealed,
  (array_agg(note order by size desc) filter (where note is not null))[1] as note
from ledger.checkpoint group by 1`;

/** What signs, as the application puts it together. */
function partsOf(database: Database, clock: StillClock, config: Config, { seeds = [7], storeDir }: SigningOptions) {
  const said: string[] = [];
  const log = createLog('info', {
    write: (line) => {
      const { msg, code, reason } = JSON.parse(line) as { msg: string; code?: string; reason?: string };
      said.push([msg, code ?? reason].filter((word) => word !== undefined).join(' '));
    },
  });
  const settings = { keys: seeds.map((seed) => signingKey(Buffer.alloc(32, seed))), storeDir };
  const keys = new LogKeys(settings, config);
  const store = new CheckpointStore(settings);
  const witness = new Witness(config);
  const metrics = new Metrics();
  const examiner = new LogExaminer(database, store, keys, witness);
  const platformWitness = new PlatformWitness(witness, database, log);
  return {
    said,
    keys,
    store,
    signer: new CheckpointSigner(database, examiner, store, platformWitness, clock, metrics, log),
    states: new SigningStates(database, store, metrics, config),
  };
}

async function record(
  database: Database,
  ledger: LedgerService,
  commissionerId: string,
  count: number,
): Promise<string[]> {
  const actor = actorOf('commissioner', commissionerId);
  const events = Array.from({ length: count }, () => ({
    type: 'session.recorded',
    commissionerId,
    subjectId: randomUUID(),
    actor,
    data: {},
  }));
  const recorded = await database.transaction(actor, (tx) => ledger.recordAll(tx, events));
  return recorded.map(({ id }) => id);
}

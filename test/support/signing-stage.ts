import { randomUUID } from 'node:crypto';
import pg from 'pg';
import { LedgerService } from '../../src/ledger/index.js';
import { readConfig } from '../../src/platform/config.js';
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
  const { seeds = [7], storeDir, witness: seen, logName = LOG_NAME } = options;
  const config = readConfig({
    LOG_NAME: logName,
    ...(seen && { WITNESS_URL: seen.url, WITNESS_KEY: seen.key }),
  });
  const database = new Database(await connect(own.appUrl, [], 4));
  const client = new pg.Client({ connectionString: own.adminUrl });
  await client.connect();
  const clock = new StillClock();
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
  const signer = new CheckpointSigner(
    database,
    new LogExaminer(database, store, keys, witness),
    store,
    new PlatformWitness(witness, database, log),
    clock,
    metrics,
    log,
  );
  const sealer = new Sealer(database, clock, config, signer);
  const ledger = new LedgerService(clock);
  const admin = async <Row>(sql: string, parameters: unknown[] = []) =>
    (await client.query(sql, parameters)).rows as Row[];
  return {
    sealer,
    signer,
    keys,
    proofs: new LogProofs(database),
    states: new SigningStates(database, store, metrics, config),
    clock,
    said,
    record: async (commissionerId, count) => {
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
    },
    seal: async () => {
      await sealer.pass();
      await signer.sign();
    },
    heads: async () => {
      const rows = await admin<{ id: string; signed: number; sealed: number; note: string | null }>(
        `select log_id as id, coalesce(max(size) filter (where note is not null), 0)::int as signed, max(size)::int as sealed,
           (array_agg(note order by size desc) filter (where note is not null))[1] as note
         from ledger.checkpoint group by 1`,
      );
      return new Map(rows.map(({ id, ...head }) => [id, head]));
    },
    holds: async () => {
      const rows = await admin<{ id: string; code: string }>('select log_id as id, code from ledger.log_hold');
      return new Map(rows.map(({ id, code }) => [id, code]));
    },
    admin,
    close: async () => {
      await database.onApplicationShutdown();
      await client.end();
    },
  };
}

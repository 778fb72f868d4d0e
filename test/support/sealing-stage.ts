import pg from 'pg';
import { Commands, LedgerService } from '../../src/ledger/index.js';
import { Sealer } from '../../src/sealing/index.js';
import type { Clock } from '../../src/platform/clock.js';
import { type Config, readConfig } from '../../src/platform/config.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { formatCheckpoint, Frontier } from '../../src/transparency/index.js';
import { testDatabase, type TestDatabase } from './database.js';
import { type LedgerStage, StillClock } from './ledger-stage.js';
import { naiveRoot, naiveTile } from './naive-tree.js';

export const LOG_NAME = 'log.example';

const config: Config = readConfig({ LOG_NAME });

/** A test that is about sealing signs by hand. */
const BY_HAND = { sign: () => Promise.resolve(), stands: () => Promise.resolve(true) };

/** A sealer as each process has one. */
export function sealerOn(database: Database, clock: Clock): Sealer {
  return new Sealer(database, clock, config, BY_HAND);
}

/** The ledger on a database of a test's own, with a sealer, and more sealers with connections of their own. */
export interface SealingStage extends LedgerStage {
  readonly admin: Admin;
  readonly testDatabase: TestDatabase;
  readonly sealer: Sealer;
  /** One more process that seals; it ends with the stage. */
  anotherSealer(): Promise<Sealer>;
}

export async function sealingStage(): Promise<SealingStage> {
  const own = await testDatabase();
  const databases: Database[] = [];
  const open = async (poolSize: number) => {
    const database = new Database(await connect(own.appUrl, [], poolSize));
    databases.push(database);
    return database;
  };
  const database = await open(20);
  const client = new pg.Client({ connectionString: own.adminUrl });
  await client.connect();
  const clock = new StillClock();
  const ledger = new LedgerService(clock);
  return {
    testDatabase: own,
    database,
    ledger,
    commands: new Commands(database, ledger),
    clock,
    sealer: sealerOn(database, clock),
    anotherSealer: async () => sealerOn(await open(2), clock),
    admin: adminOf(client),
    close: async () => {
      for (const one of databases) await one.onApplicationShutdown();
      await client.end();
      await own.drop();
    },
  };
}

/** Runs a statement as a superuser. */
export type Admin = <Row = Record<string, unknown>>(sql: string, parameters?: unknown[]) => Promise<Row[]>;

export function adminOf(client: pg.Client): Admin {
  return async <Row>(sql: string, parameters: unknown[] = []) => {
    const { rows } = await client.query(sql, parameters);
    return rows as Row[];
  };
}

interface TileRow {
  level: number;
  n: string;
  width: number;
  hashes: Buffer;
  event_ids: string[] | null;
}

export interface Log {
  readonly id: string;
  readonly size: number;
  /** In the order of the log. */
  readonly eventIds: readonly string[];
}

/** How much of the logs is computed again from nothing: each checkpoint takes time with the size of its log. */
export interface Thoroughness {
  readonly checkpoints: 'every' | 'last';
}

/**
 * What is wrong with the logs of a database: they are computed again from the bodies of the events, by the definitions of
 * RFC 6962 alone. Empty when every event is sealed exactly once and all that is stored agrees.
 */
export async function findUnsound(admin: Admin, { checkpoints }: Thoroughness = { checkpoints: 'every' }) {
  const wrong: string[] = [];
  const [cursor] = await admin<{ platform: string }>('select platform_log_id as platform from ledger.seal_cursor');
  const logs = await admin<{ id: string }>(
    `select distinct commissioner_id as id from ledger.event union select log_id from ledger.log_head`,
  );
  for (const { id } of logs) {
    const leaves = id === cursor?.platform ? await platformLeaves(admin, wrong) : await eventLeaves(admin, id, wrong);
    wrong.push(...(await unsoundLog(admin, id, leaves, checkpoints)));
  }
  return wrong;
}

/** The events of a log as its tiles have them. */
export async function readLog(admin: Admin, id: string): Promise<Log> {
  const tiles = await tilesOf(admin, id);
  const eventIds = tiles.filter(({ level }) => level === 0).flatMap((tile) => tile.event_ids ?? []);
  return { id, size: eventIds.length, eventIds };
}

async function eventLeaves(admin: Admin, logId: string, wrong: string[]): Promise<Buffer[]> {
  const events = await admin<{ id: string; seq: string; body: Buffer; subject: string }>(
    `select id, seq, body, subject_id as subject from ledger.event where commissioner_id = $1 order by seq`,
    [logId],
  );
  const { eventIds } = await readLog(admin, logId);
  const byId = new Map(events.map((event) => [event.id, event]));
  const missed = events.length - new Set(eventIds).size;
  const twice = eventIds.length - new Set(eventIds).size;
  if (missed !== 0) wrong.push(`${logId}: ${missed} of ${events.length} events missed`);
  if (twice !== 0) wrong.push(`${logId}: ${twice} events sealed twice`);
  const lastOf = new Map<string, bigint>();
  let disordered = 0;
  for (const event of eventIds.flatMap((id) => byId.get(id) ?? [])) {
    const seq = BigInt(event.seq);
    if (seq < (lastOf.get(event.subject) ?? 0n)) disordered++;
    lastOf.set(event.subject, seq);
  }
  if (disordered > 0) wrong.push(`${logId}: ${disordered} events stand before an earlier one of their stream`);
  return eventIds.flatMap((id) => byId.get(id)?.body ?? []);
}

/** The entries of the platform's log, each of which must be the checkpoint of a commissioner's log, as it was sealed. */
async function platformLeaves(admin: Admin, wrong: string[]): Promise<Buffer[]> {
  const entries = await admin<{ n: string; log: string; size: string; entry: Buffer; root: Buffer | null }>(
    `select p.n, p.commissioner_id as log, p.size, p.entry, c.root from ledger.platform_entry p
     left join ledger.checkpoint c on c.log_id = p.commissioner_id and c.size = p.size order by p.n`,
  );
  entries.forEach(({ n, log, size, entry, root }, index) => {
    if (Number(n) !== index) wrong.push(`entry ${n} of the platform's log is at ${index}`);
    if (!root || entry.toString() !== entryOf(log, Number(size), root)) wrong.push(`entry ${n} is no checkpoint`);
  });
  return entries.map(({ entry }) => entry);
}

async function unsoundLog(
  admin: Admin,
  logId: string,
  leaves: readonly Buffer[],
  which: Thoroughness['checkpoints'],
): Promise<string[]> {
  const wrong: string[] = [];
  const say = (what: string) => wrong.push(`${logId}: ${what}`);
  const [head] = await admin<{ size: string; frontier: Buffer }>('select * from ledger.log_head where log_id = $1', [
    logId,
  ]);
  if (Number(head?.size ?? 0) !== leaves.length) say(`the head has ${head?.size} leaves, not ${leaves.length}`);
  const rows = await admin<{ size: string; root: Buffer }>(
    'select size, root from ledger.checkpoint where log_id = $1 order by size desc',
    [logId],
  );
  if (Number(rows[0]?.size ?? 0) !== leaves.length) say(`the last checkpoint has ${rows[0]?.size} leaves`);
  for (const { size, root } of which === 'every' ? rows : rows.slice(0, 1)) {
    if (!naiveRoot(leaves.slice(0, Number(size))).equals(root)) say(`the root at ${size} is another`);
  }
  if (head && !Frontier.parse(Number(head.size), head.frontier).root().equals(naiveRoot(leaves))) say('frontier');
  const tiles = await tilesOf(admin, logId);
  const expected = expectedTiles(leaves.length);
  if (tiles.length !== expected.length) say(`there are ${tiles.length} tiles, not ${expected.length}`);
  for (const { level, n } of expected) {
    const tile = tiles.find((one) => one.level === level && Number(one.n) === n);
    if (!tile?.hashes.equals(Buffer.from(naiveTile(level, n, leaves)))) say(`tile ${level}/${n} is another`);
  }
  return wrong;
}

function tilesOf(admin: Admin, logId: string): Promise<TileRow[]> {
  return admin<TileRow>('select * from ledger.tile where log_id = $1 order by level, n', [logId]);
}

function expectedTiles(size: number): { level: number; n: number }[] {
  const tiles: { level: number; n: number }[] = [];
  for (let level = 0, count = size; count > 0; level++, count = Math.floor(count / 256)) {
    for (let n = 0; n * 256 < count; n++) tiles.push({ level, n });
  }
  return tiles;
}

/** What a checkpoint of a commissioner is in the platform's log. */
export function entryOf(logId: string, size: number, root: Uint8Array): string {
  return formatCheckpoint({ origin: `${LOG_NAME}/${logId}`, size, root });
}

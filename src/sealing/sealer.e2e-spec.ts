import fc from 'fast-check';
import { Books } from '../../test/support/ledger-stage.js';
import { findUnsound, readLog, type SealingStage, sealingStage } from '../../test/support/sealing-stage.js';
import { createLog } from '../platform/log.js';
import { SealAudit } from './seal-audit.service.js';
import type { Sealer } from './sealer.service.js';
import { SEALER } from './sealing.queries.js';
import { ANCHOR_EVERY_MS } from './sealing.rules.js';

let stage: SealingStage;
let sealer: Sealer;
let books: Books;

beforeEach(async () => {
  stage = await sealingStage();
  sealer = stage.sealer;
  books = new Books(stage);
});
afterEach(() => stage.close());

/** Writes so many events in one transaction. */
async function record(count: number, into = books): Promise<string[]> {
  const events = Array.from({ length: count }, () => into.event('session.recorded'));
  const recorded = await into.write((tx) => stage.ledger.recordAll(tx, events));
  return recorded.map(({ id }) => id);
}

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

const unsound = () => findUnsound(stage.admin);
const heads = () =>
  stage.admin<{ log: string; size: string; anchored: string }>(
    'select log_id as log, size, anchored_size as anchored from ledger.log_head order by log_id',
  );

describe('a pass', () => {
  it('seals what was committed, in the order of the journal, in a log for each commissioner', async () => {
    const others = new Books(stage);
    const first = await record(3);
    const theirs = await record(2, others);
    const second = await record(1);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 6, logs: 2 });
    await expect(readLog(stage.admin, books.commissioner.orgId)).resolves.toMatchObject({
      eventIds: [...first, ...second],
    });
    await expect(readLog(stage.admin, others.commissioner.orgId)).resolves.toMatchObject({ eventIds: theirs });
    await expect(unsound()).resolves.toEqual([]);
    await expect(sealer.sizes()).resolves.toHaveLength(2);
  });

  it('agrees with the definition of RFC 6962 after any passes, across the tiles of all levels', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.integer({ min: 0, max: 300 }), { minLength: 1, maxLength: 4 }), async (counts) => {
        for (const count of counts) {
          await record(count);
          await expect(sealer.pass()).resolves.toMatchObject({ sealed: count });
        }
        await expect(findUnsound(stage.admin, { checkpoints: 'last' })).resolves.toEqual([]);
      }),
      { numRuns: 12 },
    );
  });

  it('seals more than it holds in memory at a time, under one checkpoint', async () => {
    for (let times = 0; times < 6; times++) await record(2_000);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 12_000, logs: 1 });
    await expect(findUnsound(stage.admin)).resolves.toEqual([]);
    const checkpoints = await stage.admin('select 1 from ledger.checkpoint where log_id = $1', [
      books.commissioner.orgId,
    ]);
    expect(checkpoints).toHaveLength(1);
  });

  it('writes nothing, and locks nothing, when nothing is new', async () => {
    await record(3);
    await sealer.pass();
    // Every write and every lock of a row leaves its transaction in it.
    const traces = () =>
      Promise.all(
        ['seal_cursor', 'log_head', 'tile', 'checkpoint', 'platform_entry'].map((table) =>
          stage.admin(`select ctid, xmin, xmax from ledger.${table} order by 1`),
        ),
      );
    const before = await traces();
    await expect(sealer.hasWork()).resolves.toBe(false);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 0, logs: 0 });
    await expect(traces()).resolves.toEqual(before);
    await expect(sealer.waitingMs()).resolves.toBe(0);
    await record(1);
    await expect(sealer.hasWork()).resolves.toBe(true);
    await new Promise((resolve) => setTimeout(resolve, 5));
    await expect(sealer.waitingMs()).resolves.toBeGreaterThan(0);
    expect(sealer.metrics).toMatchObject({ passes: 2, sealed: 3, failures: 0, lagMs: 0 });
  });

  it('does not go back in time where its clock is behind that of the pass before', async () => {
    const { clock } = stage;
    await record(1);
    await sealer.pass();
    clock.at = new Date(clock.at.getTime() - 45_000);
    await record(1);
    await sealer.pass();
    const sealed = await stage.admin<{ at: Date }>(
      'select sealed_at as at from ledger.checkpoint where log_id = $1 order by size',
      [books.commissioner.orgId],
    );
    expect(sealed.map(({ at }) => at)).toEqual([sealed[0]?.at, sealed[0]?.at]);
  });

  it('sees a transaction that began before the last pass and committed after it', async () => {
    const written = deferred();
    const mayCommit = deferred();
    const late = books.write(async (tx) => {
      const recorded = await stage.ledger.record(tx, books.event('session.recorded'));
      written.resolve();
      await mayCommit.promise;
      return recorded;
    });
    await written.promise;
    const early = await record(2);
    await sealer.pass();
    await expect(sealer.hasWork()).resolves.toBe(false);
    mayCommit.resolve();
    const { id } = await late;
    await expect(sealer.hasWork()).resolves.toBe(true);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 1, logs: 1 });
    await expect(readLog(stage.admin, books.commissioner.orgId)).resolves.toMatchObject({ eventIds: [...early, id] });
    await expect(unsound()).resolves.toEqual([]);
  });

  it('belongs to one sealer at a time, of as many as there are', async () => {
    const sealers = [sealer, await stage.anotherSealer(), await stage.anotherSealer(), await stage.anotherSealer()];
    for (let round = 0; round < 15; round++) {
      await record(40);
      const passes = await Promise.all(sealers.map((one) => one.pass()));
      expect(passes.reduce((sum, pass) => sum + (pass?.sealed ?? 0), 0)).toBe(40);
    }
    expect(sealers.reduce((sum, { metrics }) => sum + metrics.failures, 0)).toBe(0);
    await expect(unsound()).resolves.toEqual([]);
  });
});

describe('the platform’s log', () => {
  it('holds the head of each commissioner, once a minute at most, and later when it is quiet', async () => {
    await record(2);
    await sealer.pass();
    await expect(heads()).resolves.toContainEqual(anchoredAt('2', '2'));
    await record(3);
    await sealer.pass();
    await expect(heads()).resolves.toContainEqual(anchoredAt('5', '2'));
    await expect(sealer.hasWork()).resolves.toBe(false);
    stage.clock.at = new Date(stage.clock.at.getTime() + ANCHOR_EVERY_MS);
    await expect(sealer.hasWork()).resolves.toBe(true);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 0, logs: 0 });
    await expect(heads()).resolves.toContainEqual(anchoredAt('5', '5'));
    await expect(stage.admin('select n from ledger.platform_entry order by n')).resolves.toEqual([
      { n: '0' },
      { n: '1' },
    ]);
    await expect(unsound()).resolves.toEqual([]);
  });

  const anchoredAt = (size: string, anchored: string) => ({ log: books.commissioner.orgId, size, anchored });
});

describe('whether an event is sealed', () => {
  const sign = () => stage.admin(`update ledger.checkpoint set note = 'signed' where note is null`);

  it('is true once a signed checkpoint covers it', async () => {
    const [id = ''] = await record(1);
    const sealed = sealer.ensureSealed(books.commissioner.orgId, id);
    while ((await stage.admin('select 1 from ledger.checkpoint')).length === 0);
    await sign();
    await expect(sealed).resolves.toBe(true);
    const [later = ''] = await record(1);
    await sealer.pass();
    await expect(sealer.ensureSealed(books.commissioner.orgId, later)).resolves.toBe(false);
  });

  it('is false of what no journal has', async () => {
    await expect(sealer.ensureSealed(books.commissioner.orgId, books.commissioner.keyId ?? '')).resolves.toBe(false);
  });
});

describe('another history', () => {
  const cursor = async () => (await stage.admin('select * from ledger.seal_cursor'))[0];

  it('is compared with what was published before anything is signed, when the timeline has changed', async () => {
    await record(2);
    await sealer.pass();
    await expect(cursor()).resolves.toMatchObject({ epoch: 1, must_compare: false, timeline: '00000001' });
    await stage.admin(`update ledger.seal_cursor set timeline = '00000002'`);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 0, logs: 0 });
    await expect(cursor()).resolves.toMatchObject({ epoch: 1, must_compare: true, timeline: '00000001' });
  });

  it('is told by what no tile names, when the cluster has changed: nothing is lost and nothing sealed twice', async () => {
    await record(300);
    await sealer.pass();
    const [late = ''] = await record(1);
    // As in a cluster that has not come as far: the ids of these transactions are still to be given away.
    await stage.admin(`begin`);
    await stage.admin(`set local session_replication_role = replica`);
    await stage.admin(`update ledger.event set xid = '99999999999'`);
    await stage.admin(`update ledger.seal_cursor set system_identifier = '1', snapshot = '99999999999:99999999999:'`);
    await stage.admin(`commit`);
    const more = await record(2);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 3, logs: 1 });
    await expect(sealer.pass()).resolves.toEqual({ sealed: 0, logs: 0 });
    await record(1);
    await expect(sealer.pass()).resolves.toEqual({ sealed: 1, logs: 1 });
    await expect(cursor()).resolves.toMatchObject({ epoch: 2, must_compare: true });
    const { eventIds } = await readLog(stage.admin, books.commissioner.orgId);
    expect(eventIds.slice(300, 303)).toEqual([late, ...more]);
    await expect(unsound()).resolves.toEqual([]);
    await expect(
      stage.admin(`select 1 from ledger.event where xid >= pg_snapshot_xmax(pg_current_snapshot())`),
    ).resolves.toEqual([]);
  });

  it('lets nobody adopt transactions while the cluster is the same', async () => {
    await record(1);
    await sealer.pass();
    await stage.admin(
      `begin; set local session_replication_role = replica; update ledger.event set xid = '99999999999'; commit`,
    );
    await stage.database.transaction(SEALER, (tx) => tx.query('select ledger.adopt_transactions()'));
    await expect(stage.admin('select xid from ledger.event')).resolves.toEqual([{ xid: '99999999999' }]);
    await expect(stage.admin(FORCED)).resolves.toEqual([]);
  });

  /** Tables of the ledger whose owner is not bound, or whose triggers do not fire. */
  const FORCED = `
    select c.relname from pg_class c where c.relnamespace = 'ledger'::regnamespace and c.relkind = 'r' and c.relname <> 'chart'
      and (not c.relforcerowsecurity or exists (select from pg_trigger t where t.tgrelid = c.oid and t.tgenabled = 'D'))`;
});

describe('what was sealed', () => {
  beforeEach(async () => {
    await record(300);
    await sealer.pass();
    await stage.admin(`update ledger.checkpoint set note = 'signed'`);
  });

  it.each([
    `update ledger.tile set hashes = set_byte(hashes, 0, get_byte(hashes, 0) # 1)`,
    `update ledger.tile set event_ids[1] = gen_random_uuid() where event_ids is not null`,
    `update ledger.tile set event_ids = null where event_ids is not null`,
    `update ledger.tile set width = width - 1, hashes = substring(hashes for 32 * (width - 1)), event_ids = event_ids[1:width - 1]`,
    `update ledger.tile set n = n + 2`,
    `update ledger.checkpoint set root = sha256(root)`,
    `update ledger.checkpoint set note = 'another'`,
    `update ledger.checkpoint set note = null`,
    `update ledger.checkpoint set snapshot = '1:1:'`,
    `update ledger.log_head set size = size - 1, anchored_size = 0`,
    `update ledger.platform_entry set entry = ''`,
    ...['tile', 'checkpoint', 'log_head', 'platform_entry'].flatMap((table) => [
      `delete from ledger.${table}`,
      `truncate ledger.${table} cascade`,
    ]),
  ])('is not changed even by a superuser: %s', async (sql) => {
    await expect(stage.admin(sql)).rejects.toMatchObject({ code: 'WP001' });
  });
});

describe('the audit', () => {
  it('finds an event that was put where the sealer had passed, and does not make it good', async () => {
    const lines: string[] = [];
    const audit = new SealAudit(stage.database, createLog('error', { write: (line) => lines.push(line) }));
    await record(2);
    await sealer.pass();
    await record(1);
    await expect(audit.run()).resolves.toEqual([]);
    const [planted = ''] = await record(1);
    await stage.admin(`begin`);
    await stage.admin(`set local session_replication_role = replica`);
    await stage.admin(`update ledger.event set xid = '3' where id = $1`, [planted]);
    await stage.admin(`commit`);
    await expect(audit.run()).resolves.toEqual([{ logId: books.commissioner.orgId, id: planted }]);
    expect(audit.missed).toBe(1);
    expect(lines.join()).toContain(planted);
    await expect(sealer.pass()).resolves.toMatchObject({ sealed: 1 });
  });
});

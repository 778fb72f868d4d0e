import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MonthStage } from '../../test/stories/month-stage.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { signLogs } from '../../test/support/signed-logs.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { LedgerService } from '../ledger/index.js';
import { systemActor } from '../platform/actor.js';
import type { Tx } from '../platform/database.js';
import { Sealer } from '../sealing/index.js';
import { LiveVerifier, liveVerdictInWords } from './index.js';

describe('the live verifier', () => {
  let app: TestApp;
  let icb: Party;
  let storeDir: string;
  let held: { name: string; text: string };
  const verify = (options = {}) => app.nest.get(LiveVerifier).verify(options);

  beforeAll(async () => {
    storeDir = mkdtempSync(join(tmpdir(), 'wellpaid-store-'));
    app = await startTestApp({ environment: { CHECKPOINT_STORE_DIR: storeDir } });
    icb = await commissioner(app);
    await registered(app, await commissioner(app, 'OTHER'), 'referrer', 'SURGERY');
    const month = await MonthStage.of(app, icb);
    await month.approvedMonth(['2026-10-06', '2026-10-13']);
    await seal();
    held = { name: 'kept.txt', text: await newestNote() };
    await month.attend('REF-1', '2026-10-20');
    await seal();
  });
  afterAll(async () => {
    await app.close();
    rmSync(storeDir, { recursive: true });
  });

  async function seal(): Promise<void> {
    await app.jobs.settle();
    await signLogs(app);
  }

  async function newestNote(): Promise<string> {
    const { rows } = await app.admin.query<{ note: string }>(
      'select note from ledger.checkpoint where log_id = $1 and note is not null order by size desc limit 1',
      [icb.id],
    );
    return rows[0]?.note ?? '';
  }

  /** Past triggers, committed, and afterwards undone. */
  async function tampered<T>(deed: string, undo: string, work: () => Promise<T>): Promise<T> {
    await app.admin.query(`set session_replication_role = replica; ${deed}`);
    try {
      return await work();
    } finally {
      await app.admin.query(`${undo}; set session_replication_role = origin`);
    }
  }

  it('proves a database under the scopes that the product has, with what was published and what is held', async () => {
    const said: string[] = [];
    const onProgress = (what: string, done: number, of: number) => void said.push(`${what} ${done === of}`);
    const verdict = await verify({ held: [held], onProgress });
    expect(verdict).toMatchObject({ outcome: 'proved', broken: [], unsaltedTexts: 0 });
    expect(verdict.logs).toHaveLength(3); // two commissioners and the platform
    for (const { size, signedSize, publishedSize } of verdict.logs)
      expect([signedSize, publishedSize]).toEqual([size, size]);
    expect(said).toContain('books true');
    expect(liveVerdictInWords(verdict)[0]).toMatch(/^Proved\. All \d+ sealed events in 2 logs are/);
  });

  it('is of one commissioner when it is asked so', async () => {
    const { logs } = await verify({ commissionerId: icb.id });
    expect(logs.map(({ logId }) => logId === icb.id)).toEqual([true, false]);
  });

  it('says which row and which columns a table has otherwise than the journal', async () => {
    const verdict = await tampered(
      `update claim set paid_to = '${icb.id}' where served_on = '2026-10-20'`,
      `update claim set paid_to = provider_id`,
      () => verify(),
    );
    expect(verdict).toMatchObject({
      outcome: 'tampered',
      broken: [{ violations: 1, examples: [{ differs: ['paid_to'] }] }],
    });
    expect(liveVerdictInWords(verdict).join('\n')).toContain('"differs":["paid_to"]');
  });

  it('says where an event is not what was sealed, and asks for what is held when all of it fits', async () => {
    const inEvent = `where type = 'session.recorded' and commissioner_id = '${icb.id}'`;
    const text = `convert_from(body, 'UTF8')`;
    const { logs, outcome } = await tampered(
      `update ledger.event set body = convert_to(replace(${text}, '"2026-10-20', '"2026-10-21'), 'UTF8') ${inEvent}`,
      `update ledger.event set body = convert_to(replace(${text}, '"2026-10-21', '"2026-10-20'), 'UTF8') ${inEvent}`,
      () => verify(),
    );
    expect(outcome).toBe('tampered');
    expect(logs.flatMap(({ findings }) => findings)).toContainEqual(expect.objectContaining({ code: 'leaf_differs' }));
    const [, size] = held.text.split('\n');
    const forged = held.text.replace(`\n${size}\n`, `\n${Number(size) + 1}\n`);
    const other = await verify({ held: [{ name: 'other.txt', text: forged }] });
    expect(other.logs.flatMap(({ findings }) => findings)).toMatchObject([{ code: 'held_differs' }]);
    const ahead = await verify({ held: [{ name: 'ahead.txt', text: held.text.replace(`\n${size}\n`, '\n9999\n') }] });
    expect(ahead.logs.flatMap(({ findings }) => findings)).toMatchObject([{ code: 'behind_held' }]);
  });

  it('finds a body that is not even of its form', async () => {
    const verdict = await tampered(
      `create table kept as select id, body from ledger.event where type = 'session.recorded';
       update ledger.event set body = '{' where type = 'session.recorded'`,
      `update ledger.event e set body = k.body from kept k where k.id = e.id; drop table kept`,
      () => verify(),
    );
    expect(verdict.outcome).toBe('tampered');
    expect(verdict.broken.some(({ examples }) => examples.some((one) => 'unreadable' in one))).toBe(true);
  });

  it('refuses what is no checkpoint', async () => {
    await expect(verify({ held: [{ name: 'x', text: 'nothing' }] })).rejects.toThrow('x is no checkpoint');
  });

  it('is not misled by transactions that end in another order than the one in which they took their numbers', async () => {
    const { database, nest } = app;
    const actor = systemActor(icb.id, icb.id);
    const event = { commissionerId: icb.id, type: 'command.refused', subjectId: icb.id, actor, data: {} };
    const recordIn = (tx: Tx) => nest.get(LedgerService).record(tx, event);
    const [began, numbered, mayEnd] = [deferred(), deferred(), deferred()];
    const earlier = database.transaction(actor, async (tx) => {
      await tx.query('select pg_current_xact_id()');
      began.resolve();
      await numbered.promise;
      await recordIn(tx);
    });
    await began.promise;
    const later = database.transaction(actor, async (tx) => {
      await recordIn(tx);
      numbered.resolve();
      await mayEnd.promise;
    });
    await earlier;
    while ((await nest.get(Sealer).pass()) === null); // until no other is at work
    mayEnd.resolve();
    await later;
    await seal();
    const { logs } = await verify();
    expect(logs.flatMap(({ findings }) => findings)).toEqual([]);
  });
});

function deferred(): { promise: Promise<void>; resolve: () => void } {
  let resolve = () => {};
  const promise = new Promise<void>((done) => (resolve = done));
  return { promise, resolve };
}

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { drill } from '../src/commands/drill.command.js';
import { readConfig } from '../src/platform/config.js';
import { CheckpointSigner } from '../src/sealing/checkpoint-signer.service.js';
import { Sealer } from '../src/sealing/index.js';
import { MonthStage } from './stories/month-stage.js';
import { startTestApp } from './support/app.js';
import type { TestDatabase } from './support/database.js';
import { signingProcess } from './support/signing-stage.js';
import { commissioner } from './support/world.js';

const KEY = '07'.repeat(32);

/** A backup of a month, restored beside the store in which the instance publishes. */
describe('a drill', () => {
  let storeDir: string;
  let lived: TestDatabase;
  let restored: TestDatabase;
  let admin: pg.Client;
  let orgId: string;

  beforeAll(async () => {
    storeDir = mkdtempSync(join(tmpdir(), 'wellpaid-drill-'));
    const app = await startTestApp({ environment: { CHECKPOINT_STORE_DIR: storeDir } });
    const icb = await commissioner(app);
    orgId = icb.id;
    const month = await MonthStage.of(app, icb);
    await month.approvedMonth(['2026-10-06', '2026-10-13']);
    await month.contractManager.post('/v1/referrals', {
      providerId: month.provider.id,
      service: month.contract.serviceCode,
      contract: month.contract.contractCode,
      reference: 'REF-PERSON',
      personReference: 'P-1',
      source: 'nhs',
      madeOn: '2026-09-01',
    });
    await app.jobs.settle();
    await app.nest.get(Sealer).pass();
    await app.nest.get(CheckpointSigner).sign();
    lived = app.testDatabase;
    await app.nest.close();
    await app.admin.end();
    restored = await lived.copy();
    admin = new pg.Client({ connectionString: restored.adminUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await restored.drop();
    await lived.drop();
    rmSync(storeDir, { recursive: true });
  });

  const look = (more: Record<string, string> = {}, held: { name: string; text: string }[] = []) => {
    const known = { PSEUDONYM_KEY: KEY, CHECKPOINT_KEY: KEY, CHECKPOINT_STORE_DIR: storeDir };
    return drill(
      () => held,
      () => readConfig({ DATABASE_URL: restored.appUrl, ...known, ...more }),
    );
  };

  it('finds a whole database well, with either login, and leaves it as it was', async () => {
    const changes = () => admin.query('select sum(n_tup_ins + n_tup_upd + n_tup_del) from pg_stat_user_tables');
    const before = await changes();
    const report = await look();
    expect(report.findings.filter(({ is }) => is === 'wrong')).toEqual([]);
    expect(report.outcome).toBe('well');
    expect(report.findings.find(({ check }) => check === 'keys')?.says).toMatch(/ of 2 logs and open 1 vaults$/);
    expect(new Set(report.findings.map(({ check }) => check))).toEqual(
      new Set(['migrations', 'security', 'books', 'published', 'keys', 'sums', 'payouts']),
    );
    const config = { PSEUDONYM_KEY: KEY, CHECKPOINT_KEY: KEY, CHECKPOINT_STORE_DIR: storeDir };
    const strong = await drill(
      () => [],
      () => readConfig({ ...config, DATABASE_ADMIN_URL: restored.adminUrl }),
    );
    expect(strong.findings).toEqual(report.findings);
    expect((await changes()).rows).toEqual(before.rows);
  });

  it('says which key is not the one', async () => {
    const { outcome, findings } = await look({ PSEUDONYM_KEY: '08'.repeat(32) });
    expect(outcome).toBe('wrong');
    expect(findings.filter(({ is }) => is === 'wrong')).toMatchObject([
      { check: 'keys', says: expect.stringContaining('PSEUDONYM_KEY does not open') },
    ]);
    const other = await look({ CHECKPOINT_KEY: '08'.repeat(32) });
    expect(other.outcome).toBe('wrong');
    expect(other.findings.filter(({ check }) => check === 'keys').map(({ says }) => says)).toContainEqual(
      expect.stringContaining('CHECKPOINT_KEY has not signed'),
    );
  });

  it.each([
    ['public.claim', 'alter table claim disable row level security', 'alter table claim enable row level security'],
    ['public.payout', 'alter table payout no force row level security', 'alter table payout force row level security'],
  ])('misses row-level security of %s', async (table, deed, undo) => {
    await admin.query(deed);
    const { outcome, findings } = await look();
    await admin.query(undo);
    expect(outcome).toBe('wrong');
    expect(findings).toContainEqual(
      expect.objectContaining({ check: 'security', says: `${table} has no policy in force` }),
    );
  });

  it('is told of a version that is older, and asks nothing more of it', async () => {
    const { rows } = await admin.query(
      `delete from migrations where id = (select max(id) from migrations) returning *`,
    );
    const { outcome, findings } = await look();
    const [row] = rows as { id: number; timestamp: string; name: string }[];
    await admin.query('insert into migrations values ($1, $2, $3)', [row?.id, row?.timestamp, row?.name]);
    expect(outcome).toBe('wrong');
    expect(findings.map(({ check }) => check)).toEqual(['migrations', 'security']);
    expect(findings[0]?.says).toBe(`did not run: ${row?.name}`);
  });

  it('says how many events of what was published are lost', async () => {
    const process = await signingProcess(lived, { storeDir, logName: 'wellpaid.localhost' });
    await process.record(orgId, 3);
    await process.seal();
    const note = (await process.heads()).get(orgId)?.note ?? '';
    await process.close();
    const { outcome, findings } = await look();
    expect(outcome).toBe('wrong');
    const says = findings.filter(({ check, is }) => check === 'published' && is === 'wrong').map((one) => one.says);
    expect(says).toContain(`wellpaid.localhost/${orgId} is behind by 3: its workers will sign and pay nothing`);
    const empty = mkdtempSync(join(tmpdir(), 'wellpaid-drill-'));
    const held = await look({ CHECKPOINT_STORE_DIR: empty }, [{ name: 'kept.txt', text: note }]);
    rmSync(empty, { recursive: true });
    expect(held.outcome).toBe('wrong');
    expect(held.findings.map((one) => one.says).join('\n')).toContain('kept.txt has the log at');
  });

  it('cannot tell of a database that does not answer, or of what is no checkpoint', async () => {
    const away = await look({ DATABASE_URL: 'postgres://wp_app:x@127.0.0.1:1/nowhere' });
    expect(away).toMatchObject({ outcome: 'unreadable', findings: [{ check: 'reading', is: 'wrong' }] });
    const unset = await look({ CHECKPOINT_KEY: 'short' });
    expect(unset.findings[0]?.says).toContain('CHECKPOINT_KEY: must be');
    expect(unset.outcome).toBe('unreadable');
    const torn = await look({}, [{ name: 'torn.txt', text: 'nothing' }]);
    expect(torn.outcome).toBe('unreadable');
  });
});

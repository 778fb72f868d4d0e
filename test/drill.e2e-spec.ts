import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { drill } from '../src/commands/drill.command.js';
import type { DrillFinding } from '../src/commands/drill-checks.command.js';
import { readConfig } from '../src/platform/config.js';
import { expectedGuards } from '../src/platform/database-guards.js';
import { MonthStage } from './stories/month-stage.js';
import { PaymentWorld } from './stories/payment-stage.js';
import { startTestApp } from './support/app.js';
import type { TestDatabase } from './support/database.js';
import { makeFolder, undoAll } from './support/embedded-servers.js';
import { processesOf, run, SET_UP } from './support/program.js';
import { signLogs } from './support/signed-logs.js';
import { signingProcess } from './support/signing-stage.js';
import { commissioner } from './support/world.js';

const KEY = '07'.repeat(32);

/** A backup of a month, restored beside the store in which the instance publishes. */
describe('a drill', () => {
  let storeDir: string;
  let lived: TestDatabase;
  let restored: TestDatabase;
  let forked: TestDatabase;
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
    await signLogs(app);
    lived = app.testDatabase;
    await app.nest.close();
    await app.admin.end();
    restored = await lived.copy();
    forked = await lived.copy();
    admin = new pg.Client({ connectionString: restored.adminUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await restored.drop();
    await forked.drop();
    await undoAll();
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

  it.each([
    [
      'policy provider of public.claim',
      'alter policy provider on claim rename to gone',
      'alter policy gone on claim rename to provider',
    ],
    [
      'trigger append_only of ledger.event',
      'alter table ledger.event disable trigger append_only',
      'alter table ledger.event enable trigger append_only',
    ],
    ['trigger append_only of public.access_log', 'drop trigger append_only on access_log', null],
  ])('misses the %s', async (guard, deed, undo) => {
    const { rows } = await admin.query<{ made: string }>(
      `select pg_get_triggerdef(oid) as made from pg_trigger where tgrelid = 'access_log'::regclass and tgname = 'append_only'`,
    );
    await admin.query(deed);
    const { outcome, findings } = await look();
    await admin.query(undo ?? rows[0]?.made ?? '');
    expect(outcome).toBe('wrong');
    expect(findings.filter(({ check, is }) => check === 'security' && is === 'wrong').map(({ says }) => says)).toEqual([
      `${guard} is not in force`,
    ]);
  });

  it('knows every policy and every trigger that there is', async () => {
    const { rows } = await admin.query<{ guard: string }>(
      `select 'policy ' || polname || ' of ' || (select relnamespace::regnamespace || '.' || relname from pg_class where oid = polrelid) as guard
       from pg_policy
       union select 'trigger ' || tgname || ' of ' || (select relnamespace::regnamespace || '.' || relname from pg_class where oid = tgrelid)
       from pg_trigger where not tgisinternal`,
    );
    const expected = (await expectedGuards()).map(({ kind, name, table }) => `${kind} ${name} of ${table}`);
    expect(new Set(expected)).toEqual(new Set(rows.map(({ guard }) => guard)));
    expect(expected.length).toBeGreaterThan(100);
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

  it('tells a copy that has gone another way from one that is behind', async () => {
    const own = mkdtempSync(join(tmpdir(), 'wellpaid-drill-'));
    for (const [database, folder, count] of [
      [lived, storeDir, 1],
      [forked, own, 20],
    ] as const) {
      const process = await signingProcess(database, { storeDir: folder, logName: 'wellpaid.localhost' });
      await process.record(orgId, count);
      await process.seal();
      await process.close();
    }
    rmSync(own, { recursive: true });
    const { outcome, findings } = await look({ DATABASE_URL: forked.appUrl });
    expect(outcome).toBe('wrong');
    const told = findings.filter(({ check, is }) => check === 'published' && is === 'wrong');
    expect(told.map(({ says }) => says)).toContainEqual(
      expect.stringContaining(`wellpaid.localhost/${orgId} is a fork: `),
    );
    expect(told.map(({ mend }) => mend)).toContain('Stop this copy: another one has gone on, or it was changed.');
  });

  it('says the same as JSON, for a machine that reads it', async () => {
    const { findings } = await look();
    const environment = { PSEUDONYM_KEY: KEY, CHECKPOINT_KEY: KEY, CHECKPOINT_STORE_DIR: storeDir };
    const { code, out, err } = await run(['drill', '--json'], {
      ...environment,
      DATABASE_URL: restored.appUrl,
      WELLPAID_DATA_DIR: makeFolder(),
    });
    const report = JSON.parse(out) as { outcome: string; milliseconds: number; findings: DrillFinding[] };
    expect({ code, err, outcome: report.outcome }).toEqual({ code: 1, err: '', outcome: 'wrong' }); // it is behind by now
    expect(report.findings).toEqual(JSON.parse(JSON.stringify(findings)));
    expect(report.milliseconds).toBeGreaterThan(0);
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

describe('a drill of payouts under way', () => {
  it('names each, with what to do before workers start', async () => {
    const world = await PaymentWorld.open();
    try {
      const stage = await world.stage();
      const payee = await stage.payee(['2026-10-06']);
      await stage.onboard(payee);
      await stage.fund(10_000n);
      const { reference, state } = await stage.onlyPayout(await stage.run());
      const { findings } = await drill(
        () => [],
        () => readConfig({ DATABASE_URL: world.app.testDatabase.appUrl, PSEUDONYM_KEY: KEY, CHECKPOINT_KEY: KEY }),
      );
      expect(findings.filter(({ check }) => check === 'payouts')).toEqual([
        {
          check: 'payouts',
          is: 'look',
          says: `${stage.icb.code} ${reference}: ${state}, 3200 minor units by stripe`,
          mend: 'Look at Stripe before workers start: it may have been sent after this backup was made.',
        },
      ]);
    } finally {
      await world.close();
    }
  });
});

describe('a drill of the embedded database', () => {
  afterAll(undoAll);

  it('starts the one in the folder with the keys beside it, looks, and leaves nothing running', async () => {
    const folder = makeFolder();
    const environment = { WELLPAID_DATA_DIR: folder };
    const none = await run(['drill'], environment);
    expect(none.code).toBe(2);
    expect(none.out).toContain('There is no database in');
    expect(await run(SET_UP, environment)).toMatchObject({ code: 0 });
    const drilled = await run(['drill'], environment);
    expect(drilled).toMatchObject({ code: 0, err: '' });
    expect(drilled.out).toMatch(/^well {2}migrations: /m);
    expect(drilled.out).toMatch(/^well {2}payouts: NELICB: none was under way/m);
    expect(drilled.out).toMatch(/All is well\. It took \d+\.\d s\.\n$/);
    expect(processesOf(folder)).toEqual([]);
  });
});

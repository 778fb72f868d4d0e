import { rmSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { startTestApp, type TestApp } from './support/app.js';
import { makeFolder, undoAll } from './support/embedded-servers.js';
import { run } from './support/program.js';
import { signLogs } from './support/signed-logs.js';
import { commissioner, type Party } from './support/world.js';

describe('wellpaid verify --live', () => {
  let app: TestApp;
  let icb: Party;
  let folder: string;
  const verify = (...more: string[]) =>
    run(['verify', '--live', ...more], {
      WELLPAID_DATA_DIR: folder,
      DATABASE_URL: app.testDatabase.appUrl,
      CHECKPOINT_KEY: '07'.repeat(32),
      PSEUDONYM_KEY: '07'.repeat(32),
    });

  beforeAll(async () => {
    folder = makeFolder();
    app = await startTestApp();
    icb = await commissioner(app);
    await icb.as('auditor');
    await app.jobs.settle();
    await signLogs(app);
  });
  afterAll(async () => {
    await app.close();
    await undoAll();
    rmSync(folder, { recursive: true, force: true });
  });

  it('ends with 0 and says what is proved, in words or as JSON', async () => {
    const inWords = await verify();
    expect(inWords).toMatchObject({ code: 0, err: '' });
    expect(inWords.out).toMatch(/^Proved\. All \d+ sealed events in 1 log are/);
    const asJson = await verify('--json', '--commissioner', icb.id);
    expect(asJson.code).toBe(0);
    expect(JSON.parse(asJson.out)).toMatchObject({ outcome: 'proved', logs: [{ logId: icb.id }, {}] });
  });

  it('ends with 1 and says what is not', async () => {
    await app.admin.query(`update member set roles = '{approver}' where 'auditor' = any (roles)`);
    const { code, out } = await verify();
    await app.admin.query(`update member set roles = '{auditor}' where 'approver' = any (roles)`);
    expect(code).toBe(1);
    expect(out).toMatch(/^NOT PROVED\./);
    expect(out).toContain('Every member has the roles, the limit and the access that the journal gives them.');
    expect(out).toContain('"differs":["roles"]');
  });

  it('ends with 2 where nothing can be told', async () => {
    const held = path.join(folder, 'held.txt');
    writeFileSync(held, 'not a checkpoint');
    expect(await verify('--checkpoint', held)).toMatchObject({ code: 2, out: '' });
    expect((await verify('--checkpoint', path.join(folder, 'none'))).err).toContain('cannot be opened');
    expect((await verify('--sideways')).err).toContain('Usage: wellpaid verify --live');
  });
});

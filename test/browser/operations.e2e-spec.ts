import type { Page } from 'playwright-core';
import { SandboxSignIn } from '../../src/sign-in/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { signLogs } from '../support/signed-logs.js';
import { visitor } from '../support/visitors.js';
import { commissioner, type Party } from '../support/world.js';
import { axe, describeInChromium, overflow, textOf, WIDTHS } from './support/chromium.js';
import { signInAs, siteOf } from './support/people.js';

const LONG_MS = 90_000;

/** Looking after the instance. */
describeInChromium('the operator', (browser) => {
  let app: TestApp;
  let north: Party;

  beforeAll(async () => {
    app = await startTestApp();
    north = await commissioner(app, 'NORTH', 'Northmarsh Integrated Care Board');
    const admin = await visitor(app, await north.as('admin'));
    await admin.send('/people/invite', '/people/invite', { email: 'new@north.example', roles: ['auditor'] });
    await app.jobs.settle();
  }, LONG_MS);
  afterAll(() => app.close());

  const press = (page: Page, name: string) => page.getByRole('button', { name }).first().click();
  const main = (page: Page) => textOf(page.locator('main'));

  it(
    'sees how the instance is, and has work tried again',
    async () => {
      const page = await browser().page({ baseURL: siteOf(app), width: WIDTHS.narrow });
      const who = { browserToken: 'b'.repeat(43), ip: '127.0.0.1', correlationId: 'operator' };
      const { token } = await app.nest.get(SandboxSignIn).becomeOperator(who);
      await page.context().addCookies([{ name: 'wellpaid-session', value: token, url: siteOf(app) }]);
      const data = { commissionerId: north.id, id: '01890000-0000-7000-8000-00000000dead' };
      await app.admin.query(
        `insert into dead_letter (job, data, error) values ('notices.tell_of_added_credential', $1, 'Error E_GONE')`,
        [JSON.stringify(data)],
      );
      const seen: string[] = [];
      for (const path of ['/operations', '/operations/notices', '/operations/jobs']) {
        await page.goto(path);
        seen.push(await main(page));
        expect([path, ...(await axe(page))]).toEqual([path]);
        expect(await overflow(page)).toBeLessThanOrEqual(0);
      }
      expect(seen[0]).toContain('Sandbox: no money moves');
      expect(seen[0]).toContain('Every log may be signed');
      expect(seen[1]).toContain('Kept on the outbox page');
      expect(seen[2]).toContain('Error E_GONE');
      expect(seen.join()).not.toMatch(/Northmarsh|@north|£/);
      await page.goto('/operations/jobs');
      await press(page, 'Try again now');
      expect(await main(page)).toContain('It is being tried again.');
      await app.jobs.settle();
      await app.admin.query('delete from dead_letter');
      await signLogs(app);
      await app.admin.query('alter table ledger.checkpoint disable trigger user');
      await app.admin.query('update ledger.checkpoint set note = $2 where log_id = $1', [north.id, 'of somebody else']);
      while ((await app.admin.query('select from ledger.log_hold')).rowCount === 0) {
        await north.another('auditor');
        await page.waitForTimeout(100);
      }
      await page.goto('/operations');
      expect(await main(page)).toMatch(
        /1 log is not signed[^]*The newest checkpoint was signed with a key that is not set/,
      );
      expect(await main(page)).toContain(north.id);
      expect(await axe(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
      const admin = await browser().page({ baseURL: siteOf(app) });
      await signInAs(admin, app, await north.as('admin'));
      expect((await admin.goto('/operations'))?.status()).toBe(404);
    },
    LONG_MS,
  );

  it(
    'has no outbox beside a live key',
    async () => {
      const live = await startTestApp({
        environment: {
          STRIPE_API_KEY: `sk_test_${'x'.repeat(24)}`,
          STRIPE_WEBHOOK_SECRET: 'whsec_x',
          PSEUDONYM_KEY: 'a'.repeat(64),
          CHECKPOINT_KEY: 'b'.repeat(64),
        },
      });
      try {
        const party = await commissioner(live, 'LIVE');
        const admin = await visitor(live, await party.as('admin'));
        expect((await admin.get('/outbox')).status).toBe(404);
        const fields = { email: 'new@live.example', roles: ['auditor'] };
        const made = await admin.send('/people/invite', '/people/invite', fields);
        expect(made.text).toContain('No mail server is set up here, so nothing was sent.');
        expect(made.text).not.toContain('/outbox');
      } finally {
        await live.close();
      }
    },
    LONG_MS,
  );
});

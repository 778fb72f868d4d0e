import type { Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { visitor } from '../support/visitors.js';
import { commissioner, type Party, type Person } from '../support/world.js';
import { MonthStage } from '../stories/month-stage.js';
import { axe, complaintsOf, describeInChromium, overflow, textOf, titleOf, WIDTHS } from './support/chromium.js';
import { signInAs, siteOf } from './support/people.js';

const NOVEMBER = '2026-11-05T09:00:00Z';
const OCTOBER = ['2026-10-06', '2026-10-13'];
const LONG_MS = 90_000;

/** A contract manager puts a month's claims to approval, contract by contract. */
describeInChromium('the maker of batches', (browser) => {
  let app: TestApp;
  let icb: Party;
  let maker: Person;

  let played = 0;

  beforeAll(async () => {
    app = await startTestApp({ now: NOVEMBER });
  }, LONG_MS);
  beforeEach(async () => {
    icb = await commissioner(app, `NORTH${++played}`, 'Northmarsh ICB');
    maker = await icb.as('contract_manager');
  });
  afterAll(() => app.close());

  async function claimed(code: string, options: { budgetMinor?: string; rule?: string; declare?: boolean } = {}) {
    const { budgetMinor = '1000000', rule = 'refuse', declare = true } = options;
    const month = await MonthStage.of(app, icb, { code, budgetMinor, terms: { budgetRule: rule } });
    await month.attend(await month.referral(`${code}-R`), ...OCTOBER);
    if (declare) {
      const request = { contract: month.contract.contractId, period: '2026-10' };
      await month.coordinator.post('/v1/completion-declarations', request);
    }
    return month;
  }

  async function open(options: { withoutScripts?: boolean } = {}): Promise<Page> {
    const page = await browser().page({ baseURL: siteOf(app), ...options });
    await signInAs(page, app, maker);
    return page;
  }

  const heading = (page: Page) => textOf(page.locator('h1'));
  const main = (page: Page) => textOf(page.locator('main'));
  const box = (page: Page, code: string) =>
    page.getByRole('checkbox', { name: new RegExp(`^Select contract ${code},`) });
  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).click();

  it.each([
    ['with scripts', {}],
    ['without scripts', { withoutScripts: true }],
  ])(
    'makes what is complete, and says who can approve it, %s',
    async (_, options) => {
      await claimed('SP-A');
      await claimed('SP-B', { declare: false, budgetMinor: '5000', rule: 'flag' });
      const poor = await claimed('SP-C', { budgetMinor: '5000' });
      await MonthStage.of(app, icb, { code: 'SP-D' });
      const page = await open(options);

      await page.goto('/');
      await page.getByRole('link', { name: 'Claims of October 2026 to put into a batch: 2' }).first().waitFor();
      expect(await main(page)).toContain('Contract SP-C.');
      await page.getByRole('link', { name: 'Make the batches of a month' }).click();
      expect(await heading(page)).toBe('Make the batches for October 2026');
      const shown = await main(page);
      expect(shown).toContain('3 contracts with something to approve, £192.00');
      expect(shown).toContain('The provider said so on 5 November 2026, 9:00am.');
      expect(shown).toContain('It is to be claimed by');
      expect(shown).toContain('The budget lacks £14.00 for it.');
      expect(shown).toContain('Cannot be made yet');
      expect(shown).toContain('The budget has £50.00 left, which is £14.00 too little.');
      expect(shown).toContain('Nothing is claimed.');
      expect(await box(page, 'SP-A').isChecked()).toBe(true);
      expect(await box(page, 'SP-B').isChecked()).toBe(false);
      expect(await box(page, 'SP-C').count()).toBe(0);
      await box(page, 'SP-A').uncheck();
      await press(page, 'Continue');
      expect(await titleOf(page)).toMatch(/^Error: /);
      expect(await main(page)).toContain('Select at least one contract');

      await box(page, 'SP-A').check();
      await box(page, 'SP-B').check();
      await press(page, 'Continue');
      expect(await heading(page)).toBe('Make 2 batches of October 2026: £128.00');
      expect(await main(page)).toContain('The month is not complete under 1 of these contracts.');
      expect(await main(page)).toContain(`approver of ${icb.code}`);
      await press(page, 'Make 2 batches');
      expect(await heading(page)).toBe('2 batches made for October 2026');
      const made = await main(page);
      for (const text of [
        'SP-A-202610-1',
        'SP-B-202610-1',
        '2 batches, £128.00',
        'Somebody else has to approve what you make.',
      ])
        expect(made).toContain(text);

      await page.getByRole('link', { name: 'SP-A-202610-1' }).click();
      expect(await heading(page)).toContain('October 2026: £64.00');
      await page.goto('/batches/new');
      const rest = await main(page);
      expect(rest).toContain('1 contract with something to approve, £64.00');
      expect(rest).toContain('To review: SP-A-202610-1');
      await page.getByRole('link', { name: 'Raise the budget' }).click();
      expect(new URL(page.url()).pathname).toBe(`/contracts/${poor.contract.contractId}/budget`);
      expect(complaintsOf(page).filter((one) => !one.includes('422'))).toEqual([]); // a form to be mended answers so
    },
    LONG_MS,
  );

  it(
    'tells row by row what was refused, makes nothing twice, and is for contract managers',
    async () => {
      const [one, other] = [await claimed('SP-A'), await claimed('SP-B')];
      const ids = [one, other].map(({ contract }) => `contract=${contract.contractId}`).join('&');
      const address = `/batches/new/confirm?month=2026-10&${ids}`;
      const { memberId } = await icb.as('approver');
      await app.admin.query('update member set approval_limit_minor = 5000 where id = $1', [memberId]);
      const page = await open();
      await page.goto(address);
      expect(await main(page)).toContain('Nobody else may approve 2 of these batches.');
      expect(await main(page)).toContain(`approver of ${icb.code}, up to £50.00`);
      await app.admin.query('update member set approval_limit_minor = null where id = $1', [memberId]);
      await other.submit();
      await other.attend('SP-B-R', '2026-10-20');
      await press(page, 'Make 2 batches');
      expect(await heading(page)).toBe('1 batch made for October 2026');
      expect(await main(page)).toContain('Not made');
      expect(await main(page)).toContain('Batch SP-B-202610-1 of this month is being reviewed. Decide that one first.');

      await page.goto('/batches/new');
      await page.goto(address);
      expect(await heading(page)).toBe('Make 1 batch of October 2026: £32.00');
      expect(await page.getByRole('button', { name: /^Make/ }).count()).toBe(0);

      const person = await visitor(app, maker);
      await one.attend('SP-A-R', '2026-10-20');
      expect((await person.send(address, address)).status).toBe(422);
      await one.approve(await one.read({ id: await idOf(one) }));
      const fields = { _once: '0198c0de-0000-4000-8000-000000000001' };
      const first = await person.send(address, address, fields);
      const again = await person.send(address, address, fields);
      expect(first.location).toMatch(
        /^\/batches\/new\/made\?month=2026-10&batch=[0-9a-f-]{36}&contract=[0-9a-f-]{36}$/,
      );
      expect(again.location).toBe(first.location);
      expect((await (await visitor(app, await icb.as('approver'))).get('/batches/new')).status).toBe(403);
    },
    LONG_MS,
  );

  const idOf = async ({ contractManager }: MonthStage) => {
    const { body } = await contractManager.get<{ items: { id: string; code: string }[] }>('/v1/batches');
    return body.items.find(({ code }) => code === 'SP-A-202610-1')?.id ?? '';
  };

  it(
    'fits a phone and a reader',
    async () => {
      const made = [await claimed('SP-A'), await claimed('SP-B', { budgetMinor: '5000' })];
      const page = await browser().page({ baseURL: siteOf(app), width: WIDTHS.narrow, height: 800 });
      await signInAs(page, app, maker);
      const ids = made.map(({ contract }) => `contract=${contract.contractId}`).join('&');
      for (const path of ['/batches/new', '/batches/new?month=2026-07', `/batches/new/confirm?month=2026-10&${ids}`]) {
        await page.goto(path);
        expect([path, await axe(page), await overflow(page)]).toEqual([path, [], 0]);
      }
      await press(page, 'Make 2 batches');
      expect([await heading(page), await axe(page), await overflow(page)]).toEqual([
        '1 batch made for October 2026',
        [],
        0,
      ]);
    },
    LONG_MS,
  );
});

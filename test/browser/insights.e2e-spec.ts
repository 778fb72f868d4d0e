import type { Page } from 'playwright-core';
import { DashboardsService } from '../../src/insights/index.js';
import { formatPounds } from '../../src/money/index.js';
import { systemActor } from '../../src/platform/actor.js';
import { commissioner, type Party } from '../support/world.js';
import { PaymentWorld, type Payee, type PaymentStage, type PayoutBody } from '../stories/payment-stage.js';
import { axe, complaintsOf, describeInChromium, overflow, textOf, textsOf, WIDTHS } from './support/chromium.js';
import { signIn, siteOf } from './support/people.js';

const LONG_MS = 90_000;
const YEAR = { from: '2026-04-01', to: '2027-03-31' };

/** Figures as pictures, as words and as numbers; statements to keep; the books. */
describeInChromium('whoever looks at figures', (browser) => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let icb: Party;
  let choir: Payee;
  let farm: Payee;
  let payout: PayoutBody;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
    ({ icb } = stage);
    choir = await stage.payee(['2026-10-05', '2026-10-12']);
    farm = await stage.payee(['2026-10-06']);
    await stage.onboard(choir);
    await stage.fund(100_000n);
    payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
  }, LONG_MS);
  afterAll(() => world.close());

  type Reader = 'finance' | 'auditor' | 'treasurer' | 'contract_manager';
  async function open(party: Party, role: Reader, options = {}): Promise<Page> {
    const page = await browser().page({ baseURL: siteOf(world.app), ...options });
    await signIn(page, world.app, party, role);
    return page;
  }
  const main = (page: Page) => textOf(page.locator('main'));
  const panel = (page: Page, title: string) => page.locator('.wp-chart', { hasText: title }).first();

  it.each([
    ['with scripts', {}],
    ['without scripts', { withoutScripts: true }],
  ])(
    'sees the same money in words, in a picture and in a table, %s',
    async (_, options) => {
      const page = await open(icb, 'finance', options);
      await page.goto('/insights');
      const today = world.app.clock.today();
      const { money } = await world.app.nest.get(DashboardsService).of(systemActor(icb.id, 'test'), YEAR, today);
      const came = (stageName: string) => formatPounds(money.find((one) => one.stage === stageName)?.inMinor ?? 0n);
      expect([came('claimed'), came('approved'), came('paid')]).toEqual(['£96.00', '£96.00', '£64.00']);
      const shown = panel(page, 'Money by stage');
      const sentence = '£96.00 was claimed, £96.00 was approved, and £64.00 reached the bank.';
      expect(await textOf(shown)).toContain(sentence);
      const drawing = shown.locator('svg.chart--wide');
      expect(await drawing.getAttribute('role')).toBe('img');
      const names = (await drawing.getAttribute('aria-labelledby'))?.split(' ') ?? [];
      const texts = await Promise.all(names.map((id) => page.locator(`#${id}`).textContent()));
      expect(texts).toEqual(['Money by stage', sentence]);
      await shown.locator('summary').click();
      const rows = await textsOf(shown.locator('tbody tr'));
      expect(rows.map((row) => row.split(/\s*\t\s*/))).toEqual([
        ['Claimed', '–', '£96.00', '–', '£0.00'],
        ['In review', '£0.00', '£96.00', '£96.00', '£0.00'],
        ['Approved', '£0.00', '£96.00', '£96.00', '£0.00'],
        ['Invoiced', '£0.00', '£96.00', '£64.00', '£32.00'],
        ['On its way', '£0.00', '£64.00', '£64.00', '£0.00'],
        ['Paid', '£0.00', '£64.00', '£0.00', '£64.00'],
      ]);
      expect(complaintsOf(page)).toEqual([]);
    },
    LONG_MS,
  );

  it('draws each picture for the screen that it is on', async () => {
    const page = await open(icb, 'finance');
    await page.goto('/insights');
    const seen = () => page.locator('.chart--wide:visible').count();
    const all = await page.locator('.chart--wide').count();
    expect([await seen(), await page.locator('.chart--narrow:visible').count()]).toEqual([all, 0]);
    await page.setViewportSize({ width: WIDTHS.phone, height: 800 });
    expect([await seen(), await page.locator('.chart--narrow:visible').count()]).toEqual([0, all]);
  });

  it('chooses a provider and days, and keeps the same figures as a file', async () => {
    const page = await open(icb, 'contract_manager');
    await page.goto('/insights');
    await page.getByText('Choose days and contracts').click();
    await page.getByLabel('Days', { exact: true }).selectOption('month-2026-10');
    await page.getByLabel('Provider', { exact: true }).selectOption(farm.id);
    await page.getByRole('button', { name: 'Show these' }).click();
    expect(await textOf(page.locator('h1'))).toContain('October 2026');
    expect(await main(page)).toContain('£32.00 was claimed, £32.00 was approved, and £0.00 reached the bank.');
    const href = (await page.getByRole('link', { name: 'Download as CSV' }).getAttribute('href')) ?? '';
    const file = await page.context().request.get(siteOf(world.app) + href);
    expect(file.headers()['content-type']).toContain('text/csv');
    expect(await file.text()).toContain('Money by stage,Claimed,Came in,32.00,,');
    await page.getByRole('link', { name: /Remove/ }).click();
    expect(await main(page)).toContain('£96.00 was claimed');
  });

  it('burns one budget over time, where one contract is chosen', async () => {
    const page = await open(choir.stage.provider, 'treasurer');
    await page.goto('/insights');
    expect(await panel(page, 'Budgets').locator('polyline.chart-line').count()).toBeGreaterThan(0);
    expect(await textOf(panel(page, 'Budgets'))).toMatch(/has used \d+% of its budget, and \d+% of its time has gone/);
    expect(await page.getByRole('link', { name: /Payment performance/ }).count()).toBe(0);
  });

  it('reports how promptly was paid', async () => {
    const page = await open(icb, 'auditor');
    await page.goto('/insights/payment-performance');
    const text = await main(page);
    expect(text).toContain('section 69');
    expect(text).toContain('100.0% of the invoices that are paid or overdue were paid within 30 days');
    expect(text).toContain('No payment of these days was more than £30,000.');
  });

  it('downloads a statement, whose link says of whom and of which days', async () => {
    const page = await open(icb, 'finance');
    await page.goto('/statements');
    await page.getByLabel('Statements of').selectOption(`provider:${choir.id}`);
    await page.getByRole('button', { name: 'Show statements' }).click();
    const row = page.locator('tbody tr', { hasText: 'October 2026' }).first();
    const link = row.getByRole('link', { name: /^CSV statement of .*, 1 October 2026 to \d+ October 2026$/ });
    const href = (await link.getAttribute('href')) ?? '';
    const file = await page.context().request.get(siteOf(world.app) + href);
    expect(file.headers()['content-disposition']).toMatch(/^attachment; filename="statement-.*\.csv"/);
    expect(await file.text()).toContain(payout.reference);
    const pdf = await page.context().request.get(siteOf(world.app) + href.replace('csv', 'pdf'));
    expect((await pdf.body()).subarray(0, 5).toString()).toBe('%PDF-');
  });

  it('chooses days of their own, and is told what is wrong with them', async () => {
    const page = await open(choir.stage.provider, 'treasurer', { withoutScripts: true });
    await page.goto('/statements');
    await page.getByText('Choose other days').click();
    const days = async (name: string, values: readonly string[]) => {
      for (const [index, part] of ['day', 'month', 'year'].entries()) {
        await page.locator(`[name="${name}-${part}"]`).fill(values[index] ?? '');
      }
    };
    await days('from', ['5', 'October', '2026']);
    await days('to', ['1', '10', '2026']);
    await page.getByRole('button', { name: 'Show statement', exact: true }).click();
    expect(await textOf(page.locator('.govuk-error-summary'))).toContain('same as or after the first day');
    await days('to', ['12', '10', '2026']);
    await page.getByRole('button', { name: 'Show statement', exact: true }).click();
    expect(await textOf(page.locator('tbody tr').first())).toContain('5 October 2026 to 12 October 2026');
  });

  it('sees that both sides of the books are equal', async () => {
    const page = await open(icb, 'auditor');
    await page.goto('/statements/balances');
    expect(await page.getByText('Both sides are equal').count()).toBe(2);
    const funds = page.locator('tbody tr', { hasText: 'Money that is on the payment platform' });
    expect(await textOf(funds)).toContain('£936.00');
    await page.getByText('Choose a day or a contract').click();
    await page.getByLabel('Contract').selectOption(choir.stage.contract.contractId);
    await page.getByRole('button', { name: 'Show these' }).click();
    expect(await main(page)).not.toContain('Own bank');
    expect(await textOf(page.locator('tbody tr', { hasText: 'Approved, so that the budget is used' }))).toContain(
      '£64.00',
    );
  });

  it('who has nothing yet is told what will be there', async () => {
    const page = await open(await commissioner(world.app, 'NEWICB'), 'finance');
    for (const [path, text] of [
      ['/insights', 'There is nothing to show yet'],
      ['/insights/payment-performance', 'No invoices were received in these days.'],
      ['/statements', 'There are no statements yet'],
      ['/statements/balances', 'There is nothing in the books yet'],
    ] as const) {
      await page.goto(path);
      expect([path, await main(page)]).toEqual([path, expect.stringContaining(text)]);
    }
  });

  it(
    'finds nothing that gets in the way of anybody, on the narrowest screen',
    async () => {
      const page = await open(icb, 'finance', { width: WIDTHS.narrow });
      for (const path of [
        '/insights',
        '/insights/payment-performance',
        '/statements',
        '/statements?own=1',
        '/statements/balances',
      ]) {
        await page.goto(path);
        await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
        expect([path, await axe(page), (await overflow(page)) <= 0]).toEqual([path, [], true]);
      }
    },
    LONG_MS,
  );
});

import type { Page } from 'playwright-core';
import type { Role } from '../../src/platform/actor.js';
import type { Party, Person } from '../support/world.js';
import { DAY, MINUTE, PaymentWorld, type PaymentStage } from '../stories/payment-stage.js';
import {
  axe,
  complaintsOf,
  describeInChromium,
  overflow,
  type PageOptions,
  textOf,
  textsOf,
  titleOf,
  WIDTHS,
} from './support/chromium.js';
import { signIn, signInAs, siteOf } from './support/people.js';

const LONG_MS = 90_000;
const OUTSIDE = { rail: 'outside' };
/** A form that comes back with what is to be mended. */
const REFUSED = /status of 422/;
const WAYS = [
  ['with scripts', {}],
  ['without scripts', { withoutScripts: true }],
] as const;
const REFRESH = '<noscript><meta http-equiv="refresh" content="3"></noscript>';

describeInChromium('finance', (browser) => {
  let world: PaymentWorld;
  let stage: PaymentStage;

  beforeAll(async () => {
    world = await PaymentWorld.open();
  }, LONG_MS);
  beforeEach(async () => {
    stage = await world.stage();
  }, LONG_MS);
  afterAll(() => world.close());

  async function open(party: Party, role: Role, options: PageOptions = {}): Promise<Page> {
    const page = await browser().page({ baseURL: siteOf(world.app), ...options });
    await signIn(page, world.app, party, role);
    return page;
  }

  async function openAs(person: Person, options: PageOptions = {}): Promise<Page> {
    const page = await browser().page({ baseURL: siteOf(world.app), ...options });
    await signInAs(page, world.app, person);
    return page;
  }

  const main = (page: Page) => textOf(page.locator('main'));
  const heading = (page: Page) => textOf(page.locator('h1'));
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const follow = (page: Page, name: string | RegExp) => page.getByRole('link', { name }).first().click();
  const source = async (page: Page) => (await page.request.get(page.url())).text();

  /** Waits until Stripe holds a call; what it holds has been asked for and not answered. */
  async function untilHeld(): Promise<void> {
    while ((await stage.stripe.heldCount()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
  }

  it.each(WAYS)(
    'sees who can be paid, releases a run and watches it to its end, %s',
    async (_, options) => {
      const [ready, unready] = [await stage.payee(['2026-10-05', '2026-10-12']), await stage.payee(['2026-10-05'])];
      await stage.onboard(ready);
      await stage.stripe.receiveFunds(10_000n);
      const page = await open(stage.icb, 'finance', options);
      await page.goto('/payments');
      expect(await main(page)).toContain('Nothing has come in yet.');
      await press(page, 'Check for new money');
      expect(await main(page)).toContain('1 new arrival was found.');
      const figures = await textOf(page.locator('.wp-figures'));
      expect(figures).toContain('Funds to pay with\n£100.00');
      expect(figures).toContain('Can be paid today\n£64.00');
      expect(figures).toContain('Has to wait\n£32.00');

      await follow(page, 'Pay what is due');
      const [paid, waiting] = await textsOf(page.locator('main table'));
      expect(paid).toContain(ready.stage.provider.organisation.name);
      expect(paid).toContain('£64.00');
      expect(waiting).toContain(unready.stage.provider.organisation.name);
      expect(waiting).toContain('has not opened a payout account');
      await page.getByLabel('Day', { exact: true }).fill('31');
      await page.getByLabel('Month', { exact: true }).fill('12');
      await press(page, 'Continue');
      expect(await textOf(page.locator('#paysOn-error'))).toContain('Enter a day from 29 October 2026');
      await page.getByLabel('Day', { exact: true }).fill('29');
      await page.getByLabel('Month', { exact: true }).fill('October');
      await press(page, 'Continue');
      expect(await heading(page)).toBe('Check and release the payment run');

      await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'hold' });
      await press(page, 'Pay £64.00 now');
      expect(await heading(page)).toBe('Payment run of 29 October 2026');
      await untilHeld();
      await page.reload();
      expect(await source(page)).toContain(REFRESH);
      expect(await textOf(page.locator('[data-progress-text]'))).toBe('1 of 2 payments dealt with');
      await stage.stripe.releaseHeld();
      await stage.settle();
      if ('withoutScripts' in options) await page.reload();
      await page.getByText('Done: £64.00 in 1 payment').first().waitFor();
      if (!('withoutScripts' in options)) await follow(page, 'See the result');
      expect(await source(page)).not.toContain('http-equiv="refresh"');
      const [payments, waits] = await textsOf(page.locator('main table'));
      expect(payments).toContain('On its way');
      expect(waits).toContain('has not opened a payout account');

      const reference = await textOf(page.locator('main table a').first());
      const payout = await stage.onlyPayout(await stage.readRun(page.url().split('/').at(-1) ?? ''));
      await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
      await stage.notices();
      await follow(page, reference);
      expect(await main(page)).toContain('The money is in the provider’s bank account.');
      const treasurer = await open(ready.stage.provider, 'treasurer', options);
      await treasurer.goto('/payouts');
      await follow(treasurer, reference);
      expect(await treasurer.getByRole('link', { name: 'Open the remittance advice (PDF)' }).count()).toBe(1);
      expect(complaintsOf(page).filter((one) => !REFUSED.test(one))).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'plans a run for another day, and cancels it',
    async () => {
      await stage.payee(['2026-10-05'], OUTSIDE);
      const page = await open(stage.icb, 'finance');
      await page.goto('/payment-runs/new?on=2026-11-02');
      await press(page, 'Continue');
      expect(await main(page)).toContain('It pays what can be paid on 2 November 2026');
      await press(page, 'Plan this payment run');
      expect(await main(page)).toContain('This run pays on 2 November 2026');
      await press(page, 'Cancel this run');
      expect(await main(page)).toContain('The payment run was cancelled. Nothing was paid.');
      await page.goto('/payment-runs');
      expect(await textOf(page.locator('main table'))).toContain('Cancelled');
    },
    LONG_MS,
  );

  it.each(WAYS)(
    'enters what its own accounts team paid, and another confirms it, %s',
    async (_, options) => {
      await stage.payee(['2026-10-05', '2026-10-12'], OUTSIDE);
      const payout = await stage.onlyPayout(await stage.run());
      const page = await open(stage.icb, 'finance', options);
      await page.goto('/payments');
      expect(await main(page)).toContain('Payments by your own accounts team · 1 to pay and enter');
      await page.goto('/payments/outside');
      await follow(page, payout.reference);
      await press(page, 'Enter the payment');
      expect(await textsOf(page.locator('.govuk-error-summary li'))).toEqual([
        'Enter the reference of the payment',
        'Enter the day on which the bank paid it',
      ]);
      await page.getByLabel('Reference of the payment').fill('BACS 004512');
      for (const [part, value] of [
        ['Day', '29'],
        ['Month', 'oct'],
        ['Year', '2026'],
      ] as const) {
        await page.getByLabel(part, { exact: true }).fill(value);
      }
      await press(page, 'Enter the payment');
      expect(await main(page)).toContain('The payment was entered. A colleague has to confirm it now.');
      expect(await main(page)).toContain('For a colleague to confirm');
      await page.goto(`/payments/outside/${payout.id}/confirm`);
      expect(await main(page)).toContain('You entered it, so somebody else in finance confirms it.');

      const second = await openAs(await stage.icb.another('finance'), options);
      await second.goto('/payments/outside');
      await follow(second, payout.reference);
      await follow(second, 'Check and confirm');
      expect(await main(second)).toContain('BACS 004512');
      await press(second, 'Confirm that £64.00 was paid');
      expect(await main(second)).toContain('The payment is confirmed.');
      expect(await main(second)).toContain('29 October 2026');
      expect(await stage.payout(payout.id)).toMatchObject({ state: 'paid' });
    },
    LONG_MS,
  );

  it(
    'shows where a payment goes to those who pay, and to an auditor no more than its last digits',
    async () => {
      const payee = await stage.payee(['2026-10-05'], OUTSIDE);
      const details = { accountName: 'Sheds', sortCode: '123456', accountNumber: '00012345' };
      await payee.treasurer.post('/v1/payout-accounts', { commissionerId: stage.icb.id, rail: 'outside', ...details });
      const payout = await stage.onlyPayout(await stage.run());
      const [page, auditor] = [await open(stage.icb, 'finance'), await open(stage.icb, 'auditor')];
      for (const one of [page, auditor]) await one.goto(`/payments/outside/${payout.id}`);
      expect(await main(page)).toContain('00012345');
      expect(await main(auditor)).toContain('••••2345');
      expect(await main(auditor)).not.toMatch(/00012345|12-34-56/);
      expect(await auditor.getByRole('button', { name: 'Enter the payment' }).count()).toBe(0);
    },
    LONG_MS,
  );

  it(
    'enters many payments from a file, and is told which rows were wrong',
    async () => {
      await stage.payee(['2026-10-05'], OUTSIDE);
      await stage.payee(['2026-10-05'], OUTSIDE);
      const { payouts } = await stage.run();
      const page = await open(stage.icb, 'finance');
      await page.goto('/payments/outside');
      const list = await page.request.get('/payments/outside/to-make.csv');
      const [titles = '', first = '', second = ''] = (await list.text()).split('\r\n');
      expect(titles).toMatch(/^payout reference,payment reference,paid on,payee,amount/);
      await follow(page, 'Upload what was paid');
      await press(page, 'Upload');
      expect(await textOf(page.locator('#file-error'))).toContain('Choose a CSV file');
      const wrong = first.replace(',,,', ',BACS 2,31/13/2026,');
      const rows = [titles, first.replace(',,,', ',BACS 1,29/10/2026,'), second, wrong];
      const buffer = Buffer.from(rows.join('\r\n'));
      await page.getByLabel('File (CSV)').setInputFiles({ name: 'paid.csv', mimeType: 'text/csv', buffer });
      await press(page, 'Upload');
      expect(await titleOf(page)).toMatch(/^Error: /);
      expect(await textOf(page.locator('.wp-figures'))).toMatch(/Entered\s+1\s+Not entered\s+1\s+Passed over\s+1/);
      expect(await textOf(page.locator('main table'))).toContain('paid on');
      await page.locator('.govuk-error-summary a').click();
      expect(new URL(page.url()).hash).toBe('#row-1');
      expect(await axe(page)).toEqual([]);
      await follow(page, 'See the payments');
      expect(payouts).toHaveLength(2);
      expect(await textOf(page.locator('main table'))).toContain('BACS 1');
    },
    LONG_MS,
  );

  it(
    'decides on what a bank did not take and on what nobody answered for',
    async () => {
      const payee = await stage.payee(['2026-10-05']);
      await stage.onboard(payee);
      await stage.fund(10_000n);
      const failed = await stage.onlyPayout(await stage.run());
      await stage.stripe.failPayout(failed.bankPayoutId ?? '', 'account_closed');
      await stage.notices();
      const page = await open(stage.icb, 'finance');
      await page.goto('/payments/attention');
      expect(await textOf(page.locator('main table'))).toContain('The bank account is closed');
      await follow(page, failed.reference);
      expect(await main(page)).toContain('It comes home by itself on 12 November 2026');
      await press(page, 'Take the money home now');
      expect(await main(page)).toContain('The money is on its way home.');
      await stage.settle();
      await page.reload();
      expect(await main(page)).toContain('The money came back to the commissioner.');

      await stage.stripe.setRecipient(payee.account.externalId, { payouts: 'active', requirements: [], bank: 'pays' });
      await stage.notices();
      await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'drop', times: 1_000 });
      const lost = await stage.onlyPayout(await stage.run());
      await page.goto(`/payments/attention/${lost.id}`);
      expect(await main(page)).toContain('It can be said from 30 October 2026');
      await press(page, 'Decide');
      expect(await textOf(page.locator('#decision-error'))).toContain('Choose what the payment platform shows');
      await page.getByLabel('It does not show the payment').check();
      await press(page, 'Decide');
      expect(await textOf(page.locator('#decision-error'))).toContain('it may still be made');
      await page.getByLabel('It shows the payment').check();
      await press(page, 'Decide');
      expect(await textOf(page.locator('#decision-error'))).toContain('shows something else');
      expect(await axe(page)).toEqual([]);

      await stage.later(22 * 60 * MINUTE);
      await stage.stripe.clearFaults();
      await stage.later(DAY);
      const later = await open(stage.icb, 'finance');
      await later.goto('/payments/attention');
      await follow(later, lost.reference);
      await later.getByLabel('It does not show the payment').check();
      await press(later, 'Decide');
      expect(await main(later)).toContain('You decided on this payment.');
      expect(await main(later)).toContain('Its invoices are owed again');
    },
    LONG_MS,
  );

  it(
    'has pages that everybody can use, on the narrowest screen',
    async () => {
      const [platform, outside] = [await stage.payee(['2026-10-05']), await stage.payee(['2026-10-05'], OUTSIDE)];
      await stage.onboard(platform);
      await stage.fund(10_000n);
      const run = await stage.run();
      const byAccounts = run.payouts.find(({ providerId }) => providerId === outside.id);
      const onPlatform = run.payouts.find(({ providerId }) => providerId === platform.id);
      await stage.finance.post('/v1/payment-runs', { paysOn: '2026-11-20' });
      const at = `/payments/outside/${byAccounts?.id}`;
      const page = await open(stage.icb, 'finance', { width: WIDTHS.narrow });
      const found: string[] = [];
      for (const path of [
        '/payments',
        '/payment-runs',
        `/payment-runs/${run.id}`,
        '/payment-runs/new',
        '/payment-runs/confirm?on=2026-11-02',
        '/payments/outside',
        at,
        `${at}/confirm`,
        `${at}/withdraw`,
        '/payments/outside/upload',
        '/payments/attention',
        `/payouts/${onPlatform?.id}`,
        '/payout-accounts',
      ]) {
        await page.goto(path);
        const faults = await axe(page);
        const wide = await overflow(page);
        const unsaid = await page.evaluate<string[] | null>(
          'document.body.innerText.match(/\\b(finance|treasury)\\.\\w+/)',
        );
        if (faults.length > 0 || wide > 0 || unsaid)
          found.push(`${path}: ${faults.join(', ')} ${wide} ${unsaid?.join() ?? ''}`);
      }
      expect(found).toEqual([]);
    },
    LONG_MS,
  );
});

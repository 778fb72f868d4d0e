import type { Page } from 'playwright-core';
import type { Role } from '../../src/platform/actor.js';
import { pdfText } from '../support/pdf-text.js';
import type { Party } from '../support/world.js';
import { PaymentWorld, type PaymentStage } from '../stories/payment-stage.js';
import {
  axe,
  complaintsOf,
  describeInChromium,
  overflow,
  type PageOptions,
  textOf,
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

describeInChromium('a treasurer', (browser) => {
  let world: PaymentWorld;
  let stage: PaymentStage;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
  }, LONG_MS);
  afterAll(() => world.close());

  async function open(party: Party, role: Role, options: PageOptions = {}): Promise<Page> {
    const page = await browser().page({ baseURL: siteOf(world.app), ...options });
    await signIn(page, world.app, party, role);
    return page;
  }

  const main = (page: Page) => textOf(page.locator('main'));
  const heading = (page: Page) => textOf(page.locator('h1'));
  const press = (page: Page, name: string) => page.getByRole('button', { name, exact: true }).click();
  const follow = (page: Page, name: string | RegExp) => page.getByRole('link', { name }).first().click();

  async function fillBank(page: Page, details: { name: string; sort: string; number: string }): Promise<void> {
    await page.getByLabel('Name on the account').fill(details.name);
    await page.getByLabel('Sort code').fill(details.sort);
    await page.getByLabel('Account number').fill(details.number);
  }

  it.each(WAYS)(
    'says where to be paid, and changes it with a second person and a hold, %s',
    async (_, options) => {
      const { provider } = (await stage.payee([], OUTSIDE)).stage;
      const page = await open(provider, 'treasurer', options);
      await page.goto('/payout-accounts');
      await follow(page, /^Say where/);
      expect(await heading(page)).toBe(`Where should ${stage.icb.organisation.name} pay you?`);

      await fillBank(page, { name: 'Allotment Society', sort: '12-34-5', number: '1234567' });
      await press(page, 'Continue');
      expect(await titleOf(page)).toMatch(/^Error: /);
      await page.getByRole('link', { name: 'Enter a sort code of 6 digits, such as 12-34-56' }).click();
      expect(await page.evaluate('document.activeElement.id')).toBe('sort');
      expect(await page.getByLabel('Account number').inputValue()).toBe('1234567');
      await page.getByLabel('Sort code').fill('12 34 56');
      await press(page, 'Continue');
      expect(await heading(page)).toBe('Check the bank details');
      expect(await main(page)).toContain('01234567');
      await press(page, 'Save the bank details');
      expect(await main(page)).toContain('The account is ready.');
      expect(await main(page)).toContain('12-34-56');

      await follow(page, 'Ask for a change');
      await fillBank(page, { name: 'Allotment Society CIO', sort: '654321', number: '7654 3210' });
      await press(page, 'Ask for this change');
      expect(await main(page)).toContain('You asked for the change. A second person has to confirm it now.');
      expect(await page.getByRole('link', { name: 'Check and confirm' }).count()).toBe(0);

      const second = await open(provider, 'admin', options);
      await second.goto('/payout-accounts');
      await follow(second, /^Look at the change/);
      await follow(second, 'Check and confirm');
      expect(await main(second)).toContain('65-43-21');
      expect(await main(second)).toContain('76543210');
      await press(second, 'Confirm the change');
      expect(await main(second)).toMatch(/It takes effect on 31 October 2026, \d+:\d\dam/);

      const coordinator = await open(provider, 'coordinator', options);
      await coordinator.goto(page.url());
      expect(await main(coordinator)).toMatch(/It takes effect on 31 October 2026/);
      expect(await main(coordinator)).toContain('••••3210');
      expect(await main(coordinator)).not.toContain('76543210');
      await press(coordinator, 'Cancel this change');
      expect(await main(coordinator)).toContain('The change was cancelled. The account stays as it is.');
      expect(complaintsOf(page).filter((one) => !REFUSED.test(one))).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'who is alone is confirmed by the commissioner',
    async () => {
      const payee = await stage.payee([], OUTSIDE);
      const account = { accountName: 'Sheds', sortCode: '123456', accountNumber: '00012345' };
      const opening = { commissionerId: stage.icb.id, rail: 'outside', ...account };
      const { body } = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', opening);
      const change = { kind: 'details', ...account, accountNumber: '99999999' };
      await payee.treasurer.post(`/v1/payout-accounts/${body.account.id}/changes`, change);

      const page = await open(stage.icb, 'finance');
      await page.goto(`/payout-accounts/${body.account.id}`);
      expect(await main(page)).not.toContain('99999999');
      await follow(page, 'Check and confirm');
      expect(await main(page)).toContain(`Telephone ${payee.stage.provider.organisation.name}`);
      expect(await main(page)).toContain('••••9999');
      await press(page, 'Confirm the change');
      expect(await main(page)).toContain('It takes effect on 31 October 2026');
    },
    LONG_MS,
  );

  it.each(WAYS)(
    'sees what is owed and why then, lets an invoice go, and finds its payment, %s',
    async (_, options) => {
      const payee = await stage.payee(['2026-10-05', '2026-10-12'], { standingAuthority: false });
      const { provider } = payee.stage;
      const page = await open(provider, 'treasurer', options);
      await page.goto('/money');
      expect(await main(page)).toContain('Nothing is due to you at the moment.');
      expect(await main(page)).toContain(`${stage.icb.organisation.name} cannot pay you now`);
      expect(await textOf(page.locator('.wp-figures'))).toContain('£64.00');

      await page.goto('/invoices');
      await follow(page, /^Draft of/);
      await press(page, 'Let the invoice go');
      await stage.settle();
      await page.reload();
      expect(await heading(page)).toMatch(/^Invoice PROV\d+ICB\d+IN2026000001$/);
      expect(await main(page)).toContain('28 November 2026\n30 days after 29 October 2026, the day of the invoice');

      await stage.onboard(payee);
      await page.goto('/money');
      expect(await main(page)).toContain('£64.00 is due on 28 November 2026.');
      expect(await main(page)).not.toContain('cannot pay you now');
      await stage.fund(6_400n);
      const payout = await stage.onlyPayout(await stage.run());
      await page.reload();
      expect(await textOf(page.locator('main table').first())).toContain('On its way');
      await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
      await stage.notices();
      await page.reload();
      expect(await main(page)).toContain('Every invoice has been paid');

      await follow(page, payout.reference);
      expect(await main(page)).toContain('The money is in the provider’s bank account.');
      const link = page.getByRole('link', { name: 'Open the remittance advice (PDF)' });
      const answer = await page.request.get((await link.getAttribute('href')) ?? '');
      expect(answer.headers()['content-disposition']).toMatch(/^inline; filename="remittance-/);
      const text = (await pdfText(await answer.body())).join('\n');
      expect(text).toContain(payout.reference);
      expect(text).toContain('£64.00');
      expect(complaintsOf(page).filter((one) => !REFUSED.test(one))).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'enters the number of an invoice of its own, for the amount that was approved',
    async () => {
      const { provider } = (
        await stage.payee(['2026-10-05'], { ...OUTSIDE, documentMode: 'provider_own', standingAuthority: false })
      ).stage;
      const page = await open(provider, 'treasurer');
      await page.goto('/invoices');
      await follow(page, /^Draft of/);
      await page.getByLabel('Invoice number').fill('INV-2041');
      for (const [part, value] of [
        ['Day', '29'],
        ['Month', 'October'],
        ['Year', '2026'],
      ] as const) {
        await page.getByLabel(part, { exact: true }).fill(value);
      }
      await page.getByLabel('Total of your invoice').fill('£31.00');
      await press(page, 'Enter this invoice');
      expect(await textOf(page.locator('#total-error'))).toContain('not for the amount that was approved');
      expect(await page.getByLabel('Invoice number').inputValue()).toBe('INV-2041');
      await page.getByLabel('Total of your invoice').fill('32');
      await press(page, 'Enter this invoice');
      expect(await main(page)).toContain('Your invoice INV-2041 was matched.');
      await stage.settle();
      await page.reload();
      expect(await heading(page)).toContain('INV-2041');
    },
    LONG_MS,
  );

  it(
    'opens an account on the payment platform by a link, and sees on coming back what became of it',
    async () => {
      const { provider } = (await stage.payee([])).stage;
      const page = await open(provider, 'treasurer');
      await page.goto('/payout-accounts/new');
      await page.getByLabel('E-mail address of your organisation').fill('money');
      await press(page, 'Continue');
      expect(await textOf(page.locator('#contactEmail-error'))).toContain('Enter an e-mail address like');
      await page.getByLabel('E-mail address of your organisation').fill('money@provider.example');
      await press(page, 'Continue');
      const link = (await page.getByRole('link', { name: 'Go to Stripe' }).getAttribute('href')) ?? '';
      expect(link).toMatch(/\/_double\/onboarding\//);
      await follow(page, 'Do this later');
      expect(await main(page)).toContain('The bank account to pay into');
      const landing = await stage.stripe.followLink(link);
      world.app.clock.moveTo(new Date(world.app.clock.now().getTime() + 20_000));
      await page.goto(new URL(landing).pathname);
      expect(await main(page)).toContain('Ready');
      expect(await main(page)).not.toContain('The bank account to pay into');
      expect(await page.getByRole('button', { name: 'Go on to the payment platform' }).count()).toBe(0);
    },
    LONG_MS,
  );

  it(
    'accepts a self-billing agreement, and what waited for it is issued',
    async () => {
      const { provider } = (
        await stage.payee(['2026-10-05'], { documentMode: 'self_billed', standingAuthority: false })
      ).stage;
      const { api } = await stage.icb.as('contract_manager');
      await api.post('/v1/self-billing-agreements', {
        providerId: provider.id,
        startsOn: '2026-04-01',
        endsOn: '2027-03-31',
      });
      const page = await open(provider, 'treasurer');
      await page.goto('/invoices');
      await follow(page, /^Draft of/);
      await follow(page, 'See your self-billing agreements');
      await press(page, `Accept the agreement ${stage.icb.organisation.name}`);
      expect(await titleOf(page)).toMatch(/^Error: /);
      await page.getByLabel('I agree for my organisation').check();
      await press(page, `Accept the agreement ${stage.icb.organisation.name}`);
      expect(await main(page)).toContain('The agreement is accepted.');
    },
    LONG_MS,
  );

  it(
    'proves anew who they are before bank details',
    async () => {
      const { provider } = (await stage.payee([], OUTSIDE)).stage;
      const page = await browser().page({ baseURL: siteOf(world.app) });
      await signInAs(page, world.app, await provider.as('treasurer'), { fresh: false });
      await page.goto('/payout-accounts/new');
      expect(new URL(page.url()).pathname).toBe('/confirm-identity');
    },
    LONG_MS,
  );

  it(
    'has pages that everybody can use, on the narrowest screen',
    async () => {
      const payee = await stage.payee(['2026-10-05'], OUTSIDE);
      const { provider } = payee.stage;
      const account = { accountName: 'Sheds', sortCode: '123456', accountNumber: '00012345' };
      const opening = { commissionerId: stage.icb.id, rail: 'outside', ...account };
      const { body } = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', opening);
      const made = (await stage.run()).payouts.find(({ providerId }) => providerId === payee.id);
      const payout = await stage.payout(made?.id ?? '');
      const [invoice] = payout.items;
      const page = await open(provider, 'treasurer', { width: WIDTHS.narrow });
      const at = `/payout-accounts/${body.account.id}`;
      const paths = ['/money', '/invoices', `/invoices/${invoice?.invoiceId}`, '/payouts', `/payouts/${payout.id}`];
      const found: string[] = [];
      for (const path of [
        ...paths,
        '/payout-accounts',
        '/payout-accounts/new',
        at,
        `${at}/changes/new`,
        '/agreements',
      ]) {
        await page.goto(path);
        const faults = await axe(page);
        const wide = await overflow(page);
        if (faults.length > 0 || wide > 0) found.push(`${path}: ${faults.join(', ')} ${wide}`);
      }
      expect(found).toEqual([]);
      const wording = await page.evaluate('document.body.innerText.match(/\\btreasury\\.\\w+/)');
      expect(wording).toBeNull();
    },
    LONG_MS,
  );
});

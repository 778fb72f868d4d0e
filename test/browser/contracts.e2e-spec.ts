import type { Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, registered, type Party } from '../support/world.js';
import { axe, complaintsOf, describeInChromium, overflow, screenshot, titleOf, WIDTHS } from './support/chromium.js';
import { signIn, siteOf } from './support/people.js';

const HOSTILE = `"><img src=x onerror="window.hostile=1">{{7*7}}'&`;
/** A folder for pictures of each page, to look at. */
const SHOTS = process.env.SHOTS;

const LONG_MS = 120_000;

let app: TestApp;
let buyer: Party;
beforeAll(async () => {
  app = await startTestApp();
  buyer = await commissioner(app, 'NELICB', 'North East London ICB');
});
afterAll(() => app.close());

/** Types a day into its three boxes. */
async function typeDay(page: Page, name: string, day: string): Promise<void> {
  const [year = '', month = '', date = ''] = day.split('-');
  await page.fill(`[name="${name}-day"]`, String(Number(date)));
  await page.fill(`[name="${name}-month"]`, String(Number(month)));
  await page.fill(`[name="${name}-year"]`, year);
}

const heading = async (page: Page) => (await page.textContent('h1'))?.trim();
const press = (page: Page, text: string) => page.click(`main button:has-text("${text}"):visible >> nth=-1`);

const looked = new Set<string>();

/** The page is a page, of one language, that nobody's text has changed; and it can be read by everybody. */
async function look(page: Page, name: string): Promise<void> {
  if (looked.has(name)) return;
  looked.add(name);
  if (SHOTS) {
    await screenshot(page, `${SHOTS}/${name}.png`);
    await screenshot(page, `${SHOTS}/${name}-phone.png`, WIDTHS.phone);
  }
  await page.setViewportSize({ width: WIDTHS.narrow, height: 800 });
  expect({ name, faults: await axe(page), overflow: await overflow(page) }).toEqual({ name, faults: [], overflow: 0 });
  expect(await page.evaluate(`'hostile' in window || document.querySelector('img[src="x"]') !== null`)).toBe(false);
  // A form with something to mend is answered with 422, which browsers report.
  const complaints = complaintsOf(page).filter((complaint) => !complaint.includes('422'));
  expect({ name, complaints }).toEqual({ name, complaints: [] });
  const text = await page.evaluate<string>('document.body.innerText');
  expect(text).not.toMatch(/\b(?:contracts|organisations)\.[a-z]+|\bundefined\b|\bNaN\b|\[object/);
  await page.setViewportSize({ width: WIDTHS.desk, height: 800 });
}

/** Registers a provider, sets up a contract with it and adds a service; on the page of the service then. */
async function setUp(page: Page, { name, code }: { name: string; code: string }): Promise<string> {
  await page.goto('/organisations/new?kind=provider');
  await press(page, 'Continue');
  expect(await titleOf(page)).toMatch(/^Error: /);
  await page.fill('#name', name);
  await page.fill('#short', code.toLowerCase());
  await page.check('[name=legalForm][value=charity]');
  await page.fill('#charity', 'sc 012 3');
  await page.fill('#address', '1 High Street\nLondon');
  await page.fill('#postal', 'e16an');
  await press(page, 'Continue');
  expect(await page.textContent('#charity-error')).toContain('such as 1089464');
  expect(await page.inputValue('#name')).toBe(name);
  await page.fill('#charity', `1${String(code.length)}89 ${code.length}64`);
  await look(page, 'organisation-new');
  await press(page, 'Continue');
  await look(page, 'organisation-check');
  await press(page, 'Register the organisation');
  expect(await page.textContent('.wp-panel')).toContain(code);
  await look(page, 'organisation-registered');
  await page.click('text=Set up a contract with it');

  await page.fill('#title', `Walks ${HOSTILE}`);
  await page.fill('#reference', `sp ${code}`);
  await typeDay(page, 'startsOn', '2026-04-01');
  await typeDay(page, 'endsOn', '2026-12-15');
  await typeDay(page, 'agreedOn', '2026-03-20');
  await page.check('[name=regime][value=grant]');
  await page.check('[name=documentMode][value=provider_issued]');
  await page.check('[name=vatRecoverable][value=yes]');
  await page.check('[name=poRequired][value=yes]');
  await press(page, 'Continue');
  expect(await page.textContent('#documentMode-error')).toContain('A grant goes with a grant notice');
  await page.check('[name=regime][value=procurement_act]');
  await look(page, 'contract-new');
  await press(page, 'Continue');
  expect(await page.textContent('main')).toContain(`SP-${code}`);
  await look(page, 'contract-check');
  await press(page, 'Set up the contract');
  await look(page, 'contract-ready');

  await page.click('main ol a:has-text("Add a service")');
  await page.fill('#name', `Group walk ${HOSTILE}`);
  await page.fill('#reference', 'walk');
  await page.check('[name=kind][value=activity]');
  await look(page, 'service-new');
  await press(page, 'Add a service');
  expect(await heading(page)).toBe(`Group walk ${HOSTILE}`);
  await look(page, 'service');
  return page.url();
}

describeInChromium('a contract manager', (browser) => {
  const open = (withoutScripts = false) => browser().page({ baseURL: siteOf(app), withoutScripts });

  it(
    'sets a contract up, and sees what a card comes to while making it',
    async () => {
      const page = await open();
      await signIn(page, app, buyer, 'contract_manager');
      const service = await setUp(page, { name: `Walk Together ${HOSTILE}`, code: 'WALKCO' });

      await page.click('text=Publish a rate card');
      expect(await page.inputValue('#service')).not.toBe('');
      await page.check('[name=basis][value=group_split]');
      await look(page, 'card-basis');
      await press(page, 'Continue');
      const preview = page.locator('[data-preview]');
      expect(await preview.textContent()).toContain('Enter a price');
      await page.fill('#price', '100.01');
      await preview.getByText('£100.01', { exact: true }).waitFor();
      expect(await preview.textContent()).toContain('Share of £100.01 between 5 people present: £20.00');
      await page.click('summary:has-text("Weekends, evenings")');
      await page.check('[name=hoursKind][value=percentage]');
      await page.fill('#hoursAmount', '20');
      await page.check('[name=hoursDays][value=weekends]');
      await page.selectOption('#exDay', 'saturday');
      await preview.getByText('£120.01', { exact: true }).waitFor();
      expect(await preview.textContent()).toContain('Weekend supplement of 20 %');
      await look(page, 'card-new');
      await press(page, 'Continue');
      expect(await page.textContent('main')).toContain('£120.01');
      await look(page, 'card-check');
      await press(page, 'Publish the rate card');
      expect(await page.textContent('.wp-notice--good')).toContain('It holds from 1 April 2026');
      expect(page.url()).toBe(service);
      await look(page, 'service-priced');

      await page.click('text=Make a new card from this one');
      expect(await page.inputValue('#price')).toBe('100.01');
      await typeDay(page, 'effectiveFrom', '2026-04-01');
      await press(page, 'Continue');
      expect(await page.textContent('.govuk-error-summary')).toContain('agreed on the same day already');
      await look(page, 'card-refused');
    },
    LONG_MS,
  );

  it(
    'raises the budget and an order, says which VAT applies, and proposes self-billing',
    async () => {
      const page = await open();
      await signIn(page, app, buyer, 'contract_manager');
      await page.goto('/contracts');
      await page.click('text=SP-WALKCO');
      await page.click('main a.govuk-button:has-text("Change the budget")');
      await page.fill('#amount', '£12,000');
      await page.fill('#reason', `Winter ${HOSTILE}`);
      await look(page, 'budget');
      await press(page, 'Change the budget');
      expect(await page.textContent('.wp-notice--good')).toContain('£12,000.00');
      await page.click('main a.govuk-button:has-text("Change the budget")');
      await page.check('[name=change][value=lower]');
      await page.fill('#amount', '12000.01');
      await page.fill('#reason', 'Less');
      await press(page, 'Change the budget');
      expect(await page.textContent('#amount-error')).toContain('Take away £12,000.00 or less');

      await page.goto('/contracts');
      await look(page, 'contracts');
      await page.click('text=SP-WALKCO');
      await page.click('text=Record a purchase order');
      await page.fill('#number', 'po 20417');
      await page.fill('#value', '9000');
      await look(page, 'order-new');
      await press(page, 'Record the order');
      expect(await page.textContent('.wp-notice--good')).toContain('PO20417 is worth £9,000.00');
      await page.click('main table a:has-text("PO20417")');
      await page.fill('#value', '9,500.50');
      await look(page, 'order-change');
      await press(page, 'Change the order');
      expect(await page.textContent('main')).toContain('£9,500.50');

      await page.click('main a:has-text("Group walk")');
      await page.click('text=Say which VAT applies');
      await page.check('[name=category][value=E]');
      await press(page, 'Save');
      await page.selectOption('#reason', 'welfare');
      await look(page, 'vat');
      await press(page, 'Save');
      expect(await page.textContent('main')).toContain('Exempt');
      await page.goto('/contracts');
      await page.click('text=SP-WALKCO');
      await look(page, 'contract');
      const { pathname } = new URL(page.url());
      await page.goto(`${pathname}/agreements/new`);
      await look(page, 'agreement');
      await press(page, 'Propose the agreement');
      expect(await page.textContent('main')).toContain('Waits for the provider');

      await page.click('text=Change the terms');
      await typeDay(page, 'effectiveFrom', '2026-11-01');
      await typeDay(page, 'endsOn', '2027-03-31');
      await page.fill('#paymentDays', '14');
      await look(page, 'amend');
      await press(page, 'Continue');
      expect(await page.locator('.wp-tag:has-text("Changed")').count()).toBe(2);
      await look(page, 'amend-check');
      await press(page, 'Change the terms');
      expect(await page.textContent('main')).toContain('First and last day · Paid within');
    },
    LONG_MS,
  );

  it(
    'looks after organisations',
    async () => {
      const page = await open();
      await signIn(page, app, buyer, 'contract_manager');
      await page.goto('/organisations?name=walk');
      await look(page, 'organisations');
      await page.click('main a:has-text("Walk Together")');
      await page.click('text=Record a VAT registration');
      await page.fill('#vatNumber', 'gb 980 7806 85');
      await typeDay(page, 'startsOn', '2026-01-01');
      await press(page, 'Record the registration');
      expect(await page.textContent('#vatNumber-error')).toContain('mistyped digit');
      await page.fill('#vatNumber', 'gb 980 7806 84');
      await look(page, 'organisation-vat');
      await press(page, 'Record the registration');
      expect(await page.textContent('main')).toContain('GB980780684');
      await page.click('text=Set its last day');
      await typeDay(page, 'endsOn', '2026-12-31');
      await look(page, 'organisation-vat-end');
      await press(page, 'Set the last day');
      expect(await page.textContent('main')).toContain('31 December 2026');
      await look(page, 'organisation');
    },
    LONG_MS,
  );

  it(
    'does the same without scripts',
    async () => {
      const page = await open(true);
      await signIn(page, app, buyer, 'contract_manager');
      await setUp(page, { name: 'Singers', code: 'SINGERS' });
      await page.click('text=Publish a rate card');
      await page.check('[name=basis][value=attendance]');
      await press(page, 'Continue');
      await page.fill('#price', '32');
      await page.click('summary:has-text("Other prices by volume")');
      await page.fill('#tier-0-above', '50');
      await page.fill('#tier-0-price', '30');
      await press(page, 'Add another step');
      await page.fill('#tier-1-above', '100');
      await page.fill('#tier-1-price', '28');
      await page.check('[name=tierMode][value=marginal]');
      await page.check('[name=tierPer][value=contract]');
      await page.fill('#exEarlier', '8');
      await press(page, 'Show the price');
      expect(await page.textContent('[data-preview]')).toContain('£154.00');
      expect(await page.inputValue('#tier-1-price')).toBe('28');
      await look(page, 'card-new-tiers');
      await press(page, 'Continue');
      expect(await heading(page)).toContain('Check the rate card');
      await page.click('main a:has-text("Change the answers")');
      expect(await page.inputValue('#price')).toBe('32');
      await press(page, 'Continue');
      await press(page, 'Publish the rate card');
      expect(await page.textContent('main')).toContain('£32.00 for each person who attends');
    },
    LONG_MS,
  );

  it(
    'is asked for each kind of card what it needs',
    async () => {
      const page = await open();
      await signIn(page, app, buyer, 'contract_manager');
      await page.goto('/contracts');
      await page.click('text=SP-WALKCO');
      const contract = new URL(page.url()).pathname;
      const href = await page.getAttribute('main table a:has-text("Group walk")', 'href');
      const service = href?.split('/').at(-1) ?? '';
      const builder = (basis: string) => page.goto(`${contract}/rate-cards/new?service=${service}&basis=${basis}`);
      const price = async (amount: string) => {
        const preview = page.locator('[data-preview]');
        await preview.getByText(amount, { exact: true }).first().waitFor();
        await look(page, `card-${new URL(page.url()).searchParams.get('basis')}`);
      };
      await builder('hour');
      await page.fill('#price', '40');
      await price('£60.00');
      await builder('session');
      await page.fill('#price', '90');
      await price('£90.00');
      await builder('milestone');
      await page.fill('#milestone-0-name', 'Finished six weeks');
      await page.fill('#milestone-0-price', '70');
      await price('£70.00');
      await builder('block');
      await page.fill('#price', '3100');
      await page.fill('#floorUnits', '50');
      await page.check('[name=floorRule][value=in_proportion]');
      await page.fill('#exActivity', '25');
      await price('£1,550.00');
      await builder('referral');
      await page.fill('#price', '50');
      await price('£50.00');
      await builder('recognised');
      await page.fill('#price', '25');
      await price('£125.00');
    },
    LONG_MS,
  );
});

describeInChromium('those who read contracts', (browser) => {
  it(
    'see what is theirs, and nothing to change',
    async () => {
      const provider = await registered(app, buyer, 'provider', 'READERS');
      const { api } = await buyer.as('contract_manager');
      await api.post('/v1/contracts', {
        providerId: provider.id,
        code: 'SP-READERS',
        title: 'Reading group',
        startsOn: '2026-04-01',
        endsOn: '2027-03-31',
        agreedOn: '2026-03-20',
        documentMode: 'self_billed',
        rail: 'stripe',
        payablesAddress: ['PO Box 312'],
        regime: 'procurement_act',
        vatRecoverable: true,
      });
      const page = await browser().page({ baseURL: siteOf(app) });
      await signIn(page, app, provider, 'treasurer');
      await page.goto('/contracts');
      expect(await page.locator('tbody tr').count()).toBe(1);
      await look(page, 'contracts-provider');
      await page.click('text=SP-READERS');
      await page.waitForURL(/\/contracts\/[0-9a-f-]{36}$/);
      expect(await page.locator('main a.govuk-button').count()).toBe(0);
      await look(page, 'contract-provider');
      await page.click('text=Your organisation’s details');
      await page.waitForURL(/\/organisations\/[0-9a-f-]{36}$/);
      expect(await page.locator('main a.govuk-button').allTextContents()).toEqual(['Record a VAT registration']);
      const other = await browser().page({ baseURL: siteOf(app) });
      await signIn(other, app, buyer, 'auditor');
      await other.goto('/contracts?provider=' + provider.id);
      await other.click('text=SP-READERS');
      await other.waitForURL(/\/contracts\/[0-9a-f-]{36}$/);
      expect(await other.locator('main a.govuk-button').count()).toBe(0);
    },
    LONG_MS,
  );
});

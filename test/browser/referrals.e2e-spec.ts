import type { Page } from 'playwright-core';
import { agreement, type Agreement } from '../support/agreement.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { occurrences } from '../support/canaries.js';
import { FULL_LISTING, list } from '../support/listings.js';
import { visitor } from '../support/visitors.js';
import { commissioner, registered, type Party } from '../support/world.js';
import { axe, complaintsOf, describeInChromium, overflow, WIDTHS } from './support/chromium.js';
import { signIn, siteOf } from './support/people.js';

/** Valid, of the range that is never issued. */
const NHS_NUMBER = '999 000 0018';
const SESSION_DAYS = ['2026-10-21', '2026-10-22', '2026-10-23', '2026-10-24', '2026-10-26', '2026-10-27'];

describeInChromium('referrals', (browser) => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let surgery: Party;
  let deal: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB', 'North East London');
    choir = await registered(app, icb, 'provider', 'CHOIR', { name: 'Quay Singers' });
    surgery = await registered(app, icb, 'referrer', 'SURGERY', { name: 'Quay Surgery' });
    deal = await agreement(icb, choir);
    await list(icb, deal.serviceId, FULL_LISTING);
  });
  afterAll(() => app.close());

  const open = async (options: Parameters<ReturnType<typeof browser>['page']>[0] = {}) =>
    browser().page({ baseURL: siteOf(app), ...options });
  const flawsOf = async (page: Page) => ({
    axe: await axe(page),
    overflow: Math.max(0, await overflow(page)),
    complaints: complaintsOf(page).filter((one) => !one.includes('422')),
  });
  const NONE = { axe: [], overflow: 0, complaints: [] };
  const refer = async (more: Record<string, unknown> = {}) => {
    const { api } = await surgery.as('referrer');
    const request = { service: deal.serviceId, source: 'nhs', ...more };
    return (await api.post<{ id: string; reference: string }>('/v1/referrals', request)).body;
  };
  const textOf = async (page: Page, selector: string) =>
    (await page.textContent(selector))?.replace(/\s+/g, ' ').trim();

  /** Sessions of a referral until today: it came to all but one. */
  const deliver = async (reference: string) => {
    const { api } = await choir.as('coordinator');
    for (const [index, date] of SESSION_DAYS.entries()) {
      await api.post('/v1/sessions', {
        contract: deal.contractCode,
        service: deal.serviceCode,
        date,
        start: '14:00',
        attendances: [{ referral: reference, outcome: index === 2 ? 'did_not_attend' : 'attended' }],
      });
    }
  };

  describe.each([false, true])('from the surgery to the choir and back, scripts blocked: %s', (withoutScripts) => {
    it('are made in three pages, accepted together, and seen to lead somewhere', async () => {
      const page = await open({ withoutScripts });
      await signIn(page, app, surgery, 'referrer');
      await page.goto('/');
      await page.click('text=Make a referral');
      let pages = 1;
      page.on('framenavigated', () => void pages++);
      expect(await page.title()).toBe('Which service do you refer to? – Wellpaid');
      await page.fill('#q', 'songs');
      await page.click('button:has-text("Search")');
      pages = 1; // looking for it is not a step
      await page.click(`a:has-text("${FULL_LISTING.name}")`);
      expect(await page.locator('main input:visible:not([type=radio]), main select:visible').count()).toBe(3);
      await page.fill('#nhsNumber', '999 000 001');
      await page.check('input[name=source][value=nhs]');
      await page.fill('#sessionsPlanned', '6');
      await page.click('button:has-text("Continue")');
      expect(await page.title()).toMatch(/^Error: Refer to Singing group/);
      expect(await textOf(page, '#nhsNumber-error')).toContain('An NHS number has 10 digits; this has 9');
      expect(await page.inputValue('#sessionsPlanned')).toBe('6');
      pages -= 1; // the same page once more
      await page.fill('#nhsNumber', ` ${NHS_NUMBER.replaceAll(' ', '-')} `);
      await page.click('button:has-text("Continue")');
      expect(await textOf(page, 'dl')).toContain(NHS_NUMBER);
      await page.click('button:has-text("Make the referral")');
      expect(await textOf(page, '.wp-panel__title')).toBe('Referral made');
      expect(pages).toBeLessThanOrEqual(3 + 1); // choose, say, check; then it is made
      const reference = await textOf(page, '.wp-panel strong');
      expect(reference).toMatch(/^R-\w{4}-\w{4}$/);
      expect(await textOf(page, 'main')).toContain('Quay Singers accepts or declines by 12 November 2026');
      await page.reload();
      expect(await occurrences(app.admin, NHS_NUMBER.replaceAll(' ', ''))).toEqual([]);

      const others = [await refer({ reference: `A-${withoutScripts}` }), await refer({ madeOn: '2026-10-20', sessionsPlanned: 6 })];
      const coordinator = await open({ withoutScripts });
      await signIn(coordinator, app, choir, 'coordinator');
      await coordinator.goto('/referrals');
      expect(await textOf(coordinator, '.wp-notice')).toContain('referrals wait for an answer');
      expect(await textOf(coordinator, '.wp-notice')).toContain('The longest has waited 9 days.');
      await coordinator.click('button:has-text("Accept those chosen")');
      expect(await textOf(coordinator, '.govuk-error-summary')).toContain('Choose at least one referral to accept');
      for (const one of [reference, others[1]?.reference]) await coordinator.check(`[aria-label*="${one}"]`);
      if (!withoutScripts) expect(await textOf(coordinator, '[data-selected-count]')).toBe('2');
      await coordinator.click('button:has-text("Accept those chosen")');
      expect(await textOf(coordinator, '.wp-notice')).toContain('2 referrals were accepted.');
      await deliver(others[1]?.reference ?? '');

      await page.goto('/referrals');
      const row = page.locator('tr', { hasText: others[1]?.reference });
      expect((await row.textContent())?.replace(/\s+/g, ' ')).toMatch(
        /Quay Singers 20 October 2026 Attended 5 of 6 ?Last came on 27 October 2026 Accepted/,
      );
    });
  });
});

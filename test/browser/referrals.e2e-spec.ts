import type { Page } from 'playwright-core';
import { agreement, type Agreement } from '../support/agreement.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { occurrences } from '../support/canaries.js';
import { FULL_LISTING, list } from '../support/listings.js';
import { visitor } from '../support/visitors.js';
import { commissioner, registered, type Party } from '../support/world.js';
import { axe, complaintsOf, describeInChromium, overflow, titleOf, WIDTHS } from './support/chromium.js';
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
      expect(await titleOf(page)).toBe('Which service do you refer to? – Wellpaid');
      await page.fill('#q', 'songs');
      await page.click('button:has-text("Search")');
      pages = 1; // looking for it is not a step
      await page.click(`a:has-text("${FULL_LISTING.name}")`);
      expect(await page.locator('main input:visible:not([type=radio]), main select:visible').count()).toBe(3);
      await page.fill('#nhsNumber', '999 000 001');
      await page.check('input[name=source][value=nhs]');
      await page.fill('#sessionsPlanned', '6');
      await page.click('button:has-text("Continue")');
      expect(await titleOf(page)).toMatch(/^Error: Refer to Singing group/);
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

      const others = [
        await refer({ reference: `A-${withoutScripts}` }),
        await refer({ madeOn: '2026-10-20', sessionsPlanned: 6 }),
      ];
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

  it('keep what was typed when somebody is called away, but never an NHS number', async () => {
    const page = await open();
    await signIn(page, app, surgery, 'referrer');
    await page.goto(`/referrals/new?service=${deal.serviceId}`);
    await page.fill('#nhsNumber', NHS_NUMBER);
    await page.fill('#sessionsPlanned', '8');
    await page.check('input[name=source][value=self]');
    await page.click('button:has-text("Continue")');
    await page.click('button:has-text("Change something")');
    expect(await page.inputValue('#nhsNumber')).toBe(NHS_NUMBER);
    await page.goto('/referrals/new');
    await page.click(`a:has-text("Go on with ${FULL_LISTING.name}")`);
    expect(await textOf(page, '.wp-notice')).toContain('We kept what you had entered');
    expect(await page.inputValue('#sessionsPlanned')).toBe('8');
    expect(await page.isChecked('input[name=source][value=self]')).toBe(true);
    expect(await page.inputValue('#nhsNumber')).toBe('');
    await page.click('text=Start again');
    expect(await page.inputValue('#sessionsPlanned')).toBe('');
    expect(await occurrences(app.admin, NHS_NUMBER)).toEqual([]);
  });

  it('say how to mend what cannot be', async () => {
    const person = await surgery.as('referrer');
    const link = await visitor(app, person);
    const path = `/referrals/new?service=${deal.serviceId}`;
    const said = async (fields: Record<string, string>) =>
      (await link.send(path, path, { source: 'nhs', ...fields })).text;
    expect(await said({ source: '' })).toContain('Choose where the referral comes from');
    expect(await said({ nhsNumber: '999 000 0019' })).toContain('look for a mistyped digit');
    expect(await said({ nhsNumber: NHS_NUMBER, personReference: 'P-1' })).toContain('not both');
    expect(await said({ reference: `SP ${NHS_NUMBER}` })).toContain('There is an NHS number in this');
    const tomorrow = { 'madeOn-day': '30', 'madeOn-month': '10', 'madeOn-year': '2026' };
    expect(await said(tomorrow)).toContain('Enter today or an earlier day');
    const before = { 'respondBy-day': '1', 'respondBy-month': 'Oct', 'respondBy-year': '2026' };
    expect(await said(before)).toContain('Enter a day after it was made');
    expect(await said({ sessionsPlanned: '0' })).toContain('Enter a whole number from 1 to 200');
    const made = await refer({ reference: 'TAKEN-1' });
    expect(await said({ _make: '1', reference: made.reference })).toContain(
      'has a referral with this reference already',
    );
    expect((await link.get(`/referrals/new?service=${made.id}`)).status).toBe(404);
  });

  it('are declined with a reason that tells the referrer what to do', async () => {
    const { id, reference } = await refer();
    const coordinator = await visitor(app, await choir.as('coordinator'));
    const path = `/referrals/${id}/decline`;
    expect((await coordinator.send(path, path)).text).toContain('Choose why you decline the referral');
    expect((await coordinator.send(path, path, { reason: 'no_capacity' })).location).toBe('/referrals');
    expect(await coordinator.get(path)).toMatchObject({ status: 303, location: `/referrals/${id}` });
    const link = await visitor(app, await surgery.as('referrer'));
    const { text } = await link.get(`/referrals/${id}`);
    expect(text).toContain(`Referral ${reference}`);
    expect(text).toContain('Declined: No place free');
    expect(text).toContain('refer to another service');
    expect(text).not.toMatch(/budget|£/i);
    expect((await link.get('/referrals?state=declined')).text).toContain('No place free');
  });

  it('are accepted and closed on days that can be', async () => {
    const { id } = await refer({ madeOn: '2026-10-10' });
    const coordinator = await visitor(app, await choir.as('coordinator'));
    const day = (name: string, text: string) => ({
      [`${name}-day`]: text,
      [`${name}-month`]: '10',
      [`${name}-year`]: '2026',
    });
    const page = `/referrals/${id}`;
    const early = await coordinator.send(page, `${page}/accept`, day('acceptedOn', '9'));
    expect([early.status, early.text.includes('Enter a day from 10 October 2026 to 29 October 2026')]).toEqual([
      422,
      true,
    ]);
    await coordinator.send(page, `${page}/accept`, day('acceptedOn', '12'));
    const close = (text: string) =>
      coordinator.send(`${page}/close`, `${page}/close`, { reason: 'completed', ...day('closedOn', text) });
    expect((await close('11')).text).toContain('Enter a day from 12 October 2026 to 29 October 2026');
    expect((await close('28')).location).toBe(page);
    expect((await coordinator.get(page)).text).toContain('Closed on 28 October 2026');
  });

  it('come in from a file, and what cannot be taken comes back', async () => {
    const page = await open({ width: WIDTHS.narrow });
    await signIn(page, app, choir, 'coordinator');
    await page.goto('/referrals/upload');
    expect(await flawsOf(page)).toEqual(NONE);
    const rows = [`U-1,${deal.serviceCode},NHS,3/9/2026,`, `U-2,${deal.serviceCode},moon,31/9/2026,${NHS_NUMBER}1`];
    const text = ['reference,service,source,made on,NHS number', ...rows].join('\r\n');
    await page.setInputFiles('#file', { name: 'r.csv', mimeType: 'text/csv', buffer: Buffer.from(text) });
    await page.click('button:has-text("Send the file")');
    expect(await titleOf(page)).toMatch(/^Error: 1 row could not be taken/);
    expect(await textOf(page, '.wp-figures')).toBe('New referrals1 Known already0 To mend1');
    expect(await textOf(page, 'main table')).toContain('Not shown again');
    expect(await page.content()).not.toContain(NHS_NUMBER);
    expect(await flawsOf(page)).toEqual(NONE);
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('text=Download 1 row to mend')]);
    expect(download.suggestedFilename()).toBe('referrals-to-correct.csv');
    await page.goto('/referrals?reference=u-1');
    expect(await textOf(page, 'main table')).toContain('U-1');
  });

  it('are confirmed by the commissioner where only the provider knew of them', async () => {
    const { api } = await choir.as('coordinator');
    const request = { service: deal.serviceCode, source: 'self', reference: 'OWN-1' };
    const { body } = await api.post<{ id: string }>('/v1/referrals', request);
    const buyer = await visitor(app, await icb.as('contract_manager'));
    const path = `/referrals/${body.id}`;
    expect((await buyer.get('/referrals?unconfirmed=1')).text).toContain('OWN-1');
    expect((await buyer.get(path)).text).toContain('Only the provider says that this was referred');
    expect((await buyer.send(path, `${path}/confirm`)).location).toBe(path);
    expect((await buyer.get(path)).text).not.toContain('Confirm that it was made');
  });

  it('have no fault on any page at 320 px, for anybody', async () => {
    const { id } = await refer({ sessionsPlanned: 6, madeOn: '2026-10-01', respondBy: '2026-10-08' });
    const faults: unknown[] = [];
    const look = async (party: Party, role: 'referrer' | 'coordinator' | 'contract_manager', paths: string[]) => {
      const page = await open({ width: WIDTHS.narrow });
      await signIn(page, app, party, role);
      for (const path of paths) {
        await page.goto(path);
        const flaws = await flawsOf(page);
        if (JSON.stringify(flaws) !== JSON.stringify(NONE)) faults.push({ path, ...flaws });
      }
    };
    const service = `/referrals/new?service=${deal.serviceId}`;
    await look(surgery, 'referrer', [
      '/referrals',
      '/referrals/new',
      service,
      `/referrals/${id}`,
      `/referrals/${id}/made`,
    ]);
    await look(choir, 'coordinator', ['/referrals', `/referrals/${id}`, `/referrals/${id}/decline`]);
    await look(icb, 'contract_manager', ['/referrals?state=accepted', `/referrals/${id}`]);
    expect(faults).toEqual([]);
  });
});

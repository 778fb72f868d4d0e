import { agreement, type Agreement } from '../support/agreement.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { BARE_LISTING, FULL_LISTING, list } from '../support/listings.js';
import { visitor } from '../support/visitors.js';
import { commissioner, registered, type Party } from '../support/world.js';
import { axe, complaintsOf, describeInChromium, overflow, titleOf, WIDTHS } from './support/chromium.js';
import { signIn, siteOf } from './support/people.js';

const HOSTILE = `"><img src=x onerror="document.title='hacked'"><script>document.title='hacked'</script>{{ 7 * 7 }}`;

describeInChromium('the directory', (browser) => {
  let app: TestApp;
  let icb: Party;
  let council: Party;
  let choir: Party;
  let surgery: Party;
  let deal: Agreement;
  let unwritten: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    icb = await commissioner(app, 'NELICB', 'North East London');
    council = await commissioner(app, 'LEEDS', 'Leeds Council');
    choir = await registered(app, icb, 'provider', 'CHOIR', { name: 'Quay Singers' });
    surgery = await registered(app, icb, 'referrer', 'SURGERY', { name: 'Quay Surgery' });
    deal = await agreement(icb, choir);
    unwritten = await agreement(icb, choir);
    await list(icb, deal.serviceId, FULL_LISTING);
  });
  afterAll(() => app.close());

  const open = (options: Parameters<ReturnType<typeof browser>['page']>[0] = {}) =>
    browser().page({ baseURL: siteOf(app), ...options });

  it.each([false, true])('is read by anybody on the narrowest screen, scripts blocked: %s', async (withoutScripts) => {
    const page = await open({ width: WIDTHS.narrow, withoutScripts });
    await page.goto('/services/nelicb');
    expect(await titleOf(page)).toBe('Services of North East London – Wellpaid');
    expect(await page.getAttribute('meta[name=robots]', 'content')).toBe('index, follow');
    expect({ axe: await axe(page), overflow: await overflow(page) }).toEqual({ axe: [], overflow: 0 });
    await page.fill('#q', 'songs');
    await page.fill('#postcode', 'ze9 4da');
    await page.click('button:has-text("Search")');
    expect(await page.getAttribute('meta[name=robots]', 'content')).toBe('noindex, follow');
    await page.click(`main a:has-text("${FULL_LISTING.name}")`);
    expect(await titleOf(page)).toBe('Singing group – Wellpaid');
    const text = (await page.textContent('main')) ?? '';
    for (const said of [
      'Quay Hall',
      'Tuesday 14:00 to 15:30 (Not in August)',
      '18 to 99',
      'English and Bangla',
      'Waiting list',
    ]) {
      expect(text).toContain(said);
    }
    expect(text).not.toContain('Refer somebody');
    expect({ axe: await axe(page), overflow: await overflow(page) }).toEqual({ axe: [], overflow: 0 });
    const data = await page.getAttribute('link[rel=alternate][type="application/json"]', 'href');
    const answer = await fetch(app.url + String(data));
    expect(await answer.json()).toMatchObject({ name: FULL_LISTING.name, status: 'active' });
    expect(complaintsOf(page)).toEqual([]);
  });

  it('says what is wrong with a search, and what is not there', async () => {
    const anybody = await visitor(app);
    expect((await anybody.get('/services/NELICB?postcode=moon')).text).toContain('Enter a postcode or its first half');
    expect((await anybody.get('/services/NELICB?q=quidditch')).text).toContain('Nothing matches');
    expect((await anybody.get('/services/LEEDS')).text).toContain('No services are shown yet');
    for (const path of [
      '/services/NOBODY',
      `/services/LEEDS/${deal.serviceId}`,
      `/services/NELICB/${unwritten.serviceId}`,
    ]) {
      expect([path, (await anybody.get(path)).status]).toEqual([path, 404]);
    }
    expect((await anybody.get('/services')).location).toBe('/sign-in?to=%2Fservices');
  });

  it('leads a link worker to the referral, and nobody else', async () => {
    const link = await visitor(app, await surgery.as('referrer'));
    expect((await link.get('/services')).text).toContain(FULL_LISTING.summary);
    const page = (await link.get(`/services/NELICB/${deal.serviceId}`)).text;
    expect(page).toContain(`href="/referrals/new?service=${deal.serviceId}"`);
    expect(page).toContain(`Its code in files and other systems is ${deal.serviceCode}.`);
    const foreign = await registered(app, council, 'referrer', 'FAR');
    const stranger = await visitor(app, await foreign.as('referrer'));
    expect((await stranger.get(`/services/NELICB/${deal.serviceId}`)).text).not.toContain('/referrals/new');
    const nobody = await registered(app, council, 'provider', 'IDLE');
    const idle = await visitor(app, await nobody.as('coordinator'));
    expect((await idle.get('/services')).text).toContain('There are no services to look at yet');
  });

  it('is written by the provider and shown by the commissioner', async () => {
    const page = await open({ width: WIDTHS.narrow });
    await signIn(page, app, choir, 'coordinator');
    await page.goto('/listings');
    expect(await page.textContent('main table')).toContain('Nothing written yet');
    expect(await axe(page)).toEqual([]);
    await page.click(`tr:has-text("${unwritten.serviceCode}") a`);
    await page.click('text=Write about this service');
    expect({ axe: await axe(page), overflow: await overflow(page) }).toEqual({ axe: [], overflow: 0 });
    await page.fill('#summary', 'Walk by the river.');
    await page.check('input[name=places][value=accepting]');
    await page.check('input[name=cost][value=free]');
    await page.check('input[name=languages][value=bfi]');
    await page.selectOption('#time-0-day', 'WE');
    await page.fill('#time-0-from', '2pm');
    await page.fill('#time-0-to', '1:30pm');
    await page.fill('#phone', 'ring us');
    await page.fill('#town', 'Northmarsh');
    await page.click('button:has-text("Save")');
    const summary = (await page.textContent('.govuk-error-summary')) ?? '';
    for (const said of ['Enter a time after the beginning', 'Enter a telephone number', 'Enter the postcode in full']) {
      expect(summary).toContain(said);
    }
    await page.fill('#time-0-to', '15.30');
    await page.click('button:has-text("Add another time")');
    await page.selectOption('#time-1-day', 'FR');
    await page.fill('#time-1-from', '0930');
    await page.fill('#time-1-to', '11am');
    await page.fill('#phone', '(01632) 960-001');
    await page.fill('#venueName', 'Quay Hall');
    await page.fill('#address', '1 Quay Road');
    await page.fill('#postal', 'ze94da');
    await page.fill('#url', 'www.singers.example');
    await page.click('button:has-text("Save")');
    expect(await page.textContent('.wp-notice')).toContain('What the directory says was changed.');
    const said = (await page.textContent('main')) ?? '';
    expect(said).toContain('Wednesday 14:00 to 15:30');
    expect(said).toContain('Friday 09:30 to 11:00');
    expect(said).toContain('English and British Sign Language');
    expect(said).toContain('https://www.singers.example');
    expect(said).not.toContain('Show it to the public');

    const buyer = await open();
    await signIn(buyer, app, icb, 'contract_manager');
    await buyer.goto(`/listings/${unwritten.serviceId}`);
    await buyer.click('button:has-text("Show it to the public")');
    await buyer.click('text=See it as the public does');
    expect(await buyer.textContent('main')).toContain('Walk by the river.');
    await buyer.goto(`/listings/${unwritten.serviceId}`);
    await buyer.click('button:has-text("Hide it")');
    expect((await (await visitor(app)).get(`/services/NELICB/${unwritten.serviceId}`)).status).toBe(404);
  });

  it('publishes no NHS number, and keeps the rest that was typed', async () => {
    const coordinator = await visitor(app, await choir.as('coordinator'));
    const path = `/listings/${deal.serviceId}/edit`;
    const fields = { ...BARE_LISTING, languages: ['en', 'cy'], eligibility: 'Ask for 999 000 0018' };
    const refused = await coordinator.send(path, path, fields);
    expect(refused.status).toBe(422);
    expect(refused.text).toContain('This would publish what looks like an NHS number');
    expect(refused.text).toMatch(/id="eligibility-error"/);
    const odd = await coordinator.send(path, path, { ...fields, eligibility: '', languages: ['en', 'x"><b>', 'zz'] });
    expect(odd.status).toBe(422);
    const without = await coordinator.send(path, path, { ...BARE_LISTING });
    expect(without.text).toContain('Choose at least one language');
  });

  it('lets no text of an entry become markup, in either language', async () => {
    const text = HOSTILE.slice(0, 119);
    await list(icb, deal.serviceId, {
      ...FULL_LISTING,
      name: text,
      summary: HOSTILE,
      description: HOSTILE,
      eligibility: HOSTILE,
      costNote: HOSTILE,
      areas: [HOSTILE.slice(0, 99)],
      venue: {
        name: text,
        address: [HOSTILE.slice(0, 99)],
        town: HOSTILE.slice(0, 99),
        county: null,
        postcode: 'ZE9 4DA',
      },
      schedule: [{ day: 'TU', opensAt: '14:00', closesAt: '15:30', note: HOSTILE.slice(0, 99) }],
      howToRefer: HOSTILE,
      accessibility: HOSTILE,
    });
    const { id } = (
      await (
        await surgery.as('referrer')
      ).api.post<{ id: string }>('/v1/referrals', {
        service: deal.serviceId,
        source: 'nhs',
        reference: `<img src=x onerror=alert(1)>`,
      })
    ).body;
    const faults: string[] = [];
    const look = async (
      party: Party | null,
      role: 'referrer' | 'coordinator' | 'contract_manager',
      paths: string[],
    ) => {
      const page = await open({ width: WIDTHS.narrow });
      if (party) await signIn(page, app, party, role);
      for (const [index, path] of paths.entries()) {
        if (index === 1) await page.goto('/language/cy?to=/help');
        await page.goto(path);
        if (await page.evaluate('document.querySelectorAll("main img, main script").length')) faults.push(path);
        if ((await titleOf(page)).startsWith('hacked')) faults.push(`${path} ran`);
        if ((await page.textContent('main'))?.includes('&lt;')) faults.push(`${path} escaped twice`);
        if ((await overflow(page)) > 0) faults.push(`${path} is too wide`);
      }
      faults.push(...complaintsOf(page));
    };
    const shown = `/services/NELICB/${deal.serviceId}`;
    await look(null, 'referrer', ['/services/NELICB', shown]);
    const own = ['/referrals', `/referrals/${id}`, `/referrals/${id}/made`, '/referrals/new', '/services'];
    await look(surgery, 'referrer', [...own, `/referrals/new?service=${deal.serviceId}`]);
    const entry = `/listings/${deal.serviceId}`;
    await look(choir, 'coordinator', ['/referrals', '/listings', entry, `${entry}/edit`, `/referrals/${id}/decline`]);
    await look(icb, 'contract_manager', ['/listings', entry, '/referrals', `/referrals/${id}`]);
    expect(faults).toEqual([]);
  });
});

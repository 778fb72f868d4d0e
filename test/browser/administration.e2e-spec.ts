import type { Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { visitor } from '../support/visitors.js';
import { commissioner, registered, type Party } from '../support/world.js';
import {
  axe,
  complaintsOf,
  describeInChromium,
  overflow,
  plugInAuthenticator,
  textOf,
  titleOf,
  WIDTHS,
} from './support/chromium.js';
import { signInAs, siteOf } from './support/people.js';

const LONG_MS = 90_000;
const MINUTE_MS = 60_000;

/** Looking after people, keys and words. */
describeInChromium('the administrator', (browser) => {
  let app: TestApp;
  let north: Party;
  let choir: Party;

  beforeAll(async () => {
    app = await startTestApp();
    north = await commissioner(app, 'NORTH', 'Northmarsh Integrated Care Board');
    choir = await registered(app, north, 'provider', 'CHOIR');
  }, LONG_MS);
  afterAll(() => app.close());

  const later = (ms: number) => app.clock.moveTo(new Date(app.clock.now().getTime() + ms));
  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const follow = (page: Page, name: string | RegExp) =>
    page.locator('main').getByRole('link', { name }).first().click();
  const heading = (page: Page) => textOf(page.locator('h1'));
  const main = (page: Page) => textOf(page.locator('main'));

  /** Chromium complains of each page that refuses something, too. */
  const complaints = (page: Page) => complaintsOf(page).filter((one) => !/responded with a status of 4\d\d/.test(one));

  async function open(party: Party, options: { withoutScripts?: boolean; width?: number } = {}): Promise<Page> {
    const page = await browser().page({ baseURL: siteOf(app), ...options });
    await signInAs(page, app, await party.as('admin'));
    return page;
  }

  /** Asks for nothing that a page without scripts could not do. */
  async function invite(page: Page, email: string): Promise<string> {
    await page.goto('/people');
    await follow(page, 'Invite somebody');
    await page.getByLabel('E-mail address').fill(email);
    await press(page, 'Send the invitation');
    expect(await titleOf(page)).toMatch(/^Error: Invite somebody/);
    expect(await textOf(page.locator('.govuk-error-summary'))).toContain('Choose at least one role');
    expect(await page.getByLabel('E-mail address').inputValue()).toBe(email);
    await page.getByLabel('Approver').check();
    await page.getByLabel('Most they can approve at once').fill('5,000');
    await press(page, 'Send the invitation');
    expect(await heading(page)).toBe('Invitation made');
    return page.getByLabel('Link of the invitation').inputValue();
  }

  it(
    'invites somebody, who joins by the mail, and changes what they may do while they work',
    async () => {
      const page = await open(north);
      const link = await invite(page, 'ada@north.example');
      await app.jobs.settle();
      await follow(page, 'See the outbox');
      const row = page.locator('tr', { hasText: 'ada@north.example' });
      await row.locator('summary').click();
      expect(await textOf(row)).toContain('Northmarsh Integrated Care Board invites you');
      const path = await row.getByRole('link', { name: 'Go where it leads' }).getAttribute('href');
      expect(path).toBe(new URL(link).pathname);
      await page.goto('/people');
      expect(await main(page)).toContain('ada@north.example');

      const ada = await browser().page({ baseURL: siteOf(app) });
      await plugInAuthenticator(ada);
      await ada.goto(path ?? '');
      await ada.getByLabel('Your name').first().fill('Ada Newcomer');
      await press(ada, 'Join with a passkey');
      await ada.waitForURL(`${siteOf(app)}/`);
      await ada.goto('/people');
      expect(await heading(ada)).toBe('You do not have the role for this');

      await page.goto('/people');
      await follow(page, 'Ada Newcomer');
      expect(await main(page)).toContain('£5,000.00');
      later(6 * MINUTE_MS);
      await page.getByRole('link', { name: 'Change Roles' }).click();
      expect(await heading(page)).toBe('Confirm that it is you');
      await page.locator('main form button').last().click();
      expect(await heading(page)).toBe('Change roles');
      await page.getByLabel('Administrator').check();
      await press(page, 'Save roles');
      expect(await main(page)).toContain('Approver, Administrator');
      await ada.goto('/people');
      expect(await heading(ada)).toBe('People');

      await follow(page, 'Stop access');
      await press(page, 'Stop access now');
      expect(await main(page)).toContain('This person has no access any more.');
      await ada.goto('/people');
      expect(new URL(ada.url()).pathname).not.toBe('/people');
      expect([...complaints(page), ...complaints(ada)]).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'is told what cannot be done before it is tried, and is refused when it is tried all the same',
    async () => {
      const page = await open(choir, { withoutScripts: true });
      const { memberId } = await choir.as('admin');
      await page.goto(`/people/${memberId}`);
      expect(await main(page)).toContain('This is you.');
      expect(await main(page)).toContain('This is the only administrator, so their access cannot be stopped.');
      expect(
        await page
          .locator('main')
          .getByRole('link', { name: /Change|Stop access/ })
          .count(),
      ).toBe(0);
      const admin = await visitor(app, { memberId });
      const roles = await admin.send('/help', `/people/${memberId}/roles`, { roles: ['admin', 'treasurer'] });
      expect([roles.status, roles.text.includes('You cannot change your own roles')]).toEqual([422, true]);
      const disable = await admin.send('/help', `/people/${memberId}/disable`);
      expect([disable.status, disable.text.includes('Make somebody else an administrator first')]).toEqual([422, true]);
      later(6 * MINUTE_MS);
      const stale = await admin.send('/people', `/people/${memberId}/disable`);
      expect([stale.status, stale.location?.startsWith('/confirm-identity?to=')]).toEqual([303, true]);
    },
    LONG_MS,
  );

  it(
    'invites the first people of a body that the commissioner registered, until it has an administrator',
    async () => {
      const farm = await registered(app, north, 'provider', 'FARM');
      const page = await browser().page({ baseURL: siteOf(app), withoutScripts: true });
      await signInAs(page, app, await north.as('contract_manager'));
      await page.goto(`/people/invite?organisation=${farm.id}`);
      expect(await heading(page)).toBe('Invite the first people of Provider FARM');
      await page.getByLabel('E-mail address').fill('first@farm.example');
      await page.getByLabel('Administrator').check();
      await page.getByLabel('Treasurer').check();
      expect(await page.getByLabel('Approver').count()).toBe(0);
      await press(page, 'Send the invitation');
      expect(await heading(page)).toBe('Invitation made');
      await farm.as('admin');
      await page.goto(`/people/invite?organisation=${farm.id}`);
      expect(await main(page)).toContain('This organisation has an administrator by now');
    },
    LONG_MS,
  );

  it(
    'takes an invitation back',
    async () => {
      const page = await open(north, { withoutScripts: true });
      const link = await invite(page, 'mistake@north.example');
      await page.goto('/people');
      await page.locator('tr', { hasText: 'mistake@north.example' }).getByRole('link', { name: 'Take back' }).click();
      await press(page, 'Take it back');
      expect(await main(page)).toContain('The invitation was taken back.');
      await page.goBack();
      await page.reload();
      expect(await main(page)).toContain('This invitation has run out or was taken back');
      await page.goto(new URL(link).pathname);
      expect(await main(page)).toContain('This invitation was used, has run out, or does not exist.');
    },
    LONG_MS,
  );

  it(
    'gives a program a key, which works until it is taken away',
    async () => {
      const page = await open(choir);
      await page.goto('/keys');
      expect(await main(page)).toContain('No program has a key');
      await follow(page, 'Make a key');
      await page.getByLabel('What it is for').fill('Booking system');
      await page.getByLabel('Read referrals').check();
      await page.getByLabel('90 days').check();
      await press(page, 'Make the key');
      const key = await page.getByLabel('The key').inputValue();
      const program = app.api(key);
      expect((await program.get('/v1/me')).body).toMatchObject({ kind: 'service', scopes: ['referrals:read'] });
      await follow(page, 'I have kept it');
      expect(await main(page)).not.toContain(key);
      await follow(page, 'Take away');
      await press(page, 'Take the key away');
      expect(await main(page)).toContain('The key was taken away.');
      await program.get('/v1/me', { expect: 401 });
    },
    LONG_MS,
  );

  it(
    'renames things on every page at once, in both languages, and goes back',
    async () => {
      const page = await open(north);
      await page.goto('/words/term?term=claim');
      await page.locator('[id="en-one"]').fill('{count}');
      await press(page, 'Save');
      expect(await textOf(page.locator('.govuk-error-summary'))).toContain('a word has no places to fill');
      await page.locator('[id="en-one"]').fill('payment request');
      await page.locator('[id="en-other"]').fill('payment requests');
      await page.getByText('Payment request flagged').waitFor();
      await press(page, 'Save');
      expect(await main(page)).toContain('payment request, payment requests');
      await page.goto('/people/invite');
      expect(await main(page)).toContain('sends payment requests for review');
      await page.goto('/words/message?language=cy&key=people.list.title');
      await page.getByLabel('Your own words').fill('Staff');
      await press(page, 'Save');
      await page.goto('/language/cy?to=/people');
      expect(await heading(page)).toBe('Staff');
      await page.goto('/language/en?to=/people');
      expect(await heading(page)).toBe('People');
      await page.goto('/words');
      await follow(page, 'Staff');
      await press(page, 'Go back to the original');
      await page.goto('/words/messages?language=en&q=work+for+your+organisation+here');
      await follow(page, /1 person works/);
      expect(await main(page)).toContain('For one');
      expect(await main(page)).toContain('{count}');
      await page.getByLabel('Your own words').fill('{amount}');
      await press(page, 'Save');
      expect(await textOf(page.locator('.govuk-error-summary'))).toContain('Use only the places in braces');
      await page.goto('/words/term?term=claim');
      await press(page, 'Go back to the original');
      await page.goto('/people/invite');
      expect(await main(page)).toContain('sends claims for review');
      expect(complaints(page)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'has pages for everybody on a narrow screen, with scripts blocked',
    async () => {
      const page = await open(north, { withoutScripts: true, width: WIDTHS.narrow });
      const { memberId } = await north.as('approver');
      const { body } = await (
        await north.as('admin')
      ).api.post<{ id: string }>('/v1/keys', {
        label: 'Finance system',
        scopes: ['statements:read'],
      });
      const invited = { email: 'waits@north.example', roles: ['auditor'] };
      await (await north.as('admin')).api.post('/v1/invitations', invited);
      const paths = [
        '/people',
        '/people/invite',
        `/people/${memberId}`,
        `/people/${memberId}/roles`,
        `/people/${memberId}/limit`,
        `/people/${memberId}/disable`,
        '/keys',
        '/keys/new',
        `/keys/${body.id}/revoke`,
        '/words',
        '/words/term?term=session',
        '/words/messages?language=en&q=session',
        '/words/message?language=en&key=keys.list.text',
        '/outbox',
      ];
      const faults: string[] = [];
      for (const path of paths) {
        const answer = await page.goto(path);
        const wide = await overflow(page);
        if (answer?.status() !== 200) faults.push(`${path} answers ${answer?.status()}`);
        if (wide > 0) faults.push(`${path} is ${wide} px too wide`);
        faults.push(...(await axe(page)).map((fault) => `${path}: ${fault}`));
      }
      expect(faults).toEqual([]);
    },
    LONG_MS,
  );
});

import { TOTP, Secret } from 'otpauth';
import type { Page } from 'playwright-core';
import { SessionsService } from '../../src/sign-in/index.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, type Party } from '../support/world.js';
import {
  axe,
  complaintsOf,
  describeInChromium,
  overflow,
  plugInAuthenticator,
  textOf,
  textsOf,
  titleOf,
} from './support/chromium.js';
import { signIn, siteOf } from './support/people.js';

const LONG_MS = 60_000;
const PASSWORD = 'mostly harmless teapot';
const MINUTE_MS = 60_000;

describeInChromium('signing in', (browser) => {
  let app: TestApp;
  let north: Party;

  beforeAll(async () => {
    app = await startTestApp();
    north = await commissioner(app, 'NORTH', 'Northmarsh Integrated Care Board');
  }, LONG_MS);
  afterAll(() => app.close());

  /** The path of an invitation to be an approver. */
  const invitation = async (email: string): Promise<string> => {
    const { api } = await north.as('admin');
    const { body } = await api.post<{ token: string }>('/v1/invitations', { email, roles: ['approver'] });
    return `/join/${body.token}`;
  };
  const later = (ms: number) => app.clock.moveTo(new Date(app.clock.now().getTime() + ms));
  /** Does what leads to another page, and waits for that page. */
  const follow = async (page: Page, act: () => Promise<void>) => {
    const arrived = page.waitForEvent('domcontentloaded');
    await act();
    await arrived;
  };
  const heading = (page: Page) => textOf(page.locator('h1'));

  it(
    'by a passkey: joining with one, signing in with it, and proving again who it is',
    async () => {
      const page = await browser().page({ baseURL: siteOf(app) });
      await plugInAuthenticator(page);
      await page.goto(await invitation('passkey@north.example'));
      expect(await heading(page)).toBe('Join Northmarsh Integrated Care Board');
      await page.getByLabel('Your name').first().fill('Ada Passkey');
      await page.getByRole('button', { name: 'Join with a passkey' }).click();
      await page.waitForURL(`${siteOf(app)}/`);
      expect(await textOf(page.locator('main'))).toContain('Welcome. You have joined.');

      await follow(page, () => page.getByRole('button', { name: 'Sign out' }).click());
      await page.goto('/account');
      expect(new URL(page.url()).pathname).toBe('/sign-in');
      await page.getByRole('button', { name: 'Sign in with a passkey' }).click();
      await page.waitForURL(`${siteOf(app)}/account`);
      expect(await textOf(page.locator('main'))).toContain('My first passkey');

      later(6 * MINUTE_MS);
      await follow(page, () => page.getByRole('link', { name: 'Add a passkey' }).click());
      expect(await heading(page)).toBe('Confirm that it is you');
      await page.getByRole('button', { name: 'Confirm with a passkey' }).click();
      await page.waitForURL(`${siteOf(app)}/account/passkeys/new`);
      expect(complaintsOf(page)).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'by a password and a code: a code works once, and a recovery code once in its place',
    async () => {
      const page = await browser().page({ baseURL: siteOf(app) });
      await page.goto(await invitation('password@north.example'));
      await follow(page, () => page.getByRole('link', { name: 'Use a password and a code instead' }).click());
      const secret = (await textOf(page.locator('.wp-key'))).replaceAll(' ', '');
      const code = () =>
        new TOTP({ secret: Secret.fromBase32(secret) }).generate({ timestamp: app.clock.now().getTime() });
      await page.getByLabel('Your name').fill('Ben Password');
      await page.getByLabel('New password').fill('short');
      await page.getByLabel('Code that the app shows now').fill(code());
      await follow(page, () => page.getByRole('button', { name: 'Save and sign in' }).click());
      expect(await titleOf(page)).toMatch(/^Error: /);
      expect(await textOf(page.locator('.govuk-error-summary'))).toContain('This password is too easy to guess');

      // The app is set up anew with the page.
      const renewed = (await textOf(page.locator('.wp-key'))).replaceAll(' ', '');
      const next = () =>
        new TOTP({ secret: Secret.fromBase32(renewed) }).generate({ timestamp: app.clock.now().getTime() });
      expect(await page.getByLabel('Your name').inputValue()).toBe('Ben Password');
      await page.getByLabel('New password').fill(PASSWORD);
      await page.getByLabel('Code that the app shows now').fill(next());
      await follow(page, () => page.getByRole('button', { name: 'Save and sign in' }).click());
      expect(await heading(page)).toBe('Keep your recovery codes');
      const [recovery = ''] = await textsOf(page.locator('.wp-codes code'));
      await follow(page, () => page.getByRole('link', { name: 'I have kept them' }).click());
      await follow(page, () => page.getByRole('button', { name: 'Sign out' }).click());

      later(MINUTE_MS);
      const enter = async (given: string) => {
        await page.goto('/sign-in/password');
        await page.getByLabel('E-mail address').fill('password@north.example');
        await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
        await page.getByLabel('Code from your authenticator app').fill(given);
        await follow(page, () => page.getByRole('button', { name: 'Sign in', exact: true }).click());
        return heading(page);
      };
      const used = next();
      expect(await enter(used)).toBe('Northmarsh Integrated Care Board');
      await follow(page, () => page.getByRole('button', { name: 'Sign out' }).click());
      expect(await enter(used)).toBe('Sign in with a password and a code');
      expect(await textOf(page.locator('.govuk-error-summary'))).toContain('You could not be signed in with this');
      expect(await enter(recovery)).toBe('Northmarsh Integrated Care Board');
      await follow(page, () => page.getByRole('button', { name: 'Sign out' }).click());
      expect(await enter(recovery)).toBe('Sign in with a password and a code');
    },
    LONG_MS,
  );

  it(
    'says the same of an address that nobody has',
    async () => {
      const page = await browser().page({ baseURL: siteOf(app) });
      await page.goto('/sign-in/password');
      await page.getByLabel('E-mail address').fill('nobody@north.example');
      await page.getByLabel('Password', { exact: true }).fill(PASSWORD);
      await page.getByLabel('Code from your authenticator app').fill('123456');
      await follow(page, () => page.getByRole('button', { name: 'Sign in', exact: true }).click());
      expect(await textOf(page.locator('.govuk-error-summary'))).toContain('You could not be signed in with this');
      expect(await page.getByLabel('Password', { exact: true }).inputValue()).toBe('');
    },
    LONG_MS,
  );

  it(
    'ends at once when the session is ended elsewhere, and keeps what was typed for its owner',
    async () => {
      const page = await browser().page({ baseURL: siteOf(app) });
      const admin = await north.another('admin');
      await signIn(page, app, { ...north, as: async () => admin }, 'admin');
      await page.goto('/organisations/choose');
      const { rows } = await app.admin.query<{ login: string }>('select login_id as login from member where id = $1', [
        admin.memberId,
      ]);
      await app.nest.get(SessionsService).endAll(rows[0]?.login ?? '');
      await follow(page, () => page.getByRole('button', { name: 'Continue' }).click());
      expect(new URL(page.url()).pathname).toBe('/sign-in');
      expect(await textOf(page.locator('main'))).toContain('You have been signed out');
      await page.goto('/account');
      expect(new URL(page.url()).pathname).toBe('/sign-in');
    },
    LONG_MS,
  );

  it(
    'ends after half an hour without a page',
    async () => {
      const page = await browser().page({ baseURL: siteOf(app) });
      await signIn(page, app, north, 'approver');
      await page.goto('/');
      later(29 * MINUTE_MS);
      await page.goto('/account');
      expect(await heading(page)).toBe('Your account');
      later(31 * MINUTE_MS);
      await page.goto('/account');
      expect(new URL(page.url()).pathname).toBe('/sign-in');
      expect(page.url()).toContain('why=idle');
    },
    LONG_MS,
  );

  it(
    'is all there by keyboard, on a telephone, and in Welsh',
    async () => {
      const page = await browser().page({ baseURL: siteOf(app), width: 320, withoutScripts: true });
      await page.goto('/sign-in/sandbox');
      const person = page.getByRole('button', { name: 'First admin' });
      await person.focus();
      await follow(page, () => page.keyboard.press('Enter'));
      expect(await heading(page)).toBe('Northmarsh Integrated Care Board');
      await follow(page, () => page.getByRole('link', { name: 'Cymraeg' }).click());
      expect(await page.locator('html').getAttribute('lang')).toBe('cy');
      expect(await textOf(page.locator('h2').first())).toBe('Beth sydd angen ei wneud');
      expect(await axe(page)).toEqual([]);
      expect(await overflow(page)).toBeLessThanOrEqual(0);
    },
    LONG_MS,
  );

  it(
    'offers to be anybody in the sandbox alone',
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
        const page = await browser().page({ baseURL: siteOf(live) });
        await page.goto('/sign-in');
        expect(await textOf(page.locator('main'))).not.toContain('Choose who to be');
        const answer = await page.goto('/sign-in/sandbox');
        expect(answer?.status()).toBe(403);
      } finally {
        await live.close();
      }
    },
    LONG_MS,
  );
});

import type { Page } from 'playwright-core';
import {
  axe,
  complaintsOf,
  describeInChromium,
  overflow,
  tabThrough,
  textOf,
  titleOf,
  weighVisit,
  WIDTHS,
} from './support/chromium.js';
import { KITCHEN_PAGES, startKitchen, type Kitchen } from './support/kitchen.js';

let kitchen: Kitchen;
beforeAll(async () => {
  kitchen = await startKitchen();
});
afterAll(() => kitchen.close());

/** Opens a page on a slow line: what it needs of these files comes once it is released. */
async function openWithout(page: Page, files: string, path: string): Promise<() => void> {
  let release = () => {};
  const released = new Promise<void>((resolve) => (release = resolve));
  await page.route(files, (route) => released.then(() => route.fallback()));
  await page.goto(path, { waitUntil: 'commit' });
  return release;
}

describeInChromium('the look of the portal', (browser) => {
  const open = async (path: string, options: Parameters<ReturnType<typeof browser>['page']>[0] = {}): Promise<Page> => {
    const page = await browser().page({ baseURL: kitchen.url, ...options });
    await page.goto(path);
    return page;
  };

  const pages = [...KITCHEN_PAGES.map((name) => `/${name}`), '/form?errors', '/home?flash&lang=cy', '/form?stranger'];
  const { desk, phone, narrow } = WIDTHS;
  const shapes = [
    ...[desk, phone, narrow].map((width) => ({ width, withoutScripts: false })),
    ...[desk, narrow].map((width) => ({ width, withoutScripts: true })),
  ];
  it.each(shapes)('has no fault at $width px, scripts blocked: $withoutScripts', async (shape) => {
    for (const path of [...KITCHEN_PAGES.map((name) => `/${name}`), '/form?errors']) {
      const page = await open(path, shape);
      expect({ path, faults: await axe(page) }).toEqual({ path, faults: [] });
      expect({ path, overflow: await overflow(page) }).toEqual({ path, overflow: 0 });
      expect({ path, complaints: complaintsOf(page) }).toEqual({ path, complaints: [] });
    }
  });

  it.each(pages)('shows the focus at every stop of %s', async (path) => {
    const { stops, faults } = await tabThrough(await open(path, { height: 600 }));
    expect(faults).toEqual([]);
    expect(stops).toBeGreaterThan(8);
  });

  it('judges a page by its styles, when they come later than its text', async () => {
    const page = await browser().page({ baseURL: kitchen.url });
    const release = await openWithout(page, '**/*.css', '/home');
    await page.waitForSelector('footer', { state: 'attached' });
    const [faults, text] = [axe(page), textOf(page.locator('body'))];
    await page.evaluate('new Promise((resolve) => { setTimeout(resolve, 300); })');
    release();
    expect(await faults).toEqual([]);
    expect(await text).toBe(await textOf((await open('/home')).locator('body')));
  });

  it('finds what is wrong with a page that has faults', async () => {
    const page = await open('/home');
    await page.evaluate(`
      const link = document.querySelector('.wp-brand');
      link.style.cssText = 'outline: none !important; box-shadow: none';
      document.querySelector('.wp-footer').innerHTML = '<img src="/static/none.png">';
      for (const css of ['width: 2000px', 'position: fixed; inset: 120px 0 0; background: #fff']) {
        document.body.append(Object.assign(document.createElement('div'), { textContent: css }));
        document.body.lastChild.style.cssText = css; // the policy lets no style come in as markup
      }
    `);
    expect(await overflow(page)).toBeGreaterThan(600);
    expect((await axe(page)).join('\n')).toContain('image-alt');
    const { faults } = await tabThrough(page);
    expect(faults.join('\n')).toContain('shows no focus');
    expect(faults.join('\n')).toContain('is hidden behind something');
  });

  it.each(pages)('lets no text of a visitor become markup on %s', async (path) => {
    const page = await open(`${path}${path.includes('?') ? '&' : '?'}hostile`);
    expect(await titleOf(page)).not.toContain('hacked');
    expect(await page.evaluate('document.querySelectorAll("img, main script").length')).toBe(0);
    expect(await page.textContent('body')).toContain('<img src=x onerror=');
    expect(await overflow(page)).toBe(0);
  });

  it('weighs little on a first visit', async () => {
    const { total, parts } = await weighVisit(await browser().page(), `${kitchen.url}/form`);
    const size = (type: string): number =>
      Object.entries(parts).reduce((sum, [url, bytes]) => (url.endsWith(type) ? sum + bytes : sum), 0);
    expect(size('.css')).toBeLessThan(20_000);
    expect(size('.js')).toBeLessThan(15_000);
    expect(total).toBeLessThan(60_000);
  });
});

describeInChromium('the scripts of the portal', (browser) => {
  const open = async (path: string): Promise<Page> => {
    const page = await browser().page({ baseURL: kitchen.url });
    await page.goto(path);
    return page;
  };

  it('put the focus on the errors, and each of them leads to its field', async () => {
    const page = await open('/form?errors');
    expect(await titleOf(page)).toMatch(/^Error: /);
    expect(await page.evaluate('document.activeElement.className')).toContain('govuk-error-summary');
    for (const field of ['reference', 'servedOn', 'attended', 'needs', 'service', 'file']) {
      await page.click(`.govuk-error-summary a[href="#${field}"]`);
      expect(await page.evaluate('document.activeElement.id')).toBe(field);
    }
  });

  it('put the focus on the news of what was done', async () => {
    const page = await open('/home?flash');
    expect(await page.evaluate('document.activeElement.textContent.trim()')).toBe('Approved');
  });

  it('select all rows of the page, and say how many and for how much', async () => {
    const page = await open('/list');
    const bar = page.locator('.wp-actions__count');
    await page.check('[aria-label="Select SP10001"]');
    expect(await bar.textContent()).toBe('Selected: 1 · Total: £17.00');
    expect(await page.evaluate('document.querySelector("#select-all").indeterminate')).toBe(true);
    await page.check('#select-all');
    expect(await bar.textContent()).toBe('Selected: 10 · Total: £467.50');
    await page.uncheck('[aria-label="Select SP10009"]');
    expect(await bar.textContent()).toBe('Selected: 9 · Total: £382.50');
    expect(await page.isChecked('#select-all')).toBe(false);
  });

  it('send a form once, with the button that was pressed', async () => {
    const page = await open('/list');
    kitchen.posts.length = 0;
    await page.evaluate(`
      const button = document.querySelector('button[value="query"]');
      button.click();
      button.click();
    `);
    await page.waitForURL('**/home');
    expect(kitchen.posts.map(({ path }) => path)).toEqual(['/decide']);
    expect(kitchen.posts[0]?.body).toContain('_csrf=token-of-csrf&_once=token-of-once');
    expect(kitchen.posts[0]?.body).toContain('decision=query');
  });

  it('show a price while the form is filled in', async () => {
    const page = await open('/form');
    kitchen.posts.length = 0;
    await page.fill('#price', '8.50');
    await page.locator('[data-preview]', { hasText: 'A session comes to £8.50' }).waitFor();
    expect(kitchen.posts.map(({ path }) => path)).toEqual(['/preview']);
    expect(kitchen.posts[0]?.body).toContain('price=8.50');
  });

  it('count as changed what was filled in before they came', async () => {
    const page = await browser().page({ baseURL: kitchen.url });
    const release = await openWithout(page, '**/*.js', '/form');
    kitchen.posts.length = 0;
    await page.fill('#price', '8.50');
    release();
    await page.locator('[data-preview]', { hasText: 'A session comes to £8.50' }).waitFor();
    expect(kitchen.posts.map(({ path }) => path)).toEqual(['/preview']);
  });

  it('add and remove rows, whose fields have names of their own', async () => {
    const page = await open('/form');
    const names = (): Promise<unknown> =>
      page.evaluate('[...document.querySelectorAll("[data-items] input")].map((input) => input.name)');
    await page.click('[data-add]');
    expect(await names()).toEqual(['sessions.0.place', 'sessions.1.place', 'sessions.2.place']);
    expect(await page.evaluate('document.activeElement.name')).toBe('sessions.2.place');
    await page.click('[data-item]:nth-child(2) [data-remove]');
    expect(await names()).toEqual(['sessions.0.place', 'sessions.2.place']);
    expect(await page.locator('[data-item] legend').allTextContents()).toEqual(['Session 1', 'Session 2']);
    await page.click('[data-add]');
    await page.click('[data-add]');
    expect(await page.locator('[data-add]').isVisible()).toBe(false);
  });

  it('follow a payment run to its end', async () => {
    const page = await open('/pieces');
    await page.locator('[data-when-done]').waitFor();
    expect(await page.textContent('[data-progress-text]')).toBe('Paid 40 of 40');
    expect(await page.textContent('.wp-progress [role="status"]')).toBe('Paid 40 of 40');
    expect(await page.evaluate('document.querySelector("progress").position')).toBe(1);
  });

  it('warn before the session ends, extend it in place, and say when it has ended', async () => {
    const page = await browser().page({ baseURL: kitchen.url });
    await page.clock.install({ time: new Date('2026-10-08T09:00:00Z') });
    await page.goto('/form');
    kitchen.posts.length = 0;
    await page.focus('#price');
    await page.clock.fastForward('24:50');
    expect(await page.locator('.wp-session').isVisible()).toBe(false);
    await page.clock.fastForward('00:15');
    expect(await page.textContent('.wp-session [role="alert"]')).toContain('You will be signed out in 5 minutes.');
    expect(await axe(page)).toEqual([]);
    await page.click('.wp-session button');
    await page.locator('.wp-session').waitFor({ state: 'hidden' });
    expect(kitchen.posts).toEqual([{ path: '/session/extend', body: '_csrf=token-of-csrf' }]);
    expect(await page.evaluate('document.activeElement.id')).toBe('price');
    await page.clock.fastForward('30:05');
    expect(await page.textContent('.wp-session [role="alert"]')).toContain('You have been signed out.');
  });

  it('count what may still be written, and show a password', async () => {
    const page = await open('/form');
    await page.fill('#reason', 'x'.repeat(39));
    expect(await page.textContent('.govuk-character-count__status')).toBe('You have 1 character left');
    await page.fill('#password', 'open sesame');
    await page.click('button[aria-controls="password"]');
    expect(await page.getAttribute('#password', 'type')).toBe('text');
  });

  it('say so when a passkey is not used', async () => {
    const page = await open('/pieces');
    kitchen.posts.length = 0;
    await page.evaluate(`navigator.credentials.get = () => Promise.reject(new DOMException('no', 'NotAllowedError'))`);
    await page.click('[data-module="wp-passkey"] button');
    await page
      .locator('[data-module="wp-passkey"] [role="alert"]', { hasText: 'Your passkey was not used.' })
      .waitFor();
    expect(kitchen.posts.map(({ path }) => path)).toEqual(['/passkey-options']);
  });
});

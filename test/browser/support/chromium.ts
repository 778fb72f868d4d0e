import { accessSync, constants, mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { delimiter, dirname, join } from 'node:path';
import {
  chromium,
  type Browser,
  type BrowserContext,
  type BrowserContextOptions,
  type Locator,
  type Page,
} from 'playwright-core';

/** The widths that every page is looked at: a desk, a phone, and the narrowest of WCAG 1.4.10. */
export const WIDTHS = { desk: 1280, phone: 390, narrow: 320 } as const;

export type PageOptions = Readonly<{
  width?: number;
  height?: number;
  /** Requests for scripts fail. Not `javaScriptEnabled: false`, under which axe could not run. */
  withoutScripts?: boolean;
  forcedColors?: boolean;
  /** Whether axe is in every page from its beginning: half a megabyte, for a visitor who has each page looked at. */
  withAxe?: boolean;
  /** What is in front of the paths of `goto`. */
  baseURL?: string;
  locale?: string;
}>;

/** The first has no window that it could show, and is the quickest. */
const NAMES = ['chromium-headless-shell', 'chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable'];
const ARGUMENTS = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
];
const BLOCKED = 'net::ERR_BLOCKED_BY_CLIENT';
const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const probesSource = readFileSync(join(import.meta.dirname, 'page-probes.js'), 'utf8');
const complaints = new WeakMap<Page, string[]>();

/** CHROMIUM_PATH, or the first Chromium or Chrome on the PATH; undefined when there is none. */
export function findChromium(env: NodeJS.ProcessEnv = process.env): string | undefined {
  if (env.CHROMIUM_PATH) return env.CHROMIUM_PATH;
  const folders = [...(env.PATH ?? '').split(delimiter), '/usr/bin'];
  return folders.flatMap((folder) => NAMES.map((name) => join(folder, name))).find(isExecutable);
}

/** One browser for the tests of a file, and for each test pages of its own, which are closed after it. */
export class Chromium {
  private readonly contexts: BrowserContext[] = [];

  private constructor(private readonly browser: Browser) {}

  static async start(): Promise<Chromium> {
    return new Chromium(await chromium.launch({ executablePath: findChromium(), args: ARGUMENTS }));
  }

  /** A page in a context of its own: no cookies, nothing cached. */
  async page(options: PageOptions = {}): Promise<Page> {
    const { width = WIDTHS.desk, height = 800, baseURL, locale = 'en-GB' } = options;
    const wanted: BrowserContextOptions = {
      viewport: { width, height },
      locale,
      timezoneId: 'Europe/London',
      reducedMotion: 'reduce',
      ...(baseURL === undefined ? {} : { baseURL }),
      ...(options.forcedColors ? { forcedColors: 'active' } : {}),
    };
    const context = await this.browser.newContext(wanted);
    this.contexts.push(context);
    context.setDefaultTimeout(10_000);
    if (options.withoutScripts) {
      await context.route('**/*', (route) =>
        route.request().resourceType() === 'script' ? route.abort('blockedbyclient') : route.fallback(),
      );
    }
    if (options.withAxe) await context.addInitScript(axeSource);
    const page = await context.newPage();
    listen(page);
    return page;
  }

  async closePages(): Promise<void> {
    for (const context of this.contexts.splice(0)) await context.close();
  }

  async close(): Promise<void> {
    await this.closePages();
    await this.browser.close();
  }
}

/**
 * Like `describe`, with a browser. Where no Chromium is installed its tests are skipped, unless
 * WELLPAID_REQUIRE_CHROMIUM=1 (continuous integration) says that this is a failure.
 */
export function describeInChromium(name: string, body: (browser: () => Chromium) => void): void {
  const required = process.env.WELLPAID_REQUIRE_CHROMIUM === '1';
  if (findChromium() === undefined && !required) {
    const describeLater = describe.skip;
    describeLater(`${name} (no Chromium: apt-get install chromium, or set CHROMIUM_PATH)`, () => body(() => missing()));
    return;
  }
  describe(name, () => {
    let started: Chromium | undefined;
    beforeAll(async () => {
      started = findChromium() === undefined ? missing() : await Chromium.start();
    });
    afterEach(() => started?.closePages());
    afterAll(() => started?.close());
    body(() => started ?? missing());
  });
}

function missing(): never {
  throw new Error('No Chromium was found: apt-get install chromium, or set CHROMIUM_PATH');
}

/**
 * Waits until the page has its styles. A page that a form led to is there as soon as its text is, and is measured
 * without them when they come late; Chromium paints nothing before, so that nobody sees it so.
 */
async function dressed(page: Page): Promise<void> {
  await page.waitForLoadState('load');
}

/** What the page shows of it, line by line: which of its parts share a line is a matter of style. */
export async function textOf(shown: Locator): Promise<string> {
  await dressed(shown.page());
  return shown.innerText();
}

/** `textOf` each of those that are there now. */
export async function textsOf(shown: Locator): Promise<string[]> {
  await dressed(shown.page());
  return shown.allInnerTexts();
}

/** The title of the page, which is there once all of it is. */
export async function titleOf(page: Page): Promise<string> {
  await dressed(page);
  return page.title();
}

/** What axe finds against WCAG 2.2 A and AA, one line each. It is evaluated past the page's own policy. */
export async function axe(page: Page, rules: Readonly<Record<string, { enabled: boolean }>> = {}): Promise<string[]> {
  await dressed(page);
  // Half a megabyte, of which a page that was looked at before has had its own.
  if (!(await page.evaluate<boolean>("'axe' in window"))) await page.evaluate(axeSource);
  await page.evaluate(probesSource);
  return page.evaluate<string[]>(`probes.axe(${JSON.stringify(rules)})`);
}

/** How many pixels the page is wider than its window: 0 or less is right. */
export async function overflow(page: Page): Promise<number> {
  await dressed(page);
  await page.evaluate(probesSource);
  return page.evaluate<number>('probes.overflow()');
}

/**
 * Presses Tab from the top of the page to its end, and says at which stops the focus does not show (WCAG 2.4.7) or is
 * hidden behind something (2.4.11). `stops` is how many there were.
 */
export async function tabThrough(page: Page, stopsMax = 250): Promise<{ stops: number; faults: string[] }> {
  await dressed(page);
  await page.evaluate(probesSource);
  await page.evaluate('probes.toTop()');
  const faults: string[] = [];
  for (let stops = 0; stops < stopsMax; stops += 1) {
    await page.keyboard.press('Tab');
    const focus = await page.evaluate<{ name: string; faults: string[] } | null>('probes.focus()');
    if (focus === null) return { stops, faults };
    faults.push(...focus.faults.map((fault) => `${focus.name} ${fault}`));
  }
  return { stops: stopsMax, faults: [...faults, `the page did not end after ${stopsMax} stops`] };
}

/** What the page complained of so far: errors in scripts, refusals by its policy, requests that failed. */
export function complaintsOf(page: Page): readonly string[] {
  return complaints.get(page) ?? [];
}

/** Bytes of the bodies that came over the line for one address, by a browser that has nothing of it yet. */
export async function weighVisit(page: Page, url: string): Promise<{ total: number; parts: Record<string, number> }> {
  const parts: Record<string, number> = {};
  const weighing: Promise<void>[] = [];
  page.on('requestfinished', (request) => {
    const kept = request.sizes().then(({ responseBodySize }) => void (parts[request.url()] = responseBodySize));
    weighing.push(kept);
  });
  await page.goto(url, { waitUntil: 'networkidle' });
  await Promise.all(weighing);
  return { total: Object.values(parts).reduce((sum, size) => sum + size, 0), parts };
}

/** Saves the page as a picture at a width, from top to bottom. */
export async function screenshot(page: Page, file: string, width: number = WIDTHS.desk): Promise<void> {
  mkdirSync(dirname(file), { recursive: true });
  await dressed(page);
  await page.setViewportSize({ width, height: 800 });
  // In a window as high as the page, what sticks to the window's edge stands where it belongs.
  const height = await page.evaluate<number>('document.documentElement.scrollHeight');
  await page.setViewportSize({ width, height });
  await page.screenshot({ path: file, fullPage: true, animations: 'disabled', caret: 'hide' });
}

/** Gives the page an authenticator that holds passkeys and verifies its user without asking. */
export async function plugInAuthenticator(page: Page): Promise<void> {
  const session = await page.context().newCDPSession(page);
  await session.send('WebAuthn.enable');
  await session.send('WebAuthn.addVirtualAuthenticator', {
    options: {
      protocol: 'ctap2',
      transport: 'internal',
      hasResidentKey: true,
      hasUserVerification: true,
      isUserVerified: true,
      automaticPresenceSimulation: true,
    },
  });
}

function listen(page: Page): void {
  const heard: string[] = [];
  complaints.set(page, heard);
  page.on('console', (message) => {
    if (message.type() === 'error' && !message.text().includes(BLOCKED)) heard.push(message.text());
  });
  page.on('pageerror', (error) => heard.push(String(error)));
  page.on('requestfailed', (request) => {
    const reason = request.failure()?.errorText ?? '';
    if (!reason.startsWith(BLOCKED) && reason !== 'net::ERR_ABORTED') heard.push(`${request.url()} ${reason}`);
  });
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

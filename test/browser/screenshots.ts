// npm run screenshots: the pictures of docs/images, taken of the demo in a real browser. Play the demo first.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Page } from 'playwright-core';
import { createApp } from '../../src/app.js';
import { readConfig } from '../../src/platform/config.js';
import { projectRoot } from '../../src/platform/paths.js';
import { openRuntime, sandboxClockFile } from '../../src/runtime.js';
import { Chromium, screenshot } from './support/chromium.js';

interface Picture {
  readonly file: string;
  /** Who looks; nobody for a page of the public. */
  readonly person?: string;
  /** Where they look, or how they get there. */
  readonly page: string | ((page: Page) => Promise<void>);
  readonly width?: number;
  /** How much of it, from the top; all unless given. */
  readonly height?: number;
}

const PICTURES: readonly Picture[] = [
  { file: 'home-coordinator.png', person: 'Nell Faber', page: '/' },
  { file: 'home-coordinator-telephone.png', person: 'Nell Faber', page: '/', width: 390 },
  { file: 'batch-review.png', person: 'Dana Okafor', page: (page) => openFirst(page, '/batches'), height: 1250 },
  { file: 'follow-the-money.png', person: 'Audit Northmarsh', page: followPayout, height: 1800 },
  { file: 'insights.png', person: 'Dana Okafor', page: '/insights', height: 1500 },
  { file: 'services.png', page: '/services/NMICB', height: 1250 },
];

async function openFirst(page: Page, list: string): Promise<void> {
  await page.goto(list);
  await page.locator('main table tbody th a').first().click();
  await page.waitForURL((url) => url.pathname !== list);
}

async function followPayout(page: Page): Promise<void> {
  await openFirst(page, '/payouts');
  await page.waitForURL(/\/payouts\/[0-9a-f-]{36}/);
  await page.goto(`/follow/${page.url().split('/').at(-1)}`);
}

/** Runs the application on the demo's data, on the day that the demo is at. */
async function takeAll(): Promise<void> {
  const folder = join(projectRoot(import.meta.url), 'docs', 'images');
  const runtime = await openRuntime({ ...readConfig(), port: 0, logLevel: 'error' }, { work: false });
  try {
    if (!existsSync(sandboxClockFile(runtime.dataDir))) throw new Error('There is no demo to look at: npm run demo');
    const app = await createApp(runtime);
    try {
      await app.listen(0, '127.0.0.1');
      const browser = await Chromium.start();
      try {
        for (const picture of PICTURES)
          await take(browser, (await app.getUrl()).replace('127.0.0.1', 'localhost'), folder, picture);
      } finally {
        await browser.close();
      }
    } finally {
      await app.close();
    }
  } finally {
    await runtime.stop();
  }
}

async function take(browser: Chromium, baseURL: string, folder: string, picture: Picture): Promise<void> {
  const { file, person, page: where, width = 1280, height } = picture;
  const page = await browser.page({ baseURL, width });
  if (person !== undefined) {
    await page.goto('/sign-in/sandbox');
    await page.getByRole('button', { name: person }).first().click();
    await page.waitForURL(`${baseURL}/`);
  }
  if (typeof where === 'string') await page.goto(where);
  else await where(page);
  const path = join(folder, file);
  if (height === undefined) await screenshot(page, path, width);
  else {
    await page.setViewportSize({ width, height });
    await page.screenshot({ path, animations: 'disabled', caret: 'hide' });
  }
  process.stdout.write(`docs/images/${file}\n`);
  await page.context().close();
}

await takeAll();

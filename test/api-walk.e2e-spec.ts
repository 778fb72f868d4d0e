import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { projectRoot } from '../src/platform/paths.js';
import { startStripeDouble, type RunningStripeDouble } from '../src/sandbox/stripe/index.js';
import { startTestApp, type TestApp } from './support/app.js';
import { matches, stepsOf, walk } from './support/walk.js';
import { commissioner } from './support/world.js';

describe('docs/api.md', () => {
  const steps = stepsOf(join(projectRoot(), 'docs', 'api.md'));
  const folder = mkdtempSync(join(tmpdir(), 'wellpaid-walk-'));
  let double: RunningStripeDouble;
  let app: TestApp;

  beforeAll(async () => {
    const clock: { now?: () => Date } = {};
    double = await startStripeDouble({ now: () => clock.now?.() ?? new Date(0), settleAfterSeconds: 0 });
    app = await startTestApp({ now: '2026-11-05T09:00:00Z', stripeUrl: double.url });
    clock.now = () => app.clock.now();
  });
  afterAll(async () => {
    await app.close();
    await double.close();
    rmSync(folder, { recursive: true });
  });

  it('walks from a key to a statement with commands that work, and prints what it says', async () => {
    const nelicb = await commissioner(app, 'NELICB');
    const environment = {
      WELLPAID: app.url,
      MANAGER: (await nelicb.as('admin', 'contract_manager')).key,
      APPROVER: (await nelicb.as('approver')).key,
      FINANCE: (await nelicb.as('finance')).key,
    };
    const printed = await walk(steps, environment, folder);
    const wrong = steps.flatMap(({ title, expected }, at) =>
      expected === undefined || matches(printed[at] ?? '', expected)
        ? []
        : [`"${title}" says\n${expected.text}and prints\n${printed[at]}`],
    );
    expect(wrong).toEqual([]);
    expect(steps.filter(({ expected }) => expected !== undefined).length).toBeGreaterThan(15);
  }, 120_000);

  it('stops at a command that fails, and says which', async () => {
    const step = (commands: string) => ({ title: 'A step', commands, expected: undefined });
    const failing = walk([step('echo fine'), step('echo odd; false'), step('echo never')], {}, folder);
    await expect(failing).rejects.toThrow(/"A step" ended with 1:\necho odd; false/);
  });

  it('takes … for what varies, and nothing else', () => {
    const json = (text: string) => ({ language: 'json', text }) as const;
    expect(matches('{"id":"7","a":[1,2]}', json('{"id":"…","a":[1,2]}'))).toBe(true);
    expect(matches('{"id":"7","b":1}', json('{"id":"7","…":"…"}'))).toBe(true);
    expect(matches('{"id":"7","b":1}', json('{"id":"7"}'))).toBe(false);
    expect(matches('{"id":"7"}', json('{"id":"8"}'))).toBe(false);
    expect(matches('{"a":[1]}', json('{"a":[1,2]}'))).toBe(false);
    expect(matches('paid 7', { language: 'text', text: 'paid …\n' })).toBe(true);
    expect(matches('owed 7', { language: 'text', text: 'paid …\n' })).toBe(false);
  });
});

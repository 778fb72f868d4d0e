import type { Page } from 'playwright-core';
import { startTestApp, type TestApp } from '../support/app.js';
import { visitor } from '../support/visitors.js';
import { commissioner, type Party, type Person } from '../support/world.js';
import { MonthStage, type BatchBody } from '../stories/month-stage.js';
import { axe, complaintsOf, describeInChromium, overflow, textOf, titleOf, WIDTHS } from './support/chromium.js';
import { signInAs, siteOf } from './support/people.js';

const NOVEMBER = '2026-11-05T09:00:00Z';
const HOSTILE = `<img src=x onerror="document.title='hacked'">'"--></textarea><script>document.title='hacked'</script>`;
const LONG_MS = 90_000;
const CAPPED = { basis: 'attendance', priceMinor: '3200', caps: { perReferral: 3 } };
const OCTOBER = ['2026-10-06', '2026-10-13', '2026-10-20', '2026-10-27'];

/** Approvers review what a provider claimed: they ask, refuse, and approve the rest. */
describeInChromium('the approver', (browser) => {
  let app: TestApp;
  let icb: Party;
  let approver: Person;
  let made = 0;

  beforeAll(async () => {
    app = await startTestApp({ now: NOVEMBER });
    icb = await commissioner(app, 'NORTH', 'Northmarsh ICB');
    approver = await icb.as('approver');
  }, LONG_MS);
  afterAll(() => app.close());

  /** Seven lines of £32.00, of which the fourth of the first person is beyond a cap. */
  async function submitted(): Promise<{ month: MonthStage; batch: BatchBody }> {
    const month = await MonthStage.of(app, icb, { card: CAPPED, code: `SP-${++made}X` });
    await month.attend(await month.referral('EL-1'), ...OCTOBER);
    await month.attend(await month.referral('EL-2'), ...OCTOBER.slice(1));
    return { month, batch: await month.submit() };
  }

  async function open(who: Person, options: { withoutScripts?: boolean; width?: number; fresh?: boolean } = {}) {
    const { fresh = true, ...look } = options;
    const page = await browser().page({ baseURL: siteOf(app), ...look });
    await signInAs(page, app, who, { fresh });
    return page;
  }

  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const follow = (page: Page, name: string | RegExp) => page.getByRole('link', { name }).first().click();
  const heading = (page: Page) => textOf(page.locator('h1'));
  const main = (page: Page) => textOf(page.locator('main'));
  const select = (page: Page, reference: string, day: string) =>
    page.getByRole('checkbox', { name: `Select ${reference}, Singing group, ${day}` }).check();

  /** Queries two lines, rejects one, and approves the four that are left, with a reason for the flagged one. */
  async function review(page: Page, batch: BatchBody): Promise<void> {
    await page.goto('/batches');
    await follow(page, batch.code);
    expect(await heading(page)).toMatch(/^Provider PROV\d+, October 2026: £224\.00$/);
    expect(await main(page)).toContain('Budget left after this\n£9,776.00');
    expect(await main(page)).toContain('Look at this first: 1 flagged line');
    expect(await main(page)).toContain('Over the cap: 4th session; the card covers 3');
    await press(page, 'Query selected');
    expect(await titleOf(page)).toMatch(/^Error: /);
    expect(await main(page)).toContain('Select at least one line to query or reject');

    await select(page, 'EL-2', '13 October 2026');
    await select(page, 'EL-2', '20 October 2026');
    await press(page, 'Query selected');
    expect(await heading(page)).toBe('Query 2 lines, £64.00');
    await press(page, 'Send 2 questions');
    expect(await titleOf(page)).toMatch(/^Error: /);
    expect(await main(page)).toContain('Write your question');
    await page.locator('#words').fill('Was this about 943 476 5919?');
    await press(page, 'Send 2 questions');
    expect(await main(page)).toContain('Take the NHS number out');
    await page.locator('#words').fill('Was this session held?');
    await page.getByText('Ask something else about this line').nth(1).click();
    await page.getByLabel('Your question about EL-2, 20 October 2026').fill('Who led it?');
    await press(page, 'Send 2 questions');
    expect(await main(page)).toContain('2 lines have been queried.');
    expect(await heading(page)).toContain('£160.00');
    expect(await main(page)).toContain('Who led it?');

    await select(page, 'EL-2', '27 October 2026');
    await press(page, 'Reject selected');
    expect(await heading(page)).toBe('Reject 1 line, £32.00');
    await page.locator('#words').fill('The group was closed that day.');
    await press(page, 'Reject the line');
    expect(await main(page)).toContain('1 line has been rejected');
    expect(await main(page)).toContain('3 lines left this batch');

    await press(page, 'Approve the batch');
    expect(await heading(page)).toBe('Confirm that it is you');
    await press(page, 'Confirm with one click');
    expect(await heading(page)).toMatch(/^Approve Provider PROV\d+, October 2026$/);
    expect(await main(page)).toContain('Do not include anything that could identify a person who was referred.');
    await press(page, 'Approve £128.00');
    expect(await main(page)).toContain('Say why the flagged lines should be paid');
    await page.locator('#flagsReason').fill('Agreed by telephone.');
    await press(page, 'Approve £128.00');
    expect(await heading(page)).toBe('Batch approved');
    expect(await main(page)).toContain('£128.00 is owed to Provider');
    expect(await main(page)).toContain('by 5 December 2026');
    await follow(page, 'Look at the approved batch');
    expect(await main(page)).toContain('Agreed by telephone.');
    expect(await page.getByRole('checkbox').count()).toBe(0);
  }

  it(
    'asks about lines, refuses one and approves the rest, after proving who it is',
    async () => {
      const { month, batch } = await submitted();
      const page = await open(approver, { fresh: false });
      await review(page, batch);
      expect(await month.read(batch)).toMatchObject({ state: 'approved', lineCount: 4, totalMinor: '12800' });
      const { body } = await month.coordinator.get<{ items: { question: string }[] }>('/v1/queries?open=true');
      expect(body.items.map(({ question }) => question).toSorted()).toEqual(['Was this session held?', 'Who led it?']);
      expect(complaintsOf(page).filter((one) => !one.includes('422'))).toEqual([]); // a form to be mended answers so
    },
    LONG_MS,
  );

  it(
    'does the same without scripts',
    async () => {
      const { month, batch } = await submitted();
      await review(await open(approver, { withoutScripts: true, fresh: false }), batch);
      expect(await month.read(batch)).toMatchObject({ state: 'approved', totalMinor: '12800' });
    },
    LONG_MS,
  );

  it(
    'counts what is selected, and does it all with the keyboard alone',
    async () => {
      const { month, batch } = await submitted();
      const page = await open(approver);
      await page.goto(`/batches/${batch.id}`);
      await page.locator('#select-all').focus();
      await page.keyboard.press('Space');
      expect(await textOf(page.locator('.wp-actions__count'))).toBe('Selected: 7 · Total: £224.00');
      await page.keyboard.press('Space');
      await page.keyboard.press('Tab');
      await page.keyboard.press('Space');
      expect(await textOf(page.locator('.wp-actions__count'))).toBe('Selected: 1 · Total: £32.00');
      await tabTo(page, 'Reject selected');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/reject\?line=/);
      await page.locator('#words').focus();
      await page.keyboard.type('Beyond the cap.');
      await tabTo(page, 'Reject the line');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/batches\/[0-9a-f-]+$/);
      expect(await main(page)).toContain('1 line has been rejected');
      await tabTo(page, 'Approve the batch');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/approve\?digest=/);
      await tabTo(page, 'Approve £192.00');
      await page.keyboard.press('Enter');
      await page.waitForURL(/\/approved$/);
      expect(await month.read(batch)).toMatchObject({ state: 'approved', totalMinor: '19200' });
    },
    LONG_MS,
  );

  it(
    'is told when somebody else was faster, and loses nothing of what was not decided',
    async () => {
      const { month, batch } = await submitted();
      const [first = '', second = '', third = ''] = (await month.lines(batch)).map(({ claimId }) => claimId);
      const lineOf = (claimId: string, what: string) => `/v1/batches/${batch.id}/claims/${claimId}/${what}`;
      const page = await open(approver);

      await page.goto(`/batches/${batch.id}/query?line=${first}&line=${second}&line=${third}`);
      await page.locator('#words').fill('Was this session held?');
      const other = (await icb.another('approver')).api;
      await other.post(lineOf(second, 'query'), { question: 'Mine first.' });
      await press(page, 'Send 3 questions');
      expect(await main(page)).toContain('Somebody else already decided 1 of these; the other 2 have been queried.');
      expect(await month.read(batch)).toMatchObject({ lineCount: 4, totalMinor: '12800' });

      await page.goto(`/batches/${batch.id}/reject?line=${first}`);
      expect(await main(page)).toContain('Somebody else already decided that line. Nothing was changed.');

      await page.goto(`/batches/${batch.id}`);
      const [next = ''] = (await month.lines(batch)).map(({ claimId }) => claimId);
      await other.post(lineOf(next, 'reject'), { reason: 'Not this one.' });
      await press(page, 'Approve the batch');
      expect(await main(page)).toContain('You saw 4 lines, £128.00. Now it has 3 lines, £96.00.');
      expect(await page.getByRole('button', { name: /^Approve/ }).count()).toBe(0);

      await follow(page, 'Look at the batch again');
      await press(page, 'Approve the batch');
      await other.post(`/v1/batches/${batch.id}/approve`, { digest: (await month.read(batch)).digest });
      await press(page, 'Approve £96.00');
      expect(await main(page)).toContain('Somebody else has already approved this batch.');
      expect(await main(page)).toContain('Approved on 5 November 2026 by approver of NORTH');
    },
    LONG_MS,
  );

  it(
    'is told what stands against an approval before it is tried, and is refused all the same',
    async () => {
      const month = await MonthStage.of(app, icb, { code: `SP-${++made}X` });
      await month.attend(await month.referral('EL-1'), ...OCTOBER);
      const maker = await icb.as('contract_manager', 'approver');
      const request = { contract: month.contract.contractCode, period: '2026-10' };
      const { body } = await maker.api.post<{ items: BatchBody[] }>('/v1/batches', request);
      const [batch] = body.items;
      if (!batch) throw new Error('no batch');
      const address = `/batches/${batch.id}`;
      const confirm = `${address}/approve?digest=${batch.digest}&count=4&total=12800`;

      const own = await open(maker);
      await own.goto(address);
      expect(await main(own)).toContain('You cannot approve this batch, because you submitted it');
      expect(await own.getByRole('button', { name: 'Approve the batch' }).count()).toBe(0);
      expect(await own.getByRole('button', { name: 'Query selected' }).count()).toBe(1);
      await own.goto(confirm);
      expect(await own.getByRole('button', { name: /^Approve/ }).count()).toBe(0);

      const forced = await visitor(app, maker);
      const answer = await forced.send(address, `${address}/approve`, { digest: batch.digest });
      expect(answer).toMatchObject({ status: 422 });
      expect(answer.text).toContain('You submitted this batch, so somebody else must approve it.');

      const limited = await icb.another('approver');
      await app.admin.query('update member set approval_limit_minor = 12799 where id = $1', [limited.memberId]);
      const above = await open(limited);
      await above.goto(address);
      expect(await main(above)).toContain('It comes to £128.00, and you may approve up to £127.99.');
      expect(await month.read(batch)).toMatchObject({ state: 'submitted' });
    },
    LONG_MS,
  );

  it(
    'rejects a whole batch, which its provider reads with the reason, as text',
    async () => {
      const { month, batch } = await submitted();
      const [first = ''] = (await month.lines(batch)).map(({ claimId }) => claimId);
      await month.approver.post(`/v1/batches/${batch.id}/claims/${first}/query`, { question: HOSTILE });
      const page = await open(approver);
      await page.goto(`/batches/${batch.id}`);
      await follow(page, 'Reject the whole batch');
      await press(page, 'Reject the whole batch');
      expect(await main(page)).toContain('Say why you reject it');
      await page.locator('#words').fill(HOSTILE);
      await press(page, 'Reject the whole batch');
      expect(await main(page)).toContain('The batch has been rejected.');
      const provider = await open(await month.provider.as('coordinator'));
      await provider.goto(`/batches/${batch.id}`);
      for (const one of [page, provider]) {
        expect(await main(one)).toContain('Reason: <img src=x');
        expect(await main(one)).toContain("<script>document.title='hacked'</script>");
        expect(await titleOf(one)).not.toContain('hacked');
        expect(await one.getByRole('button', { name: /selected|whole/ }).count()).toBe(0);
      }
      expect(complaintsOf(provider)).toEqual([]);
      const stranger = await open(await (await MonthStage.of(app, icb)).provider.as('coordinator'));
      expect((await stranger.goto(`/batches/${batch.id}`))?.status()).toBe(404);
    },
    LONG_MS,
  );

  it(
    'can be read by everybody at 320 pixels, in both languages',
    async () => {
      const { month, batch } = await submitted();
      const [first = '', second = ''] = (await month.lines(batch)).map(({ claimId }) => claimId);
      const done = await submitted();
      await done.month.approve(done.batch, { flagsReason: 'Agreed.' });
      const page = await open(approver, { width: WIDTHS.narrow });
      const pages = [
        '/batches',
        '/batches?state=approved',
        `/batches/${batch.id}`,
        `/batches/${batch.id}/approve?digest=${batch.digest}&count=7&total=22400`,
        `/batches/${batch.id}/query?line=${first}&line=${second}`,
        `/batches/${batch.id}/reject?line=${first}`,
        `/batches/${batch.id}/reject`,
        `/batches/${done.batch.id}/approved`,
        `/batches/${done.batch.id}`,
      ];
      for (const path of pages) {
        await page.goto(path);
        expect([path, await axe(page), await overflow(page)]).toEqual([path, [], 0]);
      }
      await page.goto('/language/cy?to=/batches');
      for (const path of pages) {
        await page.goto(path);
        expect(await page.locator('html').getAttribute('lang')).toBe('cy');
        expect(await main(page)).not.toMatch(/batches\.[a-z]|\{@?\w+\}/);
      }
      expect(await heading(page)).toContain('October 2026'.replace('October', 'Hydref'));
    },
    LONG_MS,
  );
});

/** Goes on with Tab until the button has the focus. */
async function tabTo(page: Page, name: string): Promise<void> {
  for (let stop = 0; stop < 120; stop++) {
    await page.keyboard.press('Tab');
    const text = await page.evaluate<string>('document.activeElement?.textContent?.trim() ?? ""');
    if (text === name) return;
  }
  throw new Error(`${name} was not reached`);
}

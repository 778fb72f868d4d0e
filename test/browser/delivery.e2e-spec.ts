import type { Page } from 'playwright-core';
import { agreement, type Agreement } from '../support/agreement.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, registered, type Party } from '../support/world.js';
import {
  axe,
  complaintsOf,
  describeInChromium,
  overflow,
  textOf,
  textsOf,
  titleOf,
  WIDTHS,
} from './support/chromium.js';
import { signIn, siteOf } from './support/people.js';

const NOVEMBER = '2026-11-03T09:00:00Z';
const HOSTILE = `<img src=x onerror="document.title='hacked'">'"--></textarea><script>document.title='hacked'</script>`;
const LONG_MS = 90_000;

/** A coordinator's month: sessions, claims, a file, a month that is sent, and a question that is answered. */
describeInChromium('the coordinator', (browser) => {
  let app: TestApp;
  let icb: Party;
  let choir: Party;
  let surgery: Party;
  let made = 0;

  beforeAll(async () => {
    app = await startTestApp({ now: NOVEMBER });
    icb = await commissioner(app, 'NELICB', 'North East London ICB');
    surgery = await registered(app, icb, 'referrer', 'SURGERY');
  }, LONG_MS);
  afterAll(() => app.close());

  /** A provider of its own for each test, with a contract and people whose referrals it has accepted. */
  async function provide(code: string, people: number): Promise<{ deal: Agreement; references: string[] }> {
    choir = await registered(app, icb, 'provider', code);
    const deal = await agreement(icb, choir, { code: `${code}-1`, serviceCode: 'SING' });
    const references: string[] = [];
    for (let index = 0; index < people; index++) references.push(await refer(deal));
    return { deal, references };
  }

  async function refer(deal: Agreement): Promise<string> {
    const [referrer, coordinator] = [await surgery.as('referrer'), await choir.as('coordinator')];
    const reference = `EL-${++made}`;
    const about = { providerId: choir.id, service: deal.serviceCode, contract: deal.contractCode, source: 'nhs' };
    const request = { ...about, reference, madeOn: '2026-09-01', sessionsPlanned: 6 };
    const { body } = await referrer.api.post<{ id: string }>('/v1/referrals', request);
    await coordinator.api.post(`/v1/referrals/${body.id}/accept`, { acceptedOn: '2026-09-02' });
    return reference;
  }

  async function open(options: { withoutScripts?: boolean; width?: number } = {}): Promise<Page> {
    const page = await browser().page({ baseURL: siteOf(app), ...options });
    await signIn(page, app, choir, 'coordinator');
    return page;
  }

  const press = (page: Page, name: string | RegExp) => page.getByRole('button', { name }).first().click();
  const follow = (page: Page, name: string | RegExp) => page.getByRole('link', { name }).first().click();
  const heading = (page: Page) => textOf(page.locator('h1'));
  const main = (page: Page) => textOf(page.locator('main'));

  async function typeDay(
    page: Page,
    name: string,
    [day, month, year]: readonly [string, string, string],
  ): Promise<void> {
    await page.locator(`[name="${name}-day"]`).fill(day);
    await page.locator(`[name="${name}-month"]`).fill(month);
    await page.locator(`[name="${name}-year"]`).fill(year);
  }

  async function mark(page: Page, reference: string, outcome: string): Promise<void> {
    const group = page.getByRole('group', { name: reference, exact: true });
    await group.getByRole('radio', { name: outcome, exact: true }).check();
  }

  /** Six people, five of whom came; recorded, claimed from the list, and the month sent. */
  async function playMonth(page: Page, references: readonly string[]): Promise<void> {
    await page.goto('/sessions');
    await follow(page, 'Record a session');
    await typeDay(page, 'heldOn', ['27', 'Oct', '2026']);
    await page.locator('#start').fill('2pm');
    await page.locator('#end').fill('15.00');
    await page.getByRole('radio', { name: 'In person' }).check();
    await page.getByRole('radio', { name: 'Group', exact: true }).check();
    for (const reference of references.slice(0, 4)) await mark(page, reference, 'Attended');
    await mark(page, references[4] ?? '', 'Did not attend');
    await page.locator('[name="more-0-reference"]').fill(`  ${references[5]?.toLowerCase()} `);
    await page.locator('[name="more-0-outcome"][value="attended"]').check();
    await press(page, 'Record session');
    expect(await heading(page)).toBe('Session recorded');
    expect(await main(page)).toContain('5 of 6 people attended');
    expect(await main(page)).toContain('You can claim £160.00 for this session.');
    await press(page, 'Add to my claims');
    expect(await main(page)).toContain('It was added to your list.');
    expect(await main(page)).toContain('£160.00');
    await follow(page, 'Check and send');
    await press(page, 'Send these claims');
    expect(await titleOf(page)).toMatch(/^Error: /);
    await page.getByRole('checkbox').check();
    await press(page, 'Send these claims');
    expect(await heading(page)).toBe('Claims sent');
    expect(await main(page)).toContain('6 claims, in total');
    expect(await main(page)).toContain('£160.00');
    expect(await main(page)).toContain('North East London ICB reviews it by 20 November 2026');
    await follow(page, 'Send a month for review');
    expect(await heading(page)).toBe('Send October 2026 for review');
    await press(page, 'Continue');
    expect(await heading(page)).toBe('Send October 2026 for review?');
    expect(await main(page)).toContain('£160.00');
    await press(page, 'Send for review');
    expect(await heading(page)).toBe('October 2026 was sent for review');
    expect(await main(page)).toMatch(/Reference:\s+\S+-1-202610-M1/);
    expect(await main(page)).toContain('the money is due by 17 December 2026');
    await page.goto('/claims/month?month=2026-10');
    expect(await main(page)).toContain('nothing new since');
  }

  it(
    'records a session, claims it and sends the month',
    async () => {
      const { references } = await provide('CHOIR', 6);
      const page = await open();
      await playMonth(page, references);
      await page.goto('/sessions/new');
      expect(await page.locator('#start').inputValue()).toBe('14:00');
      expect(await page.locator('input[type="radio"][value="attended"]:checked').count()).toBe(6);
      expect(complaintsOf(page).filter((one) => !one.includes('422'))).toEqual([]); // a form to be mended answers so
    },
    LONG_MS,
  );

  it(
    'does the same without scripts',
    async () => {
      const { references } = await provide('WALKS', 6);
      const page = await open({ withoutScripts: true });
      await playMonth(page, references);
    },
    LONG_MS,
  );

  it(
    'keeps what was typed, and says beside each row what to mend',
    async () => {
      const { references } = await provide('SHEDS', 2);
      const page = await open();
      await page.goto('/sessions/new');
      await press(page, 'Record session');
      expect(await titleOf(page)).toMatch(/^Error: /);
      expect(await main(page)).toContain('Enter the day of the session');
      await typeDay(page, 'heldOn', ['31', '10', '2026']);
      await page.locator('#start').fill('10:00');
      await page.getByRole('radio', { name: 'In person' }).check();
      await page.getByRole('radio', { name: 'Group', exact: true }).check();
      await mark(page, references[0] ?? '', 'Attended');
      await press(page, 'Add another person');
      await page.locator('[name="more-0-reference"]').fill(HOSTILE.slice(0, 60));
      await page.locator('[name="more-0-outcome"][value="attended"]').check();
      await page.locator('[name="more-1-reference"]').fill('NOBODY-2');
      await page.locator('[name="more-1-outcome"][value="cancelled"]').check();
      await press(page, 'Record session');
      const errors = page.locator('.govuk-error-summary__list a');
      await expect(textsOf(errors)).resolves.toHaveLength(2);
      expect(await textOf(page.locator('#more-1-reference-error'))).toContain('no referral with this reference');
      expect(await page.locator('[name="more-0-reference"]').inputValue()).toBe(HOSTILE.slice(0, 60));
      expect(await page.locator('[name="more-1-outcome"][value="cancelled"]').isChecked()).toBe(true);
      expect(await titleOf(page)).not.toContain('hacked');
      await expect(
        page
          .getByRole('group', { name: references[0] ?? '', exact: true })
          .getByRole('radio', { name: 'Attended' })
          .isChecked(),
      ).resolves.toBe(true);
    },
    LONG_MS,
  );

  it(
    'sends a file, and is told of each row what to correct',
    async () => {
      const { references } = await provide('BATHS', 1);
      const page = await open();
      await page.goto('/claims/upload');
      await press(page, 'Send the file');
      expect(await main(page)).toContain('Choose the file');
      const bad = Array.from(
        { length: 12 },
        (_, index) => `NOBODY-${index},SING,27/10/2026,1${index % 10}:00,60,maybe`,
      );
      const good = `${references[0]},SING,27/10/2026,14:00,60,attended`;
      const csv = ['referral,service,date,start,minutes,outcome', good, ...bad].join('\r\n');
      const file = { name: 'october.csv', mimeType: 'text/csv', buffer: Buffer.from(csv) };
      await page.locator('#file').setInputFiles(file);
      await press(page, 'Send the file');
      expect(await heading(page)).toBe('12 rows need to be corrected');
      expect(await main(page)).toContain('for £32.00');
      expect(await textOf(page.locator('.govuk-error-summary__list li').last())).toBe('and 2 more');
      expect(await textOf(page.locator('tbody tr').first())).toContain('maybe');
      const [download] = await Promise.all([
        page.waitForEvent('download'),
        follow(page, 'Download 12 rows to correct'),
      ]);
      expect(download.suggestedFilename()).toBe('claims-to-correct.csv');
      await page.goto('/claims/upload');
      await page.locator('#file').setInputFiles({ ...file, buffer: Buffer.from('name,when\r\nJo,today') });
      await press(page, 'Send the file');
      expect(await heading(page)).toBe('The file was not taken');
    },
    LONG_MS,
  );

  it(
    'follows a file that is being taken, and stops it',
    async () => {
      const { deal } = await provide('STOPS', 1);
      const { rows } = await app.admin.query<{ id: string }>(
        `insert into claim_file (commissioner_id, id, provider_id, contract_id, state, dropped_columns, rows, accepted, repeated,
                                 included, failed, flagged, total_minor, indicative_minor, received_at, row_count, progress_at)
         values ($1, gen_random_uuid(), $2, $3, 'receiving', '{}', 3, 0, 0, 0, 0, 0, 0, 0, now(), 10, now()) returning id`,
        [icb.id, choir.id, deal.contractId],
      );
      const page = await open();
      await page.goto(`/claims/files/${rows[0]?.id}`);
      expect(await main(page)).toContain('3 rows read so far');
      expect(await page.locator('progress').getAttribute('max')).toBe('10');
      expect(await axe(page)).toEqual([]);
      await press(page, 'Stop taking this file');
      expect(await heading(page)).toBe('The file was left off: what was taken before stays');
      const stopped = await app.admin.query(`select state from claim_file where id = $1`, [rows[0]?.id]);
      expect(stopped.rows).toEqual([{ state: 'cancelled' }]);
    },
    LONG_MS,
  );

  it(
    'answers a question, withdraws a claim, and says that a month had nothing',
    async () => {
      const { deal, references } = await provide('PLOTS', 2);
      const coordinator = await choir.as('coordinator');
      const attendances = references.map((referral) => ({ referral, outcome: 'attended' }));
      const session = { contract: deal.contractCode, service: 'SING', date: '2026-10-05', start: '10:00' };
      const recorded = await coordinator.api.post<{ claims: { id: string }[] }>('/v1/sessions', {
        ...session,
        reference: 'A',
        attendances,
        claim: true,
      });
      const reviewer = await icb.as('contract_manager');
      const request = { period: '2026-10', contract: deal.contractCode };
      const batches = await reviewer.api.post<{ items: { id: string }[] }>('/v1/batches', request);
      const batchId = batches.body.items[0]?.id;
      const approver = await icb.as('approver');
      for (const { id } of recorded.body.claims) {
        await approver.api.post(`/v1/batches/${batchId}/claims/${id}/query`, { question: HOSTILE }, { expect: 201 });
      }
      const page = await open();
      await page.goto('/queries');
      expect(await page.locator('tbody tr').count()).toBe(2);
      await page.locator('tbody a').first().click();
      expect(await main(page)).toContain(HOSTILE);
      await page.locator('#answer').fill(`They came. ${HOSTILE}`);
      await press(page, 'Send answer');
      expect(await main(page)).toContain('Your answer was sent.');
      expect(await main(page)).toContain(HOSTILE);
      expect(await titleOf(page)).not.toContain('hacked');
      await page.goto('/queries');
      await page.locator('tbody a').first().click();
      await follow(page, 'Withdraw the claim instead');
      await press(page, 'Withdraw claim');
      expect(await main(page)).toContain('The claim is withdrawn and the question is closed.');
      await page.goto('/queries');
      expect(await main(page)).toContain('No questions');
      await page.goto('/claims/nil');
      await page.getByRole('radio', { name: `September 2026, ${deal.contractCode}` }).check();
      await press(page, 'Declare that there was nothing');
      expect(await main(page)).toContain(`nothing was delivered under ${deal.contractCode} in September 2026`);
    },
    LONG_MS,
  );

  it(
    'has no barriers, and fits the narrowest screen',
    async () => {
      const { deal, references } = await provide('BIKES', 2);
      const coordinator = await choir.as('coordinator');
      const attendances = references.map((referral) => ({ referral, outcome: 'attended' }));
      const told = { contract: deal.contractCode, service: 'SING', reference: 'A', attendances };
      const first = { ...told, date: '2026-10-05', start: '10:00', claim: true };
      const { body } = await coordinator.api.post<{ session: { id: string }; claims: { id: string }[] }>(
        '/v1/sessions',
        first,
      );
      await coordinator.api.post('/v1/sessions', { ...told, date: '2026-10-12', start: '10:00' });
      const page = await open({ width: WIDTHS.narrow });
      await page.goto('/claims/new/sessions');
      await press(page, 'Add to my list');
      const [session, claim] = [body.session.id, body.claims[0]?.id];
      const paths = `
        /sessions /sessions/new /sessions/${session} /sessions/${session}/recorded
        /claims /claims/${claim} /claims/${claim}/withdraw /claims/new /claims/new/sessions /claims/new/milestone
        /claims/new/referrals /claims/new/month /claims/list /claims/check /claims/upload /claims/files /claims/month
        /claims/month/confirm?month=2026-10&contract=${deal.contractId} /claims/nil /queries /queries?all=1`;
      const barriers: string[] = [];
      for (const path of paths.trim().split(/\s+/)) {
        const response = await page.goto(path);
        if (response?.status() !== 200) barriers.push(`${path} answers ${response?.status()}`);
        barriers.push(...(await axe(page)).map((one) => `${path} ${one}`));
        const wide = await overflow(page);
        if (wide > 0) barriers.push(`${path} is ${wide} pixels too wide`);
      }
      expect(barriers).toEqual([]);
      expect(complaintsOf(page)).toEqual([]);
    },
    LONG_MS,
  );
});

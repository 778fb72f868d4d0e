import { readFile } from 'node:fs/promises';
import type { Page } from 'playwright-core';
import { TraceService, type Trace } from '../../src/assurance/index.js';
import { verifyBundle } from '../../src/audit/index.js';
import { formatPounds } from '../../src/money/index.js';
import { systemActor } from '../../src/platform/actor.js';
import { newId } from '../../src/platform/ids.js';
import { plantRow } from '../support/planted-rows.js';
import { registered, type Party } from '../support/world.js';
import { PaymentWorld, type Payee, type PaymentStage, type PayoutBody } from '../stories/payment-stage.js';
import { axe, complaintsOf, describeInChromium, overflow, textOf, textsOf, WIDTHS } from './support/chromium.js';
import { signIn, siteOf } from './support/people.js';

const LONG_MS = 90_000;

/** Money is followed from a payment back to the referral that earned it, and forward again. */
describeInChromium('whoever follows the money', (browser) => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let icb: Party;
  let payee: Payee;
  let surgery: Party;
  let payout: PayoutBody;
  let trace: Trace;
  let referralId: string;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
    ({ icb } = stage);
    payee = await stage.payee([]);
    surgery = await registered(world.app, icb, 'referrer', 'SURGERY');
    await play();
    trace = await world.app.nest.get(TraceService).trace(systemActor(icb.id, 'test'), payout.id);
  }, LONG_MS);
  afterAll(() => world.close());

  /** One referral of a surgery; five sessions, of which it came to four; claimed, approved, invoiced and paid. */
  async function play(): Promise<void> {
    const { contract, coordinator, provider } = payee.stage;
    const { api } = await surgery.as('referrer');
    const { body } = await api.post<{ id: string }>('/v1/referrals', {
      providerId: provider.id,
      service: contract.serviceCode,
      reference: 'EMIS-7',
      source: 'nhs',
      madeOn: '2026-09-01',
      sessionsPlanned: 6,
    });
    referralId = body.id;
    await coordinator.post(`/v1/referrals/${referralId}/accept`, { acceptedOn: '2026-09-02' });
    await payee.stage.attend('EMIS-7', '2026-10-05', '2026-10-06', '2026-10-07', '2026-10-08');
    await payee.stage.approve(await payee.stage.submit());
    await stage.settle();
    await stage.onboard(payee);
    await stage.fund(100_000n);
    payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
  }

  async function open(party: Party, role: 'auditor' | 'finance' | 'referrer' | 'coordinator', options = {}) {
    const page = await browser().page({ baseURL: siteOf(world.app), ...options });
    await signIn(page, world.app, party, role);
    return page;
  }

  const main = (page: Page) => textOf(page.locator('main'));
  const heading = (page: Page) => textOf(page.locator('h1'));
  const titles = (page: Page) => textsOf(page.locator('.wp-story h3'));
  const steps = (page: Page) => textsOf(page.locator('.wp-chain__step'));

  /** What a step of the way says: its kind and how many, or its reference, and the amount. */
  async function money(page: Page): Promise<Record<string, string>> {
    const lines = (await steps(page)).map((text) => text.split('\n').map((line) => line.trim()));
    return Object.fromEntries(lines.map(([kind = '', ...rest]) => [kind, rest.join(' ')]));
  }

  it.each([
    ['with scripts', {}],
    ['without scripts', { withoutScripts: true }],
  ])(
    'goes from a payment back to its referral and forward again, %s',
    async (_, options) => {
      const page = await open(icb, 'auditor', options);
      await page.goto('/follow');
      await page.getByLabel('Reference, number or id').fill(payout.reference.toLowerCase());
      await page.getByRole('button', { name: 'Follow' }).click();
      expect(await heading(page)).toContain(`Payment ${payout.reference}`);
      const node = (kind: string) => trace.nodes.filter((one) => one.kind === kind);
      const sum = (kind: string) =>
        formatPounds(node(kind).reduce((total, one) => total + (one.amountMinor ?? 0n), 0n));
      expect(sum('payout')).toBe('£128.00');
      expect(await money(page)).toEqual({
        Referral: 'EMIS-7',
        Sessions: '4',
        Claims: `4 ${sum('claim')}`,
        Batch: `${node('batch')[0]?.reference} ${sum('batch')}`,
        Invoice: `${node('invoice')[0]?.reference} ${sum('invoice')}`,
        Payment: `You are here ${sum('payout')}`,
      });
      expect(await textOf(page.locator('.wp-story'))).toContain('took place from 5 October 2026, 2:00pm');
      expect(await titles(page)).toEqual([
        'Referral made',
        'Referral accepted',
        'Session recorded 4 times',
        'Claim submitted 4 times',
        'Batch submitted for approval',
        'Batch approved',
        'Invoice drafted',
        'Invoice issued',
        ...(trace.nodes.find(({ id }) => id === payout.id)?.events.map(({ type }) => WORDS[type] ?? type) ?? []),
      ]);
      await page.locator('.wp-chain').getByRole('link', { name: 'Referral' }).click();
      expect(await heading(page)).toContain('Referral EMIS-7');
      expect(await main(page)).toContain('Came to 4 of 6 planned sessions.');
      await page.locator('.wp-chain').getByRole('link', { name: 'Payment' }).click();
      expect(await heading(page)).toContain(`Payment ${payout.reference}`);
      expect(complaintsOf(page)).toEqual([]);
    },
    LONG_MS,
  );

  it('sees what moved in the books, in words, and who did it but never their name', async () => {
    const page = await open(icb, 'finance');
    await page.goto(`/follow/${payout.id}`);
    const approved = page.locator('.moj-timeline__item', { hasText: 'Batch approved' });
    await approved.getByText('What moved in the books').click();
    expect(await textOf(approved)).toContain('“Activity” and “Approved, not invoiced” both went up by £128.00.');
    expect(await textOf(approved)).toContain('by a person at the commissioner');
    await approved.getByText('Technical details').click();
    const leaf = trace.nodes.find(({ kind }) => kind === 'batch')?.events.find(({ type }) => type === 'batch.approved');
    expect(await textOf(approved)).toContain(leaf?.leafHash);
    const { rows } = await world.app.admin.query<{ name: string }>('select display_name as name from member');
    const text = await page.locator('main').textContent();
    expect(rows.filter(({ name }) => text?.includes(name))).toEqual([]);
  });

  it('is told what is not there, and how to find it', async () => {
    const page = await open(icb, 'auditor');
    await page.goto('/follow');
    await page.getByRole('button', { name: 'Follow' }).click();
    expect(await textOf(page.locator('.govuk-error-summary'))).toContain('Enter a reference, a number or an id');
    await page.goto('/follow?q=NOBODY-1');
    expect(await main(page)).toContain('Nothing is known by “NOBODY-1”');
  });

  it('who referred sees how the referral goes, and nothing of the money', async () => {
    const page = await open(surgery, 'referrer');
    await page.goto('/follow?q=emis-7');
    expect(await main(page)).toContain('Came to 4 of 6 planned sessions.');
    expect(await titles(page)).toEqual(['Referral made', 'Referral accepted']);
    expect(await main(page)).not.toContain('£');
    expect((await page.goto(`/follow/${payout.id}`))?.status()).toBe(404);
  });

  /** A batch with more claims than one thing shows. */
  async function manyClaims(count: number): Promise<string> {
    const { admin } = world.app;
    const large = newId();
    await plantRow(admin, 'batch', {
      commissioner_id: icb.id,
      provider_id: payee.id,
      id: large,
      contract_id: payee.stage.contract.contractId,
      code: 'LARGE-1',
      state: 'submitted',
      total_minor: count,
      line_count: count,
      charge_count: count,
      period: '2026-10-01',
    });
    await admin.query('set session_replication_role = replica');
    await admin.query(
      `insert into claim select (jsonb_populate_record(c, jsonb_build_object('id', gen_random_uuid(), 'fact_id',
         gen_random_uuid(), 'batch_id', $2::text))).* from claim c, generate_series(1, $3)
       where c.id = (select min(id::text)::uuid from claim where provider_id = $1)`,
      [payee.id, large, count],
    );
    await admin.query('set session_replication_role = origin');
    return large;
  }

  async function forget(batchId: string): Promise<void> {
    const { admin } = world.app;
    await admin.query('set session_replication_role = replica');
    await admin.query('delete from claim where batch_id = $1', [batchId]);
    await admin.query('delete from batch where id = $1', [batchId]);
    await admin.query('set session_replication_role = origin');
  }

  it('reads on where there is more than fits', async () => {
    const large = await manyClaims(230);
    const page = await open(icb, 'auditor');
    await page.goto(`/follow/${large}`);
    expect((await money(page)).Claims).toBe('230');
    expect(await main(page)).toContain('30 more claims');
    await page.getByRole('link', { name: 'Read on' }).click();
    expect(await main(page)).toContain('You are reading on');
    await page.goto(`/follow/${large}/things?kind=claim`);
    expect(await page.locator('tbody tr').count()).toBe(100);
    await page.getByRole('link', { name: 'Next page' }).click();
    expect(await page.locator('tbody tr').count()).toBe(100);
    await forget(large);
  });

  it(
    'leafs through the journal, narrows it, and opens an event',
    async () => {
      const page = await open(icb, 'auditor');
      await page.goto('/journal');
      const numbers = () => textsOf(page.locator('.wp-entries__head .wp-entries__note'));
      const first = await numbers();
      expect(first).toHaveLength(25);
      await page.getByRole('link', { name: 'Older' }).click();
      const second = await numbers();
      expect(second.filter((one) => first.includes(one))).toEqual([]);
      await page.getByRole('link', { name: 'Newer' }).click();
      expect(await numbers()).toEqual(first);
      await page.getByText('Choose which events to show').click();
      await page.getByLabel('What happened').selectOption('payout.paid');
      await page.getByLabel('Id of what it happened to').fill('not an id');
      await page.getByRole('button', { name: 'Show these' }).click();
      expect(await textOf(page.locator('.govuk-error-summary'))).toContain('Enter a whole id');
      await page.getByLabel('Id of what it happened to').fill(payout.id);
      await page.getByRole('button', { name: 'Show these' }).click();
      expect(await textsOf(page.locator('.wp-entries__title'))).toHaveLength(1);
      await page.locator('.wp-entries__title a').click();
      expect(await heading(page)).toContain('Payment arrived');
      expect(await main(page)).toContain(`"amountMinor": "12800"`);
      await page.getByRole('link', { name: 'Follow it' }).click();
      expect(await heading(page)).toContain(`Payment ${payout.reference}`);
    },
    LONG_MS,
  );

  it('takes away a checkpoint and the books, and proves them without the server', async () => {
    const page = await open(icb, 'auditor');
    await page.goto('/journal');
    await page.getByRole('link', { name: 'Proof', exact: true }).click();
    await page.waitForURL('**/proof');
    expect(await heading(page)).toBe('Proof');
    const taken = async (link: string): Promise<string> => {
      const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: link }).click()]);
      return file.path();
    };
    const checkpoint = await readFile(await taken('Download your checkpoint'), 'utf8');
    const keys = await readFile(await taken('Download the keys'), 'utf8');
    const bundle = await taken('Download the bundle');
    const verdict = await verifyBundle(bundle, {
      held: [{ name: 'checkpoint.txt', text: checkpoint }],
      pins: keys.trim().split('\n').slice(0, 2),
    });
    expect(verdict).toMatchObject({ outcome: 'proved' });
    expect(await main(page)).toContain(keys.split('\n')[0]);
  });

  it('checks the books, and is shown what is wrong with them', async () => {
    const page = await open(icb, 'auditor');
    await page.goto('/checks');
    await page.getByRole('button', { name: 'Check now' }).click();
    expect(await main(page)).toContain('The books are right');
    expect(await page.locator('.wp-checks .wp-tag--bad').count()).toBe(0);
    const change = async (by: number) => {
      await world.app.admin.query('set session_replication_role = replica');
      await world.app.admin.query('update payout set amount_minor = amount_minor + $2 where id = $1', [payout.id, by]);
      await world.app.admin.query('set session_replication_role = origin');
    };
    await change(1);
    await page.getByRole('button', { name: 'Check again' }).click();
    const broken = await main(page);
    await change(-1);
    expect(broken).toContain('not true');
    expect(await textOf(page.locator('.wp-checks__item').first())).toContain('Not true');
  });

  it(
    'finds nothing that gets in the way of anybody, on the narrowest screen',
    async () => {
      const page = await open(icb, 'auditor', { width: WIDTHS.narrow });
      const { rows } = await world.app.admin.query<{ id: string }>(
        'select id from ledger.event where subject_id = $1',
        [payout.id],
      );
      const paths = [
        '/follow',
        '/follow?q=NOBODY',
        `/follow/${payout.id}`,
        `/follow/${referralId}`,
        `/follow/${payout.id}/things?kind=claim`,
        '/journal',
        '/journal?subject=x',
        `/journal/${rows[0]?.id}`,
        '/checks',
        '/proof',
      ];
      for (const path of paths) {
        await page.goto(path);
        await page.evaluate(`document.querySelectorAll('details').forEach((one) => { one.open = true; })`);
        expect([path, await axe(page), (await overflow(page)) <= 0]).toEqual([path, [], true]);
      }
    },
    LONG_MS,
  );
});

const WORDS: Readonly<Record<string, string>> = {
  'payout.requested': 'Payment asked for',
  'payout.sent': 'Payment sent',
  'payout.forwarded': 'Payment passed on to the bank',
  'payout.paid': 'Payment arrived',
  'remittance.issued': 'Remittance advice made',
};

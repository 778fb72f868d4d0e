import {
  accountChangeApplied,
  accountChangeCancelled,
  accountChangeConfirmed,
  accountChangeProposed,
  PayoutAccountChangesService,
} from '../../src/payouts/index.js';
import { withoutIds } from '../support/ids.js';
import type { ApiClient } from '../support/api-client.js';
import { curtain } from './curtain.js';
import { DAY, HOUR, PaymentWorld, refusal, type Payee, type PaymentStage } from './payment-stage.js';

interface ChangeBody extends Record<string, unknown> {
  id: string;
  state: string;
  sortCode: string | null;
  accountNumber: string | null;
  appliesAt: string | null;
  needsCommissioner: boolean;
}

const OUTSIDE = { rail: 'outside' };
const OLD = { accountName: 'Allotment Society', sortCode: '123456', accountNumber: '00012345' };
const NEW = { kind: 'details', accountName: 'Allotment Society CIO', sortCode: '654321', accountNumber: '76543210' };

describe('a change of where money goes', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  const told: string[] = [];
  beforeAll(async () => {
    world = await PaymentWorld.open();
    for (const topic of [accountChangeProposed, accountChangeConfirmed, accountChangeCancelled, accountChangeApplied]) {
      const run = async ({ id }: { id: string }) => void told.push(`${topic.name} ${id}`);
      world.app.jobs.define({ name: `probe-${topic.name}`, on: [topic], run });
    }
  });
  beforeEach(async () => {
    stage = await world.stage();
  });
  afterAll(() => world.close());

  /** A provider owed £32, with bank details at the commissioner; another person of it who decides. */
  async function paidOutside(): Promise<{ payee: Payee; accountId: string; admin: ApiClient }> {
    const payee = await stage.payee(['2026-10-05'], OUTSIDE);
    const details = { commissionerId: stage.icb.id, rail: 'outside', ...OLD };
    const { body } = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', details);
    return { payee, accountId: body.account.id, admin: (await payee.stage.provider.as('admin')).api };
  }

  const propose = async (by: ApiClient, accountId: string, change: object = NEW): Promise<ChangeBody> =>
    (await by.post<ChangeBody>(`/v1/payout-accounts/${accountId}/changes`, change)).body;
  const at = ({ id }: { id: string }) => `/v1/payout-account-changes/${id}`;
  const read = async (by: ApiClient, change: { id: string }) => (await by.get<ChangeBody>(at(change))).body;
  const accountsOf = async (by: ApiClient) => (await by.get<{ items: object[] }>('/v1/payout-accounts')).body.items;

  it('is proposed by one, confirmed by another, held for two days, and then made', async () => {
    const { payee, accountId, admin } = await paidOutside();
    const change = await propose(payee.treasurer, accountId);
    expect(change).toMatchObject({ state: 'proposed', ...NEW, needsCommissioner: false, appliesAt: null });

    const own = payee.treasurer.post(`${at(change)}/confirm`, undefined, { expect: 403 });
    expect(await refusal(own)).toBe('403 payout_account_change.own_confirmation');
    expect(await read(admin, change)).toMatchObject({ sortCode: '654321', accountNumber: '76543210' });
    const masked = { sortCode: null, accountNumber: '••••3210' };
    expect(await read(stage.finance, change)).toMatchObject(masked);
    expect(await read((await payee.stage.provider.as('coordinator')).api, change)).toMatchObject(masked);

    const { body: confirmed } = await admin.post<ChangeBody>(`${at(change)}/confirm`);
    expect(confirmed).toMatchObject({ state: 'confirmed', confirmedSide: 'provider' });
    const heldMs = Date.parse(confirmed.appliesAt ?? '') - stage.app.clock.now().getTime();
    expect(heldMs / HOUR).toBeGreaterThan(47.9);

    await stage.later(47 * HOUR);
    expect(await read(admin, change)).toMatchObject({ state: 'confirmed' });
    expect(await accountsOf(payee.treasurer)).toMatchObject([OLD]);
    await stage.later(HOUR);
    const { kind: _kind, ...made } = NEW;
    expect(await accountsOf(payee.treasurer)).toMatchObject([made]);
    const replaced = { accountName: OLD.accountName, sortCode: null, accountNumber: '••••2345' };
    expect(await read(admin, change)).toMatchObject({ state: 'applied', ...masked, replaced });
    await stage.later(DAY);
    expect(await stage.journal(change.id)).toEqual([
      'payout_account.change_proposed',
      'command.refused',
      'payout_account.change_confirmed',
      'payout_account.change_applied',
    ]);
    const topics = told.filter((one) => one.endsWith(change.id)).map((one) => one.split(' ')[0]);
    expect(topics).toEqual([accountChangeProposed.name, accountChangeConfirmed.name, accountChangeApplied.name]);
  });

  it('lets payments wait from the proposal to the end, and no longer', async () => {
    const { payee, accountId, admin } = await paidOutside();
    const other = await stage.payee(['2026-10-05'], OUTSIDE);
    const change = await propose(admin, accountId);
    const waiting = [
      { providerId: payee.id, rail: 'outside', amountMinor: '3200', reasonCode: 'account_change_pending' },
    ];
    const { body: preview } = await stage.finance.get<{ groups: { providerId: string; waits: string | null }[] }>(
      '/v1/payment-runs/preview',
    );
    expect(Object.fromEntries(preview.groups.map(({ providerId, waits }) => [providerId, waits]))).toEqual({
      [payee.id]: 'account_change_pending',
      [other.id]: null,
    });
    const first = await stage.run();
    expect(first.payouts.map(({ providerId }) => providerId)).toEqual([other.id]);
    expect(first.waits).toEqual(waiting);
    await payee.treasurer.post(`${at(change)}/confirm`);
    expect((await stage.run()).waits).toEqual(waiting);
    await stage.later(2 * DAY);
    const after = await stage.run();
    expect(after.waits).toEqual([]);
    expect(after.payouts.map(({ providerId }) => providerId)).toEqual([payee.id]);
    await stage.closeBooks();
  });

  it('is stopped by anyone of the provider, or by those of the commissioner who deal with it', async () => {
    const { payee, accountId, admin } = await paidOutside();
    const coordinator = (await payee.stage.provider.as('coordinator')).api;
    const stoppers = [coordinator, payee.treasurer, stage.finance, (await stage.icb.as('contract_manager')).api];
    for (const by of stoppers) {
      const change = await propose(payee.treasurer, accountId);
      await admin.post(`${at(change)}/confirm`);
      await by.post(`${at(change)}/cancel`);
      for (const step of ['cancel', 'confirm']) {
        const late = admin.post(`${at(change)}/${step}`, undefined, { expect: 409 });
        expect(await refusal(late)).toBe('409 payout_account_change.step_not_possible');
      }
    }
    await stage.later(3 * DAY);
    expect(await accountsOf(payee.treasurer)).toMatchObject([OLD]);
    expect((await stage.run()).payouts).toHaveLength(1);
    const auditor = (await stage.icb.as('auditor')).api;
    const { body } = await auditor.get<{ items: ChangeBody[] }>(
      `/v1/payout-account-changes?payoutAccountId=${accountId}&state=cancelled`,
    );
    expect(body.items).toHaveLength(stoppers.length);
    expect(body.items[0]).toMatchObject({ sortCode: null, accountNumber: '••••3210' });
    const any = auditor.post(`${at(body.items[0] ?? { id: '' })}/cancel`, undefined, { expect: 403 });
    expect(await refusal(any)).toBe('403 request.not_permitted');
  });

  it('is confirmed by the commissioner where the provider has one person alone, and nowhere else', async () => {
    const payee = await stage.payee([], OUTSIDE);
    const details = { commissionerId: stage.icb.id, rail: 'outside', ...OLD };
    const { body } = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', details);
    const alone = await propose(payee.treasurer, body.account.id);
    expect(alone.needsCommissioner).toBe(true);
    const forProvider = `${at(alone)}/confirm-for-provider`;
    expect(await refusal(payee.treasurer.post(forProvider, undefined, { expect: 403 }))).toBe(
      '403 request.not_permitted',
    );
    const approver = (await stage.icb.as('approver')).api;
    await approver.post(forProvider, undefined, { expect: 403 });
    const { body: confirmed } = await (await stage.icb.as('contract_manager')).api.post<ChangeBody>(forProvider);
    expect(confirmed).toMatchObject({ state: 'confirmed', confirmedSide: 'commissioner' });
    await stage.later(2 * DAY);
    expect(await read(payee.treasurer, alone)).toMatchObject({ state: 'applied' });

    const { accountId, payee: two } = await paidOutside();
    const change = await propose(two.treasurer, accountId);
    const path = `${at(change)}/confirm-for-provider`;
    expect(await refusal(stage.finance.post(path, undefined, { expect: 403 }))).toBe(
      '403 payout_account_change.provider_confirms',
    );
    expect(await read(two.treasurer, change)).toMatchObject({ state: 'proposed' });
  });

  it('is one at a time, is confirmed once, and is applied once, whoever does so at once', async () => {
    const { payee, accountId, admin } = await paidOutside();
    const again = (await payee.stage.provider.another('treasurer')).api;
    const third = (await payee.stage.provider.another('admin')).api;
    const proposals = await Promise.allSettled(
      [payee.treasurer, payee.treasurer, payee.treasurer].map((by) => propose(by, accountId)),
    );
    const [change] = proposals.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
    expect(proposals.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const open = again.post(`/v1/payout-accounts/${accountId}/changes`, NEW, { expect: 409 });
    expect(await refusal(open)).toBe('409 payout_account_change.open');
    if (!change) throw new Error('Nothing was proposed');

    const confirmed = await Promise.allSettled([admin, again, third].map((by) => by.post(`${at(change)}/confirm`)));
    expect(confirmed.filter(({ status }) => status === 'fulfilled')).toHaveLength(1);
    const service = stage.app.nest.get(PayoutAccountChangesService);
    await service.apply(stage.icb.id, change.id);
    expect(await read(admin, change)).toMatchObject({ state: 'confirmed' });
    stage.app.clock.moveTo(new Date(stage.app.clock.now().getTime() + 2 * DAY));
    await Promise.all(Array.from({ length: 5 }, () => service.apply(stage.icb.id, change.id)));
    await stage.later(0);
    const events = await stage.journal(change.id);
    expect(events.filter((type) => type === 'payout_account.change_confirmed')).toHaveLength(1);
    expect(events.filter((type) => type === 'payout_account.change_applied')).toHaveLength(1);
  });

  it('is not proposed while a payout is being started: that one is either before it, or waits', async () => {
    const { payee, accountId } = await paidOutside();
    const { admin } = stage.app;
    const key = `hashtextextended('payments:${stage.icb.id}', 0)`;
    await admin.query(`select pg_advisory_lock(${key})`);
    let proposed = false;
    const proposal = propose(payee.treasurer, accountId).then(() => (proposed = true));
    try {
      await until(async () => {
        const { rows } = await admin.query(`select from pg_locks where locktype = 'advisory' and not granted`);
        return rows.length > 0 || proposed;
      });
      expect(proposed).toBe(false);
    } finally {
      await admin.query(`select pg_advisory_unlock(${key})`);
    }
    expect(await proposal).toBe(true);
  });

  it('makes sense: other details, of the kind that the account has', async () => {
    const { payee, accountId } = await paidOutside();
    const path = `/v1/payout-accounts/${accountId}/changes`;
    const same = payee.treasurer.post(path, { kind: 'details', ...OLD }, { expect: 422 });
    expect(await refusal(same)).toBe('422 payout_account_change.nothing_new');
    const link = payee.treasurer.post(path, { kind: 'link' }, { expect: 422 });
    expect(await refusal(link)).toBe('422 payout_account_change.not_for_rail');
    const coordinator = (await payee.stage.provider.as('coordinator')).api;
    expect(await refusal(coordinator.post(path, NEW, { expect: 403 }))).toBe('403 request.not_permitted');
    expect((await stage.run()).waits).toEqual([]);
  });

  it('opens the pages of the platform only once it was applied, and for a week', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(10_000n);
    const admin = (await payee.stage.provider.as('admin')).api;
    const link = `/v1/payout-accounts/${payee.account.id}/onboarding-link`;
    const closed = () => refusal(payee.treasurer.post(link, undefined, { expect: 422 }));
    expect(await closed()).toBe('422 payout_account.change_needed');
    const change = await propose(payee.treasurer, payee.account.id, { kind: 'link' });
    expect(change).toMatchObject({ state: 'proposed', accountNumber: null, accountName: null });
    expect((await stage.run()).waits).toMatchObject([{ reasonCode: 'account_change_pending' }]);
    await admin.post(`${at(change)}/confirm`);
    expect(await closed()).toBe('422 payout_account.change_needed');
    await stage.later(2 * DAY);
    expect(await read(stage.finance, change)).toMatchObject({ state: 'applied', linkUntil: expect.any(String) });

    const { body } = await payee.treasurer.post<{ url: string }>(link);
    await stage.stripe.followLink(body.url);
    const asked = (await stage.stripe.requests()).filter(({ path }) => path === '/v2/core/account_links');
    expect(asked.at(-1)?.params).toMatchObject({ use_case: { type: 'account_update' } });
    expect((await stage.journal(payee.account.id)).at(-1)).toBe('payout_account.update_link_given');
    await stage.notices();
    expect(await stage.onlyPayout(await stage.run())).toMatchObject({ state: 'sent' });
    await stage.later(7 * DAY);
    expect(await closed()).toBe('422 payout_account.change_needed');
    await stage.closeBooks();
  });

  it('keeps a payment that its bank gave back from going again, until it is made or stopped', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(10_000n);
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.failPayout(payout.bankPayoutId ?? '', 'account_closed');
    await stage.notices();
    const change = await propose(payee.treasurer, payee.account.id, { kind: 'link' });
    const { body } = await payee.treasurer.post<{ url: string }>(
      `/v1/payout-accounts/${payee.account.id}/onboarding-link`,
    );
    await stage.stripe.followLink(body.url);
    await stage.notices();
    await stage.later(2 * HOUR);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed' });
    await payee.treasurer.post(`${at(change)}/cancel`);
    await stage.later(2 * HOUR);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'sent' });
    await stage.closeBooks();
  });

  it('is not needed while the platform asks for something', async () => {
    const payee = await stage.payee([]);
    const request = { commissionerId: stage.icb.id, rail: 'stripe', contactEmail: 'money@provider.example' };
    const { body } = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', request);
    const link = `/v1/payout-accounts/${body.account.id}/onboarding-link`;
    const { body: given } = await payee.treasurer.post<{ url: string }>(link);
    await stage.stripe.followLink(given.url);
    // No notice has come: the account is still pending here, and the platform is content with it.
    expect(await refusal(payee.treasurer.post(link, undefined, { expect: 422 }))).toBe(
      '422 payout_account.change_needed',
    );
  });

  it('is nobody’s business elsewhere', async () => {
    const { payee, accountId } = await paidOutside();
    const change = await propose(payee.treasurer, accountId);
    const stranger = await stage.payee([], OUTSIDE);
    const elsewhere = await world.stage();
    for (const by of [stranger.treasurer, elsewhere.finance]) {
      expect(await refusal(by.get(at(change), { expect: 404 }))).toBe('404 not_found');
      expect(await refusal(by.post(`${at(change)}/cancel`, undefined, { expect: 404 }))).toBe('404 not_found');
      expect((await by.get<{ items: object[] }>('/v1/payout-account-changes')).body.items).toEqual([]);
    }
    const foreign = stranger.treasurer.post(`/v1/payout-accounts/${accountId}/changes`, NEW, { expect: 404 });
    expect(await refusal(foreign)).toBe('404 not_found');
  });

  it('leaves no bank details in events, kept answers or jobs', async () => {
    const { payee, accountId, admin } = await paidOutside();
    const once = { headers: { 'idempotency-key': 'change-details-1' } };
    const path = `/v1/payout-accounts/${accountId}/changes`;
    const first = await payee.treasurer.post<ChangeBody>(path, NEW, once);
    expect((await payee.treasurer.post<ChangeBody>(path, NEW, once)).body).toEqual(first.body);
    await admin.post(`${at(first.body)}/confirm`);
    await stage.later(2 * DAY);
    const { rows } = await stage.app.admin.query<{ text: string }>(
      `select convert_from(body, 'UTF8') as text from ledger.event where subject_id in ($1, $2)
       union all select answer::text from idempotency where answer is not null
       union all select data::text from outbox`,
      [first.body.id, accountId],
    );
    const all = withoutIds(rows.map(({ text }) => text).join('\n'));
    expect(all).toContain('detailsSha256');
    for (const secret of ['76543210', '654321', '3210"', 'Allotment Society CIO']) expect(all).not.toContain(secret);
  });

  it('cannot be made by one person, early, or around it, even by the database', async () => {
    const { payee, accountId, admin } = await paidOutside();
    const change = await propose(payee.treasurer, accountId);
    const query = (sql: string) => stage.app.admin.query(sql, [change.id]);
    const confirmed = `update payout_account_change set state = 'confirmed', confirmed_side = 'provider',
                              confirmed_at = proposed_at`;
    await expect(
      query(`${confirmed}, confirmed_by = proposed_by, applies_at = proposed_at + interval '3 days' where id = $1`),
    ).rejects.toMatchObject({ constraint: 'payout_account_change_four_eyes' });
    await expect(
      query(`${confirmed}, confirmed_by = id, applies_at = proposed_at + interval '1 hour' where id = $1`),
    ).rejects.toMatchObject({ constraint: 'payout_account_change_held' });
    const around = (number: string) =>
      stage.app.admin.query('update payout_account set account_number = $2 where id = $1', [accountId, number]);
    await expect(around('99999999')).rejects.toMatchObject({ code: 'WP002' });
    await admin.post(`${at(change)}/confirm`);
    await stage.later(2 * DAY);
    await expect(around('99999999')).rejects.toMatchObject({ code: 'WP002' });
    expect(await accountsOf(payee.treasurer)).toMatchObject([{ accountNumber: '76543210' }]);
  });

  it('ends with books that balance', () => curtain(world.app));
});

async function until(condition: () => Promise<boolean>): Promise<void> {
  while (!(await condition())) await new Promise((resolve) => setTimeout(resolve, 20));
}

import { PaymentWorld, type Payee, type PaymentStage } from '../../test/stories/payment-stage.js';
import type { ApiClient } from '../../test/support/api-client.js';

interface TaskBody extends Record<string, unknown> {
  kind: string;
  ids: string[];
}

describe('tasks of what goes wrong', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  beforeAll(async () => {
    world = await PaymentWorld.open();
  });
  beforeEach(async () => {
    stage = await world.stage();
  });
  afterAll(() => world.close());

  const tasks = async (api: ApiClient, ...kinds: string[]) => {
    const { body } = await api.get<{ items: TaskBody[] }>('/v1/insights/tasks');
    return body.items.filter(({ kind }) => kinds.includes(kind));
  };

  /** Goes through the platform's pages once more, with whatever it asks. */
  async function finish(treasurer: ApiClient): Promise<void> {
    const accounts = await treasurer.get<{ items: { id: string }[] }>('/v1/payout-accounts');
    const id = accounts.body.items[0]?.id ?? '';
    const link = await treasurer.post<{ url: string }>(`/v1/payout-accounts/${id}/onboarding-link`);
    await stage.stripe.followLink(link.body.url);
    await stage.notices();
  }

  it('a document waits for what its provider alone can give', async () => {
    const own = await stage.payee(['2026-10-05'], { documentMode: 'provider_own', standingAuthority: false });
    const drafts = await stage.payee(['2026-10-05'], { standingAuthority: false });
    const invoices = { kind: 'invoices_waiting', role: 'treasurer', count: 1, amountMinor: '3200' };
    expect(await tasks(own.treasurer, 'invoices_waiting')).toMatchObject([
      { ...invoices, because: { term: 'waits_for', code: 'own_number' } },
    ]);
    expect(await tasks(drafts.treasurer, 'invoices_waiting')).toMatchObject([
      { ...invoices, because: { term: 'waits_for', code: 'authority' } },
    ]);
    expect(await tasks((await stage.icb.as('contract_manager')).api, 'invoices_waiting')).toEqual([]);
  });

  it('a contract manager has to agree on self-billing before its documents go out', async () => {
    const payee = await stage.payee(['2026-10-05'], { documentMode: 'self_billed', standingAuthority: false });
    const because = { term: 'waits_for', code: 'agreement' };
    expect(await tasks(payee.treasurer, 'invoices_waiting')).toMatchObject([{ role: 'treasurer', because }]);
    const { api } = await stage.icb.as('contract_manager');
    expect(await tasks(api, 'invoices_waiting')).toMatchObject([{ role: 'contract_manager', count: 1, because }]);
  });

  it('an account is opened and not finished', async () => {
    const payee = await stage.payee(['2026-10-05']);
    const request = { commissionerId: stage.icb.id, rail: 'stripe', contactEmail: 'money@provider.example' };
    const { body } = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', request);
    const kinds = ['payout_account_to_open', 'payout_account_to_complete'];
    expect(await tasks(payee.treasurer, ...kinds)).toMatchObject([
      {
        kind: 'payout_account_to_complete',
        commissionerId: stage.icb.id,
        ids: [body.account.id],
        because: { term: 'waits_for', code: 'account_pending' },
      },
    ]);
    await finish(payee.treasurer);
    expect(await tasks(payee.treasurer, ...kinds)).toEqual([]);
  });

  it('a bank refuses, or gives back, and finance decides', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(10_000n);
    const payout = await stage.onlyPayout(await stage.run());
    const decide = () => tasks(stage.finance, 'payouts_to_decide');
    expect(await decide()).toEqual([]);
    await stage.stripe.failPayout(payout.bankPayoutId ?? '', 'account_closed');
    await stage.notices();
    const found = { count: 1, amountMinor: '3200', ids: [payout.id] };
    expect(await decide()).toMatchObject([{ ...found, because: { term: 'waits_for', code: 'failed' } }]);
    expect(await tasks(payee.treasurer, 'payout_account_to_complete')).toMatchObject([
      { because: { term: 'waits_for', code: 'account_restricted' } },
    ]);
    await stage.finance.post(`/v1/payouts/${payout.id}/return`);
    await stage.settle();
    expect(await decide()).toMatchObject([{ ...found, because: { term: 'waits_for', code: 'returned' } }]);
    await finish(payee.treasurer);
    await stage.run();
    expect(await decide()).toEqual([]);
  });

  it('funds are short by what a run could not pay', async () => {
    const [cheap, dear] = [await stage.payee(['2026-10-05']), await stage.payee(['2026-10-05', '2026-10-06'])];
    await stage.onboard(cheap);
    await stage.onboard(dear);
    await stage.fund(7_000n);
    const [pay, short] = await tasks(stage.finance, 'invoices_to_pay', 'funds_short');
    expect(pay).toMatchObject({ kind: 'invoices_to_pay', count: 1, amountMinor: '3200', day: '2026-11-28' });
    expect(short).toMatchObject({ kind: 'funds_short', count: 1, amountMinor: '2600' });
  });

  it('a notice of the platform tells of what cannot be', async () => {
    expect(await tasks(stage.finance, 'rail_notices_parked')).toEqual([]);
    await stage.app.admin.query(
      `insert into webhook_event (commissioner_id, id, type, body_sha256, state, reason, received_at)
       values ($1, 'evt_parked', 'transfer.updated', sha256('x'), 'parked', 'unexpected', now())`,
      [stage.icb.id],
    );
    expect(await tasks(stage.finance, 'rail_notices_parked')).toMatchObject([{ count: 1, ids: ['evt_parked'] }]);
  });

  it('a claim file leaves rows to correct, until a later one leaves none', async () => {
    const { stage: month } = await stage.payee([]);
    const referral = await month.referral('FILE-1');
    const send = async (day: string) => {
      const file = `Ref,Session Date,Start Time,Attended\r\n${referral},${day},14:00,Yes\r\n`;
      return (
        await month.coordinator.post<{ id: string }>(`/v1/claim-files?contract=${month.contract.contractCode}`, file)
      ).body.id;
    };
    const id = await send('31/02/2026');
    expect(await tasks(month.coordinator, 'claim_files_to_correct')).toMatchObject([
      { count: 1, contractId: month.contract.contractId, ids: [id] },
    ]);
    await send('05/10/2026');
    expect(await tasks(month.coordinator, 'claim_files_to_correct')).toEqual([]);
  });

  describe('a change of where money goes', () => {
    const old = { accountName: 'Allotment Society', sortCode: '123456', accountNumber: '00012345' };
    const changed = {
      kind: 'details',
      accountName: 'Allotment Society',
      sortCode: '654321',
      accountNumber: '76543210',
    };

    async function proposed(payee: Payee): Promise<string> {
      const details = { commissionerId: stage.icb.id, rail: 'outside', ...old };
      const { body } = await payee.treasurer.post<{ account: { id: string } }>('/v1/payout-accounts', details);
      const change = await payee.treasurer.post<{ id: string }>(
        `/v1/payout-accounts/${body.account.id}/changes`,
        changed,
      );
      return change.body.id;
    }

    const kinds = ['account_changes_to_confirm', 'payout_account_changing'];

    it('is for a second person of the provider to confirm, and then held', async () => {
      const payee = await stage.payee(['2026-10-05'], { rail: 'outside' });
      const { api: admin } = await payee.stage.provider.as('admin');
      const id = await proposed(payee);
      expect(await tasks(payee.treasurer, ...kinds)).toMatchObject([
        { kind: 'payout_account_changing', ids: [id], because: { term: 'waits_for', code: 'proposed' } },
      ]);
      expect(await tasks(admin, ...kinds)).toMatchObject([
        { kind: 'account_changes_to_confirm', role: 'admin', ids: [id] },
      ]);
      expect(await tasks(stage.finance, ...kinds)).toEqual([]);
      await admin.post(`/v1/payout-account-changes/${id}/confirm`);
      expect(await tasks(admin, ...kinds)).toMatchObject([
        { kind: 'payout_account_changing', day: '2026-10-31', because: { term: 'waits_for', code: 'confirmed' } },
      ]);
    });

    it('is for the commissioner to confirm where the provider has nobody else', async () => {
      const id = await proposed(await stage.payee(['2026-10-05'], { rail: 'outside' }));
      expect(await tasks(stage.finance, ...kinds)).toMatchObject([
        { kind: 'account_changes_to_confirm', role: 'finance', count: 1, ids: [id] },
      ]);
    });
  });
});

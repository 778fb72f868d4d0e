import { accounts, LedgerService } from '../ledger/index.js';
import { MonthStage, type BatchBody } from '../../test/stories/month-stage.js';
import { PaymentWorld, type Payee, type PaymentStage } from '../../test/stories/payment-stage.js';
import type { ApiClient } from '../../test/support/api-client.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { systemActor } from '../platform/actor.js';
import { PaymentPerformanceService } from './payment-performance.service.js';

interface TaskBody extends Record<string, unknown> {
  kind: string;
  count: number;
  amountMinor: string | null;
  day: string | null;
  ids: string[];
}

type Stage = {
  stage: string;
  openingMinor: string | null;
  inMinor: string;
  outMinor: string | null;
  closingMinor: string;
};

interface DashboardBody extends Record<string, unknown> {
  money: Stage[];
  daysToPaid: Record<string, unknown>[];
  budgets: (Record<string, unknown> & { contractId: string })[];
  referrals: {
    total: Record<string, number>;
    byProvider: Record<string, unknown>[];
    byReferrer: Record<string, unknown>[];
  };
  unfunded: Record<string, unknown>[];
}

const OCTOBER = 'from=2026-10-01&to=2026-10-31';

/**
 * One commissioner on 29 October 2026. A choir was paid £64 for two sessions; a farm is owed £96 for three and has no payout
 * account; a café, paid outside, has £32 on its way; walks have £32 under review, £32 queried, £32 claimed for September and
 * a session that nobody claimed; a garden has two recognised places worth £15 each.
 */
describe('insights', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let choir: Payee;
  let farm: Payee;
  let cafe: MonthStage;
  let walks: MonthStage;
  let garden: MonthStage;
  let surgery: Party;
  let batch: BatchBody;
  let payout: { id: string; bankPayoutId: string | null };
  let unclaimedId: string;

  const tasks = async (api: ApiClient) => (await api.get<{ items: TaskBody[] }>('/v1/insights/tasks')).body.items;
  const ofKind = async (api: ApiClient, kind: string) => (await tasks(api)).filter((task) => task.kind === kind);
  const dashboard = async (api: ApiClient, query = OCTOBER) =>
    (await api.get<DashboardBody>(`/v1/insights/dashboard?${query}`)).body;

  beforeAll(async () => {
    world = await PaymentWorld.open();
    stage = await world.stage();
    const { app, icb } = stage;
    choir = await stage.payee(['2026-10-05', '2026-10-12']);
    farm = await stage.payee(['2026-10-05', '2026-10-06', '2026-10-07']);
    cafe = await MonthStage.of(app, icb, { terms: { rail: 'outside' }, budgetMinor: '3500' });
    await cafe.approvedMonth(['2026-10-05'], 'CAFE-1');
    await payments();
    walks = await MonthStage.of(app, icb, { endsOn: '2026-12-15' });
    await reviews();
    garden = await MonthStage.of(app, icb, { card: { basis: 'recognised', indicativeMinor: '1500' } });
    await garden.attend(await garden.referral('GARDEN-1'), '2026-10-05', '2026-10-06');
    await referrals();
  }, 60_000);
  afterAll(() => world.close());

  async function payments(): Promise<void> {
    await stage.onboard(choir);
    await stage.fund(10_000n);
    const run = await stage.run();
    const paid = run.payouts.find(({ providerId }) => providerId === choir.id);
    const outside = run.payouts.find(({ providerId }) => providerId === cafe.provider.id);
    if (!paid || !outside) throw new Error('The run pays the choir and the café');
    await stage.stripe.settlePayout((await stage.payout(paid.id)).bankPayoutId ?? '');
    await stage.notices();
    payout = outside;
  }

  async function reviews(): Promise<void> {
    const { contract, contractManager, coordinator, approver } = walks;
    await contractManager.post(`/v1/contracts/${contract.contractId}/purchase-orders`, {
      number: 'PO-WALKS',
      valueMinor: '3900',
      startsOn: '2026-04-01',
      endsOn: '2026-12-15',
    });
    const referral = await walks.referral('WALKS-1');
    const [queried] = await walks.attend(referral, '2026-10-05', '2026-10-06');
    batch = await walks.submit();
    await approver.post(`/v1/batches/${batch.id}/claims/${queried}/query`, { question: 'Was this held?' });
    await walks.attend(referral, '2026-09-15');
    const recorded = await coordinator.post<{ session: { id: string } }>('/v1/sessions', {
      contract: contract.contractCode,
      service: contract.serviceCode,
      kind: 'one_to_one',
      date: '2026-10-08',
      attendances: [{ referral, outcome: 'attended' }],
    });
    unclaimedId = recorded.body.session.id;
  }

  async function referrals(): Promise<void> {
    surgery = await registered(stage.app, stage.icb, 'referrer', 'SURGERY');
    const { api } = await surgery.as('referrer');
    const make = async (reference: string) => {
      const { contractCode: contract, serviceCode: service } = walks.contract;
      const request = {
        providerId: walks.provider.id,
        service,
        contract,
        reference,
        source: 'nhs',
        madeOn: '2026-10-01',
      };
      return (await api.post<{ id: string }>('/v1/referrals', request)).body.id;
    };
    await make('SURGERY-1');
    await walks.coordinator.post(`/v1/referrals/${await make('SURGERY-2')}/decline`, { reason: 'no_capacity' });
  }

  describe('tasks', () => {
    it('tell a coordinator what to accept, claim, send, declare and answer', async () => {
      const { contractId } = walks.contract;
      const of = { commissionerId: stage.icb.id, contractId, role: 'coordinator' };
      const because = { term: 'claim_day', workingDay: 5, lateWindowDays: 90 };
      const all = await tasks(walks.coordinator);
      expect(all.map(({ kind }) => kind)).toEqual([
        'month_to_send',
        'referrals_to_accept',
        'nil_to_declare',
        'delivery_to_claim',
        'queries_to_answer',
      ]);
      const [send, accept, nil, claim, query] = all;
      expect(send).toMatchObject({
        ...of,
        count: 1,
        amountMinor: '3200',
        period: '2026-09-01',
        day: '2026-10-07',
        because,
      });
      expect(accept).toMatchObject({ count: 1, day: '2026-10-15', lateCount: 1, amountMinor: null });
      expect(nil).toMatchObject({ ...of, count: 2, period: '2026-07-01', day: '2026-11-05', lateCount: 0, because });
      expect(claim).toMatchObject({
        ...of,
        count: 1,
        amountMinor: '3200',
        period: '2026-10-01',
        day: '2027-02-04',
        because,
      });
      expect(claim?.ids).toEqual([unclaimedId]);
      expect(query).toMatchObject({ count: 1, amountMinor: '3200' });
      const open = await walks.coordinator.get<{ items: { id: string }[] }>('/v1/queries?open=true');
      expect(query?.ids).toEqual(open.body.items.map(({ id }) => id));
    });

    it('tell a treasurer where the money is stuck, what is due and why, and what came', async () => {
      const stuck = await tasks(farm.treasurer);
      expect(stuck).toMatchObject([
        {
          kind: 'payment_due',
          role: 'treasurer',
          count: 1,
          amountMinor: '9600',
          day: '2026-11-28',
          contractId: farm.stage.contract.contractId,
          because: { term: 'payment_days', days: 30, since: '2026-10-29' },
        },
        { kind: 'payout_account_to_open', because: { term: 'waits_for', code: 'not_onboarded' } },
      ]);
      expect(await tasks(choir.treasurer)).toMatchObject([
        { kind: 'remittances_new', count: 1, amountMinor: '6400', because: { term: 'within_days', days: 14 } },
      ]);
    });

    it('tell an approver what waits within their limit, and nothing of their own making', async () => {
      const { app, icb } = stage;
      const decided = { count: 1, amountMinor: '3200', ids: [batch.id] };
      expect(await tasks(walks.approver)).toMatchObject([
        {
          kind: 'batches_to_approve',
          ...decided,
          day: '2026-11-12',
          because: { term: 'decide_days', workingDays: 10 },
        },
      ]);
      const junior = await icb.another('approver');
      await app.admin.query('update member set approval_limit_minor = 3199 where id = $1', [junior.memberId]);
      expect(await tasks(junior.api)).toMatchObject([
        { kind: 'batches_above_limit', ...decided, because: { term: 'approval_limit', limitMinor: '3199' } },
      ]);
      const maker = await icb.another('approver');
      const { rows } = await app.admin.query<{ made_by: string }>('select made_by from batch where id = $1', [
        batch.id,
      ]);
      await app.admin.query('update batch set made_by = $2 where id = $1', [batch.id, maker.memberId]);
      expect(await tasks(maker.api)).toEqual([]);
      await app.admin.query('update batch set made_by = $2 where id = $1', [batch.id, rows[0]?.made_by]);
    });

    it('tell a contract manager what ends, runs out, is missing or waits to be submitted', async () => {
      const { contractManager, contract, provider } = walks;
      const service = { providerId: provider.id, code: 'UNPRICED', name: 'Not priced yet' };
      const { body } = await contractManager.post<{ id: string }>('/v1/services', service);
      const all = await tasks(contractManager);
      expect(all).toMatchObject([
        { kind: 'contracts_ending', count: 1, day: '2026-12-15', ids: [contract.contractId] },
        {
          kind: 'claims_to_submit',
          count: 1,
          amountMinor: '3200',
          period: '2026-09-01',
          contractId: contract.contractId,
        },
        { kind: 'budgets_nearly_used', count: 1, amountMinor: '300', ids: [cafe.contract.contractId] },
        { kind: 'orders_nearly_used', count: 1, amountMinor: '700', ids: [contract.contractId] },
        { kind: 'services_without_card', count: 1, ids: [body.id] },
      ]);
    });

    it('tell finance whom nobody can pay yet, and what a colleague entered', async () => {
      expect(await tasks(stage.finance)).toMatchObject([
        {
          kind: 'payees_waiting',
          count: 1,
          amountMinor: '9600',
          because: { term: 'waits_for', code: 'not_onboarded' },
        },
        { kind: 'outside_payments_to_enter', count: 1, amountMinor: '3200', ids: [payout.id] },
      ]);
      const entry = { reference: 'BACS 4512', paidOn: '2026-10-29' };
      await stage.finance.post(`/v1/payouts/${payout.id}/outside-payment`, entry);
      expect(await ofKind(stage.finance, 'outside_payments_to_confirm')).toEqual([]);
      expect(await ofKind(stage.secondFinance, 'outside_payments_to_confirm')).toMatchObject([{ ids: [payout.id] }]);
      await stage.finance.post('/v1/payment-runs', { paysOn: '2026-11-05' });
      expect(await ofKind(stage.finance, 'payment_runs_planned')).toMatchObject([{ count: 1, day: '2026-11-05' }]);
      expect(await ofKind(stage.finance, 'payment_runs_open')).toEqual([]);
    });

    it('tell a referrer what was declined or waits too long, and an admin whom they invited', async () => {
      const { api } = await surgery.as('referrer');
      expect(await tasks(api)).toMatchObject([
        { kind: 'referrals_overdue', count: 1, day: '2026-10-15', lateCount: 1 },
        { kind: 'referrals_declined', count: 1, because: { term: 'within_days', days: 30 } },
      ]);
      const admin = await surgery.as('admin');
      await admin.api.post('/v1/invitations', { email: 'new@surgery.example', roles: ['referrer'] });
      expect(await tasks(admin.api)).toMatchObject([{ kind: 'invitations_open', count: 1, day: '2026-11-05' }]);
    });

    it('tell of a balance that a fact took below its floor', async () => {
      const auditor = await stage.icb.as('auditor');
      expect(await tasks(auditor.api)).toEqual([]);
      const ledger = stage.app.nest.get(LedgerService);
      const actor = systemActor(stage.icb.id, 'test');
      const recoverable = accounts.recoverable(choir.id, choir.stage.contract.contractId);
      const move = (debit: typeof recoverable, credit: typeof recoverable) =>
        stage.app.database.transaction(actor, (tx) => {
          const event = { type: 'test.moved', commissionerId: stage.icb.id, subjectId: choir.id, actor, data: {} };
          return ledger.post(tx, { event, transfers: [{ debit, credit, amountMinor: 50n }], fact: true });
        });
      const { id } = await move(accounts.bank(), recoverable);
      expect(await tasks(auditor.api)).toMatchObject([
        { kind: 'balances_breached', count: 1, amountMinor: '50', ids: [id] },
      ]);
      await move(recoverable, accounts.bank());
      expect(await tasks(auditor.api)).toEqual([]);
    });

    it('are nobody’s of another commissioner', async () => {
      const other = await commissioner(stage.app, 'OTHER');
      for (const role of ['contract_manager', 'approver', 'finance', 'auditor'] as const) {
        expect(await tasks((await other.as(role)).api)).toEqual([]);
      }
    });
  });

  describe('a dashboard', () => {
    it('shows money by stage, to the penny of the ledger', async () => {
      const { money } = await dashboard(stage.finance);
      const rows = money.map(({ stage: name, ...of }) => [
        name,
        of.openingMinor,
        of.inMinor,
        of.outMinor,
        of.closingMinor,
      ]);
      expect(rows).toEqual([
        ['claimed', null, '28800', null, '6400'],
        ['in_review', '0', '25600', '22400', '3200'],
        ['approved', '0', '19200', '19200', '0'],
        ['invoiced', '0', '19200', '9600', '9600'],
        ['on_its_way', '0', '9600', '6400', '3200'],
        ['paid', '0', '6400', '0', '6400'],
      ]);
      const contracts = [choir.stage, farm.stage, cafe, walks, garden];
      const actor = systemActor(stage.icb.id, 'test');
      const held = await stage.app.database.read(actor, (reader) =>
        stage.app.nest.get(LedgerService).balances(
          reader,
          stage.icb.id,
          (['committed', 'accrued', 'owed', 'inTransit'] as const).flatMap((kind) =>
            contracts.map(({ provider, contract }) => accounts[kind](provider.id, contract.contractId)),
          ),
        ),
      );
      const sums = [0, 1, 2, 3].map((kind) =>
        held.slice(kind * 5, kind * 5 + 5).reduce((sum, minor) => sum + minor, 0n),
      );
      expect(money.slice(1, 5).map(({ closingMinor }) => BigInt(closingMinor))).toEqual(sums);
    });

    it('opens a month with what the month before closed with', async () => {
      const { money } = await dashboard(stage.finance, 'from=2026-11-01&to=2026-11-30');
      const rows = money
        .slice(1)
        .map(({ stage: name, openingMinor, inMinor, closingMinor }) => [name, openingMinor, inMinor, closingMinor]);
      expect(rows).toEqual([
        ['in_review', '3200', '0', '3200'],
        ['approved', '0', '0', '0'],
        ['invoiced', '9600', '0', '9600'],
        ['on_its_way', '3200', '0', '3200'],
        ['paid', '6400', '0', '6400'],
      ]);
    });

    it('shows providers their own contracts, which together are the commissioner’s', async () => {
      const own = await Promise.all(
        [choir.stage, farm.stage, cafe, walks, garden].map(({ coordinator }) => dashboard(coordinator)),
      );
      const whole = await dashboard(stage.finance);
      const sum = (field: 'inMinor' | 'closingMinor', at: number) =>
        own.reduce((total, { money }) => total + BigInt(money[at]?.[field] ?? 0), 0n);
      whole.money.forEach((row, at) => {
        expect([row.stage, sum('inMinor', at), sum('closingMinor', at)]).toEqual([
          row.stage,
          BigInt(row.inMinor),
          BigInt(row.closingMinor),
        ]);
      });
      expect(own.flatMap(({ budgets }) => budgets.map(({ contractId }) => contractId)).toSorted()).toEqual(
        whole.budgets.map(({ contractId }) => contractId).toSorted(),
      );
      const one = await dashboard(stage.finance, `${OCTOBER}&providerId=${walks.provider.id}`);
      const same = await dashboard(stage.finance, `${OCTOBER}&contractId=${walks.contract.contractId}`);
      expect([one.money, one.budgets]).toEqual([own[3]?.money, own[3]?.budgets]);
      expect(same).toEqual(one);
    });

    it('counts days from a session to its money', async () => {
      const { daysToPaid } = await dashboard(stage.finance, 'from=2026-09-01&to=2026-10-31');
      expect(daysToPaid).toEqual([
        { month: '2026-09-01', claimCount: 1, paidCount: 0, medianDays: null, p90Days: null },
        { month: '2026-10-01', claimCount: 8, paidCount: 2, medianDays: 17, p90Days: 24 },
      ]);
    });

    it('shows how budgets burn against the time that has gone', async () => {
      const { budgets } = await dashboard(walks.contractManager);
      const of = (contractId: string) => budgets.find((budget) => budget.contractId === contractId);
      expect(of(choir.stage.contract.contractId)).toMatchObject({
        authorisedMinor: '1000000',
        committedMinor: '0',
        spentMinor: '6400',
        leftMinor: '993600',
        usedBasisPoints: 64,
        goneBasisPoints: 5_808,
      });
      expect(of(walks.contract.contractId)).toMatchObject({
        committedMinor: '3200',
        leftMinor: '996800',
        goneBasisPoints: 8_185,
      });
      expect(of(cafe.contract.contractId)).toMatchObject({
        spentMinor: '3200',
        leftMinor: '300',
        usedBasisPoints: 9_142,
      });
      const { spentByMonth } = of(cafe.contract.contractId) as unknown as { spentByMonth: Record<string, string>[] };
      expect(spentByMonth).toHaveLength(7);
      expect([spentByMonth[0], spentByMonth.at(-1)]).toEqual([
        { month: '2026-04-01', spentMinor: '0' },
        { month: '2026-10-01', spentMinor: '3200' },
      ]);
      const before = await dashboard(walks.contractManager, 'from=2026-09-01&to=2026-09-30');
      expect(before.budgets.find(({ contractId }) => contractId === cafe.contract.contractId)).toMatchObject({
        authorisedMinor: '3500',
        spentMinor: '0',
        leftMinor: '3500',
      });
    });

    it('follows referrals to delivery, by who gets and who makes them', async () => {
      const { referrals: figures } = await dashboard(stage.finance, 'from=2026-09-01&to=2026-10-31');
      const { total, byProvider, byReferrer } = figures;
      expect(total).toEqual({
        madeCount: 7,
        acceptedCount: 5,
        declinedCount: 1,
        attendedCount: 5,
        completedCount: 0,
        peopleCount: 7,
      });
      expect(byProvider).toHaveLength(5);
      expect(byProvider.find(({ organisationId }) => organisationId === walks.provider.id)).toMatchObject({
        code: walks.provider.code,
        madeCount: 3,
        attendedCount: 1,
      });
      expect(byReferrer).toMatchObject([
        { organisationId: surgery.id, name: 'Referrer SURGERY', madeCount: 2, acceptedCount: 0, declinedCount: 1 },
        { organisationId: null, name: null, madeCount: 5, acceptedCount: 5 },
      ]);
      const { referrals: later } = await dashboard(stage.finance, 'from=2026-11-01&to=2026-11-30');
      expect(later).toMatchObject({ total: { madeCount: 0, peopleCount: 0 }, byProvider: [], byReferrer: [] });
    });

    it('shows what is recognised and paid by nobody', async () => {
      const { unfunded } = await dashboard(stage.finance);
      expect(unfunded).toMatchObject([
        {
          contractId: garden.contract.contractId,
          recognisedCount: 2,
          indicativeMinor: '3000',
          beyondBudgetMinor: '0',
          beyondOrderMinor: '0',
        },
      ]);
    });

    it('is not found of what is another’s', async () => {
      const other = await commissioner(stage.app, 'ANOTHER');
      const { api } = await other.as('finance');
      for (const selected of [`providerId=${walks.provider.id}`, `contractId=${walks.contract.contractId}`]) {
        await api.get(`/v1/insights/dashboard?${OCTOBER}&${selected}`, { expect: 404 });
      }
      const own = `contractId=${choir.stage.contract.contractId}`;
      await walks.coordinator.get(`/v1/insights/dashboard?${OCTOBER}&${own}`, { expect: 404 });
      await api.get('/v1/insights/dashboard?from=2026-10-31&to=2026-10-01', { expect: 400 });
    });
  });

  describe('payment performance', () => {
    it('shows which valid invoices were paid within thirty days', async () => {
      const { body } = await stage.finance.get(`/v1/insights/payment-performance?${OCTOBER}`);
      const figures = {
        received: { count: 3, valueMinor: '19200' },
        within30Days: { count: 1, valueMinor: '6400' },
        overdue: { count: 0, valueMinor: '0' },
        open: { count: 2, valueMinor: '12800' },
        within30BasisPoints: { ofCount: 10_000, ofValue: 10_000 },
        averageDays: 1,
      };
      expect(body).toMatchObject({
        total: figures,
        months: [{ month: '2026-10-01', ...figures }],
        late: [],
        large: [],
      });
      await walks.coordinator.get(`/v1/insights/payment-performance?${OCTOBER}`, { expect: 403 });
    });

    it('finds the late ones as time goes by, and how far past the last day of the Act', async () => {
      const service = stage.app.nest.get(PaymentPerformanceService);
      const actor = systemActor(stage.icb.id, 'test');
      const days = { from: '2026-10-01', to: '2026-10-31' };
      const { total, late } = await service.of(actor, days, '2026-12-30');
      expect(total).toMatchObject({
        overdue: { count: 2, valueMinor: 12_800n },
        within30BasisPoints: { ofCount: 3_333, ofValue: 3_333 },
      });
      // Due on 28 November by the invoice, so that section 68 allows 30 days from there, to 27 December.
      expect(late).toMatchObject([
        { lastDayOn: '2026-12-27', days: 63, daysPastLastDay: 3, paidOn: null },
        { lastDayOn: '2026-12-27', days: 63, daysPastLastDay: 3, paidOn: null },
      ]);
    });

    it('lists payments of more than £30,000', async () => {
      const service = stage.app.nest.get(PaymentPerformanceService);
      const actor = systemActor(stage.icb.id, 'test');
      const days = { from: '2026-10-01', to: '2026-10-31' };
      const enlarge = (minor: number) =>
        stage.app.admin.query(`update payout set amount_minor = $2 where provider_id = $1 and state = 'paid'`, [
          choir.id,
          minor,
        ]);
      await enlarge(3_000_000);
      expect((await service.of(actor, days, '2026-10-31')).large).toEqual([]);
      await enlarge(3_000_001);
      expect((await service.of(actor, days, '2026-10-31')).large).toMatchObject([
        { providerId: choir.id, amountMinor: 3_000_001n, paidOn: '2026-10-29' },
      ]);
      await enlarge(6_400);
    });
  });
});

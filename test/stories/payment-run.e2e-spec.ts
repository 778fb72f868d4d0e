import { curtain } from './curtain.js';
import { pdfText } from '../support/pdf-text.js';
import { expectReplayed } from '../support/replayed.js';
import { PaymentWorld, refusal, type PaymentStage, type RunBody } from './payment-stage.js';

describe('a payment run', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  beforeAll(async () => {
    world = await PaymentWorld.open();
  });
  beforeEach(async () => {
    stage = await world.stage();
  });
  afterAll(() => world.close());

  it('pays a provider from onboarding to its bank, and tells it what for', async () => {
    const payee = await stage.payee(['2026-10-05', '2026-10-12']);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    const owed = async () => (await payee.treasurer.get('/v1/insights/money-owed')).body;
    expect(await owed()).toMatchObject({
      owedMinor: '6400',
      onItsWayMinor: '0',
      invoices: [{ state: 'due' }],
      paid: [],
    });
    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'sent', amountMinor: '6400', sandbox: true });
    expect(payout.reference).toBe(`${stage.icb.code}-P000001`);
    expect(await stage.heldBy(payee.account.externalId)).toBe(0);
    expect(await owed()).toMatchObject({
      onItsWayMinor: '6400',
      invoices: [{ state: 'on_its_way', payoutId: payout.id }],
    });

    expect(await refusal(payee.treasurer.get(`/v1/payouts/${payout.id}/remittance`, { expect: 409 }))).toBe(
      '409 payout.remittance_not_ready',
    );
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
    expect(await stage.journal(payout.id)).toEqual([
      'payout.requested',
      'payout.sent',
      'payout.forwarded',
      'payout.paid',
      'remittance.issued',
    ]);

    const paid = [{ payoutId: payout.id, amountMinor: '6400', hasRemittance: true }];
    expect(await owed()).toMatchObject({ owedMinor: '0', invoices: [], coming: [], paid });
    const { body: advice } = await payee.treasurer.get(`/v1/payouts/${payout.id}/remittance`);
    expect(advice).toMatchObject({ reference: payout.reference, totalMinor: '6400', claimCount: 2, sandbox: true });
    const { origin, size, root } = advice.checkpoint as Record<string, unknown>;
    expect(origin).toMatch(/^wellpaid\.localhost\//);
    const pdf = await payee.treasurer.bytes(`/v1/payouts/${payout.id}/remittance.pdf`);
    const text = (await pdfText(pdf)).join('\n');
    expect(text).toContain(payout.reference);
    expect(text).toContain('£64.00');
    expect(text).toContain(`Log ${String(origin)}, checkpoint ${String(size)}, root ${String(root)}`);
    const { body: seen } = await payee.treasurer.get(`/v1/payouts/${payout.id}`);
    expect(seen).toMatchObject({ state: 'paid', attempts: [] });
    const table = await stage.closeBooks({ [payee.id]: 'provider', [payee.stage.contract.contractId]: 'contract' });
    expect(table).toMatch(/^funds +1,000\.00 +64\.00 +936\.00 D$/m);
    expect(table).toMatch(/^owed:provider:contract +64\.00 +64\.00 +- C$/m);
  });

  it('is told by statements that an auditor makes again', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(10_000n);
    const period = 'from=2026-10-01&to=2026-10-29';
    const { contractId } = payee.stage.contract;
    const closings: string[] = [];
    const told = async (api: typeof stage.finance, party: string, id: string) => {
      const { body } = await api.get<{ foot: { closingMinor: string } }>(
        `/v1/statements?party=${party}&id=${id}&${period}`,
      );
      closings.push(body.foot.closingMinor);
    };
    await told(stage.finance, 'commissioner', stage.icb.id);
    const payout = await stage.onlyPayout(await stage.run());
    await told(stage.finance, 'provider', payee.id);
    await told(payee.treasurer, 'contract', contractId);
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
    await told(payee.treasurer, 'commissioner', stage.icb.id);
    expect(closings).toEqual(['3200', '3200', '3200', '0']);
    expect(await expectReplayed(stage.app, stage.icb.id)).toBe(4);
  });

  it('lets one wait for its account and another for funds, and pays the rest', async () => {
    const [ready, unready, dear] = [
      await stage.payee(['2026-10-05']),
      await stage.payee(['2026-10-05']),
      await stage.payee(['2026-10-05', '2026-10-06', '2026-10-07']),
    ];
    await stage.onboard(ready);
    await stage.onboard(dear);
    await stage.fund(5_000n);
    const { body: preview } = await stage.finance.get<{ groups: { providerId: string; waits: string | null }[] }>(
      '/v1/payment-runs/preview',
    );
    expect(Object.fromEntries(preview.groups.map(({ providerId, waits }) => [providerId, waits]))).toEqual({
      [ready.id]: null,
      [unready.id]: 'not_onboarded',
      [dear.id]: 'insufficient_funds',
    });

    const run = await stage.run();
    const { body: progress } = await stage.finance.get(`/v1/payment-runs/${run.id}/progress`);
    expect(progress).toEqual({
      state: 'finished',
      value: 3,
      max: 3,
      amountMinor: '3200',
      payments: 1,
      waiting: 2,
      done: true,
    });
    expect(run).toMatchObject({ state: 'finished', progress: { sent: 1 } });
    expect(run.payouts.map(({ providerId }) => providerId)).toEqual([ready.id]);
    expect(Object.fromEntries(run.waits.map(({ providerId, reasonCode }) => [providerId, reasonCode]))).toEqual({
      [unready.id]: 'not_onboarded',
      [dear.id]: 'insufficient_funds',
    });

    await stage.fund(20_000n);
    await stage.onboard(unready);
    const { payouts } = await stage.run();
    expect(Object.fromEntries(payouts.map(({ providerId, amountMinor }) => [providerId, amountMinor]))).toEqual({
      [unready.id]: '3200',
      [dear.id]: '9600',
    });
    expect((await stage.run()).payouts).toEqual([]);
    await stage.closeBooks();
  });

  it('reads funds and accounts from the platform first, in case no notice of them came', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.stripe.setWeather({ hold: true, drop: 1_000 });
    await stage.onboard(payee);
    await stage.stripe.receiveFunds(5_000n);
    expect((await stage.finance.get('/v1/funds')).body).toMatchObject({ fundsMinor: '0' });
    expect(await stage.onlyPayout(await stage.run())).toMatchObject({ state: 'sent' });
    await stage.closeBooks();
  });

  it('pays an invoice once, however many runs are made at once', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    const made = await Promise.all(
      Array.from({ length: 8 }, () => stage.finance.post<RunBody>('/v1/payment-runs', {})),
    );
    await stage.settle();
    const runs = await Promise.all(made.map(({ body }) => stage.readRun(body.id)));
    expect(runs.map(({ state }) => state)).toEqual(Array.from({ length: 8 }, () => 'finished'));
    expect(runs.flatMap(({ payouts }) => payouts.map(({ amountMinor }) => amountMinor))).toEqual(['3200']);
    expect(await stage.sent(/transfers$/)).toHaveLength(1);
    await stage.closeBooks();
  });

  it('is made once for one Idempotency-Key', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    const once = { headers: { 'idempotency-key': 'run-of-thursday' } };
    const [first, second] = [
      await stage.finance.post<RunBody>('/v1/payment-runs', {}, once),
      await stage.finance.post<RunBody>('/v1/payment-runs', {}, once),
    ];
    expect(second.body.id).toBe(first.body.id);
    await stage.settle();
    expect((await stage.finance.get<{ items: unknown[] }>('/v1/payment-runs')).body.items).toHaveLength(1);
    await stage.closeBooks();
  });

  it('waits for its day, and can be cancelled until then', async () => {
    const payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    const tomorrow = londonDayAfter(stage.app.clock.today(), 1);
    const run = await stage.run({ paysOn: tomorrow });
    expect(run).toMatchObject({ state: 'scheduled', payouts: [] });
    const cancelled = await stage.run({ paysOn: tomorrow });
    await stage.finance.post(`/v1/payment-runs/${cancelled.id}/cancel`);
    const tooLate = stage.finance.post('/v1/payment-runs', { paysOn: '2026-01-01' }, { expect: 422 });
    expect(await refusal(tooLate)).toBe('422 payment_run.day_not_possible');

    await stage.later(24 * 3_600_000);
    expect(await stage.readRun(run.id)).toMatchObject({ state: 'finished', progress: { sent: 1 } });
    expect(await stage.readRun(cancelled.id)).toMatchObject({ state: 'cancelled', payouts: [] });
    const begun = stage.finance.post(`/v1/payment-runs/${run.id}/cancel`, undefined, { expect: 409 });
    expect(await refusal(begun)).toBe('409 payment_run.begun');
    await stage.closeBooks();
  });

  it('is for finance alone, and a payout for those two whose it is', async () => {
    const payee = await stage.payee(['2026-10-05']);
    const stranger = await stage.payee([]);
    await stage.onboard(payee);
    await stage.fund(100_000n);
    const { api } = await stage.icb.as('contract_manager');
    expect(await refusal(api.post('/v1/payment-runs', {}, { expect: 403 }))).toBe('403 request.not_permitted');
    expect(await refusal(payee.treasurer.post('/v1/payment-runs', {}, { expect: 403 }))).toBe(
      '403 request.not_permitted',
    );
    const { id } = await stage.onlyPayout(await stage.run());
    expect(await refusal(stranger.treasurer.get(`/v1/payouts/${id}`, { expect: 404 }))).toBe('404 not_found');
    expect((await stranger.treasurer.get<{ items: unknown[] }>('/v1/payouts')).body.items).toEqual([]);
    expect((await payee.treasurer.get<{ items: unknown[] }>('/v1/payouts?state=sent')).body.items).toHaveLength(1);
  });

  it('ends with books that balance', () => curtain(world.app));
});

function londonDayAfter(day: string, days: number): string {
  const date = new Date(`${day}T12:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

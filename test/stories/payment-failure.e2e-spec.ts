import { curtain } from './curtain.js';
import { PayoutWorker } from '../../src/payouts/payout.worker.js';
import { DAY, HOUR, MINUTE, PaymentWorld, refusal, type Payee, type PaymentStage } from './payment-stage.js';

describe('a payment that goes wrong', () => {
  let world: PaymentWorld;
  let stage: PaymentStage;
  let payee: Payee;
  beforeAll(async () => {
    world = await PaymentWorld.open();
  });
  beforeEach(async () => {
    stage = await world.stage();
    payee = await stage.payee(['2026-10-05']);
    await stage.onboard(payee);
    await stage.fund(10_000n);
  });
  afterEach(async () => {
    await stage.stripe.clearFaults();
    await stage.closeBooks();
  });
  afterAll(() => world.close());

  /** Everything settles: the bank pays, and it is known. */
  async function paid(payoutId: string): Promise<void> {
    await stage.stripe.settlePayout((await stage.payout(payoutId)).bankPayoutId ?? '');
    await stage.notices();
    expect(await stage.payout(payoutId)).toMatchObject({ state: 'paid' });
    expect(await stage.outside()).toBe(-10_000 + 3_200);
  }

  it('goes again to the bank once the provider has given another account', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.failPayout(payout.bankPayoutId ?? '', 'account_closed');
    await stage.notices();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed', reasonCode: 'account_closed' });
    const accounts = await payee.treasurer.get<{ items: object[] }>('/v1/payout-accounts');
    expect(accounts.body.items).toMatchObject([{ state: 'restricted' }]);
    await stage.later(2 * HOUR);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed' });

    const link = await payee.treasurer.post<{ url: string }>(`/v1/payout-accounts/${payee.account.id}/onboarding-link`);
    await stage.stripe.followLink(link.body.url);
    await stage.notices();
    const again = await stage.payout(payout.id);
    expect(again.attempts.map(({ step, attempt, outcome }) => `${step} ${attempt} ${outcome}`)).toEqual([
      'transfer 1 done',
      'bank_payout 1 failed',
      'bank_payout 2 done',
    ]);
    await paid(payout.id);
    expect(await stage.journal(payout.id)).toEqual([
      'payout.requested',
      'payout.sent',
      'payout.forwarded',
      'payout.failed',
      'payout.retried',
      'payout.forwarded',
      'payout.paid',
      'remittance.issued',
    ]);
  });

  it('comes home when a bank gives back what it took, is owed again, and the next run pays it', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await paid(payout.id);
    await stage.stripe.failPayout(payout.bankPayoutId ?? '');
    await stage.notices();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed' });
    expect((await stage.run()).payouts).toEqual([]);

    await stage.finance.post(`/v1/payouts/${payout.id}/return`);
    await stage.settle();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'returned', items: [{ live: false }] });
    expect(await stage.heldBy(payee.account.externalId)).toBe(0);
    const twice = stage.finance.post(`/v1/payouts/${payout.id}/return`, undefined, { expect: 409 });
    expect(await refusal(twice)).toBe('409 payout.step_not_possible');

    expect((await stage.run()).waits).toMatchObject([{ reasonCode: 'account_restricted' }]);
    const link = await payee.treasurer.post<{ url: string }>(`/v1/payout-accounts/${payee.account.id}/onboarding-link`);
    await stage.stripe.followLink(link.body.url);
    await stage.notices();
    await paid((await stage.onlyPayout(await stage.run())).id);
  });

  it('comes home by itself after a day', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await paid(payout.id);
    await stage.stripe.failPayout(payout.bankPayoutId ?? '');
    await stage.notices();
    await stage.later(23 * HOUR);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed' });
    await stage.later(2 * HOUR);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'returned' });
    expect(await stage.journal(payout.id)).toContain('payout.returned');
  });

  it('is asked for again under the same key when the answer was lost, and moves money once', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'drop_after', times: 4 });
    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'unknown', reasonCode: 'connection', transferId: null });
    const { body: funds } = await stage.finance.get('/v1/funds');
    expect(funds).toMatchObject({ fundsMinor: '6800', reservedMinor: '3200' });
    await stage.later(MINUTE);
    await stage.later(MINUTE);
    await stage.later(2 * MINUTE);
    await stage.later(15 * MINUTE);
    const after = await stage.payout(payout.id);
    expect(after).toMatchObject({ state: 'sent' });
    const keys = await stage.sent(/transfers$/);
    expect(keys.length).toBeGreaterThan(1);
    expect(new Set(keys)).toEqual(new Set([`tr:${payout.id}:1`]));
    await paid(payout.id);
  });

  it('is told by a notice what became of it when the answer was lost', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'drop_after', times: 4 });
    const payout = await stage.onlyPayout(await stage.run());
    await stage.notices();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'sent' });
    await paid(payout.id);
  });

  it('finds a lost bank payout again as well', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/payouts', kind: 'truncate', times: 4 });
    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'unknown', bankPayoutId: null });
    await stage.stripe.clearFaults();
    await stage.later(MINUTE);
    expect(new Set(await stage.sent(/payouts$/))).toEqual(new Set([`po:${payout.id}:1`]));
    await paid(payout.id);
  });

  it('never sends again what was answered with another amount, but looks it up', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'wrong_amount' });
    const payout = await stage.onlyPayout(await stage.run());
    expect(await stage.sent(/transfers$/)).toHaveLength(1);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'sent' });
    expect(await stage.journal(payout.id)).toContain('payout.answer_lost');
    await paid(payout.id);
  });

  it('is left to a person when it can be neither sent again nor found', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'drop', times: 1_000 });
    const payout = await stage.onlyPayout(await stage.run());
    const decide = (decision: string, expected: number) =>
      refusal(stage.finance.post(`/v1/payouts/${payout.id}/decide`, { decision }, { expect: expected }));
    expect(await decide('not_sent', 422)).toBe('422 payout.too_early_to_decide');
    expect(await decide('sent', 422)).toBe('422 payout.look_up_contradicts');
    await stage.later(22 * HOUR);
    const sentWithin = (await stage.sent(/transfers$/)).length;
    await stage.stripe.clearFaults();
    await stage.later(2 * HOUR);
    await stage.later(HOUR);
    expect(await stage.sent(/transfers$/)).toHaveLength(sentWithin);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'unknown', reasonCode: 'needs_decision' });

    await stage.finance.post(`/v1/payouts/${payout.id}/decide`, { decision: 'not_sent' });
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'cancelled', items: [{ live: false }] });
    await paid((await stage.onlyPayout(await stage.run())).id);
  });

  it('gives a decision up where the look-up shows that it was sent', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'drop_after', times: 1_000 });
    const payout = await stage.onlyPayout(await stage.run());
    const denied = stage.finance.post(`/v1/payouts/${payout.id}/decide`, { decision: 'not_sent' }, { expect: 422 });
    expect(await refusal(denied)).toBe('422 payout.look_up_contradicts');
    const { body } = await stage.finance.post(`/v1/payouts/${payout.id}/decide`, { decision: 'sent' });
    expect(body).toMatchObject({ state: 'sent' });
    await stage.stripe.clearFaults();
    await stage.later(MINUTE);
    await paid(payout.id);
  });

  it('is released when the platform refuses it', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'refuse', code: 'balance_insufficient' });
    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'cancelled', reasonCode: 'balance_insufficient', items: [{ live: false }] });
    expect(await stage.journal(payout.id)).toEqual(['payout.requested', 'payout.refused']);
    await paid((await stage.onlyPayout(await stage.run())).id);
  });

  it('waits when the platform asks to slow down', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'throttle', times: 2 });
    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'requested', attempts: [{ outcome: 'planned', reasonCode: 'throttled' }] });
    await stage.later(11_000);
    await stage.later(31_000);
    expect(new Set(await stage.sent(/transfers$/))).toEqual(new Set([`tr:${payout.id}:1`]));
    await paid(payout.id);
  });

  it('waits while what was transferred is not available yet', async () => {
    await stage.stripe.setRecipient(payee.account.externalId, { landing: 'pending' });
    const payout = await stage.onlyPayout(await stage.run());
    expect(payout).toMatchObject({ state: 'sent', bankPayoutId: null });
    expect(await stage.sent(/payouts$/)).toEqual([]);
    await stage.stripe.releasePending(payee.account.externalId);
    await stage.later(2 * HOUR);
    await paid(payout.id);
  });

  it('takes one step at a time, also when ten workers take it at once', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'drop', times: 2 });
    const payout = await stage.onlyPayout(await stage.run());
    stage.app.clock.moveTo(new Date(stage.app.clock.now().getTime() + MINUTE));
    const worker = stage.app.nest.get(PayoutWorker, { strict: false });
    const before = (await stage.sent(/transfers$/)).length;
    await Promise.all(Array.from({ length: 10 }, () => worker.advance(stage.icb.id, payout.id)));
    await stage.settle();
    expect((await stage.sent(/transfers$/)).length - before).toBe(1);
    expect(await stage.sent(/payouts$/)).toHaveLength(1);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'sent' });
    await paid(payout.id);
  });

  it('goes on where a worker died, under the same key', async () => {
    await stage.stripe.arm({ operation: 'POST /v1/transfers', kind: 'hold' });
    const made = await stage.finance.post<{ id: string }>('/v1/payment-runs', {});
    while ((await stage.stripe.heldCount()) === 0) await new Promise((resolve) => setTimeout(resolve, 20));
    const [held] = (await stage.readRun(made.body.id)).payouts;
    expect(held).toMatchObject({ state: 'requested' });
    stage.app.clock.moveTo(new Date(stage.app.clock.now().getTime() + 2 * MINUTE));
    const worker = stage.app.nest.get(PayoutWorker, { strict: false });
    await worker.advance(stage.icb.id, held?.id ?? ''); // the first call still hangs: its key is in use
    expect(await stage.payout(held?.id ?? '')).toMatchObject({ state: 'unknown', reasonCode: 'key_in_use' });
    await stage.stripe.releaseHeld();
    await stage.settle();
    await stage.later(MINUTE);
    expect(new Set(await stage.sent(/transfers$/))).toEqual(new Set([`tr:${held?.id}:1`]));
    await paid(held?.id ?? '');
  });

  it('is noticed by reading when every notice was lost, for ten days', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.setWeather({ hold: true, drop: 1_000 });
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.later(2 * HOUR);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'paid' });
    await stage.stripe.failPayout(payout.bankPayoutId ?? '');
    await stage.later(2 * DAY);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed' });
    await stage.later(2 * DAY);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'returned' });
  });

  it('ends with books that balance', () => curtain(world.app));
});

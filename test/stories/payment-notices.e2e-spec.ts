import { curtain } from './curtain.js';
import { signature } from '../../src/sandbox/stripe/webhooks.js';
import { MINUTE, PaymentWorld, type Payee, type PaymentStage, type PayoutBody } from './payment-stage.js';

describe('notices of the rail', () => {
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
    await stage.closeBooks();
  });
  afterAll(() => world.close());

  const kept = async (): Promise<{ id: string; state: string; times_received: number; type: string }[]> =>
    (
      await stage.app.admin.query(
        'select id, state, times_received, type from webhook_event where commissioner_id = $1 order by received_at',
        [stage.icb.id],
      )
    ).rows;

  const endpoint = () => `${stage.app.url}/v1/webhooks/stripe/${stage.icb.code}`;
  const secret = () => `whsec_double_${stage.icb.code.toLowerCase()}`;
  const seconds = () => Math.floor(stage.app.clock.now().getTime() / 1000);

  async function send(body: string, header: string): Promise<number> {
    const response = await fetch(endpoint(), {
      method: 'POST',
      body,
      headers: { 'content-type': 'application/json', ...(header !== '' && { 'stripe-signature': header }) },
    });
    await response.arrayBuffer();
    return response.status;
  }

  function notice(payout: PayoutBody, type = 'payout.paid', id = 'evt_forged'): string {
    const object = { id: payout.bankPayoutId, object: 'payout', status: 'paid' };
    return JSON.stringify({
      id,
      object: 'event',
      type,
      created: seconds(),
      account: payee.account.externalId,
      data: { object },
    });
  }

  it('accepts none of 200 forged ones, and keeps nothing of them', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    const before = await kept();
    const body = notice(payout);
    const forgeries = [
      '',
      'v1=00',
      `t=${seconds()},v1=${'0'.repeat(64)}`,
      signature(body, 'whsec_somebody_else', seconds()),
      signature(body, secret(), seconds() - 301),
      signature(body, secret(), seconds() + 3_600),
      signature(`${body} `, secret(), seconds()),
      signature(body, secret(), seconds()).replace('v1=', 'v0='),
      signature(body, `whsec_double_${stage.icb.code}`, seconds()),
      signature(body, '', seconds()),
    ];
    const statuses: number[] = [];
    for (let round = 0; round < 20; round++) {
      statuses.push(...(await Promise.all(forgeries.map((header) => send(body, header)))));
    }
    expect(statuses).toHaveLength(200);
    expect(statuses.filter((status) => status !== 400)).toEqual([]);
    expect(await kept()).toEqual(before);
    expect(await send(body, signature(body, secret(), seconds()))).toBe(200);
    await stage.settle();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'sent' }); // genuine, but the rail says otherwise
  });

  it('come a hundred times and count once', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.stripe.setWeather({ hold: true, duplicates: 19 });
    await stage.notices();
    expect(await stage.journal(payout.id)).toEqual([
      'payout.requested',
      'payout.sent',
      'payout.forwarded',
      'payout.paid',
      'remittance.issued',
    ]);
    const of = (await kept()).find(({ type }) => type === 'payout.paid');
    expect(of).toMatchObject({ times_received: 20, state: 'done' });
  });

  it('may come in any order', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.stripe.failPayout(payout.bankPayoutId ?? '');
    await stage.stripe.setWeather({ hold: true, reverse: true });
    await stage.notices();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed' });
    expect((await kept()).filter(({ state }) => state !== 'done')).toEqual([]);
    const paid = (await kept()).find(({ type }) => type === 'payout.paid');
    expect(await stage.stripe.resend(paid?.id ?? '')).toBe(200);
    await stage.settle();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'failed' });
  });

  it('are parked when they tell of what cannot be', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.notices();
    // Somebody takes the transfer back on the platform itself, out of money that the account had besides.
    const control = await fetch(`${new URL(await doubleUrl()).origin}/v1/transfers/${payout.transferId}/reversals`, {
      method: 'POST',
      headers: await asPlatform(),
      body: 'amount=1',
    });
    expect(control.status).toBe(400); // nothing is left there to take
    await stage.app.admin.query(`update payout set transfer_id = 'tr_other' where id = $1`, [payout.id]);
    const body = JSON.stringify({
      id: 'evt_transfer',
      object: 'event',
      type: 'transfer.updated',
      created: seconds(),
      data: { object: { id: payout.transferId, object: 'transfer' } },
    });
    expect(await send(body, signature(body, secret(), seconds()))).toBe(200);
    await stage.settle();
    const { body: parked } = await stage.finance.get<{ items: object[] }>('/v1/rail-notices?state=parked');
    expect(parked.items).toMatchObject([{ id: 'evt_transfer', reason: 'unexpected' }]);
    await stage.app.admin.query('update payout set transfer_id = $2 where id = $1', [payout.id, payout.transferId]);
  });

  it('are looked into later when the rail does not answer', async () => {
    const payout = await stage.onlyPayout(await stage.run());
    await stage.stripe.settlePayout(payout.bankPayoutId ?? '');
    await stage.stripe.arm({ operation: 'GET /v1/payouts/{payout}', kind: 'fail', times: 1_000 });
    await stage.notices();
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'sent' });
    await stage.stripe.clearFaults();
    await stage.later(MINUTE);
    expect(await stage.payout(payout.id)).toMatchObject({ state: 'paid' });
  });

  const doubleUrl = async () => stage.app.runtime.sandboxStripe?.url ?? '';
  const asPlatform = async () => ({
    authorization: `Bearer sk_test_double_${stage.icb.code.toLowerCase()}`,
    'content-type': 'application/x-www-form-urlencoded',
    'stripe-version': '2026-10-28.endive',
  });

  it('ends with books that balance', () => curtain(world.app));
});

import { Stripe } from 'stripe';
import { startStripeDouble, StripeDoubleControl, type RunningStripeDouble } from './index.js';

let double: RunningStripeDouble;
let stripe: Stripe;
let control: StripeDoubleControl;
let account: string;
let labels = 0;

function client(apiKey: string, extra: object = {}): Stripe {
  const where = { host: '127.0.0.1', port: double.port, protocol: 'http' as const };
  return new Stripe(apiKey, { ...where, telemetry: false, maxNetworkRetries: 0, ...extra });
}

beforeAll(async () => {
  double = await startStripeDouble({ settleAfterSeconds: 'never' });
});
afterAll(() => double.close());

beforeEach(async () => {
  labels += 1;
  stripe = client(`sk_test_double_keys-${labels}`);
  control = new StripeDoubleControl(double.url, `keys-${labels}`);
  await control.receiveFunds(1_000n);
  const created = await stripe.v2.core.accounts.create({
    configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
  });
  account = created.id;
  await control.setRecipient(account, { transfers: 'active', payouts: 'active', requirements: [] });
});

const send = (idempotencyKey: string, amount = 100) =>
  stripe.transfers.create({ amount, currency: 'gbp', destination: account }, { idempotencyKey });
const sentCount = async () => (await stripe.transfers.list({ limit: 100 })).data.length;

describe('Idempotency keys', () => {
  it('replay the first answer, and say so', async () => {
    const first = await send('tr:1:1');
    const second = await send('tr:1:1');
    expect(second.id).toBe(first.id);
    expect(first.lastResponse.headers['idempotent-replayed']).toBeUndefined();
    expect(second.lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await sentCount()).toBe(1);
  });

  it('refuse other parameters, and move nothing', async () => {
    await send('tr:2:1');
    await expect(send('tr:2:1', 101)).rejects.toMatchObject({ statusCode: 400, rawType: 'idempotency_error' });
    expect(await sentCount()).toBe(1);
  });

  it('conflict while the first request is in flight, then replay its answer', async () => {
    await control.arm({ operation: 'POST /v1/transfers', kind: 'hold' });
    const first = send('tr:3:1');
    while ((await control.heldCount()) === 0);
    await expect(send('tr:3:1')).rejects.toMatchObject({ statusCode: 409, code: 'idempotency_key_in_use' });
    await control.releaseHeld();
    expect((await send('tr:3:1')).id).toBe((await first).id);
    expect(await sentCount()).toBe(1);
  });

  it('are forgotten after 24 hours, and not before', async () => {
    const first = await send('tr:4:1');
    await control.advanceClock(24 * 3600 - 60);
    expect((await send('tr:4:1')).id).toBe(first.id);
    await control.advanceClock(120);
    expect((await send('tr:4:1')).id).not.toBe(first.id);
    expect(await sentCount()).toBe(2);
  });

  it('keep a refusal by execution, even when its reason has gone', async () => {
    await expect(send('tr:5:1', 2_000)).rejects.toMatchObject({ code: 'balance_insufficient' });
    await control.receiveFunds(5_000n);
    await expect(send('tr:5:1', 2_000)).rejects.toMatchObject({ code: 'balance_insufficient' });
    expect((await send('tr:5:2', 2_000)).amount).toBe(2_000);
  });

  it('do not keep what failed before execution', async () => {
    await expect(send('tr:6:1', 0)).rejects.toMatchObject({ statusCode: 400 });
    await control.arm({ operation: 'POST /v1/transfers', kind: 'throttle' });
    await expect(send('tr:6:1')).rejects.toMatchObject({ statusCode: 429 });
    expect((await send('tr:6:1')).amount).toBe(100);
  });

  it('keep a server error once execution began', async () => {
    await control.arm({ operation: 'POST /v1/transfers', kind: 'fail_stored' });
    await expect(send('tr:7:1')).rejects.toMatchObject({ statusCode: 500 });
    await expect(send('tr:7:1')).rejects.toMatchObject({ statusCode: 500 });
    expect(await sentCount()).toBe(0);
  });

  it('belong to one account: two platforms may use the same', async () => {
    const first = await send('tr:8:1');
    const other = new StripeDoubleControl(double.url, `keys-${labels}-b`);
    await other.receiveFunds(1_000n);
    const theirs = client(`sk_test_double_keys-${labels}-b`);
    const transfer = theirs.transfers.create(
      { amount: 100, currency: 'gbp', destination: account },
      { idempotencyKey: 'tr:8:1' },
    );
    await expect(transfer).rejects.toMatchObject({ code: 'resource_missing' });
    expect((await send('tr:8:1')).id).toBe(first.id);
  });
});

describe('Faults', () => {
  it.each(['drop_after', 'truncate', 'hang_after'] as const)('%s moves money and loses the answer', async (kind) => {
    stripe = client(`sk_test_double_keys-${labels}`, { timeout: 300 });
    await control.arm({ operation: 'POST /v1/transfers', kind, times: 2 });
    const type = 'StripeConnectionError';
    await expect(send('tr:9:1')).rejects.toMatchObject({ type });
    await control.clearFaults();
    expect(await sentCount()).toBe(1);
    expect((await send('tr:9:1')).lastResponse.headers['idempotent-replayed']).toBe('true');
    expect(await sentCount()).toBe(1);
  });

  it('drop before execution moves nothing', async () => {
    await control.arm({ operation: 'POST /v1/transfers', kind: 'drop', times: 2 });
    await expect(send('tr:10:1')).rejects.toMatchObject({ type: 'StripeConnectionError' });
    expect(await sentCount()).toBe(0);
  });

  it('strike from the nth call on, for as many calls as ordered', async () => {
    await control.arm({ operation: 'POST /v1/transfers', kind: 'refuse', code: 'transfers_not_allowed', nth: 2 });
    expect((await send('a')).amount).toBe(100);
    await expect(send('b')).rejects.toMatchObject({ code: 'transfers_not_allowed' });
    expect((await send('c')).amount).toBe(100);
  });
});

describe('The door', () => {
  it.each(['sk_live_51Hxyz', 'rk_live_51Hxyz', 'sk_test_51Hxyz', 'sk_test_double_', 'sk_test_double_UPPER'])(
    'knows no key %s',
    async (key) => {
      await expect(client(key).balance.retrieve()).rejects.toMatchObject({ statusCode: 401 });
    },
  );

  it('refuses a parameter that Stripe does not have, and a missing one', async () => {
    const bogus = { amount: 100, currency: 'gbp', destination: account, memo: 'x' };
    await expect(stripe.transfers.create(bogus)).rejects.toMatchObject({ code: 'parameter_unknown', param: 'memo' });
    const nameless = { amount: 100, currency: 'gbp' } as Stripe.TransferCreateParams;
    await expect(stripe.transfers.create(nameless)).rejects.toMatchObject({ code: 'parameter_missing' });
    const fraction = { amount: 1.5, currency: 'gbp', destination: account };
    await expect(stripe.transfers.create(fraction)).rejects.toMatchObject({ code: 'parameter_invalid_integer' });
    const wide = { display_name: 'Allotment', configuration: { recipient: { colour: 'red' } } };
    await expect(stripe.v2.core.accounts.create(wide as object)).rejects.toMatchObject({ code: 'parameter_unknown' });
  });

  it('keeps the accounts of other platforms out of reach', async () => {
    const theirs = client(`sk_test_double_stranger-${labels}`);
    await expect(theirs.balance.retrieve({}, { stripeContext: account })).rejects.toMatchObject({ statusCode: 403 });
    await expect(theirs.v2.core.accounts.retrieve(account)).rejects.toMatchObject({ code: 'resource_missing' });
  });

  it('takes control calls as JSON only, so that no page in a browser can send one', async () => {
    const body = JSON.stringify({ platform: `keys-${labels}`, amount: 1 });
    const response = await fetch(`${double.url}/_double/topups`, { method: 'POST', body });
    expect(response.status).toBe(415);
  });

  it('remembers every request with its parameters', async () => {
    await send('tr:11:1');
    const requests = await control.requests();
    expect(requests.at(-1)).toMatchObject({
      method: 'POST',
      path: '/v1/transfers',
      params: { amount: '100', destination: account },
      idempotencyKey: 'tr:11:1',
      status: 200,
    });
  });

  it('pages through lists newest first', async () => {
    for (const key of ['p1', 'p2', 'p3']) await send(key);
    const all = [];
    for await (const transfer of stripe.transfers.list({ limit: 2 })) all.push(transfer.id);
    const { data } = await stripe.transfers.list({ limit: 3 });
    expect(all).toEqual(data.map((transfer) => transfer.id));
    expect(all.length).toBe(3);
    const newer = await stripe.transfers.list({ limit: 1, ending_before: all[2] ?? '' });
    expect(newer.data.map((transfer) => transfer.id)).toEqual([all[1]]);
  });
});

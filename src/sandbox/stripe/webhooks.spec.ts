import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Stripe } from 'stripe';
import { startStripeDouble, StripeDoubleControl, type RunningStripeDouble } from './index.js';

interface Delivery {
  body: string;
  signature: string;
}

const SECRETS = { secret: 'whsec_platform', connectSecret: 'whsec_connect', thinSecret: 'whsec_thin' };
let double: RunningStripeDouble;
let receiver: Server;
let received: Delivery[] = [];
let answer = 200;
let stripe: Stripe;
let control: StripeDoubleControl;
let labels = 0;

beforeAll(async () => {
  double = await startStripeDouble({ settleAfterSeconds: 'never' });
  receiver = createServer((request, response) => {
    let body = '';
    request.on('data', (chunk: Buffer) => (body += chunk.toString()));
    request.on('end', () => {
      received.push({ body, signature: String(request.headers['stripe-signature']) });
      response.writeHead(answer).end();
    });
  });
  await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
});
afterAll(async () => {
  await double.close();
  await new Promise((resolve) => receiver.close(resolve));
});

beforeEach(async () => {
  labels += 1;
  [received, answer] = [[], 200];
  const where = { host: '127.0.0.1', port: double.port, protocol: 'http' as const, telemetry: false };
  stripe = new Stripe(`sk_test_double_hooks-${labels}`, { ...where, maxNetworkRetries: 0 });
  control = new StripeDoubleControl(double.url, `hooks-${labels}`);
  const { port } = receiver.address() as AddressInfo;
  await control.setWeather({ hold: true });
  await control.setWebhook({ url: `http://127.0.0.1:${port}/webhooks`, ...SECRETS });
});

const typeOf = ({ body }: Delivery) => (JSON.parse(body) as { type: string }).type;
const idOf = ({ body }: Delivery) => (JSON.parse(body) as { id: string }).id;

async function oneOfEach() {
  await control.receiveFunds(1_000n);
  const { id: account } = await stripe.v2.core.accounts.create({ configuration: { recipient: {} } });
  await control.setRecipient(account, { transfers: 'active', payouts: 'active', requirements: [] });
  const transfer = await stripe.transfers.create({ amount: 1_000, currency: 'gbp', destination: account });
  await stripe.transfers.createReversal(transfer.id, { amount: 400 });
  const payout = await stripe.payouts.create({ amount: 600, currency: 'gbp' }, { stripeContext: account });
  await control.settlePayout(payout.id);
  await control.failPayout(payout.id);
  return { account, payout };
}

describe('Notices', () => {
  it('tell what happened, in order, each signed with the secret of its destination', async () => {
    const { account, payout } = await oneOfEach();
    await control.flush();
    expect(received.map(typeOf)).toEqual([
      'topup.created',
      'topup.succeeded',
      'v2.core.account.created',
      'v2.core.account[requirements].updated',
      'v2.core.account[configuration.recipient].capability_status_updated',
      'transfer.created',
      'transfer.reversed',
      'payout.created',
      'payout.updated',
      'payout.paid',
      'payout.failed',
      'v2.core.account[requirements].updated',
      'v2.core.account[configuration.recipient].capability_status_updated',
    ]);
    for (const { body, signature } of received) {
      const { object, account: of } = JSON.parse(body) as { object: string; account?: string };
      if (object === 'v2.core.event') {
        const thin = stripe.parseEventNotification(body, signature, SECRETS.thinSecret);
        expect(thin).toMatchObject({ related_object: { id: account } });
      } else stripe.webhooks.constructEvent(body, signature, of ? SECRETS.connectSecret : SECRETS.secret);
    }
    const failed = JSON.parse(received[10]?.body ?? '') as Stripe.PayoutFailedEvent;
    expect(failed).toMatchObject({ account, data: { object: { id: payout.id, status: 'failed' } } });
  });

  it('show an object as it stood at the event, not as it stands', async () => {
    const { account } = await oneOfEach();
    const events = await stripe.events.list({ type: 'payout.paid' }, { stripeContext: account });
    expect(events.data[0]).toMatchObject({ data: { object: { status: 'paid' } } });
  });

  it('come twice or more, with one id', async () => {
    await control.setWeather({ hold: true, duplicates: 2 });
    await control.receiveFunds(100n);
    await control.flush();
    expect(received.map(typeOf).filter((type) => type === 'topup.succeeded').length).toBe(3);
    expect(new Set(received.map(idOf)).size).toBe(2);
  });

  it('come in the wrong order', async () => {
    await control.setWeather({ hold: true, reverse: true });
    await control.receiveFunds(100n);
    await control.flush();
    expect(received.map(typeOf)).toEqual(['topup.succeeded', 'topup.created']);
  });

  it('come again when asked for, long after', async () => {
    await control.receiveFunds(100n);
    await control.flush();
    const [first] = received.splice(0);
    expect(await control.resend(idOf(first as Delivery))).toBe(200);
    expect(received.map(idOf)).toEqual([idOf(first as Delivery)]);
  });

  it.each([
    ['forged', { forge: true }],
    ['signed long ago', { lateSeconds: 301 }],
  ])('that are %s do not pass for real', async (_, weather) => {
    await control.setWeather({ hold: true, ...weather });
    await control.receiveFunds(100n);
    await control.flush();
    const [{ body, signature } = { body: '', signature: '' }] = received;
    expect(body).not.toBe('');
    expect(() => stripe.webhooks.constructEvent(body, signature, SECRETS.secret)).toThrow(/signature|timestamp/i);
  });

  it('are tried again when the receiver is down, and listed as undelivered until then', async () => {
    answer = 503;
    await control.receiveFunds(100n);
    await control.flush();
    expect((await stripe.events.list({ delivery_success: false })).data.map((event) => event.type)).toEqual([
      'topup.succeeded',
      'topup.created',
    ]);
    answer = 200;
    await control.flush();
    expect((await stripe.events.list({ delivery_success: false })).data).toEqual([]);
    expect(received.map(typeOf)).toEqual(['topup.created', 'topup.succeeded', 'topup.created', 'topup.succeeded']);
  });

  it('that are lost stay in the list of undelivered events', async () => {
    await control.setWeather({ hold: true, drop: 1 });
    await control.receiveFunds(100n);
    await control.flush();
    expect(received.map(typeOf)).toEqual(['topup.succeeded']);
    expect((await stripe.events.list({ delivery_success: false })).data.map((event) => event.type)).toEqual([
      'topup.created',
    ]);
  });
});

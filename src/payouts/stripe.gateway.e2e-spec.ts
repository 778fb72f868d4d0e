import { createServer, type IncomingHttpHeaders } from 'node:http';
import type { AddressInfo } from 'node:net';
import { testDatabase } from '../../test/support/database.js';
import { connect } from '../platform/data-source.js';
import { Database } from '../platform/database.js';
import { signature } from '../sandbox/stripe/webhooks.js';
import { startStripeDouble, StripeDoubleControl, type RunningStripeDouble } from '../sandbox/stripe/index.js';
import { ForgedNoticeError, type Done, type Outcome, type TransferOrder } from './rail.js';
import { StripeGateway } from './stripe.gateway.js';

const NOW = new Date('2026-11-02T09:00:00Z');
const clock = { now: () => NOW };
const SECRET = 'whsec_platform';
let double: RunningStripeDouble;
let gateway: StripeGateway;
let control: StripeDoubleControl;
let labels = 0;

beforeAll(async () => {
  double = await startStripeDouble({ now: () => NOW, settleAfterSeconds: 'never' });
});
afterAll(() => double.close());

beforeEach(async () => {
  labels += 1;
  gateway = gatewayFor(`sk_test_double_gateway-${labels}`);
  control = new StripeDoubleControl(double.url, `gateway-${labels}`);
  await control.setWeather({ hold: true });
});
afterEach(async () => {
  expect(await control.violations()).toEqual([]);
});

function gatewayFor(apiKey: string): StripeGateway {
  const where = { host: '127.0.0.1', port: double.port, protocol: 'http' as const };
  return new StripeGateway({ apiKey, webhookSecrets: ['whsec_old', SECRET], ...where }, clock);
}

function valueOf<T>(outcome: Outcome<T>): T {
  expect(outcome).toMatchObject({ kind: 'done' });
  return (outcome as Done<T>).value;
}

async function readyRecipient(): Promise<string> {
  const recipient = valueOf(
    await gateway.createRecipient({
      providerId: 'provider-1',
      displayName: 'Allotment Society',
      contactEmail: 'finance@allotment.example',
      structure: 'registered_charity',
      idempotencyKey: `account:${labels}`,
    }),
  );
  expect(recipient).toMatchObject({ ready: false, transfers: 'restricted' });
  expect(recipient.requirements).toContain('identity.business_details.address');
  const { accountId } = recipient;
  const pages = { returnUrl: 'https://wellpaid.example/back', refreshUrl: 'https://wellpaid.example/again' };
  const asked = { accountId, purpose: 'onboarding', ...pages, idempotencyKey: `link:${labels}` } as const;
  const link = valueOf(await gateway.onboardingLink(asked));
  expect(link.expiresAt).toEqual(new Date('2026-11-02T09:05:00Z'));
  expect(await control.followLink(link.url)).toBe(pages.returnUrl);
  return accountId;
}

function order(accountId: string, more: Partial<TransferOrder> = {}): TransferOrder {
  const attempt = more.attempt ?? 1;
  const idempotencyKey = `tr:instruction-1:${attempt}`;
  const base = { instructionId: 'instruction-1', attempt, accountId, amountMinor: 1_250n, transferGroup: 'run-1' };
  return { ...base, idempotencyKey, ...more };
}

describe('Paying a recipient', () => {
  it('goes from onboarding to a paid payout, with opaque ids only', async () => {
    await control.receiveFunds(10_000n);
    const accountId = await readyRecipient();
    expect(valueOf(await gateway.recipientStatus(accountId))).toMatchObject({ ready: true, requirements: [] });
    valueOf(await gateway.holdPayouts(accountId, 'hold:1'));

    const sent = valueOf(await gateway.sendTransfer(order(accountId)));
    expect(sent).toMatchObject({
      accountId,
      amountMinor: 1_250n,
      reversedMinor: 0n,
      attempt: 1,
      transferGroup: 'run-1',
    });
    expect(valueOf(await gateway.balance())).toEqual({ availableMinor: 8_750n, pendingMinor: 0n });
    expect(valueOf(await gateway.balance(accountId))).toEqual({ availableMinor: 1_250n, pendingMinor: 0n });

    const payout = valueOf(
      await gateway.createPayout({
        instructionId: 'instruction-1',
        attempt: 1,
        accountId,
        amountMinor: 1_250n,
        statementDescriptor: 'WELLPAID 0001',
        idempotencyKey: 'po:instruction-1:1',
      }),
    );
    expect(payout.status).toBe('pending');
    await control.settlePayout(payout.payoutId);
    expect(valueOf(await gateway.getPayout(accountId, payout.payoutId)).status).toBe('paid');
    await control.failPayout(payout.payoutId);
    expect(valueOf(await gateway.getPayout(accountId, payout.payoutId))).toMatchObject({
      status: 'failed',
      failureCode: 'account_closed',
    });
    expect(valueOf(await gateway.recipientStatus(accountId))).toMatchObject({ ready: false, payouts: 'restricted' });

    const metadata = (await control.requests()).map(({ params }) => (params as { metadata?: object }).metadata);
    expect(metadata.filter(Boolean)).toEqual([
      { provider: 'provider-1' },
      { instruction: 'instruction-1', attempt: '1' },
      { instruction: 'instruction-1', attempt: '1' },
    ]);
  });

  it('reads what came in and every line of a balance, for reconciliation', async () => {
    const fundsId = await control.receiveFunds(5_000n);
    const accountId = await readyRecipient();
    const { transferId } = valueOf(await gateway.sendTransfer(order(accountId)));
    const reversal = { transferId, amountMinor: 250n, reversalRef: 'reversal-1', idempotencyKey: 'rv:1' };
    const reversed = valueOf(await gateway.reverseTransfer(reversal));
    expect(valueOf(await gateway.getTransfer(transferId))).toMatchObject({ reversedMinor: 250n });
    expect(await gateway.reverseTransfer({ ...reversal, amountMinor: 1_001n, idempotencyKey: 'rv:2' })).toMatchObject({
      kind: 'refused',
      retryable: false,
    });

    expect(valueOf(await gateway.receivedFunds(NOW))).toMatchObject([
      { fundsId, amountMinor: 5_000n, status: 'succeeded' },
    ]);
    const window = { from: NOW, to: new Date(NOW.getTime() + 1_000) };
    expect(valueOf(await gateway.entries(window))).toMatchObject([
      { type: 'topup', amountMinor: 5_000n, sourceId: fundsId, feeMinor: 0n },
      { type: 'transfer', amountMinor: -1_250n, sourceId: transferId },
      { type: 'transfer_refund', amountMinor: 250n, sourceId: reversed.reversalId },
    ]);
    expect(valueOf(await gateway.entries({ from: window.to, to: window.to }))).toEqual([]);
  });
});

describe('When the answer is lost', () => {
  it.each(['drop_after', 'truncate', 'fail_stored'] as const)('%s is unknown, never refused', async (kind) => {
    await control.receiveFunds(10_000n);
    const accountId = await readyRecipient();
    await control.arm({ operation: 'POST /v1/transfers', kind, times: 2 });
    expect(await gateway.sendTransfer(order(accountId))).toMatchObject({ kind: 'unknown', resend: true });
    await control.clearFaults();
    const search = { instructionId: 'instruction-1', attempt: 1, accountId, transferGroup: 'run-1' };
    const found = valueOf(await gateway.findTransfer(search));
    if (kind === 'fail_stored') expect(found).toBeUndefined();
    else {
      const again = valueOf(await gateway.sendTransfer(order(accountId)));
      expect(again.transferId).toBe(found?.transferId);
    }
    expect(valueOf(await gateway.findTransfer({ ...search, attempt: 2 }))).toBeUndefined();
  });

  it('finds a payout whose answer was lost', async () => {
    await control.receiveFunds(10_000n);
    const accountId = await readyRecipient();
    valueOf(await gateway.sendTransfer(order(accountId)));
    await control.arm({ operation: 'POST /v1/payouts', kind: 'truncate' });
    const attempt = { instructionId: 'instruction-1', attempt: 1, accountId };
    const wanted = { ...attempt, amountMinor: 1_000n, idempotencyKey: 'po:instruction-1:1' };
    expect(await gateway.createPayout(wanted)).toEqual({ kind: 'unknown', reason: 'connection', resend: true });
    expect(valueOf(await gateway.findPayout({ ...attempt, since: NOW }))).toMatchObject({ amountMinor: 1_000n });
    const later = new Date(NOW.getTime() + 1_000);
    expect(valueOf(await gateway.findPayout({ ...attempt, since: later }))).toBeUndefined();
  });

  it('parks an answer that is not what was ordered', async () => {
    await control.receiveFunds(10_000n);
    const accountId = await readyRecipient();
    await control.arm({ operation: 'POST /v1/transfers', kind: 'wrong_amount' });
    const outcome = await gateway.sendTransfer(order(accountId));
    expect(outcome).toEqual({ kind: 'unknown', reason: 'answer_mismatch', resend: false });
  });
});

describe('When Stripe refuses', () => {
  it('tells a final refusal from being turned away and from a used key', async () => {
    const accountId = await readyRecipient();
    const broke = await gateway.sendTransfer(order(accountId));
    expect(broke).toMatchObject({ kind: 'refused', code: 'balance_insufficient', retryable: false });
    expect(await gateway.sendTransfer(order(accountId, { amountMinor: 1n }))).toEqual({
      kind: 'unknown',
      reason: 'key_reused',
      resend: false,
    });
    await control.arm({ operation: 'POST /v1/transfers', kind: 'throttle' });
    const throttled = await gateway.sendTransfer(order(accountId, { attempt: 2 }));
    expect(throttled).toMatchObject({ kind: 'refused', code: 'throttled', retryable: true });
    await control.arm({ operation: 'POST /v1/transfers', kind: 'conflict' });
    const conflict = await gateway.sendTransfer(order(accountId, { attempt: 2 }));
    expect(conflict).toEqual({ kind: 'unknown', reason: 'key_in_use', resend: true });
    const stranger = await gatewayFor('sk_test_51Hstranger').balance();
    expect(stranger).toMatchObject({ kind: 'refused', code: 'not_authorised', retryable: true });
  });

  it.each([0n, -1n, 2n ** 53n])('never sends an amount of %s', async (amountMinor) => {
    await expect(gateway.sendTransfer(order('acct_1', { amountMinor }))).rejects.toThrow('Amount');
    expect(await control.requests()).toEqual([]);
  });

  it('never calls while a transaction holds its locks', async () => {
    const own = await testDatabase();
    const database = new Database(await connect(own.appUrl, [], 1));
    const scope = { side: 'commissioner' as const, orgId: null };
    try {
      await expect(database.transaction(scope, () => gateway.balance())).rejects.toThrow('inside a transaction');
      expect(await control.requests()).toEqual([]);
    } finally {
      await database.onApplicationShutdown();
      await own.drop();
    }
  });

  it('sends a live key to Stripe only', () => {
    const live = { apiKey: 'sk_live_51Hxyz', webhookSecrets: [] };
    expect(() => new StripeGateway({ ...live, host: '127.0.0.1' })).toThrow('live');
    expect(() => new StripeGateway({ ...live, protocol: 'http' })).toThrow('live');
    expect(new StripeGateway(live)).toBeInstanceOf(StripeGateway);
  });
});

describe('Notices', () => {
  const event = { id: 'evt_1', object: 'event', type: 'payout.paid', created: 1_790_000_000, account: 'acct_1' };
  const body = Buffer.from(JSON.stringify({ ...event, data: { object: { id: 'po_1' } } }, null, 2));
  const signedAt = NOW.getTime() / 1000;
  const proof = (secret: string, seconds: number) => ({ 'stripe-signature': signature(String(body), secret, seconds) });

  it('are believed with any current secret, within five minutes', async () => {
    for (const secret of ['whsec_old', SECRET]) {
      for (const seconds of [signedAt - 300, signedAt, signedAt + 300]) {
        const notice = await gateway.verifyWebhook(body, proof(secret, seconds));
        expect(notice).toMatchObject({ id: 'evt_1', kind: 'snapshot', accountId: 'acct_1', objectId: 'po_1' });
      }
    }
  });

  it.each<[string, Buffer, Record<string, string | string[] | undefined>]>([
    ['another secret', body, proof('whsec_other', signedAt)],
    ['an old signature', body, proof(SECRET, signedAt - 301)],
    ['a signature of the future', body, proof(SECRET, signedAt + 301)],
    ['other bytes', Buffer.from(JSON.stringify(JSON.parse(String(body)))), proof(SECRET, signedAt)],
    ['no signature', body, {}],
    ['an empty signature', body, { 'stripe-signature': '' }],
    [
      'two signatures',
      body,
      { 'stripe-signature': Object.values(proof(SECRET, signedAt)).flatMap((one) => [one, one]) },
    ],
    ['a signature without a time', body, { 'stripe-signature': 'v1=00' }],
  ])('are forged with %s', async (_, bytes, headers) => {
    await expect(gateway.verifyWebhook(bytes, headers)).rejects.toThrow(ForgedNoticeError);
  });

  it('arrive from the double in both forms, and the lost ones are listed', async () => {
    const received: { body: Buffer; headers: IncomingHttpHeaders }[] = [];
    const receiver = createServer((request, response) => {
      const chunks: Buffer[] = [];
      request.on('data', (chunk: Buffer) => chunks.push(chunk));
      request.on('end', () => {
        received.push({ body: Buffer.concat(chunks), headers: request.headers });
        response.writeHead(received.length === 1 ? 500 : 200).end();
      });
    });
    await new Promise<void>((resolve) => receiver.listen(0, '127.0.0.1', resolve));
    const { port } = receiver.address() as AddressInfo;
    await control.setWebhook({ url: `http://127.0.0.1:${port}/`, secret: SECRET });
    await control.receiveFunds(100n);
    const accountId = await readyRecipient();
    await control.flush();
    await new Promise((resolve) => receiver.close(resolve));

    const notices = await Promise.all(received.map((one) => gateway.verifyWebhook(one.body, one.headers)));
    expect(notices.map(({ kind, type }) => `${kind} ${type}`)).toEqual([
      'snapshot topup.created',
      'snapshot topup.succeeded',
      'thin v2.core.account.created',
      'thin v2.core.account[requirements].updated',
      'thin v2.core.account[configuration.recipient].capability_status_updated',
    ]);
    expect(notices.slice(2).every((notice) => notice.accountId === accountId)).toBe(true);
    expect(valueOf(await gateway.undeliveredNotices(NOW)).map(({ id }) => id)).toEqual([notices[0]?.id]);
  });
});

import fc from 'fast-check';
import { Stripe } from 'stripe';
import { startStripeDouble, StripeDoubleControl, type RunningStripeDouble } from './index.js';

const NOW = new Date('2026-11-02T09:00:00Z');
let double: RunningStripeDouble;
let stripe: Stripe;
let control: StripeDoubleControl;
let labels = 0;

function client(label: string): Stripe {
  const where = { host: '127.0.0.1', port: double.port, protocol: 'http' as const };
  return new Stripe(`sk_test_double_${label}`, { ...where, telemetry: false, maxNetworkRetries: 0 });
}

/** A platform of its own, so that no case sees another's money. */
function openPlatform(): void {
  labels += 1;
  stripe = client(`council-${labels}`);
  control = new StripeDoubleControl(double.url, `council-${labels}`);
}

beforeAll(async () => {
  double = await startStripeDouble({ now: () => NOW, settleAfterSeconds: 3600 });
});
beforeEach(openPlatform);
afterEach(async () => {
  expect(await control.violations()).toEqual([]);
});
afterAll(() => double.close());

async function openRecipient(onboard = true): Promise<string> {
  const account = await stripe.v2.core.accounts.create({
    contact_email: 'finance@allotment.example',
    display_name: 'Allotment Society',
    dashboard: 'express',
    identity: { country: 'gb', entity_type: 'non_profit', business_details: { structure: 'registered_charity' } },
    configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
  });
  if (onboard) await control.followLink(await linkFor(account.id));
  return account.id;
}

async function linkFor(account: string): Promise<string> {
  const onboarding = { refresh_url: 'https://wellpaid.example/again', return_url: 'https://wellpaid.example/back' };
  const useCase = { type: 'account_onboarding' as const, account_onboarding: onboarding };
  return (await stripe.v2.core.accountLinks.create({ account, use_case: useCase })).url;
}

async function standingOf(account: string) {
  const include = ['configuration.recipient' as const, 'requirements' as const];
  const { configuration, requirements } = await stripe.v2.core.accounts.retrieve(account, { include });
  const balance = configuration?.recipient?.capabilities?.stripe_balance;
  return {
    transfers: balance?.stripe_transfers?.status,
    payouts: balance?.payouts?.status,
    asked: requirements?.entries?.map((entry) => entry.description),
  };
}

const send = (destination: string, amount: number) => stripe.transfers.create({ amount, currency: 'gbp', destination });
const payOut = (account: string, amount: number) =>
  stripe.payouts.create({ amount, currency: 'gbp' }, { stripeContext: account });
const available = async (account?: string) =>
  (await stripe.balance.retrieve({}, account ? { stripeContext: account } : {})).available[0]?.amount;

describe('Onboarding', () => {
  it('makes a recipient ready through a link that works once', async () => {
    const account = await openRecipient(false);
    expect(await standingOf(account)).toMatchObject({ transfers: 'restricted', payouts: 'restricted' });
    expect((await standingOf(account)).asked).toContain('identity.business_details.address');

    const link = await linkFor(account);
    expect(await control.followLink(link)).toBe('https://wellpaid.example/back');
    expect(await standingOf(account)).toEqual({ transfers: 'active', payouts: 'active', asked: [] });
    expect(await control.followLink(link)).toBe('https://wellpaid.example/again');
  });

  it('sends a late follower of a link to the refresh address, and nothing is done', async () => {
    const account = await openRecipient(false);
    const link = await linkFor(account);
    await control.advanceClock(301);
    expect(await control.followLink(link)).toBe('https://wellpaid.example/again');
    expect(await standingOf(account)).toMatchObject({ transfers: 'restricted' });
  });

  it('leaves out of an account what was not asked for', async () => {
    const account = await stripe.v2.core.accounts.retrieve(await openRecipient());
    expect(account.configuration ?? null).toBeNull();
    expect(account.requirements ?? null).toBeNull();
  });

  it('refuses transfers to a recipient that is not ready', async () => {
    await control.receiveFunds(1_000n);
    await expect(send(await openRecipient(false), 100)).rejects.toMatchObject({
      code: 'insufficient_capabilities_for_transfer',
    });
  });
});

describe('Money through the double', () => {
  it('goes from a top-up through a transfer and a payout to a bank', async () => {
    await control.receiveFunds(10_000n, 'INV-1');
    const account = await openRecipient();
    const transfer = await send(account, 6_000);
    const payout = await payOut(account, 5_000);
    expect(payout.status).toBe('pending');
    expect([await available(), await available(account)]).toEqual([4_000, 1_000]);

    await control.settlePayout(payout.id);
    expect((await stripe.payouts.retrieve(payout.id, {}, { stripeContext: account })).status).toBe('paid');
    const lines = await stripe.balanceTransactions.list({ limit: 10 });
    expect(lines.data.map((line) => [line.type, line.amount])).toEqual([
      ['transfer', -6_000],
      ['topup', 10_000],
    ]);
    expect(lines.data[0]?.source).toBe(transfer.id);
  });

  it('does not spend what a platform or a recipient does not have', async () => {
    await control.receiveFunds(100n);
    const account = await openRecipient();
    await expect(send(account, 101)).rejects.toMatchObject({ statusCode: 400, code: 'balance_insufficient' });
    await send(account, 100);
    await expect(payOut(account, 101)).rejects.toMatchObject({ code: 'balance_insufficient' });
    expect([await available(), await available(account)]).toEqual([0, 100]);
  });

  it('counts a pending top-up only once it settles', async () => {
    const topup = await control.receiveFunds(500n, undefined, true);
    expect(await available()).toBe(0);
    expect((await stripe.topups.retrieve(topup)).status).toBe('pending');
    await control.settleTopup(topup);
    expect(await available()).toBe(500);
  });

  it('lands a transfer in the pending balance when told to, where no payout reaches it', async () => {
    await control.receiveFunds(500n);
    const account = await openRecipient();
    await control.setRecipient(account, { landing: 'pending' });
    await send(account, 500);
    await expect(payOut(account, 500)).rejects.toMatchObject({ code: 'balance_insufficient' });
    await control.releasePending(account);
    expect((await payOut(account, 500)).status).toBe('pending');
  });

  it('reverses a transfer in parts, up to its amount and never beyond', async () => {
    await control.receiveFunds(2_000n);
    const account = await openRecipient();
    const { id } = await send(account, 1_000);
    await send(account, 1_000);
    await stripe.transfers.createReversal(id, { amount: 400 });
    const beyond = stripe.transfers.createReversal(id, { amount: 601 });
    await expect(beyond).rejects.toMatchObject({ statusCode: 400, code: 'amount_too_large' });
    await stripe.transfers.createReversal(id);
    await expect(stripe.transfers.createReversal(id)).rejects.toMatchObject({ statusCode: 400 });
    expect(await stripe.transfers.retrieve(id)).toMatchObject({ amount_reversed: 1_000, reversed: true });
    expect([await available(), await available(account)]).toEqual([1_000, 1_000]);
  });

  it('does not reverse what the recipient has paid out', async () => {
    await control.receiveFunds(1_000n);
    const account = await openRecipient();
    const { id } = await send(account, 1_000);
    await payOut(account, 1_000);
    await expect(stripe.transfers.createReversal(id)).rejects.toMatchObject({ code: 'balance_insufficient' });
  });
});

describe('Payouts on the clock', () => {
  async function paidOut(bank: 'pays' | 'fails' | 'returns') {
    await control.receiveFunds(1_000n);
    const account = await openRecipient();
    await control.setRecipient(account, { bank });
    await send(account, 1_000);
    const { id } = await payOut(account, 1_000);
    const status = async () => (await stripe.payouts.retrieve(id, {}, { stripeContext: account })).status;
    return { account, id, status };
  }

  it.each([
    ['pays', ['pending', 'in_transit', 'paid', 'paid']],
    ['fails', ['pending', 'in_transit', 'failed', 'failed']],
    ['returns', ['pending', 'in_transit', 'paid', 'failed']],
  ] as const)('a bank that %s: %j', async (bank, expected) => {
    const { status } = await paidOut(bank);
    const seen = [await status()];
    for (const seconds of [1_800, 1_800, 3_600]) {
      await control.advanceClock(seconds);
      seen.push(await status());
    }
    expect(seen).toEqual(expected);
  });

  it('gives the money back and stops paying when a bank returns a paid payout, until there is another bank', async () => {
    const { account, id, status } = await paidOut('pays');
    await control.settlePayout(id);
    expect(await status()).toBe('paid');
    await control.failPayout(id, 'no_account');
    expect(await stripe.payouts.retrieve(id, {}, { stripeContext: account })).toMatchObject({
      status: 'failed',
      failure_code: 'no_account',
      failure_balance_transaction: expect.stringMatching(/^txn_/) as unknown,
    });
    expect(await available(account)).toBe(1_000);
    await expect(payOut(account, 1_000)).rejects.toMatchObject({ code: 'payouts_not_allowed' });
    await control.followLink(await linkFor(account));
    expect((await payOut(account, 1_000)).status).toBe('pending');
  });

  it('cancels a pending payout only', async () => {
    const { account, id } = await paidOut('pays');
    await control.settlePayout(id);
    await expect(stripe.payouts.cancel(id, {}, { stripeContext: account })).rejects.toMatchObject({ statusCode: 400 });
    await control.failPayout(id);
    await control.followLink(await linkFor(account));
    const second = await payOut(account, 1_000);
    expect((await stripe.payouts.cancel(second.id, {}, { stripeContext: account })).status).toBe('canceled');
    expect(await available(account)).toBe(1_000);
  });
});

describe('Conservation', () => {
  type Step = { kind: 'fund' | 'send' | 'reverse' | 'pay' | 'fail' | 'settle'; amount: number };
  const step = fc.record<Step>({
    kind: fc.constantFrom('fund', 'send', 'reverse', 'pay', 'fail', 'settle'),
    amount: fc.integer({ min: 1, max: 500 }),
  });

  it('holds after any sequence of operations, refused ones included', async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(step, { minLength: 5, maxLength: 15 }), async (steps) => {
        openPlatform();
        const account = await openRecipient();
        await control.receiveFunds(1_000n);
        const model = { platform: 1_000, recipient: 0 };
        const transfers: { id: string; left: number }[] = [];
        const payouts: { id: string; amount: number }[] = [];
        for (const { kind, amount } of steps) await take(kind, amount, { account, model, transfers, payouts });
        const { balances, outside } = await control.ledger();
        expect(balances.reduce((sum, one) => sum + one.available + one.pending, outside)).toBe(0);
        expect([await available(), await available(account)]).toEqual([model.platform, model.recipient]);
        expect(await control.violations()).toEqual([]);
      }),
      { numRuns: 20 },
    );
  });

  interface Bench {
    account: string;
    model: { platform: number; recipient: number };
    transfers: { id: string; left: number }[];
    payouts: { id: string; amount: number }[];
  }

  async function take(kind: Step['kind'], amount: number, bench: Bench): Promise<void> {
    const { account, model, transfers, payouts } = bench;
    const transfer = transfers[amount % Math.max(1, transfers.length)];
    if (kind === 'fund') {
      await control.receiveFunds(BigInt(amount));
      model.platform += amount;
    } else if (kind === 'send') {
      const sent = await send(account, amount).catch(() => undefined);
      expect(sent !== undefined).toBe(amount <= model.platform);
      if (!sent) return;
      transfers.push({ id: sent.id, left: amount });
      model.platform -= amount;
      model.recipient += amount;
    } else if (kind === 'reverse' && transfer) {
      const reversed = await stripe.transfers.createReversal(transfer.id, { amount }).catch(() => undefined);
      expect(reversed !== undefined).toBe(amount <= transfer.left && amount <= model.recipient);
      if (!reversed) return;
      transfer.left -= amount;
      model.platform += amount;
      model.recipient -= amount;
    } else if (kind === 'pay') {
      const paid = await payOut(account, amount).catch(() => undefined);
      expect(paid !== undefined).toBe(amount <= model.recipient);
      if (!paid) return;
      payouts.push({ id: paid.id, amount });
      model.recipient -= amount;
    } else if (kind === 'fail') {
      const payout = payouts.pop();
      if (!payout) return;
      await control.failPayout(payout.id);
      await control.setRecipient(account, { payouts: 'active', requirements: [] });
      model.recipient += payout.amount;
    } else if (kind === 'settle' && payouts[0]) await control.settlePayout(payouts[0].id);
  }
});

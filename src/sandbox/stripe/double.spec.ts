import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Stripe } from 'stripe';
import { unconserved } from './balances.js';
import { StripeDouble } from './double.js';
import { startStripeDouble, StripeDoubleControl } from './index.js';
import { openPlatform } from './state.js';
import { receiveFunds } from './topups.js';

const NOW = new Date('2026-11-02T09:00:00Z');
let folder: string;

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'stripe-double-'));
});
afterEach(() => {
  rmSync(folder, { recursive: true });
});

describe('A double', () => {
  it('finds its accounts, balances, keys and clock again after a restart', async () => {
    const stateFile = join(folder, 'stripe.json');
    const start = async () => {
      const double = await startStripeDouble({ stateFile, now: () => NOW, settleAfterSeconds: 60 });
      const where = { host: '127.0.0.1', port: double.port, protocol: 'http' as const, telemetry: false };
      const stripe = new Stripe('sk_test_double_council', { ...where, maxNetworkRetries: 0 });
      return { double, stripe, control: new StripeDoubleControl(double.url, 'council') };
    };
    const first = await start();
    await first.control.receiveFunds(1_000n);
    const { id } = await first.stripe.v2.core.accounts.create({
      configuration: { recipient: {} },
      metadata: { n: '1n' },
    });
    await first.control.setRecipient(id, { transfers: 'active', payouts: 'active', requirements: [] });
    const order = { amount: 700, currency: 'gbp', destination: id };
    const transfer = await first.stripe.transfers.create(order, { idempotencyKey: 'tr:1:1' });
    await first.stripe.payouts.create({ amount: 200, currency: 'gbp' }, { stripeContext: id });
    await first.control.advanceClock(60);
    const before = await first.control.ledger();
    await first.double.close();

    const second = await start();
    expect(await second.control.ledger()).toEqual(before);
    expect((await second.stripe.transfers.create(order, { idempotencyKey: 'tr:1:1' })).id).toBe(transfer.id);
    const payouts = await second.stripe.payouts.list({}, { stripeContext: id });
    expect(payouts.data.map((payout) => payout.status)).toEqual(['paid']);
    expect((await second.stripe.v2.core.accounts.retrieve(id)).metadata).toEqual({ n: '1n' });
    expect(await second.control.violations()).toEqual([]);
    await second.double.close();
    expect(existsSync(`${stateFile}.new`)).toBe(false);
    expect(readFileSync(stateFile, 'utf8')).toContain('"availableMinor":"300"');
  });

  it('runs as a process of its own until it is asked to end', async () => {
    const index = new URL('index.js', import.meta.url).href;
    const script = `import { runStripeDouble } from '${index}'; await runStripeDouble();`;
    const child = spawn(process.execPath, ['--no-warnings', '--input-type=module', '-e', script]);
    const [line] = (await once(child.stdout, 'data')) as [Buffer];
    const url = /http:\S+\d/.exec(line.toString())?.[0] ?? '';
    expect(line.toString()).toContain('no money moves');
    await new StripeDoubleControl(url, 'council').receiveFunds(1n);
    child.kill('SIGTERM');
    expect(await once(child, 'exit')).toEqual([0, null]);
  });

  it('does not begin with the state of another version', async () => {
    const stateFile = join(folder, 'stripe.json');
    writeFileSync(stateFile, '{"version":2}');
    await expect(startStripeDouble({ stateFile })).rejects.toThrow('version 2');
  });

  it.each([
    { liveKeyPresent: true },
    { keysPresent: ['sk_live_51Hxyz'] },
    { keysPresent: ['sk_test_double_a', 'rk_live_51Hxyz'] },
  ])('does not start beside a live key: %j', async (options) => {
    await expect(startStripeDouble(options)).rejects.toThrow('live key');
  });
});

describe('The audit of a double', () => {
  const open = () => {
    const double = new StripeDouble({ now: () => NOW });
    const platform = openPlatform(double.world.state, 'council');
    receiveFunds(double.world, platform, { amountMinor: 500n });
    return { double, platform };
  };

  it('lets through what Stripe could answer, and stops what it could not', () => {
    const { double, platform } = open();
    const operation = double.contract.findOperation('GET', '/v1/balance');
    if (!operation) throw new Error('The contract has no balance');
    const line = [{ amount: 1, currency: 'gbp', source_types: { card: 1 } }];
    const body = { object: 'balance', available: line, pending: line, livemode: false };
    expect(double.audited(operation, platform, { status: 200, body })).toEqual({ status: 200, body });
    expect(double.violations).toEqual([]);

    expect(double.audited(operation, platform, { status: 200, body: { ...body, extra: 1 } }).status).toBe(500);
    expect(double.audited(operation, platform, { status: 200, body: { ...body, livemode: 'no' } }).status).toBe(500);
    expect(double.violations.length).toBe(2);
  });

  it('stops an event that Stripe could not send', () => {
    const { double } = open();
    expect(() => double.world.assertEvent('snapshot', { id: 'evt_1', object: 'event' })).toThrow('required');
  });

  it('finds money that was made, lost, or booked without a reason', () => {
    const { platform } = open();
    const balance = platform.balances[platform.accountId];
    const topup = platform.topups[0];
    if (!balance || !topup) throw new Error('No top-up');
    expect(unconserved(platform)).toEqual([]);
    balance.availableMinor += 1n;
    expect(unconserved(platform).join()).toMatch(/differs from its lines.*differs from its objects.*is 1, not 0/);
    balance.availableMinor -= 1n;
    topup.amountMinor += 1n;
    expect(unconserved(platform)).toEqual([`${platform.accountId} differs from its objects`]);
    topup.amountMinor -= 1n;
    balance.availableMinor -= 600n;
    balance.pendingMinor += 600n;
    expect(unconserved(platform)).toEqual([`${platform.accountId} is overdrawn`]);
  });
});

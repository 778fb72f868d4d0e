import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SystemClock } from '../../platform/clock.js';
import { answer } from './double.server.js';
import { StripeDouble } from './double.js';
import { openPlatform, type WebhookEndpoint } from './state.js';

export { StripeDoubleControl, type DoubleLedger } from './client.js';
export type { FaultKind, FaultOrder } from './faults.js';
export type { RequestRecord } from './double.js';
export type { WebhookEndpoint } from './state.js';
export type { Weather } from './webhooks.js';

export interface StripeDoubleOptions {
  /** 0 or left out: any free port. */
  readonly port?: number;
  /** Loopback unless told otherwise: the control calls ask for no password. */
  readonly host?: string;
  /** Where browsers reach the double, when that is not where it listens. */
  readonly publicUrl?: string;
  /** Keeps accounts and balances for a next start. */
  readonly stateFile?: string;
  /** Where notices go, by the label of a platform's key. */
  readonly webhooks?: Readonly<Record<string, WebhookEndpoint>>;
  /** Seconds from a payout to its payment; `'never'`: only a control call settles. 2 when left out, so that demos end. */
  readonly settleAfterSeconds?: number | 'never';
  readonly now?: () => Date;
  /** Any key the process can see. One that moves real money stops the double from starting. */
  readonly keysPresent?: readonly string[];
  readonly liveKeyPresent?: boolean;
}

export interface RunningStripeDouble {
  readonly url: string;
  readonly port: number;
  close(): Promise<void>;
}

const TICK_MS = 250;
const LIVE_KEY = /\b[sr]k_live_/;

/**
 * Starts a stand-in for Stripe Connect: stateful, checked against the contract, and moving no money. Keys are
 * `sk_test_double_<label>`, one label for each commissioner. Throws beside a live key.
 */
export async function startStripeDouble(options: StripeDoubleOptions = {}): Promise<RunningStripeDouble> {
  refuseBesideLiveKey(options);
  const clock = new SystemClock();
  const double = new StripeDouble({
    now: options.now ?? (() => clock.now()),
    stateFile: options.stateFile,
    settleAfterSeconds: options.settleAfterSeconds === 'never' ? undefined : (options.settleAfterSeconds ?? 2),
  });
  for (const [label, endpoint] of Object.entries(options.webhooks ?? {})) {
    openPlatform(double.world.state, label).webhook = endpoint;
  }
  const server = createServer((request, response) => void answer(double, request, response));
  const host = options.host ?? '127.0.0.1';
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(options.port ?? 0, host, resolve);
  });
  const { port } = server.address() as AddressInfo;
  const url = `http://${host}:${port}`;
  double.world.baseUrl = options.publicUrl ?? url;
  const ticker = setInterval(() => double.tick(), TICK_MS);
  ticker.unref();
  double.courier.kick();

  const close = async (): Promise<void> => {
    clearInterval(ticker);
    await double.courier.close();
    double.faults.clear();
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
    double.save();
  };
  return { url, port, close };
}

/** The double as a process of its own: runs until the process is asked to end. */
export async function runStripeDouble(options: StripeDoubleOptions = {}): Promise<void> {
  const double = await startStripeDouble(options);
  process.stdout.write(`Stripe double on ${double.url}. Sandbox: no money moves.\n`);
  await new Promise<void>((resolve) => {
    process.once('SIGTERM', resolve);
    process.once('SIGINT', resolve);
  });
  await double.close();
}

function refuseBesideLiveKey(options: StripeDoubleOptions): void {
  const live = options.liveKeyPresent === true || (options.keysPresent ?? []).some((key) => LIVE_KEY.test(key));
  if (live) throw new Error('The Stripe double does not start beside a live key.');
}

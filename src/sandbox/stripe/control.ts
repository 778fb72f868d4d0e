import type { ServerResponse } from 'node:http';
import { followLink, setStanding, type Standing } from './accounts.js';
import { balanceOf, move } from './balances.js';
import type { StripeDouble } from './double.js';
import { missing, type Reply } from './failures.js';
import type { FaultOrder } from './faults.js';
import { failPayout, settlePayout } from './payouts.js';
import { openPlatform, type Platform, type Recipient, type WebhookEndpoint } from './state.js';
import { receiveFunds, settleTopup } from './topups.js';
import { wire } from './world.js';

export interface ControlRequest {
  readonly method: string;
  /** Behind `/_double/`. */
  readonly path: string;
  readonly query: URLSearchParams;
  readonly contentType: string;
  readonly text: string;
}

type Handler = (double: StripeDouble, body: Record<string, unknown>, id: string) => unknown;

/**
 * What the world around Stripe does: councils pay in, banks pay or fail, time passes, networks break. `platform` in a
 * body is the label of a key. Bodies and answers are JSON; amounts are pence.
 */
const CONTROLS: Readonly<Record<string, Handler>> = {
  'GET health': () => ({ status: 'ok', sandbox: true }),
  'GET violations': (double) => ({ violations: double.violations }),
  'GET requests': (double, { platform }) => ({
    requests: double.requests.filter((request) => (platform ?? request.platform) === request.platform),
  }),
  'GET ledger': (double, { platform }) => ledgerOf(openPlatform(double.world.state, String(platform))),
  'POST topups': (double, body) => {
    const { amount, reference, pending } = body as { amount: number; reference?: string; pending?: boolean };
    const received = { amountMinor: BigInt(amount), ...(reference ? { reference } : {}), pending: pending ?? false };
    return receiveFunds(double.world, named(double, body), received);
  },
  'POST topups/:id/settle': (double, _, id) =>
    settleTopup(
      double.world,
      owner(double, 'topup', id, (platform) => platform.topups),
      id,
    ),
  'POST payouts/:id/settle': (double, _, id) =>
    settlePayout(
      double.world,
      owner(double, 'payout', id, (platform) => platform.payouts),
      id,
    ),
  'POST payouts/:id/fail': (double, { failure_code: code }, id) =>
    failPayout(
      double.world,
      owner(double, 'payout', id, (platform) => platform.payouts),
      id,
      code as string,
    ),
  'POST accounts/:id': setRecipient,
  'POST accounts/:id/release': releasePending,
  'POST clock/advance': (double, { seconds }) => {
    double.advanceClock(seconds as number);
    return { now: double.world.now().toISOString() };
  },
  'POST webhooks': (double, body) => {
    const { url, secret, connectSecret, thinSecret } = body as unknown as WebhookEndpoint;
    const extra = { ...(connectSecret ? { connectSecret } : {}), ...(thinSecret ? { thinSecret } : {}) };
    named(double, body).webhook = { url, secret, ...extra };
    return { url };
  },
  'POST webhooks/weather': (double, { platform, ...weather }) => {
    double.courier.setWeather(String(platform), weather);
    return weather;
  },
  'POST webhooks/flush': async (double, body) => ({ tries: await double.courier.flush(named(double, body)) }),
  'POST webhooks/resend/:id': async (double, _, id) => {
    const platform = owner(double, 'event', id, (one) => one.events);
    return { status: await double.courier.resend(platform, id) };
  },
  'POST faults': (double, body) => {
    double.faults.arm(body as unknown as FaultOrder);
    return body;
  },
  'POST faults/release': (double) => ({ released: double.faults.release() }),
  'GET faults/held': (double) => ({ held: double.faults.heldCount }),
  'DELETE faults': (double) => {
    double.faults.clear();
    return { cleared: true };
  },
};

/** Answers a control call. A change is checked, saved and announced like one through the API. */
export async function controlReply(double: StripeDouble, request: ControlRequest): Promise<Reply> {
  const { method, path, query, contentType, text } = request;
  const segments = path.split('/');
  const id = segments.find((segment) => /^[a-z]+_[A-Za-z0-9]+$/.test(segment)) ?? '';
  const handler = CONTROLS[`${method} ${segments.map((segment) => (segment === id ? ':id' : segment)).join('/')}`];
  if (!handler) throw missing('control', path);
  // A page in a browser cannot send JSON to another origin without asking, and the double never agrees.
  if (method === 'POST' && !contentType.startsWith('application/json'))
    return { status: 415, body: { error: 'JSON only' } };
  const body: unknown = text === '' ? Object.fromEntries(query) : JSON.parse(text);
  const answer = await handler(double, body as Record<string, unknown>, id);
  if (method !== 'GET') double.settled();
  return { status: 200, body: answer };
}

/** The provider's browser follows a link: the double plays Stripe's onboarding pages and sends it on. */
export function followOnboarding(double: StripeDouble, token: string, response: ServerResponse): void {
  for (const platform of double.platforms()) {
    const location = followLink(double.world, platform, token);
    if (location === undefined) continue;
    double.settled();
    const text = 'Sandbox: no money moves. Onboarding is done; you are sent back.';
    response.writeHead(303, { location, 'content-type': 'text/plain; charset=utf-8' }).end(text);
    return;
  }
  response.writeHead(404, { 'content-type': 'text/plain; charset=utf-8' }).end('Sandbox: no such link.');
}

/** `bank`: what its bank does with payouts from now on; `landing`: where transfers land; `transfers`, `payouts`: rights. */
function setRecipient(double: StripeDouble, body: Record<string, unknown>, id: string) {
  const platform = owner(double, 'account', id, (one) => one.recipients);
  const recipient = platform.recipients.find((one) => one.id === id) as Recipient;
  const { bank, landing, ...standing } = body as Partial<Pick<Recipient, 'bank' | 'landing'>> & Standing;
  recipient.bank = bank ?? recipient.bank;
  recipient.landing = landing ?? recipient.landing;
  setStanding(double.world, platform, recipient, standing);
  return { id, bank: recipient.bank, landing: recipient.landing };
}

function releasePending(double: StripeDouble, _: unknown, accountId: string) {
  const platform = owner(double, 'account', accountId, (one) => one.recipients);
  const amountMinor = balanceOf(platform, accountId).pendingMinor;
  move(platform, amountMinor, { accountId, bucket: 'pending' }, { accountId, bucket: 'available' });
  return { released: wire(amountMinor) };
}

function ledgerOf(platform: Platform) {
  const balances = Object.entries(platform.balances).map(([accountId, { availableMinor, pendingMinor }]) => ({
    accountId,
    available: wire(availableMinor),
    pending: wire(pendingMinor),
  }));
  return { accountId: platform.accountId, balances, outside: wire(platform.outsideMinor) };
}

function named(double: StripeDouble, body: Record<string, unknown>): Platform {
  if (typeof body.platform !== 'string') throw new RangeError('platform: the label of its key');
  return openPlatform(double.world.state, body.platform);
}

function owner(double: StripeDouble, what: string, id: string, of: (platform: Platform) => { id: string }[]): Platform {
  const platform = double.platforms().find((one) => of(one).some((object) => object.id === id));
  if (!platform) throw missing(what, id);
  return platform;
}

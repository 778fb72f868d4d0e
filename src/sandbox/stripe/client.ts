import type { RequestRecord } from './double.js';
import type { FaultOrder } from './faults.js';
import type { Recipient, WebhookEndpoint } from './state.js';
import type { Weather } from './webhooks.js';
import { wire } from './world.js';

export interface DoubleLedger {
  readonly accountId: string;
  readonly balances: readonly { readonly accountId: string; readonly available: number; readonly pending: number }[];
  readonly outside: number;
}

/**
 * Plays the world around Stripe for one platform of a running double: the council that pays in, the banks, the clock,
 * the network. For demos and tests. Throws with the double's own words when it refuses.
 */
export class StripeDoubleControl {
  constructor(
    private readonly url: string,
    /** The label of the platform's key `sk_test_double_<label>`. */
    private readonly platform: string,
  ) {}

  /** A bank transfer arrives at the platform; `pending` ones wait for `settleTopup`. Gives the top-up's id. */
  async receiveFunds(amountMinor: bigint, reference?: string, pending = false): Promise<string> {
    const amount = wire(amountMinor);
    const topup = await this.ask('POST', 'topups', { amount, pending, ...(reference ? { reference } : {}) });
    return (topup as { id: string }).id;
  }

  async settleTopup(id: string): Promise<void> {
    await this.ask('POST', `topups/${id}/settle`);
  }

  /** The provider goes through Stripe's pages. Gives where its browser lands. */
  async followLink(link: string): Promise<string> {
    const response = await fetch(link, { redirect: 'manual' });
    return response.headers.get('location') ?? '';
  }

  async settlePayout(id: string): Promise<void> {
    await this.ask('POST', `payouts/${id}/settle`);
  }

  async failPayout(id: string, failureCode?: string): Promise<void> {
    await this.ask('POST', `payouts/${id}/fail`, failureCode ? { failure_code: failureCode } : {});
  }

  async setRecipient(
    id: string,
    wanted: Partial<Pick<Recipient, 'bank' | 'landing' | 'transfers' | 'payouts' | 'requirements'>>,
  ): Promise<void> {
    await this.ask('POST', `accounts/${id}`, wanted);
  }

  /** What landed in a recipient's pending balance becomes available. */
  async releasePending(id: string): Promise<void> {
    await this.ask('POST', `accounts/${id}/release`);
  }

  async advanceClock(seconds: number): Promise<void> {
    await this.ask('POST', 'clock/advance', { seconds });
  }

  async setWebhook(endpoint: WebhookEndpoint): Promise<void> {
    await this.ask('POST', 'webhooks', { ...endpoint });
  }

  async setWeather(weather: Weather): Promise<void> {
    await this.ask('POST', 'webhooks/weather', { ...weather });
  }

  /** Carries every waiting notice once; resolves when the receiver has answered them. Gives their number. */
  async flush(): Promise<number> {
    return ((await this.ask('POST', 'webhooks/flush')) as { tries: number }).tries;
  }

  /** Sends an old notice again; gives the receiver's status. */
  async resend(eventId: string): Promise<number> {
    return ((await this.ask('POST', `webhooks/resend/${eventId}`)) as { status: number }).status;
  }

  async arm(fault: Omit<FaultOrder, 'platform'>): Promise<void> {
    await this.ask('POST', 'faults', { ...fault });
  }

  async clearFaults(): Promise<void> {
    await this.ask('DELETE', 'faults');
  }

  /** How many calls a `hold` is holding now. */
  async heldCount(): Promise<number> {
    return ((await this.ask('GET', 'faults/held')) as { held: number }).held;
  }

  async releaseHeld(): Promise<void> {
    await this.ask('POST', 'faults/release');
  }

  async ledger(): Promise<DoubleLedger> {
    return (await this.ask('GET', 'ledger')) as DoubleLedger;
  }

  async requests(): Promise<RequestRecord[]> {
    return ((await this.ask('GET', 'requests')) as { requests: RequestRecord[] }).requests;
  }

  /** What the double did that Stripe could not have done; anything here is a bug of the double. */
  async violations(): Promise<string[]> {
    return ((await this.ask('GET', 'violations')) as { violations: string[] }).violations;
  }

  private async ask(method: string, path: string, body: object = {}): Promise<unknown> {
    const asked = { platform: this.platform, ...body };
    const get = method === 'GET';
    const response = await fetch(`${this.url}/_double/${path}${get ? `?platform=${this.platform}` : ''}`, {
      method,
      ...(get ? {} : { body: JSON.stringify(asked), headers: { 'content-type': 'application/json' } }),
    });
    const text = await response.text();
    if (!response.ok) throw new Error(`The double refuses ${method} ${path}: ${text}`);
    return JSON.parse(text);
  }
}

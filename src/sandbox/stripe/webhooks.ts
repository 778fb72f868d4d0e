import { createHmac } from 'node:crypto';
import type { EventRecord, Platform, WebhookEndpoint } from './state.js';
import type { World } from './world.js';

/** How the next notices of a platform travel. */
export interface Weather {
  /** Keeps them until a flush. */
  hold?: boolean;
  /** Sends each this many times more, all at once. */
  duplicates?: number;
  /** Sends the newest first. */
  reverse?: boolean;
  /** Loses this many: they count as given up, and only the list of undelivered events still has them. */
  drop?: number;
  /** Signs with a secret that is not the endpoint's. */
  forge?: boolean;
  /** Dates the signature this many seconds back. */
  lateSeconds?: number;
}

const RETRY_DELAYS_MS = [500, 2_000, 8_000, 30_000];
const TIMEOUT_MS = 10_000;

/** The header that proves a body: Stripe's scheme v1, HMAC-SHA256 over `timestamp.body`. */
export function signature(body: string, secret: string, seconds: number): string {
  const digest = createHmac('sha256', secret).update(`${seconds}.${body}`).digest('hex');
  return `t=${seconds},v1=${digest}`;
}

/** Carries events to the endpoints of the platforms: signed, retried, and as badly as the weather orders. */
export class Courier {
  private readonly weather = new Map<string, Weather>();
  private readonly timers = new Set<NodeJS.Timeout>();
  /** Events that wait for their next try. */
  private readonly resting = new Set<string>();
  private running: Promise<unknown> = Promise.resolve();
  private closed = false;

  constructor(
    private readonly world: World,
    /** Signatures carry the real time, as the receiver's tolerance does; only objects live on the double's clock. */
    private readonly wallClock: () => Date,
    private readonly saved: () => void,
  ) {}

  setWeather(label: string, weather: Weather): void {
    this.weather.set(label, weather);
  }

  /** Something may be due: carry it soon, unless it is held or waits for its next try. */
  kick(): void {
    if (this.closed) return;
    for (const platform of Object.values(this.world.state.platforms)) {
      const held = this.weather.get(platform.label)?.hold;
      if (!held && this.due(platform).length > 0) void this.queue(() => this.carry(platform, this.due(platform)));
    }
  }

  /** Carries all that waits at a platform, once, held or not; resolves when every try has ended. Gives their number. */
  flush(platform: Platform): Promise<number> {
    return this.queue(() => this.carry(platform, pendingOf(platform)));
  }

  /** Sends one event again, delivered or not; for the replay of an old notice. */
  async resend(platform: Platform, eventId: string): Promise<number> {
    const event = platform.events.find((one) => one.id === eventId);
    if (!event || !platform.webhook) throw new RangeError(`No event ${eventId}, or no endpoint`);
    return this.post(event, platform.webhook, {});
  }

  async close(): Promise<void> {
    this.closed = true;
    for (const timer of this.timers) clearTimeout(timer);
    await this.running;
  }

  /** One after the other, so that only the weather changes the order. */
  private queue(work: () => Promise<number>): Promise<number> {
    const next = this.after(this.running, work);
    this.running = next;
    return next;
  }

  private async after(previous: Promise<unknown>, work: () => Promise<number>): Promise<number> {
    await previous;
    return work();
  }

  private due(platform: Platform): EventRecord[] {
    return pendingOf(platform).filter((event) => !this.resting.has(event.id));
  }

  private async carry(platform: Platform, waiting: EventRecord[]): Promise<number> {
    const endpoint = platform.webhook;
    const weather = this.weather.get(platform.label) ?? {};
    if (!endpoint || waiting.length === 0) return 0;
    if (weather.reverse) waiting.reverse();
    for (const event of waiting) {
      if (!this.closed) await this.deliver(event, endpoint, weather);
    }
    this.saved();
    return waiting.length;
  }

  private async deliver(event: EventRecord, endpoint: WebhookEndpoint, weather: Weather) {
    if (weather.drop && weather.drop > 0) {
      weather.drop -= 1;
      event.delivery = 'failed';
      return;
    }
    const copies = Array.from({ length: 1 + (weather.duplicates ?? 0) }, () => this.post(event, endpoint, weather));
    const answers = await Promise.all(copies);
    if (answers.some((status) => status >= 200 && status < 300)) event.delivery = 'delivered';
    else this.retryLater(event);
  }

  private retryLater(event: EventRecord): void {
    const delay = RETRY_DELAYS_MS[event.tries];
    event.tries += 1;
    if (delay === undefined) {
      event.delivery = 'failed';
      return;
    }
    this.resting.add(event.id);
    const timer = setTimeout(() => {
      this.timers.delete(timer);
      this.resting.delete(event.id);
      this.kick();
    }, delay);
    timer.unref();
    this.timers.add(timer);
  }

  /** The HTTP status, or 0 when there was none. */
  private async post(event: EventRecord, endpoint: WebhookEndpoint, weather: Weather): Promise<number> {
    const body = JSON.stringify(event.body, null, 2);
    const secret = weather.forge ? 'whsec_somebody_else' : secretFor(event, endpoint);
    const seconds = Math.floor(this.wallClock().getTime() / 1000) - (weather.lateSeconds ?? 0);
    try {
      const response = await fetch(endpoint.url, {
        method: 'POST',
        body,
        headers: {
          'content-type': 'application/json; charset=utf-8',
          'stripe-signature': signature(body, secret, seconds),
        },
        redirect: 'manual',
        signal: AbortSignal.timeout(TIMEOUT_MS),
      });
      await response.arrayBuffer();
      return response.status;
    } catch {
      return 0;
    }
  }
}

function pendingOf(platform: Platform): EventRecord[] {
  return platform.events.filter((event) => event.delivery === 'pending');
}

function secretFor(event: EventRecord, endpoint: WebhookEndpoint): string {
  if (event.kind === 'thin') return endpoint.thinSecret ?? endpoint.secret;
  return (event.accountId ? endpoint.connectSecret : undefined) ?? endpoint.secret;
}

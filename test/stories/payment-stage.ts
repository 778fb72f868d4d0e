import { startStripeDouble, StripeDoubleControl, type RunningStripeDouble } from '../../src/sandbox/stripe/index.js';
import type { Answer, ApiClient } from '../support/api-client.js';
import { startTestApp, type TestApp } from '../support/app.js';
import { commissioner, type Party } from '../support/world.js';
import { closeBooks, MonthStage } from './month-stage.js';

export interface PayoutBody extends Record<string, unknown> {
  id: string;
  reference: string;
  providerId: string;
  amountMinor: string;
  state: string;
  reasonCode: string | null;
  transferId: string | null;
  bankPayoutId: string | null;
  items: { invoiceId: string; amountMinor: string; live: boolean }[];
  advances: { advanceId: string; amountMinor: string; live: boolean }[];
  attempts: { step: string; attempt: number; key: string; outcome: string; calls: number; requestSha256: string }[];
}

export interface RunBody extends Record<string, unknown> {
  id: string;
  state: string;
  progress: Record<string, number>;
  payouts: PayoutBody[];
  waits: { providerId: string; amountMinor: string; reasonCode: string }[];
}

/** A provider with a contract, to be owed something and to be paid. */
export interface Payee {
  readonly stage: MonthStage;
  readonly id: string;
  readonly treasurer: ApiClient;
  /** Set by `onboard`. */
  account: { id: string; externalId: string };
}

export const MINUTE = 60_000;
export const HOUR = 60 * MINUTE;
export const DAY = 24 * HOUR;

let labels = 0;
let references = 0;

/** The application beside a double of Stripe, which lives on the application's clock. */
export class PaymentWorld {
  private constructor(
    readonly app: TestApp,
    private readonly double: RunningStripeDouble,
  ) {}

  static async open(): Promise<PaymentWorld> {
    const clock: { now?: () => Date } = {};
    const now = () => clock.now?.() ?? new Date(0);
    const double = await startStripeDouble({ now, settleAfterSeconds: 'never' });
    const app = await startTestApp({ stripeUrl: double.url });
    clock.now = () => app.clock.now();
    return new PaymentWorld(app, double);
  }

  /** A commissioner of its own for one story. */
  async stage(): Promise<PaymentStage> {
    const code = `ICB${++labels}`;
    const icb = await commissioner(this.app, code);
    const stripe = new StripeDoubleControl(this.double.url, code.toLowerCase());
    await stripe.setWeather({ hold: true });
    const [finance, secondFinance] = [await icb.as('finance'), await icb.another('finance')];
    return new PaymentStage(this.app, icb, stripe, finance.api, secondFinance.api);
  }

  async close(): Promise<void> {
    await this.app.close();
    await this.double.close();
  }
}

/** A commissioner with finance people, its providers, and a Stripe account of its own: what payments are played on. */
export class PaymentStage {
  constructor(
    readonly app: TestApp,
    readonly icb: Party,
    readonly stripe: StripeDoubleControl,
    readonly finance: ApiClient,
    readonly secondFinance: ApiClient,
  ) {}

  /** A provider under a contract, owed an invoice for sessions of £32 on these days. */
  async payee(days: readonly string[], terms: Record<string, unknown> = {}): Promise<Payee> {
    const stage = await MonthStage.of(this.app, this.icb, { terms });
    if (days.length > 0) await stage.approvedMonth(days, `REF-${++references}`);
    const { api } = await stage.provider.as('treasurer');
    return { stage, id: stage.provider.id, treasurer: api, account: { id: '', externalId: '' } };
  }

  /** The provider opens its account and goes through the platform's pages; the notices of it come in. */
  async onboard(payee: Payee): Promise<void> {
    const { body } = await payee.treasurer.post<{ account: { id: string }; onboarding: { url: string } }>(
      '/v1/payout-accounts',
      { commissionerId: this.icb.id, rail: 'stripe', contactEmail: 'money@provider.example' },
    );
    await this.stripe.followLink(body.onboarding.url);
    await this.notices();
    const { rows } = await this.app.admin.query<{ external_id: string }>(
      'select external_id from payout_account where id = $1',
      [body.account.id],
    );
    payee.account = { id: body.account.id, externalId: rows[0]?.external_id ?? '' };
  }

  async fund(amountMinor: bigint): Promise<void> {
    await this.stripe.receiveFunds(amountMinor);
    await this.notices();
  }

  /** Everything that Stripe has to say is delivered, and looked into. */
  async notices(): Promise<void> {
    await this.finance.post('/v1/funds/refresh'); // a first call to the rail tells the double where notices go
    await this.stripe.flush();
    await this.settle();
  }

  async settle(): Promise<void> {
    await this.app.jobs.settle();
  }

  /** Time passes, and whatever is due by then is done. The people of the story stay signed in. */
  async later(ms: number): Promise<void> {
    this.app.clock.moveTo(new Date(this.app.clock.now().getTime() + ms));
    await this.app.admin.query('update api_key set expires_at = $1', [
      new Date(this.app.clock.now().getTime() + DAY).toISOString(),
    ]);
    await this.app.jobs.sweep();
    await this.settle();
  }

  async run(body: Record<string, unknown> = {}): Promise<RunBody> {
    const made = await this.finance.post<RunBody>('/v1/payment-runs', body);
    await this.settle();
    return this.readRun(made.body.id);
  }

  async readRun(id: string): Promise<RunBody> {
    return (await this.finance.get<RunBody>(`/v1/payment-runs/${id}`)).body;
  }

  async payout(id: string): Promise<PayoutBody> {
    return (await this.finance.get<PayoutBody>(`/v1/payouts/${id}`)).body;
  }

  /** The only payout of a run. */
  async onlyPayout(run: RunBody): Promise<PayoutBody> {
    expect(run.payouts).toHaveLength(1);
    return this.payout(run.payouts[0]?.id ?? '');
  }

  /** What the journal says of something, oldest first. */
  async journal(subjectId: string): Promise<string[]> {
    const { rows } = await this.app.admin.query<{ type: string }>(
      'select type from ledger.event where subject_id = $1 order by seq',
      [subjectId],
    );
    return rows.map(({ type }) => type);
  }

  /** The keys of the orders that reached Stripe, as often as they did. */
  async sent(path: RegExp): Promise<string[]> {
    const requests = await this.stripe.requests();
    return requests
      .filter((one) => one.method === 'POST' && path.test(one.path))
      .map((one) => one.idempotencyKey ?? '');
  }

  /** Money at a recipient of the double, in pence. */
  async heldBy(externalId: string): Promise<number> {
    const { balances } = await this.stripe.ledger();
    const held = balances.find(({ accountId }) => accountId === externalId);
    return held ? held.available + held.pending : 0;
  }

  /** What has left Stripe for banks of providers, less what the commissioner has paid in. */
  async outside(): Promise<number> {
    return (await this.stripe.ledger()).outside;
  }

  /** The books as a table, once no sentence about them is broken and the double has done nothing impossible. */
  async closeBooks(names: Record<string, string> = {}): Promise<string> {
    expect(await this.stripe.violations()).toEqual([]);
    return closeBooks(this.app, this.icb, names);
  }
}

/** The status and the code of a refusal. */
export async function refusal(call: Promise<Answer>): Promise<string> {
  const { status, body } = await call;
  return `${status} ${String(body.code)}`;
}

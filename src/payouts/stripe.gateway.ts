import type Stripe from 'stripe';
import { SystemClock, type Clock } from '../platform/clock.js';
import { assertOutsideTransaction } from '../platform/database.js';
import { traced } from '../platform/tracing.js';
import { ForgedNoticeError } from './rail.js';
import type * as Rail from './rail.js';
import {
  accountParamsOf,
  entryOf,
  epochSeconds,
  fundsOf,
  idOf,
  instant,
  isAttempt,
  linkUseOf,
  metadataOf,
  minorOf,
  noticeOf,
  onlyOne,
  payoutOf,
  statusOf,
  sterling,
  transferOf,
  type StripeMoved,
} from './stripe-shapes.rules.js';
import { outcomeOfStripeError } from './stripe-outcome.rules.js';

export interface StripeCredentials {
  readonly apiKey: string;
  /** Every secret that may have signed: platform, Connect and thin destinations, and both during a rotation. */
  readonly webhookSecrets: readonly string[];
  /** Where the double listens. A live key is never sent anywhere but to Stripe. */
  readonly host?: string;
  readonly port?: number;
  readonly protocol?: 'http' | 'https';
}

const TIMEOUT_MS = 20_000;
const PAGE = 100;
const SIGNATURE_AGE_SECONDS_MAX = 300;
const INCLUDE = ['configuration.recipient', 'requirements'] as const;

/**
 * Stripe Connect as a payout rail: separate charges and transfers, with the commissioner's own account as the platform.
 * The only file that knows the SDK, and it loads it at the first call. Never retries by itself: whether a call may go
 * again is the payout's decision. (The SDK sends once more, with the same key, when a connection closes at once.)
 */
export class StripeGateway implements Rail.PayoutRail, Rail.NoticeVerifier {
  private client: Promise<Stripe> | undefined;
  private readonly live: boolean;

  constructor(
    private readonly credentials: StripeCredentials,
    private readonly clock: Pick<Clock, 'now'> = new SystemClock(),
  ) {
    this.live = /^[sr]k_live_/.test(credentials.apiKey);
    const elsewhere = credentials.host !== undefined || credentials.protocol === 'http';
    if (this.live && elsewhere) throw new Error('A live Stripe key is sent to Stripe only.');
  }

  createRecipient(order: Rail.NewRecipient): Promise<Rail.Outcome<Rail.RecipientStatus>> {
    const { idempotencyKey, ...recipient } = order;
    return this.call(async (stripe) => {
      const params = { ...accountParamsOf(recipient), include: [...INCLUDE] };
      return done(statusOf(await stripe.v2.core.accounts.create(params, { idempotencyKey })));
    });
  }

  recipientStatus(accountId: string): Promise<Rail.Outcome<Rail.RecipientStatus>> {
    return this.call(async (stripe) =>
      done(statusOf(await stripe.v2.core.accounts.retrieve(accountId, { include: [...INCLUDE] }))),
    );
  }

  onboardingLink(order: Rail.OnboardingLinkOrder) {
    const { accountId, idempotencyKey } = order;
    return this.call<Rail.OnboardingLink>(async (stripe) => {
      const params = { account: accountId, use_case: linkUseOf(order) };
      const link = await stripe.v2.core.accountLinks.create(params, { idempotencyKey });
      return done({ url: link.url, expiresAt: new Date(link.expires_at) });
    });
  }

  holdPayouts(accountId: string, idempotencyKey: string): Promise<Rail.Outcome<void>> {
    return this.call(async (stripe) => {
      const settings = await stripe.balanceSettings.update(
        { payments: { payouts: { schedule: { interval: 'manual' } } } },
        { stripeContext: accountId, idempotencyKey },
      );
      return settings.payments.payouts?.schedule?.interval === 'manual' ? done(undefined) : MISMATCH;
    });
  }

  sendTransfer(order: Rail.TransferOrder): Promise<Rail.Outcome<Rail.RailTransfer>> {
    const { accountId, amountMinor, transferGroup, idempotencyKey } = order;
    return this.call(async (stripe) => {
      const transfer = await stripe.transfers.create(
        {
          amount: wireAmount(amountMinor),
          currency: 'gbp',
          destination: accountId,
          transfer_group: transferGroup,
          metadata: metadataOf(order),
        },
        { idempotencyKey },
      );
      const sent = transferOf(transfer);
      const asOrdered = sent.accountId === accountId && sent.amountMinor === amountMinor && this.isOurs(transfer);
      return asOrdered ? done(sent) : MISMATCH;
    });
  }

  getTransfer(transferId: string): Promise<Rail.Outcome<Rail.RailTransfer>> {
    return this.call(async (stripe) => done(transferOf(await stripe.transfers.retrieve(transferId))));
  }

  findTransfer(search: Rail.TransferSearch): Promise<Rail.Outcome<Rail.RailTransfer | undefined>> {
    const { accountId, transferGroup } = search;
    return this.call(async (stripe) => {
      const list = stripe.transfers.list({ transfer_group: transferGroup, destination: accountId, limit: PAGE });
      return onlyOne(await matching(list, search), transferOf);
    });
  }

  reverseTransfer(order: Rail.ReversalOrder): Promise<Rail.Outcome<Rail.RailReversal>> {
    const { transferId, amountMinor, reversalRef, idempotencyKey } = order;
    return this.call(async (stripe) => {
      const reversal = await stripe.transfers.createReversal(
        transferId,
        { amount: wireAmount(amountMinor), metadata: { reversal: reversalRef } },
        { idempotencyKey },
      );
      if (minorOf(reversal.amount) !== amountMinor || idOf(reversal.transfer) !== transferId) return MISMATCH;
      return done({ reversalId: reversal.id, transferId, amountMinor, createdAt: instant(reversal.created) });
    });
  }

  createPayout(order: Rail.PayoutOrder): Promise<Rail.Outcome<Rail.RailPayout>> {
    const { accountId, amountMinor, statementDescriptor, idempotencyKey } = order;
    return this.call(async (stripe) => {
      const payout = await stripe.payouts.create(
        {
          amount: wireAmount(amountMinor),
          currency: 'gbp',
          metadata: metadataOf(order),
          ...(statementDescriptor === undefined ? {} : { statement_descriptor: statementDescriptor }),
        },
        { stripeContext: accountId, idempotencyKey },
      );
      const asOrdered = minorOf(payout.amount) === amountMinor && this.isOurs(payout);
      return asOrdered ? done(payoutOf(payout, accountId)) : MISMATCH;
    });
  }

  getPayout(accountId: string, payoutId: string): Promise<Rail.Outcome<Rail.RailPayout>> {
    return this.call(async (stripe) => {
      const payout = await stripe.payouts.retrieve(payoutId, {}, { stripeContext: accountId });
      return done(payoutOf(payout, accountId));
    });
  }

  findPayout(search: Rail.PayoutSearch): Promise<Rail.Outcome<Rail.RailPayout | undefined>> {
    const { accountId, since } = search;
    return this.call(async (stripe) => {
      const params = { created: { gte: epochSeconds(since) }, limit: PAGE };
      const list = stripe.payouts.list(params, { stripeContext: accountId });
      return onlyOne(await matching(list, search), (payout) => payoutOf(payout, accountId));
    });
  }

  balance(accountId?: string): Promise<Rail.Outcome<Rail.RailBalance>> {
    return this.call(async (stripe) => {
      const { available, pending } = await stripe.balance.retrieve({}, within(accountId));
      return done({ availableMinor: sterling(available), pendingMinor: sterling(pending) });
    });
  }

  receivedFunds(since: Date): Promise<Rail.Outcome<readonly Rail.ReceivedFunds[]>> {
    return this.call(async (stripe) => {
      const received: Rail.ReceivedFunds[] = [];
      for await (const topup of stripe.topups.list({ created: { gte: epochSeconds(since) }, limit: PAGE })) {
        if (topup.currency === 'gbp') received.push(fundsOf(topup));
      }
      return done(received.reverse());
    });
  }

  entries({ accountId, from, to }: Rail.EntryWindow): Promise<Rail.Outcome<readonly Rail.RailEntry[]>> {
    return this.call(async (stripe) => {
      const params = { created: { gte: epochSeconds(from), lt: epochSeconds(to) }, currency: 'gbp', limit: PAGE };
      const entries: Rail.RailEntry[] = [];
      for await (const line of stripe.balanceTransactions.list(params, within(accountId))) entries.push(entryOf(line));
      return done(entries.reverse());
    });
  }

  undeliveredNotices(since: Date, accountId?: string): Promise<Rail.Outcome<readonly Rail.RailNotice[]>> {
    return this.call(async (stripe) => {
      const params = { created: { gte: epochSeconds(since) }, delivery_success: false, limit: PAGE };
      const notices: Rail.RailNotice[] = [];
      for await (const event of stripe.events.list(params, within(accountId))) notices.push(noticeOf(event));
      return done(notices.reverse());
    });
  }

  async verifyWebhook(rawBody: Buffer, headers: Rail.NoticeHeaders): Promise<Rail.RailNotice> {
    const header = headers['stripe-signature'];
    const now = this.clock.now().getTime();
    // The SDK bounds only the age of a signature, and would take one from the future for as long as it lasts.
    const signedAt = typeof header === 'string' ? Number(/(?:^|,)t=(\d+)/.exec(header)?.[1]) : NaN;
    if (!(signedAt - now / 1000 <= SIGNATURE_AGE_SECONDS_MAX))
      throw new ForgedNoticeError('The signature is not valid.');
    const { webhooks } = await this.stripe();
    const signed = this.credentials.webhookSecrets.some((secret) => {
      try {
        return webhooks.signature?.verifyHeader(
          rawBody,
          header as string,
          secret,
          SIGNATURE_AGE_SECONDS_MAX,
          undefined,
          now,
        );
      } catch {
        return false;
      }
    });
    if (!signed) throw new ForgedNoticeError('The signature is not valid.');
    return noticeOf(JSON.parse(rawBody.toString('utf8')));
  }

  /** Every call goes through here: outside of transactions, and with its failure classified. */
  private async call<T>(send: (stripe: Stripe) => Promise<Rail.Outcome<T>>): Promise<Rail.Outcome<T>> {
    assertOutsideTransaction();
    const stripe = await this.stripe();
    try {
      return await traced('call to Stripe', {}, () => send(stripe));
    } catch (error) {
      if (error instanceof OrderError) throw error;
      return outcomeOfStripeError(error);
    }
  }

  private stripe(): Promise<Stripe> {
    return (this.client ??= this.connect());
  }

  private async connect(): Promise<Stripe> {
    const { default: StripeSdk } = await import('stripe');
    const { apiKey, host, port, protocol } = this.credentials;
    return new StripeSdk(apiKey, {
      maxNetworkRetries: 0,
      timeout: TIMEOUT_MS,
      telemetry: false,
      ...(host === undefined ? {} : { host }),
      ...(port === undefined ? {} : { port }),
      ...(protocol === undefined ? {} : { protocol }),
    });
  }

  /** In the mode of the key and in pounds. */
  private isOurs({ livemode, currency }: { livemode: boolean; currency: string }): boolean {
    return livemode === this.live && currency === 'gbp';
  }
}

/** An order that must never reach Stripe: a bug of the caller, thrown before anything is sent. */
class OrderError extends Error {
  override readonly name = 'OrderError';
}

const MISMATCH = { kind: 'unknown', reason: 'answer_mismatch', resend: false } as const;

function done<T>(value: T): Rail.Done<T> {
  return { kind: 'done', value };
}

function within(accountId?: string): { stripeContext?: string } {
  return accountId === undefined ? {} : { stripeContext: accountId };
}

async function matching<T extends StripeMoved>(list: AsyncIterable<T>, sought: Rail.AttemptRef): Promise<T[]> {
  const found: T[] = [];
  for await (const one of list) if (isAttempt(one, sought)) found.push(one);
  return found;
}

/** The SDK takes numbers: exact below 2^53 pence, and anything else is a bug that must not be sent. */
function wireAmount(amountMinor: bigint): number {
  if (amountMinor <= 0n || amountMinor > BigInt(Number.MAX_SAFE_INTEGER)) throw new OrderError(`Amount ${amountMinor}`);
  return Number(amountMinor);
}

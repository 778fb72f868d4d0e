import type {
  AttemptRef,
  CapabilityStatus,
  NewRecipient,
  OnboardingLinkOrder,
  Outcome,
  PayoutStatus,
  RailEntry,
  RailNotice,
  RailPayout,
  RailTransfer,
  ReceivedFunds,
  RecipientStatus,
} from './rail.js';

/** The rail's words in Stripe's, and back. Only what is read is named; the API is 2026-10-28.endive. */

export interface StripeAccount {
  readonly id: string;
  readonly configuration?: {
    readonly recipient?: {
      readonly capabilities?: {
        readonly stripe_balance?: {
          readonly stripe_transfers?: { readonly status: string };
          readonly payouts?: { readonly status: string };
        };
      };
    };
  };
  readonly requirements?: {
    readonly entries?: readonly { readonly awaiting_action_from: string; readonly description: string }[];
  };
}

export interface StripeMoved {
  readonly id: string;
  readonly amount: number;
  readonly created: number;
  readonly metadata?: Readonly<Record<string, string>> | null;
}

export interface StripeTransfer extends StripeMoved {
  readonly amount_reversed: number;
  readonly destination: string | { readonly id: string } | null;
  readonly transfer_group: string | null;
}

export interface StripePayout extends StripeMoved {
  readonly status: string;
  readonly failure_code: string | null;
  readonly arrival_date: number;
}

export interface StripeBalanceTransaction {
  readonly id: string;
  readonly type: string;
  readonly amount: number;
  readonly fee: number;
  readonly source: string | { readonly id: string } | null;
  readonly created: number;
}

export interface StripeTopup {
  readonly id: string;
  readonly amount: number;
  readonly status: string;
  readonly created: number;
}

const CAPABILITY: Readonly<Record<string, CapabilityStatus>> = {
  active: 'active',
  pending: 'pending',
  restricted: 'restricted',
  rejected: 'restricted',
  unsupported: 'unsupported',
};

const PAYOUT_STATUSES: ReadonlySet<string> = new Set<PayoutStatus>([
  'pending',
  'in_transit',
  'paid',
  'failed',
  'canceled',
]);

const TOPUP_STATUSES: ReadonlySet<string> = new Set<ReceivedFunds['status']>([
  'pending',
  'succeeded',
  'failed',
  'canceled',
  'reversed',
]);

/** The platform bears fees and losses: providers are charged nothing for being paid. */
export function accountParamsOf(recipient: Omit<NewRecipient, 'idempotencyKey'>) {
  const { structure, contactEmail, displayName, providerId } = recipient;
  const organisation =
    structure === 'company'
      ? ({ entity_type: 'company', business_details: { structure: 'private_company' } } as const)
      : ({ entity_type: 'non_profit', business_details: { structure } } as const);
  return {
    contact_email: contactEmail,
    display_name: displayName,
    dashboard: 'none', // a dashboard of its own would let one person change the bank account, past every hold
    identity: { country: 'gb', ...organisation },
    configuration: { recipient: { capabilities: { stripe_balance: { stripe_transfers: { requested: true } } } } },
    defaults: {
      currency: 'gbp',
      responsibilities: { fees_collector: 'application', losses_collector: 'application' },
    },
    metadata: { provider: providerId },
  } as const;
}

/** Stripe takes `account_update` for accounts without a dashboard of their own, as all of ours are. */
export function linkUseOf({ purpose, returnUrl, refreshUrl }: Omit<OnboardingLinkOrder, 'idempotencyKey'>) {
  const pages = { refresh_url: refreshUrl, return_url: returnUrl };
  return purpose === 'update'
    ? ({ type: 'account_update', account_update: pages } as const)
    : ({ type: 'account_onboarding', account_onboarding: pages } as const);
}

/** A status that Stripe adds later counts as restricted: nothing is sent on a word we do not know. */
export function statusOf(account: StripeAccount): RecipientStatus {
  const balance = account.configuration?.recipient?.capabilities?.stripe_balance;
  const read = (capability?: { readonly status: string }): CapabilityStatus =>
    capability ? (CAPABILITY[capability.status] ?? 'restricted') : 'absent';
  const transfers = read(balance?.stripe_transfers);
  const payouts = read(balance?.payouts);
  const awaited = (account.requirements?.entries ?? []).filter((entry) => entry.awaiting_action_from === 'user');
  return {
    accountId: account.id,
    ready: transfers === 'active' && payouts === 'active',
    transfers,
    payouts,
    requirements: awaited.map((entry) => entry.description),
  };
}

export function transferOf(transfer: StripeTransfer): RailTransfer {
  return {
    ...attemptOf(transfer),
    transferId: transfer.id,
    accountId: idOf(transfer.destination) ?? '',
    amountMinor: minorOf(transfer.amount),
    reversedMinor: minorOf(transfer.amount_reversed),
    ...(transfer.transfer_group === null ? {} : { transferGroup: transfer.transfer_group }),
    createdAt: instant(transfer.created),
  };
}

/** Throws on a status that is none of the five: better unknown than taken for paid. */
export function payoutOf(payout: StripePayout, accountId: string): RailPayout {
  if (!PAYOUT_STATUSES.has(payout.status)) throw new RangeError(`Payout status ${payout.status}`);
  return {
    ...attemptOf(payout),
    payoutId: payout.id,
    accountId,
    amountMinor: minorOf(payout.amount),
    status: payout.status as PayoutStatus,
    ...(payout.failure_code === null ? {} : { failureCode: payout.failure_code }),
    arrivesAt: instant(payout.arrival_date),
    createdAt: instant(payout.created),
  };
}

/** A status that Stripe adds later counts as pending: not yet money. */
export function fundsOf(topup: StripeTopup): ReceivedFunds {
  const status = TOPUP_STATUSES.has(topup.status) ? (topup.status as ReceivedFunds['status']) : 'pending';
  return { fundsId: topup.id, status, amountMinor: minorOf(topup.amount), createdAt: instant(topup.created) };
}

export function entryOf(line: StripeBalanceTransaction): RailEntry {
  const sourceId = idOf(line.source);
  return {
    entryId: line.id,
    type: line.type,
    amountMinor: minorOf(line.amount),
    feeMinor: minorOf(line.fee),
    ...(sourceId === undefined ? {} : { sourceId }),
    createdAt: instant(line.created),
  };
}

/** The opaque pair that `findTransfer` and `findPayout` look for. */
export function metadataOf({ instructionId, attempt }: AttemptRef): { instruction: string; attempt: string } {
  return { instruction: instructionId, attempt: String(attempt) };
}

export function isAttempt({ metadata }: StripeMoved, sought: AttemptRef): boolean {
  const { instruction, attempt } = metadataOf(sought);
  return metadata?.instruction === instruction && metadata.attempt === attempt;
}

function attemptOf({ metadata }: StripeMoved): Partial<AttemptRef> {
  const { instruction, attempt } = metadata ?? {};
  if (instruction === undefined || attempt === undefined || !/^[1-9]\d{0,8}$/.test(attempt)) return {};
  return { instructionId: instruction, attempt: Number(attempt) };
}

/** One attempt moves money at most once. Two finds are a fault that a person must see, never a choice. */
export function onlyOne<Found, T>(found: readonly Found[], read: (one: Found) => T): Outcome<T | undefined> {
  const [first, second] = found;
  if (second !== undefined) return { kind: 'unknown', reason: 'answer_mismatch', resend: false };
  return { kind: 'done', value: first === undefined ? undefined : read(first) };
}

/** Reads a snapshot event or a thin one. Throws a RangeError on anything else. */
export function noticeOf(event: unknown): RailNotice {
  const { id, object, type, created } = fields(event);
  const related = fields(fields(event).related_object);
  const thin = object === 'v2.core.event';
  const createdAt =
    typeof created === 'number' ? instant(created) : new Date(typeof created === 'string' ? created : NaN);
  const known = thin || object === 'event';
  if (!known || typeof id !== 'string' || typeof type !== 'string' || Number.isNaN(createdAt.getTime())) {
    throw new RangeError('Not an event of Stripe');
  }
  const objectId = thin ? related.id : fields(fields(fields(event).data).object).id;
  const about = related.type === 'v2.core.account' ? related.id : fields(event).context;
  const accountId = thin ? about : fields(event).account;
  return {
    id,
    type,
    kind: thin ? 'thin' : 'snapshot',
    ...(typeof accountId === 'string' ? { accountId } : {}),
    ...(typeof objectId === 'string' ? { objectId } : {}),
    createdAt,
  };
}

function fields(value: unknown): Record<string, unknown> {
  return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : {};
}

/** What is held in pounds; a balance in another currency is not ours to count. */
export function sterling(lines: readonly { readonly amount: number; readonly currency: string }[]): bigint {
  return lines.reduce((sum, { amount, currency }) => (currency === 'gbp' ? sum + minorOf(amount) : sum), 0n);
}

/** Throws on an amount that is not whole: BigInt refuses fractions. */
export function minorOf(amount: number): bigint {
  if (!Number.isSafeInteger(amount)) throw new RangeError(`Amount ${amount}`);
  return BigInt(amount);
}

export function idOf(reference: string | { readonly id: string } | null): string | undefined {
  return typeof reference === 'string' ? reference : reference?.id;
}

export function instant(seconds: number): Date {
  return new Date(seconds * 1000);
}

export function epochSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

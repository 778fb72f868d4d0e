/**
 * The rail: what payouts need from whoever moves the money. Amounts are pence sterling in bigint; instants are UTC.
 *
 * Every call answers an `Outcome`, because the dangerous answer of a payment rail is neither yes nor no. Nothing here
 * carries personal data: identifiers are opaque, and messages are safe to store and to log.
 */

/** Why it is not known whether the rail acted. */
export type UnknownReason =
  /** No answer, a cut or truncated one, or a time-out. The rail may have acted. */
  | 'connection'
  /** A 5xx: the rail may have acted before it failed. */
  | 'server_error'
  /** An earlier send with the same key is still being worked on. */
  | 'key_in_use'
  /** The key was used before with another body. A bug of ours: never sent again, a person decides. */
  | 'key_reused'
  /** The rail acted, but its answer is not what was ordered. Never sent again, a person decides. */
  | 'answer_mismatch';

/**
 * - `done`: the rail acted (or found what was asked for).
 * - `refused`: the rail did not act. With `retryable` it turned the call away before looking at it (throttled, bad
 *   credentials): the key is unused, the same key goes again later, and an earlier unknown outcome of that key stays
 *   unknown. Without `retryable` the refusal is the final answer for the key, and a next attempt needs a new key.
 * - `unknown`: the rail may have acted. With `resend` the same key and body may go again, for at most 23 hours.
 *   A reserve is never released on it.
 */
export type Outcome<T> = Done<T> | Refused | Unknown;

export interface Done<T> {
  readonly kind: 'done';
  readonly value: T;
}

export interface Refused {
  readonly kind: 'refused';
  /** The rail's own code, such as `balance_insufficient`; ours is `throttled`, `not_authorised` or `refused`. */
  readonly code: string;
  readonly message: string;
  readonly retryable: boolean;
}

export interface Unknown {
  readonly kind: 'unknown';
  readonly reason: UnknownReason;
  readonly resend: boolean;
}

/** One attempt at one instruction: the pair that finds again what a lost answer was about. Opaque ids only. */
export interface AttemptRef {
  readonly instructionId: string;
  /** Counts from 1. */
  readonly attempt: number;
}

/** Organisational facts a recipient account is opened with; the provider gives the rest to the rail itself. */
export interface NewRecipient {
  readonly providerId: string;
  readonly displayName: string;
  /** The organisation's role address for money matters. Stripe writes to it about its onboarding. */
  readonly contactEmail: string;
  readonly structure: 'registered_charity' | 'unincorporated_association' | 'incorporated_non_profit' | 'company';
  readonly idempotencyKey: string;
}

export type CapabilityStatus = 'active' | 'pending' | 'restricted' | 'unsupported' | 'absent';

/** A recipient's state as read from the rail just now. Never derived from an event. */
export interface RecipientStatus {
  readonly accountId: string;
  /** Transfers and payouts both active: money may be sent. */
  readonly ready: boolean;
  readonly transfers: CapabilityStatus;
  readonly payouts: CapabilityStatus;
  /** What the provider still has to give, in the rail's words (`identity.business_details.address`); no values. */
  readonly requirements: readonly string[];
}

export interface OnboardingLinkOrder {
  readonly accountId: string;
  /** `onboarding` asks for what is missing; `update` lets what was given, bank details too, be changed. */
  readonly purpose: 'onboarding' | 'update';
  /** Where the provider lands when done. Landing proves nothing: re-read the status. */
  readonly returnUrl: string;
  /** Where the provider lands when the link has been used or has expired: makes a new link. */
  readonly refreshUrl: string;
  readonly idempotencyKey: string;
}

/** A link for one use. */
export interface OnboardingLink {
  readonly url: string;
  readonly expiresAt: Date;
}

export interface TransferOrder extends AttemptRef {
  readonly accountId: string;
  readonly amountMinor: bigint;
  /** The payment run; groups the transfers of one run for the search by `findTransfer`. */
  readonly transferGroup: string;
  readonly idempotencyKey: string;
}

/** Money moved from the commissioner's balance to the provider's balance on the rail. */
export interface RailTransfer extends Partial<AttemptRef> {
  readonly transferId: string;
  readonly accountId: string;
  readonly amountMinor: bigint;
  readonly reversedMinor: bigint;
  readonly transferGroup?: string;
  readonly createdAt: Date;
}

export interface TransferSearch extends AttemptRef {
  readonly accountId: string;
  readonly transferGroup: string;
}

export interface ReversalOrder {
  readonly transferId: string;
  /** At most what has not been reversed yet. */
  readonly amountMinor: bigint;
  readonly reversalRef: string;
  readonly idempotencyKey: string;
}

export interface RailReversal {
  readonly reversalId: string;
  readonly transferId: string;
  readonly amountMinor: bigint;
  readonly createdAt: Date;
}

export interface PayoutOrder extends AttemptRef {
  readonly accountId: string;
  readonly amountMinor: bigint;
  /** What the provider reads on its bank statement; at most 22 characters. */
  readonly statementDescriptor?: string;
  readonly idempotencyKey: string;
}

/** `paid` is the rail's expectation: within 5 business days it may still turn into `failed`. */
export type PayoutStatus = 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled';

/** Money on its way from the provider's balance on the rail to its bank. */
export interface RailPayout extends Partial<AttemptRef> {
  readonly payoutId: string;
  readonly accountId: string;
  readonly amountMinor: bigint;
  readonly status: PayoutStatus;
  readonly failureCode?: string;
  readonly arrivesAt: Date;
  readonly createdAt: Date;
}

export interface PayoutSearch extends AttemptRef {
  readonly accountId: string;
  /** When the attempt was first sent, or a little earlier. */
  readonly since: Date;
}

export interface RailBalance {
  readonly availableMinor: bigint;
  readonly pendingMinor: bigint;
}

/** Money that reached the commissioner's balance from its bank. */
export interface ReceivedFunds {
  readonly fundsId: string;
  readonly amountMinor: bigint;
  readonly status: 'pending' | 'succeeded' | 'failed' | 'canceled' | 'reversed';
  readonly createdAt: Date;
}

/** One line of the rail's own ledger, for the daily reconciliation. */
export interface RailEntry {
  readonly entryId: string;
  /** The rail's word: `transfer`, `payout`, `payout_failure`, `topup`, `transfer_refund`, `stripe_fee` … */
  readonly type: string;
  /** Signed: negative leaves the balance. */
  readonly amountMinor: bigint;
  readonly feeMinor: bigint;
  /** The transfer, payout, reversal or top-up behind the line, when there is one. */
  readonly sourceId?: string;
  readonly createdAt: Date;
}

export interface EntryWindow {
  /** A recipient's account; left out, the commissioner's own. */
  readonly accountId?: string;
  readonly from: Date;
  /** Not included. */
  readonly to: Date;
}

/** That something happened to an object. Only a reason to re-read it: payloads and their order prove nothing. */
export interface RailNotice {
  readonly id: string;
  readonly type: string;
  /** The recipient account it is about; left out, the commissioner's own. */
  readonly accountId?: string;
  readonly objectId?: string;
  readonly kind: 'snapshot' | 'thin';
  readonly createdAt: Date;
}

/**
 * Moves money and finds again what moved. Each order carries the idempotency key the caller has committed before the
 * call, and no call may be made inside a database transaction.
 */
export interface PayoutRail {
  createRecipient(order: NewRecipient): Promise<Outcome<RecipientStatus>>;
  recipientStatus(accountId: string): Promise<Outcome<RecipientStatus>>;
  onboardingLink(order: OnboardingLinkOrder): Promise<Outcome<OnboardingLink>>;
  /** Stops the rail paying out by itself, so that every payout is one that was ordered here. Safe to repeat. */
  holdPayouts(accountId: string, idempotencyKey: string): Promise<Outcome<void>>;

  sendTransfer(order: TransferOrder): Promise<Outcome<RailTransfer>>;
  getTransfer(transferId: string): Promise<Outcome<RailTransfer>>;
  /** What an attempt whose answer was lost has moved; `undefined`: nothing to be seen. */
  findTransfer(search: TransferSearch): Promise<Outcome<RailTransfer | undefined>>;
  reverseTransfer(order: ReversalOrder): Promise<Outcome<RailReversal>>;

  createPayout(order: PayoutOrder): Promise<Outcome<RailPayout>>;
  getPayout(accountId: string, payoutId: string): Promise<Outcome<RailPayout>>;
  findPayout(search: PayoutSearch): Promise<Outcome<RailPayout | undefined>>;

  /** A recipient's balance, or without an account the commissioner's own. */
  balance(accountId?: string): Promise<Outcome<RailBalance>>;
  receivedFunds(since: Date): Promise<Outcome<readonly ReceivedFunds[]>>;
  entries(window: EntryWindow): Promise<Outcome<readonly RailEntry[]>>;
  /** Notices of one account that could not be delivered since then, oldest first; for the time after a downtime. */
  undeliveredNotices(since: Date, accountId?: string): Promise<Outcome<readonly RailNotice[]>>;
}

/** Proves that a notice comes from the rail. */
export interface NoticeVerifier {
  /** Throws `ForgedNoticeError` when no known secret signed exactly these bytes within the last 5 minutes. */
  verifyWebhook(rawBody: Buffer, headers: NoticeHeaders): Promise<RailNotice>;
}

export type NoticeHeaders = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The bytes, the signature or its age do not prove a notice to be the rail's. Answer 400 and keep nothing of it. */
export class ForgedNoticeError extends Error {
  override readonly name = 'ForgedNoticeError';
}

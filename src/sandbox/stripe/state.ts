import { randomBytes } from 'node:crypto';
import { existsSync, readFileSync, renameSync, writeFileSync } from 'node:fs';

export type Metadata = Record<string, string>;
export type Capability = 'active' | 'pending' | 'restricted';

/** What the bank of a recipient does with payouts: pays them, fails them, or pays and sends them back later. */
export type BankConduct = 'pays' | 'fails' | 'returns';

/** A connected account. Seconds since 1970, as on the wire, in every `…At` of this file. */
export interface Recipient {
  id: string;
  createdAt: number;
  displayName?: string;
  contactEmail?: string;
  dashboard?: string;
  identity: Record<string, unknown>;
  currency: string;
  metadata: Metadata;
  applied: boolean;
  transfers: Capability;
  payouts: Capability;
  requirements: string[];
  bank: BankConduct;
  /** Whether a transfer lands in the available or first in the pending balance. */
  landing: 'available' | 'pending';
  schedule: 'daily' | 'manual' | 'monthly' | 'weekly';
  bankAccountId: string;
}

export interface Link {
  token: string;
  accountId: string;
  returnUrl: string;
  refreshUrl: string;
  expiresAt: number;
  used: boolean;
}

export interface Reversal {
  id: string;
  amountMinor: bigint;
  createdAt: number;
  metadata: Metadata;
  entryId: string;
}

export interface Transfer {
  id: string;
  amountMinor: bigint;
  destination: string;
  transferGroup?: string;
  description?: string;
  metadata: Metadata;
  createdAt: number;
  entryId: string;
  destinationPayment: string;
  reversals: Reversal[];
}

export interface Payout {
  id: string;
  accountId: string;
  amountMinor: bigint;
  status: 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled';
  destination: string;
  description?: string;
  statementDescriptor?: string;
  metadata: Metadata;
  createdAt: number;
  arrivesAt: number;
  /** Decided when it is created, from the bank's conduct then. */
  conduct: BankConduct;
  entryId: string;
  returnEntryId?: string;
  failureCode?: string;
}

export interface Topup {
  id: string;
  amountMinor: bigint;
  status: 'pending' | 'succeeded' | 'failed';
  reference?: string;
  createdAt: number;
  entryId?: string;
}

/** A line of a balance: what Stripe calls a balance transaction. Signed. */
export interface Entry {
  id: string;
  accountId: string;
  amountMinor: bigint;
  type:
    | 'topup'
    | 'transfer'
    | 'payment'
    | 'transfer_refund'
    | 'payment_refund'
    | 'payout'
    | 'payout_failure'
    | 'payout_cancel';
  sourceId: string;
  createdAt: number;
}

export interface Balance {
  availableMinor: bigint;
  pendingMinor: bigint;
}

export interface EventRecord {
  id: string;
  kind: 'snapshot' | 'thin';
  accountId?: string;
  type: string;
  createdAt: number;
  body: Record<string, unknown>;
  delivery: 'none' | 'pending' | 'delivered' | 'failed';
  tries: number;
}

/** Where notices go. Notices about recipients and thin ones may have secrets of their own, as at Stripe. */
export interface WebhookEndpoint {
  url: string;
  secret: string;
  connectSecret?: string;
  thinSecret?: string;
}

export interface StoredAnswer {
  fingerprint: string;
  status: number;
  body: unknown;
  storedAt: number;
}

/** One commissioner's Stripe account with everything in it. */
export interface Platform {
  label: string;
  accountId: string;
  recipients: Recipient[];
  links: Link[];
  transfers: Transfer[];
  payouts: Payout[];
  topups: Topup[];
  entries: Entry[];
  balances: Record<string, Balance>;
  /** The other leg of all that came from and went to banks. */
  outsideMinor: bigint;
  events: EventRecord[];
  answers: Record<string, StoredAnswer>;
  webhook?: WebhookEndpoint;
}

export interface DoubleState {
  version: 1;
  clockOffsetMs: number;
  platforms: Record<string, Platform>;
}

const ALPHABET = 'ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz23456789';

/** Random, because a double that lost its state must not repeat identifiers that the product has stored. */
export function newId(prefix: string): string {
  return `${prefix}_${[...randomBytes(20)].map((byte) => ALPHABET[byte % ALPHABET.length]).join('')}`;
}

/** The account of a key's label; opened at its first use. */
export function openPlatform(state: DoubleState, label: string): Platform {
  return (state.platforms[label] ??= {
    label,
    accountId: newId('acct'),
    recipients: [],
    links: [],
    transfers: [],
    payouts: [],
    topups: [],
    entries: [],
    balances: {},
    outsideMinor: 0n,
    events: [],
    answers: {},
  });
}

/** Reads the file, or begins anew when there is none. Throws on a file of another version. */
export function loadState(file?: string): DoubleState {
  if (!file || !existsSync(file)) return { version: 1, clockOffsetMs: 0, platforms: {} };
  const state = JSON.parse(readFileSync(file, 'utf8'), (name, value: unknown) =>
    name.endsWith('Minor') && typeof value === 'string' ? BigInt(value) : value,
  ) as DoubleState;
  if (state.version !== 1) throw new Error(`State file ${file} is of version ${String(state.version)}, not 1`);
  return state;
}

/** Replaces the file whole, so that a crash leaves the old state or the new one. */
export function saveState(file: string, state: DoubleState): void {
  const text = JSON.stringify(state, (_, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
  writeFileSync(`${file}.new`, text, { mode: 0o600 });
  renameSync(`${file}.new`, file);
}

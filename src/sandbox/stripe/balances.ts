import { declined, missing } from './failures.js';
import { page } from './pages.js';
import { newId, type Balance, type Entry, type Platform, type Recipient } from './state.js';
import { nowSeconds, wire, type Call, type World } from './world.js';

/** A place money can be: a balance of an account, or outside at some bank. */
export type Place = 'outside' | { readonly accountId: string; readonly bucket: 'available' | 'pending' };

export function balanceOf(platform: Platform, accountId: string): Balance {
  return (platform.balances[accountId] ??= { availableMinor: 0n, pendingMinor: 0n });
}

/** Both legs of a movement; the only function that changes a balance. */
export function move(platform: Platform, amountMinor: bigint, from: Place, to: Place): void {
  add(platform, from, -amountMinor);
  add(platform, to, amountMinor);
}

function add(platform: Platform, place: Place, amountMinor: bigint): void {
  if (place === 'outside') platform.outsideMinor += amountMinor;
  else {
    const balance = balanceOf(platform, place.accountId);
    if (place.bucket === 'available') balance.availableMinor += amountMinor;
    else balance.pendingMinor += amountMinor;
  }
}

/** Writes the line that the account will see; signed. Gives its id. */
export function enter(world: World, platform: Platform, entry: Omit<Entry, 'id' | 'createdAt'>): string {
  const id = newId('txn');
  platform.entries.push({ ...entry, id, createdAt: nowSeconds(world) });
  return id;
}

export function demandAvailable(platform: Platform, accountId: string, amountMinor: bigint): void {
  if (balanceOf(platform, accountId).availableMinor >= amountMinor) return;
  throw declined('balance_insufficient', 'You have insufficient available funds in your Stripe account.');
}

/**
 * What is wrong with a platform's money; empty when it is conserved. The balances are checked against the lines, and
 * both against the objects, which are written independently of them.
 */
export function unconserved(platform: Platform): string[] {
  const flaws: string[] = [];
  const entered = new Map<string, bigint>();
  for (const { accountId, amountMinor } of platform.entries) grow(entered, accountId, amountMinor);
  const owed = fromObjects(platform, flaws);

  let total = platform.outsideMinor;
  for (const [accountId, { availableMinor, pendingMinor }] of Object.entries(platform.balances)) {
    const held = availableMinor + pendingMinor;
    total += held;
    if (availableMinor < 0n || pendingMinor < 0n) flaws.push(`${accountId} is overdrawn`);
    if (held !== (entered.get(accountId) ?? 0n)) flaws.push(`${accountId} differs from its lines`);
    if (held !== (owed.get(accountId) ?? 0n)) flaws.push(`${accountId} differs from its objects`);
  }
  if (total !== 0n) flaws.push(`the sum of all places is ${total}, not 0`);
  return flaws;
}

function fromObjects(platform: Platform, flaws: string[]): Map<string, bigint> {
  const owed = new Map<string, bigint>();
  for (const topup of platform.topups) {
    if (topup.status !== 'failed') grow(owed, platform.accountId, topup.amountMinor);
  }
  for (const transfer of platform.transfers) {
    const reversed = transfer.reversals.reduce((sum, reversal) => sum + reversal.amountMinor, 0n);
    if (reversed > transfer.amountMinor) flaws.push(`${transfer.id} is reversed beyond its amount`);
    grow(owed, platform.accountId, reversed - transfer.amountMinor);
    grow(owed, transfer.destination, transfer.amountMinor - reversed);
  }
  for (const payout of platform.payouts) {
    const returned = payout.status === 'failed' || payout.status === 'canceled';
    if (!returned) grow(owed, payout.accountId, -payout.amountMinor);
  }
  return owed;
}

function grow(sums: Map<string, bigint>, key: string, amountMinor: bigint): void {
  sums.set(key, (sums.get(key) ?? 0n) + amountMinor);
}

export function retrieveBalance({ platform, accountId }: Call) {
  const { availableMinor, pendingMinor } = balanceOf(platform, accountId);
  const line = (amountMinor: bigint) => [
    { amount: wire(amountMinor), currency: 'gbp', source_types: { card: wire(amountMinor) } },
  ];
  return {
    object: 'balance',
    available: line(availableMinor),
    pending: line(pendingMinor),
    livemode: false,
  };
}

export function listEntries({ platform, accountId, params }: Call) {
  const { type, source, currency } = params;
  const entries = platform.entries.filter(
    (entry) =>
      entry.accountId === accountId &&
      (type === undefined || entry.type === type) &&
      (source === undefined || entry.sourceId === source) &&
      (currency === undefined || currency === 'gbp'),
  );
  return page(entries, params, '/v1/balance_transactions', showEntry);
}

export function retrieveEntry({ platform, accountId, path }: Call) {
  const entry = platform.entries.find((one) => one.id === path.id && one.accountId === accountId);
  if (!entry) throw missing('balance transaction', path.id ?? '');
  return showEntry(entry);
}

function showEntry(entry: Entry) {
  return {
    id: entry.id,
    object: 'balance_transaction',
    amount: wire(entry.amountMinor),
    available_on: entry.createdAt,
    balance_type: 'payments',
    created: entry.createdAt,
    currency: 'gbp',
    description: null,
    exchange_rate: null,
    fee: 0,
    fee_details: [],
    net: wire(entry.amountMinor),
    reporting_category: entry.type === 'payment' ? 'charge' : entry.type,
    source: entry.sourceId,
    status: 'available',
    type: entry.type,
  };
}

/** Reads and sets when a recipient is paid out by itself; the double never does, but tells what it was asked. */
export function settings(recipient: Recipient) {
  return {
    object: 'balance_settings',
    payments: {
      debit_negative_balances: null,
      payouts: {
        automatic_transfer_rules_by_currency: null,
        minimum_balance_by_currency: null,
        schedule: { interval: recipient.schedule },
        statement_descriptor: null,
        status: recipient.payouts === 'active' ? 'enabled' : 'disabled',
      },
      settlement_timing: { delay_days: 3, start_of_day: { hour: 0, minutes: 0, timezone: 'Europe/London' } },
    },
  };
}

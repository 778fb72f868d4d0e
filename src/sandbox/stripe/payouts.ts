import { distrustBank } from './accounts.js';
import { demandAvailable, enter, move } from './balances.js';
import { announce } from './events.js';
import { declined, missing } from './failures.js';
import { page } from './pages.js';
import { newId, type Entry, type Metadata, type Payout, type Platform } from './state.js';
import { demandSterling, getRecipient } from './transfers.js';
import { BY_ITSELF, nowSeconds, wire, type Call, type Origin, type World } from './world.js';

interface PayoutParams {
  amount: number;
  currency: string;
  description?: string;
  statement_descriptor?: string;
  metadata?: Metadata;
}

const DAY_SECONDS = 86_400;

/** Sends money from a recipient's available balance to its bank. */
export function createPayout(call: Call) {
  const { world, platform, accountId, origin } = call;
  const params = call.params as unknown as PayoutParams;
  demandSterling(params.currency);
  if (accountId === platform.accountId) throw declined('payouts_not_allowed', 'The platform is not paid out here.');
  const recipient = getRecipient(platform, accountId, 'account');
  if (recipient.payouts !== 'active') {
    throw declined('payouts_not_allowed', 'Cannot create payouts: payouts are not enabled for this account.');
  }
  const amountMinor = BigInt(params.amount);
  demandAvailable(platform, accountId, amountMinor);

  const id = newId('po');
  move(platform, amountMinor, { accountId, bucket: 'available' }, 'outside');
  const payout: Payout = {
    id,
    accountId,
    amountMinor,
    status: 'pending',
    destination: recipient.bankAccountId,
    metadata: params.metadata ?? {},
    createdAt: nowSeconds(world),
    arrivesAt: nowSeconds(world) + (world.settleAfterSeconds ?? DAY_SECONDS),
    conduct: recipient.bank,
    entryId: enter(world, platform, { accountId, amountMinor: -amountMinor, type: 'payout', sourceId: id }),
    ...(params.description === undefined ? {} : { description: params.description }),
    ...(params.statement_descriptor === undefined ? {} : { statementDescriptor: params.statement_descriptor }),
  };
  platform.payouts.push(payout);
  tell(world, platform, origin, payout, 'payout.created');
  return showPayout(payout);
}

export function retrievePayout({ platform, accountId, path }: Call) {
  return showPayout(getPayout(platform, path.payout ?? '', accountId));
}

export function listPayouts({ platform, accountId, params }: Call) {
  const payouts = platform.payouts.filter(
    (payout) => payout.accountId === accountId && (params.status === undefined || payout.status === params.status),
  );
  return page(payouts, params, '/v1/payouts', showPayout);
}

export function cancelPayout({ world, platform, accountId, path, origin }: Call) {
  const payout = getPayout(platform, path.payout ?? '', accountId);
  if (payout.status !== 'pending') throw declined('payout_not_cancelable', 'Only a pending payout can be canceled.');
  payout.status = 'canceled';
  takeBack(world, platform, payout, 'payout_cancel');
  tell(world, platform, origin, payout, 'payout.canceled');
  return showPayout(payout);
}

/** Moves every payout as far as the clock allows: in transit at half of its time, paid or failed at the end of it. */
export function advancePayouts(world: World, platform: Platform): boolean {
  const seconds = world.settleAfterSeconds;
  if (seconds === undefined) return false;
  const now = nowSeconds(world);
  let moved = false;
  for (const payout of platform.payouts) {
    const age = now - payout.createdAt;
    if (payout.status === 'pending' && age >= seconds / 2) moved = depart(world, platform, payout);
    if (payout.status === 'in_transit' && age >= seconds) {
      moved = payout.conduct === 'fails' ? fail(world, platform, payout) : pay(world, platform, payout);
    }
    if (payout.status === 'paid' && payout.conduct === 'returns' && age >= 2 * seconds) {
      moved = fail(world, platform, payout);
    }
  }
  return moved;
}

/** Control: the bank has the money. */
export function settlePayout(world: World, platform: Platform, id: string) {
  const payout = getPayout(platform, id);
  if (payout.status === 'pending') depart(world, platform, payout);
  if (payout.status === 'in_transit') pay(world, platform, payout);
  return showPayout(payout);
}

/** Control: the bank sends the money back, even after it was shown as paid. */
export function failPayout(world: World, platform: Platform, id: string, code?: string) {
  const payout = getPayout(platform, id);
  if (payout.status !== 'failed' && payout.status !== 'canceled') fail(world, platform, payout, code);
  return showPayout(payout);
}

function depart(world: World, platform: Platform, payout: Payout): true {
  payout.status = 'in_transit';
  tell(world, platform, BY_ITSELF, payout, 'payout.updated', { status: 'pending' });
  return true;
}

function pay(world: World, platform: Platform, payout: Payout): true {
  payout.status = 'paid';
  tell(world, platform, BY_ITSELF, payout, 'payout.paid');
  return true;
}

function fail(world: World, platform: Platform, payout: Payout, code = 'account_closed'): true {
  payout.status = 'failed';
  payout.failureCode = code;
  takeBack(world, platform, payout, 'payout_failure');
  tell(world, platform, BY_ITSELF, payout, 'payout.failed');
  distrustBank(world, platform, payout.accountId);
  return true;
}

function takeBack(world: World, platform: Platform, payout: Payout, type: Entry['type']): void {
  const { accountId, amountMinor } = payout;
  move(platform, amountMinor, 'outside', { accountId, bucket: 'available' });
  payout.returnEntryId = enter(world, platform, { accountId, amountMinor, type, sourceId: payout.id });
}

function tell(world: World, platform: Platform, origin: Origin, payout: Payout, type: string, previous?: object): void {
  const object = showPayout(payout);
  announce(world, platform, origin, { type, object, accountId: payout.accountId, ...(previous ? { previous } : {}) });
}

function getPayout(platform: Platform, id: string, accountId?: string): Payout {
  const payout = platform.payouts.find((one) => one.id === id && (accountId ?? one.accountId) === one.accountId);
  if (!payout) throw missing('payout', id);
  return payout;
}

function showPayout(payout: Payout) {
  const failed = payout.status === 'failed';
  return {
    id: payout.id,
    object: 'payout',
    amount: wire(payout.amountMinor),
    application_fee: null,
    application_fee_amount: null,
    arrival_date: payout.arrivesAt,
    automatic: false,
    balance_transaction: payout.entryId,
    created: payout.createdAt,
    currency: 'gbp',
    description: payout.description ?? null,
    destination: payout.destination,
    failure_balance_transaction: failed ? (payout.returnEntryId ?? null) : null,
    failure_code: payout.failureCode ?? null,
    failure_message: failed ? 'The bank account could not be credited.' : null,
    livemode: false,
    metadata: payout.metadata,
    method: 'standard',
    original_payout: null,
    payout_method: null,
    reconciliation_status: 'not_applicable',
    reversed_by: null,
    source_type: 'card',
    statement_descriptor: payout.statementDescriptor ?? null,
    status: payout.status,
    trace_id: { status: payout.status === 'paid' ? 'supported' : 'pending', value: null },
    type: 'bank_account',
  };
}

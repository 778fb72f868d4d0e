import { enter, move } from './balances.js';
import { announce } from './events.js';
import { missing } from './failures.js';
import { page } from './pages.js';
import { newId, type Platform, type Topup } from './state.js';
import { BY_ITSELF, nowSeconds, wire, type Call, type World } from './world.js';

/** A bank transfer of the commissioner has reached its Stripe account. `pending`: it has been announced, not settled. */
export function receiveFunds(
  world: World,
  platform: Platform,
  received: { amountMinor: bigint; reference?: string; pending?: boolean },
) {
  if (received.amountMinor <= 0n) throw new RangeError('A top-up is at least a penny');
  const topup: Topup = {
    id: newId('tu'),
    amountMinor: received.amountMinor,
    status: 'pending',
    createdAt: nowSeconds(world),
    ...(received.reference === undefined ? {} : { reference: received.reference }),
  };
  platform.topups.push(topup);
  move(platform, topup.amountMinor, 'outside', { accountId: platform.accountId, bucket: 'pending' });
  topup.entryId = enter(world, platform, {
    accountId: platform.accountId,
    amountMinor: topup.amountMinor,
    type: 'topup',
    sourceId: topup.id,
  });
  announce(world, platform, BY_ITSELF, { type: 'topup.created', object: showTopup(topup) });
  if (!received.pending) settleTopup(world, platform, topup.id);
  return showTopup(topup);
}

export function settleTopup(world: World, platform: Platform, id: string) {
  const topup = getTopup(platform, id);
  if (topup.status !== 'pending') return showTopup(topup);
  const { accountId } = platform;
  move(platform, topup.amountMinor, { accountId, bucket: 'pending' }, { accountId, bucket: 'available' });
  topup.status = 'succeeded';
  announce(world, platform, BY_ITSELF, { type: 'topup.succeeded', object: showTopup(topup) });
  return showTopup(topup);
}

export function listTopups({ platform, params }: Call) {
  const topups = platform.topups.filter((topup) => params.status === undefined || topup.status === params.status);
  return page(topups, params, '/v1/topups', showTopup);
}

export function retrieveTopup({ platform, path }: Call) {
  return showTopup(getTopup(platform, path.topup ?? ''));
}

function getTopup(platform: Platform, id: string): Topup {
  const topup = platform.topups.find((one) => one.id === id);
  if (!topup) throw missing('topup', id);
  return topup;
}

function showTopup(topup: Topup) {
  return {
    id: topup.id,
    object: 'topup',
    amount: wire(topup.amountMinor),
    balance_transaction: topup.entryId ?? null,
    created: topup.createdAt,
    currency: 'gbp',
    description: topup.reference ?? null,
    expected_availability_date: topup.createdAt,
    failure_code: null,
    failure_message: null,
    initiated_by: 'user',
    livemode: false,
    metadata: {},
    source: null,
    statement_descriptor: null,
    status: topup.status,
    transfer_group: null,
  };
}

import { demandAvailable, enter, move } from './balances.js';
import { declined, invalid, missing } from './failures.js';
import { announce } from './events.js';
import { page } from './pages.js';
import { newId, type Metadata, type Platform, type Recipient, type Reversal, type Transfer } from './state.js';
import { nowSeconds, wire, type Call } from './world.js';

interface TransferParams {
  amount?: number;
  currency: string;
  destination: string;
  description?: string;
  transfer_group?: string;
  metadata?: Metadata;
}

interface ReversalParams {
  amount?: number;
  metadata?: Metadata;
}

export function demandSterling(currency: unknown): void {
  if (currency !== 'gbp') throw invalid('currency_not_supported', 'This double holds gbp only.', 'currency');
}

export function getRecipient(platform: Platform, id: string, param: string): Recipient {
  const recipient = platform.recipients.find((one) => one.id === id);
  if (!recipient) throw declined('resource_missing', `No such ${param}: '${id}'`, param);
  return recipient;
}

/** Moves money from the platform's available balance to a recipient's. */
export function createTransfer(call: Call) {
  const { world, platform, accountId, origin } = call;
  const params = call.params as unknown as TransferParams;
  if (accountId !== platform.accountId) throw declined('transfers_not_allowed', 'Only the platform sends transfers.');
  demandSterling(params.currency);
  if (params.amount === undefined) throw invalid('parameter_missing', 'Missing required param: amount.', 'amount');
  const recipient = getRecipient(platform, params.destination, 'destination');
  if (recipient.transfers !== 'active') {
    throw declined(
      'insufficient_capabilities_for_transfer',
      'Your destination account needs to have the transfers capability enabled.',
    );
  }
  const amountMinor = BigInt(params.amount);
  demandAvailable(platform, platform.accountId, amountMinor);

  const id = newId('tr');
  const destinationPayment = newId('py');
  const from = { accountId: platform.accountId, bucket: 'available' } as const;
  move(platform, amountMinor, from, { accountId: recipient.id, bucket: recipient.landing });
  enter(world, platform, { accountId: recipient.id, amountMinor, type: 'payment', sourceId: destinationPayment });
  const transfer: Transfer = {
    id,
    amountMinor,
    destination: recipient.id,
    destinationPayment,
    metadata: params.metadata ?? {},
    createdAt: nowSeconds(world),
    entryId: enter(world, platform, {
      accountId: platform.accountId,
      amountMinor: -amountMinor,
      type: 'transfer',
      sourceId: id,
    }),
    reversals: [],
    ...(params.transfer_group === undefined ? {} : { transferGroup: params.transfer_group }),
    ...(params.description === undefined ? {} : { description: params.description }),
  };
  platform.transfers.push(transfer);
  announce(world, platform, origin, { type: 'transfer.created', object: showTransfer(transfer) });
  return showTransfer(transfer);
}

export function retrieveTransfer({ platform, path }: Call) {
  return showTransfer(getTransfer(platform, path.transfer ?? ''));
}

export function listTransfers({ platform, params }: Call) {
  const { transfer_group: group, destination } = params;
  const transfers = platform.transfers.filter(
    (transfer) =>
      (group === undefined || transfer.transferGroup === group) &&
      (destination === undefined || transfer.destination === destination),
  );
  return page(transfers, params, '/v1/transfers', showTransfer);
}

/** Takes back from the recipient's available balance, at most what has not been taken back yet. */
export function createReversal(call: Call) {
  const { world, platform, origin, path } = call;
  const params = call.params as unknown as ReversalParams;
  const transfer = getTransfer(platform, path.id ?? '');
  const leftMinor = transfer.amountMinor - reversedMinor(transfer);
  const amountMinor = params.amount === undefined ? leftMinor : BigInt(params.amount);
  if (amountMinor > leftMinor || amountMinor === 0n) {
    throw declined('amount_too_large', 'The amount is greater than the unreversed amount.', 'amount');
  }
  demandAvailable(platform, transfer.destination, amountMinor);

  const id = newId('trr');
  const to = { accountId: platform.accountId, bucket: 'available' } as const;
  move(platform, amountMinor, { accountId: transfer.destination, bucket: 'available' }, to);
  enter(world, platform, {
    accountId: transfer.destination,
    amountMinor: -amountMinor,
    type: 'payment_refund',
    sourceId: transfer.destinationPayment,
  });
  const reversal: Reversal = {
    id,
    amountMinor,
    createdAt: nowSeconds(world),
    metadata: params.metadata ?? {},
    entryId: enter(world, platform, {
      accountId: platform.accountId,
      amountMinor,
      type: 'transfer_refund',
      sourceId: id,
    }),
  };
  transfer.reversals.push(reversal);
  announce(world, platform, origin, { type: 'transfer.reversed', object: showTransfer(transfer) });
  return showReversal(transfer, reversal);
}

export function listReversals({ platform, params, path }: Call) {
  const transfer = getTransfer(platform, path.id ?? '');
  const url = `/v1/transfers/${transfer.id}/reversals`;
  return page(transfer.reversals, params, url, (reversal) => showReversal(transfer, reversal));
}

export function retrieveReversal({ platform, path }: Call) {
  const transfer = getTransfer(platform, path.transfer ?? '');
  const reversal = transfer.reversals.find((one) => one.id === path.id);
  if (!reversal) throw missing('transfer reversal', path.id ?? '');
  return showReversal(transfer, reversal);
}

function getTransfer(platform: Platform, id: string): Transfer {
  const transfer = platform.transfers.find((one) => one.id === id);
  if (!transfer) throw missing('transfer', id);
  return transfer;
}

function reversedMinor(transfer: Transfer): bigint {
  return transfer.reversals.reduce((sum, reversal) => sum + reversal.amountMinor, 0n);
}

function showTransfer(transfer: Transfer) {
  const reversed = reversedMinor(transfer);
  return {
    id: transfer.id,
    object: 'transfer',
    amount: wire(transfer.amountMinor),
    amount_reversed: wire(reversed),
    balance_transaction: transfer.entryId,
    created: transfer.createdAt,
    currency: 'gbp',
    description: transfer.description ?? null,
    destination: transfer.destination,
    destination_payment: transfer.destinationPayment,
    livemode: false,
    metadata: transfer.metadata,
    reversals: page(transfer.reversals, {}, `/v1/transfers/${transfer.id}/reversals`, (reversal) =>
      showReversal(transfer, reversal),
    ),
    reversed: reversed === transfer.amountMinor,
    source_transaction: null,
    source_type: 'card',
    transfer_group: transfer.transferGroup ?? null,
  };
}

function showReversal(transfer: Transfer, reversal: Reversal) {
  return {
    id: reversal.id,
    object: 'transfer_reversal',
    amount: wire(reversal.amountMinor),
    balance_transaction: reversal.entryId,
    created: reversal.createdAt,
    currency: 'gbp',
    destination_payment_refund: null,
    metadata: reversal.metadata,
    source_refund: null,
    transfer: transfer.id,
  };
}

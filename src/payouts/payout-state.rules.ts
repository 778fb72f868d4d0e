export const PAYOUT_STATES = ['requested', 'sent', 'paid', 'failed', 'returned', 'unknown', 'cancelled'] as const;
/**
 * - `requested`: the money is reserved, and has not left as far as is known.
 * - `sent`: the rail has taken it from the commissioner; it is on its way to the provider's bank.
 * - `paid`: the rail says that the bank has it. It may still come back.
 * - `failed`: the bank did not take it, or gave it back. It lies at the rail, in the provider's name.
 * - `returned`: it is back with the commissioner, and owed again.
 * - `unknown`: a call was made and its answer was lost.
 * - `cancelled`: it never left, and is owed again.
 */
export type PayoutState = (typeof PAYOUT_STATES)[number];

/** A state, with what is unknown told apart: whether the money left the commissioner, or whether it left the rail. */
export type PayoutPosition = Exclude<PayoutState, 'unknown'> | 'transfer_unknown' | 'bank_unknown';

export const HAPPENINGS = [
  'transfer_done',
  'transfer_refused',
  'transfer_unknown',
  'transfer_absent',
  'transfer_reversed',
  'bank_begun',
  'bank_unknown',
  'bank_paid',
  'bank_failed',
  'bank_retried',
  'confirmed',
  'withdrawn',
] as const;
/** What can happen to a payout, on a rail (`transfer_…`, `bank_…`) or by a person's decision. */
export type HappeningKind = (typeof HAPPENINGS)[number];

/** Where a happening takes a payout. A position that it keeps is old news, and nothing is done about it. */
type Transitions = Readonly<Record<PayoutPosition, Readonly<Partial<Record<HappeningKind, PayoutState>>>>>;

/**
 * Money goes forward only, with two ways back that the world has: the bank returns what it took (paid to failed), and a
 * transfer is reversed. Whatever is not here is unexpected: it is parked for a person, never guessed at.
 */
const TRANSITIONS: Transitions = {
  requested: {
    transfer_done: 'sent',
    transfer_refused: 'cancelled',
    transfer_unknown: 'unknown',
    confirmed: 'paid',
    withdrawn: 'cancelled',
  },
  transfer_unknown: {
    transfer_done: 'sent',
    transfer_refused: 'cancelled',
    transfer_unknown: 'unknown',
    transfer_absent: 'cancelled',
  },
  sent: {
    transfer_done: 'sent',
    transfer_reversed: 'returned',
    bank_begun: 'sent',
    bank_unknown: 'unknown',
    bank_paid: 'paid',
    bank_failed: 'failed',
  },
  bank_unknown: {
    transfer_done: 'unknown',
    bank_begun: 'sent',
    bank_unknown: 'unknown',
    bank_paid: 'paid',
    bank_failed: 'failed',
  },
  paid: { transfer_done: 'paid', bank_begun: 'paid', bank_paid: 'paid', bank_failed: 'failed' },
  failed: { transfer_done: 'failed', transfer_reversed: 'returned', bank_failed: 'failed', bank_retried: 'sent' },
  returned: { transfer_done: 'returned', transfer_reversed: 'returned', bank_failed: 'returned' },
  cancelled: {},
};

export function positionOf(payout: { state: PayoutState; transferId: string | null }): PayoutPosition {
  if (payout.state !== 'unknown') return payout.state;
  return payout.transferId === null ? 'transfer_unknown' : 'bank_unknown';
}

/** The state that a happening leads to; undefined when it cannot happen here. */
export function transitionOf(position: PayoutPosition, happening: HappeningKind): PayoutState | undefined {
  return TRANSITIONS[position][happening];
}

/** What has happened to an attempt at a bank payout, by the rail's word for its state. */
export function bankHappening(status: 'pending' | 'in_transit' | 'paid' | 'failed' | 'canceled') {
  if (status === 'paid') return 'bank_paid';
  return status === 'failed' || status === 'canceled' ? 'bank_failed' : 'bank_begun';
}

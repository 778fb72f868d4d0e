import type { IsoDate } from '../platform/clock.js';
import type { PayoutState } from './payout-state.rules.js';

export const RUN_STATES = ['scheduled', 'running', 'finished', 'cancelled'] as const;
export type RunState = (typeof RUN_STATES)[number];

/** Where a run stands: it waits for its day, is being carried out, or is over. */
export function runStateOf(
  run: { readonly paysOn: IsoDate; readonly finishedAt: Date | null; readonly cancelledAt: Date | null },
  today: IsoDate,
): RunState {
  if (run.cancelledAt !== null) return 'cancelled';
  if (run.finishedAt !== null) return 'finished';
  return run.paysOn <= today ? 'running' : 'scheduled';
}

/** How far a run has come, for whoever watches it. */
export interface RunProgress {
  readonly state: RunState;
  /** Payments that the run has dealt with: ordered, or put off. */
  readonly value: number;
  /** Those, and what is still to be dealt with. */
  readonly max: number;
  /** Payments that were made so far, in pence. */
  readonly amountMinor: bigint;
  readonly payments: number;
  readonly waiting: number;
  /** Nothing is left to be done at once: what is ordered takes a bank its days, and accounts payable theirs. */
  readonly done: boolean;
}

interface Ordered {
  readonly state: PayoutState;
  readonly rail: 'stripe' | 'outside';
  readonly amountMinor: bigint;
}

/** Has not been made, or was taken back. */
const NOT_MADE: ReadonlySet<PayoutState> = new Set(['cancelled', 'returned']);

/**
 * A payment on the platform is dealt with once the platform has answered; one outside of it once it is on the list for
 * accounts payable.
 *
 * @param waiting how many the run has put off
 * @param left how many are payable that the run has not come to; only while it runs
 */
export function progressOf(
  state: RunState,
  payouts: readonly Ordered[],
  { waiting, left }: { readonly waiting: number; readonly left: number },
): RunProgress {
  const open = payouts.filter((payout) => payout.rail === 'stripe' && payout.state === 'requested').length;
  const still = state === 'running' ? left : 0;
  const made = payouts.filter((payout) => !NOT_MADE.has(payout.state));
  return {
    state,
    value: payouts.length - open + waiting,
    max: payouts.length + waiting + still,
    amountMinor: made.reduce((sum, { amountMinor }) => sum + amountMinor, 0n),
    payments: made.length,
    waiting,
    done: state === 'cancelled' || (state === 'finished' && open === 0),
  };
}

import type { IsoDate } from '../platform/clock.js';
import type { MoneyComing, OwedInvoice } from './money-owed.queries.js';

/** Where an invoice stands for whoever waits for its money. */
export const OWED_STATES = ['due', 'late', 'on_its_way', 'held_up'] as const;
export type OwedState = (typeof OWED_STATES)[number];

export interface OwedSums {
  /** All that was invoiced and has not arrived. */
  readonly owedMinor: bigint;
  /** Of it, what is past its day and not on its way. */
  readonly lateMinor: bigint;
  readonly onItsWayMinor: bigint;
  /** The day on which the next of it is due that is neither late nor on its way; null where there is none. */
  readonly nextDueOn: IsoDate | null;
  readonly nextDueMinor: bigint;
  /** Claimed, in review or approved, and not invoiced: net. */
  readonly comingMinor: bigint;
}

/** A payment that came back or was never made is not live, so that its invoice is due again. */
export function owedStateOf(invoice: Pick<OwedInvoice, 'payoutState' | 'dueOn'>, today: IsoDate): OwedState {
  const { payoutState, dueOn } = invoice;
  if (payoutState === 'failed' || payoutState === 'unknown') return 'held_up';
  if (payoutState !== null) return 'on_its_way';
  return dueOn !== null && dueOn < today ? 'late' : 'due';
}

export function owedSums(
  owed: readonly (Pick<OwedInvoice, 'grossMinor' | 'dueOn'> & { readonly state: OwedState })[],
  coming: readonly Pick<MoneyComing, 'claimedMinor' | 'inReviewMinor' | 'approvedMinor'>[],
): OwedSums {
  const sum = (of: typeof owed) => of.reduce((total, { grossMinor }) => total + grossMinor, 0n);
  const ofState = (wanted: OwedState) => owed.filter(({ state }) => state === wanted);
  const days = ofState('due').flatMap(({ dueOn }) => dueOn ?? []);
  const nextDueOn = days.length === 0 ? null : days.reduce((first, day) => (day < first ? day : first));
  return {
    owedMinor: sum(owed),
    lateMinor: sum(ofState('late')),
    onItsWayMinor: sum(ofState('on_its_way')),
    nextDueOn,
    nextDueMinor: sum(ofState('due').filter(({ dueOn }) => dueOn !== null && dueOn === nextDueOn)),
    comingMinor: coming.reduce(
      (total, { claimedMinor, inReviewMinor, approvedMinor }) => total + claimedMinor + inReviewMinor + approvedMinor,
      0n,
    ),
  };
}

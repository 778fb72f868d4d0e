import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import { cardFor, type ContractCard } from './card.rules.js';

/** Accepted referrals of one service that are open, and the planned sessions that have not been attended yet. */
export interface ExpectedActivity {
  readonly serviceId: string;
  readonly referrals: number;
  readonly sessionsLeft: number;
}

/**
 * What accepted referrals may still cost: planned sessions that are left, at today's price for a person who attends, or for
 * an hour (one an attendance). Services that are priced in another way add nothing: their cost does not follow from the
 * number of sessions that a person is to have.
 */
export function expectedMinor(
  activities: readonly ExpectedActivity[],
  cards: readonly ContractCard[],
  today: IsoDate,
): Minor {
  let sum = 0n;
  for (const { serviceId, sessionsLeft } of activities) {
    const terms = cardFor(cards, serviceId, today)?.terms;
    if (terms?.basis === 'attendance' || terms?.basis === 'hour') sum += terms.priceMinor * BigInt(sessionsLeft);
  }
  return sum;
}

/**
 * By how much a change would take away more than is left; undefined when it does not. Raising is never refused, also where a
 * fact has taken the budget below nothing.
 */
export function shortfallOf(changeMinor: Minor, leftMinor: Minor): Minor | undefined {
  const afterMinor = leftMinor + changeMinor;
  return changeMinor < 0n && afterMinor < 0n ? -afterMinor : undefined;
}

import type { PayoutState } from './payout-state.rules.js';

/** What a payment by accounts payable waits for, as one person sees it: its entry, their confirmation, or another's. */
export type OutsideStep = 'enter' | 'confirm' | 'other_confirms';

/** Null for a payment that waits for nobody. Nobody confirms what they entered. */
export function outsideStepOf(
  payout: { readonly rail: 'stripe' | 'outside'; readonly state: PayoutState; readonly enteredBy: string | null },
  memberId: string | null,
): OutsideStep | null {
  if (payout.rail !== 'outside' || payout.state !== 'requested') return null;
  if (payout.enteredBy === null) return 'enter';
  return payout.enteredBy === memberId ? 'other_confirms' : 'confirm';
}

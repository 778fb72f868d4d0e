import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const advanceDecided = defineError({
  code: 'advance.decided',
  kind: 'conflict',
  title: 'The advance was decided before.',
  fix: 'Read it again; details.state says what became of it.',
});

export const advanceOwn = defineError({
  code: 'advance.own',
  kind: 'forbidden',
  title: 'An advance is approved by somebody else than the person who proposed it.',
  fix: 'Ask another approver.',
});

export const advanceAboveLimit = defineError({
  code: 'advance.above_limit',
  kind: 'forbidden',
  title: 'The advance is above the amount that this person may approve.',
  fix: 'Ask somebody whose limit is at least details.amountMinor.',
});

export const advanceNotCovered = defineError({
  code: 'advance.not_covered',
  kind: 'rule_broken',
  title: 'The contract has less left to invoice than the advance, so that it could not all be recovered.',
  fix: 'Lower the advance to details.coveredMinor, or raise the budget of the contract first.',
});

export const advanceDayNotPossible = defineError({
  code: 'advance.day_not_possible',
  kind: 'rule_broken',
  title: 'The terms of recovery end today or later.',
  fix: 'Give details.earliest or a later day.',
});

export const advanceInPayment = defineError({
  code: 'advance.in_payment',
  kind: 'conflict',
  title: 'The advance is being paid, or was paid: it can only be recovered.',
  fix: 'details.payoutId names the payout. When that comes back, the advance can be cancelled.',
});

onConstraint('advance_four_eyes', advanceOwn);

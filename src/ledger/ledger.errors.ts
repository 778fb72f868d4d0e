import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const balanceTooLow = defineError({
  code: 'ledger.balance_too_low',
  kind: 'rule_broken',
  title: 'An account would fall below zero.',
  fix: 'Read the balance that limits this (budget, funds, or what is owed) and ask for no more than is left.',
});

export const alreadyReversed = defineError({
  code: 'ledger.already_reversed',
  kind: 'conflict',
  title: 'This posting was reversed before.',
  fix: 'Read it again: nothing is left to reverse.',
});

onConstraint('balance_floor', balanceTooLow);
onConstraint('transfer_reversed_once', alreadyReversed);

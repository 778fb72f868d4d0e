import { defineError } from '../platform/errors.js';

export const periodNotOver = defineError({
  code: 'statement.period_not_over',
  kind: 'invalid',
  title: 'A statement closes on a day that has come.',
  fix: 'Give a `to` that is not after today in London; details name it.',
});

export const contractNotNamed = defineError({
  code: 'balances.contract_not_named',
  kind: 'invalid',
  title: 'A checkpoint is of the log of one commissioner.',
  fix: 'Name a contract beside size: the checkpoint is one of its commissioner.',
});

export const commissionerNotNamed = defineError({
  code: 'statement.commissioner_not_named',
  kind: 'invalid',
  title: 'You work with several commissioners, and a statement is of your account with one.',
  fix: 'Ask for party=commissioner with the id of one of those that details name, or for one contract.',
});

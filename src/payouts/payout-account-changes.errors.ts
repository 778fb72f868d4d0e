import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const changeOpen = defineError({
  code: 'payout_account_change.open',
  kind: 'conflict',
  title: 'A change of this payout account is being decided already.',
  fix: 'Confirm or cancel that one first.',
});
export const changeNotForRail = defineError({
  code: 'payout_account_change.not_for_rail',
  kind: 'rule_broken',
  title: 'An account with this rail is not changed in this way.',
  fix: 'Bank details are for accounts with rail "outside", a link for those with rail "stripe": see details.kind.',
});
export const nothingNew = defineError({
  code: 'payout_account_change.nothing_new',
  kind: 'rule_broken',
  title: 'The account has these details already.',
  fix: 'Propose a change only where something is to change.',
});
export const ownChange = defineError({
  code: 'payout_account_change.own_confirmation',
  kind: 'forbidden',
  title: 'A change of where money goes is confirmed by somebody else than the person who proposed it.',
  fix: 'Ask another treasurer or admin of the provider; where there is none, the commissioner.',
});
export const commissionerNotNeeded = defineError({
  code: 'payout_account_change.provider_confirms',
  kind: 'forbidden',
  title: 'The provider has somebody else who can confirm this change.',
  fix: 'Another treasurer or admin of the provider confirms it.',
});
export const changeNotPossible = defineError({
  code: 'payout_account_change.step_not_possible',
  kind: 'conflict',
  title: 'The change is not in a state in which this can be done.',
  fix: 'Read the change again; details say which state it is in.',
});
export const linkNeedsChange = defineError({
  code: 'payout_account.change_needed',
  kind: 'rule_broken',
  title: 'The account can be paid into: its bank details change only after two people agreed and a hold.',
  fix: 'Propose a change of the account. When it has been applied, a link can be had for seven days.',
});

onConstraint('payout_account_change_one_open', changeOpen);
onConstraint('payout_account_change_four_eyes', ownChange);

import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const railNotConfigured = defineError({
  code: 'rail.not_configured',
  kind: 'rule_broken',
  title: 'There are no credentials of the payment platform for this commissioner.',
  fix: 'Ask the operator: STRIPE_API_KEY serves an instance of one commissioner, STRIPE_ACCOUNTS_FILE one with several.',
});
export const railNoAnswer = defineError({
  code: 'rail.no_answer',
  kind: 'conflict',
  title: 'The payment platform did not answer, or asks to come back later.',
  fix: 'Send the same request again in a minute: nothing is done twice.',
});
export const railRefused = defineError({
  code: 'rail.refused',
  kind: 'rule_broken',
  title: 'The payment platform refused this.',
  fix: 'details.reason is its own code for why.',
});
export const noticeForged = defineError({
  code: 'webhook.not_genuine',
  kind: 'invalid',
  title: 'This is not a notice of the payment platform of this commissioner.',
  fix: 'Check the address of the webhook and its signing secret.',
});

export const accountExists = defineError({
  code: 'payout_account.exists',
  kind: 'rule_broken',
  title: 'There is a payout account for this rail already.',
  fix: 'Changing where money goes needs two people and a hold: propose a change of the account.',
});
export const accountNotForRail = defineError({
  code: 'payout_account.not_on_platform',
  kind: 'rule_broken',
  title: 'This account is not one of the payment platform.',
  fix: 'Links and refreshing are for accounts with rail "stripe" whose opening has ended.',
});
export const formNotSupported = defineError({
  code: 'payout_account.form_not_supported',
  kind: 'rule_broken',
  title: 'The payment platform opens accounts for organisations only.',
  fix: 'Open an account with rail "outside".',
});

export const runNotCancellable = defineError({
  code: 'payment_run.begun',
  kind: 'conflict',
  title: 'The payment run has begun, or was cancelled before.',
  fix: 'Only a run that waits for its day can be cancelled.',
});
export const runDayNotPossible = defineError({
  code: 'payment_run.day_not_possible',
  kind: 'rule_broken',
  title: 'A payment run pays today or on one of the next 31 days.',
  fix: 'Choose a day between details.earliest and details.latest.',
});

export const payoutStepNotPossible = defineError({
  code: 'payout.step_not_possible',
  kind: 'conflict',
  title: 'The payout is not in a state in which this can be done.',
  fix: 'Read the payout again; details say which state it is in.',
});
export const lookUpContradicts = defineError({
  code: 'payout.look_up_contradicts',
  kind: 'rule_broken',
  title: 'What the payment platform shows does not support this decision.',
  fix: 'details.found says whether the payment is to be seen there.',
});
export const tooEarlyToDecide = defineError({
  code: 'payout.too_early_to_decide',
  kind: 'rule_broken',
  title: 'The payment is not to be seen on the platform, but a late answer may still make it.',
  fix: 'Decide after details.possibleAt: until then the same order may still be carried out.',
});
export const ownConfirmation = defineError({
  code: 'payout.own_confirmation',
  kind: 'forbidden',
  title: 'A payment is confirmed by somebody else than the person who entered it.',
  fix: 'Ask a colleague in finance to confirm it.',
});
export const paymentNotEntered = defineError({
  code: 'payout.payment_not_entered',
  kind: 'conflict',
  title: 'No payment was entered for this payout.',
  fix: 'Enter its reference and date first.',
});
export const paymentDayNotPossible = defineError({
  code: 'payout.payment_day_not_possible',
  kind: 'rule_broken',
  title: 'A payment was made between the day it was asked for and today.',
  fix: 'Give the day on which the bank made it.',
});
export const paymentReferenceNotOpaque = defineError({
  code: 'payout.reference_not_possible',
  kind: 'invalid',
  title: 'The payment reference cannot be kept.',
  fix: 'Use at most 64 letters, digits, spaces and the signs . _ : / # -, and nothing that identifies a person.',
});
export const remittanceNotReady = defineError({
  code: 'payout.remittance_not_ready',
  kind: 'conflict',
  title: 'There is no remittance advice yet.',
  fix: 'It is made when the payout is paid: ask again in a moment.',
});
export const outsideFileHeading = defineError({
  code: 'outside_payment_file.heading',
  kind: 'invalid',
  title: 'The heading row does not have the columns of a payment file.',
  fix: 'Use the headings payout reference, payment reference and paid on.',
});

onConstraint('payout_account_one_per_rail', accountExists);
onConstraint('payout_four_eyes', ownConfirmation);

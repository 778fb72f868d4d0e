import { defineTopic } from '../platform/events.js';

/** Money has reached a provider: `id` is the payout's. */
export const payoutPaid = defineTopic('payout.paid');
/** The bank did not take it, or gave it back: `id` is the payout's. */
export const payoutFailed = defineTopic('payout.failed');
/** It is back with the commissioner, and its invoices are owed again: `id` is the payout's. */
export const payoutReturned = defineTopic('payout.returned');

/** Work of this module: a payout has a step to take, a run was made, a notice came in, the rail is to be read. */
export const payoutDue = defineTopic('payout.due');
export const paymentRunMade = defineTopic('payment_run.made');
export const noticeReceived = defineTopic('payout_notice.received');

/** Where money goes is to change, will change after a hold, does not, or has changed: `id` is the change's. */
export const accountChangeProposed = defineTopic('payout_account.change_proposed');
export const accountChangeConfirmed = defineTopic('payout_account.change_confirmed');
export const accountChangeCancelled = defineTopic('payout_account.change_cancelled');
export const accountChangeApplied = defineTopic('payout_account.change_applied');

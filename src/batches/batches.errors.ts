import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const batchWithoutClaims = defineError({
  code: 'batch.no_claims',
  kind: 'rule_broken',
  title: 'No claim waits for a batch in this period or before it.',
  fix: 'Wait for the provider to claim, or check the period and the contract.',
});

export const batchTooEarly = defineError({
  code: 'batch.period_not_begun',
  kind: 'rule_broken',
  title: 'This period has not begun.',
  fix: 'Give the present month, or one before it.',
});

export const batchUnderReview = defineError({
  code: 'batch.under_review',
  kind: 'conflict',
  title: 'A batch of this contract and period is under review.',
  fix: 'Decide that batch first; details.batch names it.',
});

export const batchOverBudget = defineError({
  code: 'batch.over_budget',
  kind: 'rule_broken',
  title: 'The budget of the contract has less left than this batch costs.',
  fix: 'Raise the budget by at least details.shortfallMinor; details.leftMinor is what is left.',
});

export const batchNotSelfBillable = defineError({
  code: 'batch.not_self_billable',
  kind: 'rule_broken',
  title: 'VAT is charged, and the commissioner has no VAT registration on record, without which it cannot self-bill.',
  fix: "Record the commissioner's VAT registration, or agree on another document mode.",
});

export const batchDecided = defineError({
  code: 'batch.decided',
  kind: 'conflict',
  title: 'The batch is not under review any more.',
  fix: 'Read it again: details.state says what became of it.',
});

export const batchOwn = defineError({
  code: 'batch.own',
  kind: 'forbidden',
  title: 'You submitted this batch, so somebody else must approve it.',
  fix: 'Ask another approver.',
});

export const batchChanged = defineError({
  code: 'batch.changed_since_review',
  kind: 'conflict',
  title: 'The batch is not the one that you reviewed: its lines have changed.',
  fix: 'Read the batch and its lines again, and approve with the digest that it has now.',
});

export const batchEmpty = defineError({
  code: 'batch.empty',
  kind: 'rule_broken',
  title: 'Every line has left this batch.',
  fix: 'Reject it: there is nothing to approve.',
});

export const batchAboveLimit = defineError({
  code: 'batch.above_limit',
  kind: 'forbidden',
  title: 'The batch is more than you may approve.',
  fix: 'Ask an approver whose limit is at least details.totalMinor.',
});

export const batchFlagged = defineError({
  code: 'batch.flagged_lines',
  kind: 'rule_broken',
  title: 'Some lines are flagged, and nobody has said why they are to be paid.',
  fix: 'Query or reject them, or give flagsReason to approve them as well; details.flaggedCount says how many there are.',
});

export const lineNotHeld = defineError({
  code: 'batch.line_not_held',
  kind: 'conflict',
  title: 'The batch does not hold this claim.',
  fix: 'Read the lines of the batch again: the claim may have been queried or rejected.',
});

export const queryOpen = defineError({
  code: 'query.open',
  kind: 'conflict',
  title: 'A query on this claim waits for its answer.',
  fix: 'Read the queries of the claim.',
});

export const queryClosed = defineError({
  code: 'query.closed',
  kind: 'conflict',
  title: 'The query does not wait for an answer any more.',
  fix: 'Read it again: it was answered, or the claim was decided without an answer.',
});

onConstraint('batch_under_review', batchUnderReview);
onConstraint('batch_four_eyes', batchOwn);
onConstraint('claim_query_open', queryOpen);

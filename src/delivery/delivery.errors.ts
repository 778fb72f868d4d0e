import { onConstraint } from '../platform/constraints.js';
import { defineError, type ErrorFactory } from '../platform/errors.js';
import { ROW_REFUSALS, type RowRefusalCode } from './row-refusal.rules.js';

/** The refusals of a row, as errors of a request that has only one. */
export const ROW_ERRORS = Object.fromEntries(
  Object.entries(ROW_REFUSALS).map(([code, { kind, title, fix }]) => [
    code,
    defineError({ code: `delivery.${code}`, kind, title, fix }),
  ]),
) as Record<RowRefusalCode, ErrorFactory>;

export const claimFactClaimed = defineError({
  code: 'claim.fact_claimed',
  kind: 'conflict',
  title: 'Another claim of this contract cites the same fact for the same kind of charge.',
  fix: 'Read that claim; withdraw it first if this one is to take its place.',
});

export const claimNotFound = defineError({
  code: 'claim.not_found',
  kind: 'not_found',
  title: 'There is no such claim.',
  fix: 'Check the id, and that your key belongs to the provider or the commissioner of the claim.',
});

export const claimEarnsNothing = defineError({
  code: 'claim.fact_earns_nothing',
  kind: 'rule_broken',
  title: 'No rate card in force on the day is earned by this kind of fact.',
  fix: 'details.earnedBy lists what earns on that day; check the date and the service.',
});

export const claimNotWithdrawable = defineError({
  code: 'claim.not_withdrawable',
  kind: 'conflict',
  title: 'The claim cannot be withdrawn any more.',
  fix: 'details says why: a claim is withdrawn before a batch holds it, and once. Ask the commissioner to reject it.',
});

export const periodNotOver = defineError({
  code: 'claim.period_not_over',
  kind: 'rule_broken',
  title: 'The period is not over.',
  fix: 'Send it again on the first day of the next month, or later.',
});

export const milestoneRecordedTwice = defineError({
  code: 'milestone.recorded_twice',
  kind: 'conflict',
  title: 'This milestone of the referral was recorded before, on another day.',
  fix: 'A milestone is reached once: read the claim for it, and ask the commissioner if its day is wrong.',
});

export const nilDeclaredTwice = defineError({
  code: 'nil_declaration.declared_twice',
  kind: 'conflict',
  title: 'Nil was declared for this period before.',
  fix: 'Nothing is left to do.',
});

export const nilThoughClaimed = defineError({
  code: 'nil_declaration.claims_exist',
  kind: 'rule_broken',
  title: 'There are claims for this period.',
  fix: 'Withdraw them first if nothing was delivered; details.claims counts them.',
});

export const completionNothingNew = defineError({
  code: 'completion_declaration.nothing_new',
  kind: 'rule_broken',
  title: 'No claim has come since this month was declared complete, or none waits for review at all.',
  fix: 'Claim first what is left of the month; otherwise nothing is left to do.',
});

export const sessionNotFound = defineError({
  code: 'session.not_found',
  kind: 'not_found',
  title: 'There is no such session.',
  fix: 'Check the id, and that your key belongs to the provider or the commissioner of the session.',
});

export const claimFileHeading = defineError({
  code: 'claim_file.heading',
  kind: 'invalid',
  title: 'The heading row of the file is not complete, so nothing was taken.',
  fix: 'See errors: each names a column. GET /v1/claim-files/template.csv has them all.',
});

export const claimFileEnded = defineError({
  code: 'claim_file.ended',
  kind: 'conflict',
  title: 'The file is not being received any more.',
  fix: 'Read it: details.state says how it ended. A claim of it is withdrawn by itself.',
});

/** Kept with a file, not answered: whoever sent it is gone. */
export const INTERRUPTED = {
  code: 'claim_file.interrupted',
  message: 'The file was not received to its end. Send it again: rows that were taken have no second effect.',
};

onConstraint('claim_one_per_fact', claimFactClaimed);
onConstraint('milestone_recorded_twice', milestoneRecordedTwice);
onConstraint('nil_declared_twice', nilDeclaredTwice);

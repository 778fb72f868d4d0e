import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const referralReferenceTaken = defineError({
  code: 'referral.reference_taken',
  kind: 'conflict',
  title: 'This provider has a referral with this reference.',
  fix: 'If it is the same referral, nothing is left to do; otherwise give it a reference of its own.',
});

export const referralNotPossible = defineError({
  code: 'referral.step_not_possible',
  kind: 'conflict',
  title: 'The referral is not in a state in which this can be done.',
  fix: 'Read the referral again; details say which state it is in and in which the step is possible.',
});

export const noContractForService = defineError({
  code: 'referral.no_contract',
  kind: 'rule_broken',
  title: 'This provider has no contract in force for this service with this commissioner.',
  fix: 'Check the provider, the service code and the day; GET /v1/contracts lists what is in force.',
});

export const nhsNumberInvalid = defineError({
  code: 'referral.nhs_number_invalid',
  kind: 'invalid',
  title: 'The NHS number is not a valid one.',
  fix: 'Check its ten digits. It is not repeated here, stored or logged.',
});

export const nhsNumberInReference = defineError({
  code: 'referral.identifying_reference',
  kind: 'invalid',
  title: 'A reference must be opaque, but this one contains an NHS number.',
  fix: 'Send the NHS number in nhsNumber, where it becomes a pseudonym at once, and the other system’s own number as reference.',
});

onConstraint('referral_reference_taken', referralReferenceTaken);

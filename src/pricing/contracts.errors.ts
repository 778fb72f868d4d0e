import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const contractCodeTaken = defineError({
  code: 'contract.code_taken',
  kind: 'conflict',
  title: 'Another contract has this code.',
  fix: 'Use the contract that exists, or another code.',
});

export const contractCodeAmbiguous = defineError({
  code: 'contract.code_ambiguous',
  kind: 'conflict',
  title: 'Contracts of several commissioners have this code.',
  fix: 'Give the id of the contract instead.',
});

export const contractRefused = defineError({
  code: 'contract.refused',
  kind: 'rule_broken',
  title: 'The terms of this contract do not fit together.',
  fix: 'details.findings names each place and what is wrong there.',
});

export const contractNotInForce = defineError({
  code: 'contract.not_in_force',
  kind: 'rule_broken',
  title: 'The contract is not in force on this day.',
  fix: 'details gives its first and last day: check the date, or use the contract of that time.',
});

export const notAProvider = defineError({
  code: 'contract.not_a_provider',
  kind: 'rule_broken',
  title: 'This organisation is not a provider.',
  fix: 'Give the id of an organisation that is registered as a provider.',
});

export const versionTaken = defineError({
  code: 'contract.version_taken',
  kind: 'conflict',
  title: 'Another version of this contract was agreed at the same time.',
  fix: 'Read the contract again, then send your version again.',
});

export const serviceCodeTaken = defineError({
  code: 'service.code_taken',
  kind: 'conflict',
  title: 'The provider has another service with this code.',
  fix: 'Use the service that exists, or another code.',
});

export const serviceUnknown = defineError({
  code: 'service.unknown',
  kind: 'rule_broken',
  title: 'The provider of this contract has no service with this code.',
  fix: 'details.codes lists the services of the contract.',
});

export const rateCardRefused = defineError({
  code: 'rate_card.refused',
  kind: 'rule_broken',
  title: 'The rate card cannot be published.',
  fix: 'details.findings names each place and what is wrong there.',
});

export const rateCardPublishedTwice = defineError({
  code: 'rate_card.published_twice',
  kind: 'conflict',
  title: 'A card of this rate with the same first day was agreed on the same day.',
  fix: 'A published card is never edited: publish one that was agreed on a later day.',
});

export const noRateCard = defineError({
  code: 'rate_card.missing',
  kind: 'rule_broken',
  title: 'No rate card is in force for this service on this day.',
  fix: 'Publish a rate card that covers the day, or correct the date.',
});

export const quoteIncomplete = defineError({
  code: 'quote.incomplete',
  kind: 'invalid',
  title: 'The rate card prices something that the request does not say.',
  fix: 'Give what details.missing names.',
});

export const orderRefused = defineError({
  code: 'purchase_order.refused',
  kind: 'rule_broken',
  title: 'The purchase order does not fit its contract.',
  fix: 'details.findings names each place and what is wrong there.',
});

export const orderBelowUsed = defineError({
  code: 'purchase_order.below_used',
  kind: 'rule_broken',
  title: 'More than this value has been charged to the purchase order.',
  fix: 'Give at least what details.usedMinor says.',
});

export const orderOfOtherContract = defineError({
  code: 'purchase_order.of_other_contract',
  kind: 'conflict',
  title: 'Another contract has a purchase order of this number.',
  fix: 'A purchase order belongs to one contract: check its number.',
});

export const orderVersionTaken = defineError({
  code: 'purchase_order.version_taken',
  kind: 'conflict',
  title: 'The purchase order was raised at the same time.',
  fix: 'Read it again, then send your value again.',
});

export const orderMissing = defineError({
  code: 'purchase_order.missing',
  kind: 'rule_broken',
  title: 'The contract needs a purchase order, and none is in force on this day.',
  fix: 'Record a purchase order whose dates include the day.',
});

export const orderExceeded = defineError({
  code: 'purchase_order.exceeded',
  kind: 'rule_broken',
  title: 'The purchase order has less left than this amount.',
  fix: 'Raise the purchase order by at least details.shortfallMinor, or submit fewer claims.',
});

export const budgetBelowUse = defineError({
  code: 'budget.below_use',
  kind: 'rule_broken',
  title: 'The budget cannot be lowered by more than what is left of it.',
  fix: 'details.leftMinor is the most that can be taken away: the rest is committed or spent.',
});

export const vatTreatmentMissing = defineError({
  code: 'vat_treatment.missing',
  kind: 'rule_broken',
  title: 'The provider is registered for VAT, and nobody has said how this service is treated.',
  fix: 'Set the VAT treatment of the service from a day on or before the day of service.',
});

export const agreementOverlaps = defineError({
  code: 'self_billing.overlaps',
  kind: 'conflict',
  title: 'Another self-billing agreement is in force in these dates.',
  fix: 'Propose one that starts when the other ends.',
});

export const agreementAccepted = defineError({
  code: 'self_billing.accepted_before',
  kind: 'conflict',
  title: 'The self-billing agreement was accepted before.',
  fix: 'Nothing is left to do: read it again.',
});

export const agreementStale = defineError({
  code: 'self_billing.vat_number_changed',
  kind: 'rule_broken',
  title: 'The VAT number of the provider is not the one that this agreement names.',
  fix: 'A new VAT number needs a new agreement: ask the commissioner to propose one.',
});

export const agreementMissing = defineError({
  code: 'self_billing.missing',
  kind: 'rule_broken',
  title: 'No self-billing agreement is in force on this day.',
  fix: 'Propose one for the provider, whose VAT number it must name, and wait until the provider has accepted it.',
});

onConstraint('contract_code_taken', contractCodeTaken);
onConstraint('contract_version_pkey', versionTaken);
onConstraint('service_code_taken', serviceCodeTaken);
onConstraint('rate_card_published_twice', rateCardPublishedTwice);
onConstraint('purchase_order_version_taken', orderVersionTaken);
onConstraint('self_billing_agreement_overlaps', agreementOverlaps);

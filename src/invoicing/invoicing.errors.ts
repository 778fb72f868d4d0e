import { onConstraint } from '../platform/constraints.js';
import { defineError } from '../platform/errors.js';

export const invoiceIssuedBefore = defineError({
  code: 'invoice.issued_before',
  kind: 'conflict',
  title: 'This document is issued.',
  fix: 'Nothing is left to do; what is wrong in it is corrected by a credit note.',
});

export const invoiceNeedsNoLeave = defineError({
  code: 'invoice.needs_no_leave',
  kind: 'rule_broken',
  title: 'The provider does not issue this document.',
  fix: 'details.kind says what it is and details.waitsFor what it waits for.',
});

export const invoiceNotProviderOwn = defineError({
  code: 'invoice.not_provider_own',
  kind: 'rule_broken',
  title: 'By its contract this is not an invoice that the provider makes in its own system.',
  fix: 'details.kind says who makes it.',
});

export const invoiceTotalDiffers = defineError({
  code: 'invoice.total_differs',
  kind: 'rule_broken',
  title: 'Your invoice is not for the amount that was approved.',
  fix: 'Invoice details.approvedMinor, VAT included, or ask about the claims that you miss; the schedule lists them.',
});

export const invoiceDatedAhead = defineError({
  code: 'invoice.dated_ahead',
  kind: 'rule_broken',
  title: 'An invoice cannot be dated after today.',
  fix: 'Give the date that the invoice shows.',
});

export const invoiceNumberGiven = defineError({
  code: 'invoice.number_given',
  kind: 'conflict',
  title: 'The number of this invoice was given before.',
  fix: 'Read the invoice again.',
});

export const invoiceNumberTaken = defineError({
  code: 'invoice.number_taken',
  kind: 'conflict',
  title: 'Another invoice of the provider has this number.',
  fix: 'Give each invoice a number of its own.',
});

export const invoiceWithoutFile = defineError({
  code: 'invoice.no_file',
  kind: 'not_found',
  title: 'The provider made this invoice in its own system and keeps the document.',
  fix: 'Ask the provider for it; the figures are in the JSON.',
});

onConstraint('invoice_number_taken', invoiceNumberTaken);
onConstraint('invoice_own_number_taken', invoiceNumberTaken);

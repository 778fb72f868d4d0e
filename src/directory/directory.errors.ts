import { defineError } from '../platform/errors.js';

export const listingHoldsNhsNumber = defineError({
  code: 'listing.nhs_number',
  kind: 'rule_broken',
  title: 'The entry would publish what looks like an NHS number.',
  fix: 'Take it out of the field that details name: anybody can read a directory.',
});

export const listingHoldsEmail = defineError({
  code: 'listing.email_in_text',
  kind: 'rule_broken',
  title: 'An e-mail address stands in a field for other words.',
  fix: 'Take it out of the field that details name; the address of your organisation belongs into email.',
});

export const listingNotWritten = defineError({
  code: 'listing.not_written',
  kind: 'rule_broken',
  title: 'The service has no entry yet that could be shown or hidden.',
  fix: 'Write one with PUT /v1/services/{id}/listing.',
});

import { defineError } from '../platform/errors.js';

export const wordingInvalid = defineError({
  code: 'wording.invalid',
  kind: 'invalid',
  title: 'This text cannot stand for that message.',
  fix: 'Use a message that exists, at most 1,000 characters, and only the places in braces that the original has.',
});

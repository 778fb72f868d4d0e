import { defineError } from '../platform/errors.js';

export const checkpointUnknown = defineError({
  code: 'checkpoint.unknown',
  kind: 'not_found',
  title: 'The log has no checkpoint of this size.',
  fix: 'Use the size of a checkpoint as a proof, statement or remittance advice names it.',
});

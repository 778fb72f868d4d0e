import { defineError } from '../platform/errors.js';

export const checkpointUnknown = defineError({
  code: 'checkpoint.unknown',
  kind: 'not_found',
  title: 'The log has no checkpoint of this size.',
  fix: 'Use the size of a checkpoint as a proof, statement or remittance advice names it.',
});

export const checkpointNotSigned = defineError({
  code: 'checkpoint.not_signed',
  kind: 'conflict',
  title: 'The log has no signed checkpoint yet.',
  fix: 'Ask again after the seconds that Retry-After names; where details name a hold, the operator must end it first.',
});

export const eventNotSealed = defineError({
  code: 'event.not_sealed',
  kind: 'conflict',
  title: 'The event is not under a signed checkpoint yet.',
  fix: 'Ask again after the seconds that Retry-After names; where details name a hold, the operator must end it first.',
});

import { defineTopic } from '../platform/events.js';

/** Claims were submitted; `id` is their contract. Once for many of them. */
export const claimsSubmitted = defineTopic('delivery.claims_submitted');

/** A claim file of which something is left to take. */
export const claimFileUnfinished = defineTopic('claim_file.unfinished');

import { defineTopic } from '../platform/events.js';

/** Claims were submitted; `id` is their contract. Once for many of them. */
export const claimsSubmitted = defineTopic('delivery.claims_submitted');

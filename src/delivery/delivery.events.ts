import { defineTopic } from '../platform/events.js';

/** A claim file of which something is left to take. */
export const claimFileUnfinished = defineTopic('claim_file.unfinished');

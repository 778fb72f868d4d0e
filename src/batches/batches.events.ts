import { defineTopic } from '../platform/events.js';

/** A batch is approved: its total is owed. The id is the batch's. */
export const batchApproved = defineTopic('batch.approved');

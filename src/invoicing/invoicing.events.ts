import { defineTopic } from '../platform/events.js';

/** The provider has let a draft be issued, or has given the number of its own invoice. The id is the batch's. */
export const issueAuthorised = defineTopic('invoice.issue_authorised');

/** A document is issued: its gross amount is owed. The id is the invoice's. */
export const invoiceIssued = defineTopic('invoice.issued');

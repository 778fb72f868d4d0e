import { defineTopic } from '../platform/events.js';

/** A notice waits to be sent; the id is the notice's. `commissionerId` is the organisation of whoever it is for. */
export const noticeWritten = defineTopic('notice.written');

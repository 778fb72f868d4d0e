export { AssuranceModule } from './assurance.module.js';

/** For screens and commands: the same services that the API uses. */
export { InvariantsService, type Check, type CheckedSentence } from './invariants.service.js';
export { JournalService, type JournalEvent } from './journal.service.js';
export { TraceService, type TracePlace } from './trace.service.js';
export { traceTree } from './trace-tree.rules.js';
export { TRACE_KINDS, type Trace, type TraceKind, type TraceNode } from './trace.rules.js';

export { AssuranceModule } from './assurance.module.js';
export { type BundleDownload, BundleService } from './bundle.service.js';

/** For screens and commands: the same services that the API uses. */
export { InvariantsService, type Check, type CheckedSentence } from './invariants.service.js';
export {
  JournalService,
  type JournalEntry,
  type JournalEvent,
  type JournalFilter,
  type JournalWindow,
} from './journal.service.js';
/** Proof of a running database. */
export { LiveVerifier, type LiveOptions, type LiveRead } from './live-verifier.service.js';
export { liveVerdictInWords, type LiveLogVerdict, type LiveVerdict } from './live-verdict.rules.js';

export { TraceService, type FoundThing, type TracePlace } from './trace.service.js';
export { traceTree } from './trace-tree.rules.js';
export { REFERENCE_MAX } from './lookup.rules.js';
export { type Move } from './journal.queries.js';
export {
  TRACE_KINDS,
  type Trace,
  type TraceCut,
  type TraceEvent,
  type TraceKind,
  type TraceNode,
  type TraceTransfer,
} from './trace.rules.js';

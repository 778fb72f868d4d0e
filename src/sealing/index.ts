export { type BookedCut, BookedCuts } from './booked-cuts.service.js';
export { SealAudit } from './seal-audit.service.js';
export { type Pass, Sealer, type SealingMetrics } from './sealer.service.js';
export { checkpointUnknown } from './sealing.errors.js';
export { SealingModule } from './sealing.module.js';
export { originOf } from './sealing.rules.js';

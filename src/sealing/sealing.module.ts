import { Global, Module } from '@nestjs/common';
import { BookedCuts } from './booked-cuts.service.js';
import { SealAudit } from './seal-audit.service.js';
import { Sealer } from './sealer.service.js';
import { SealingWorker } from './sealing.worker.js';

/** Global, because proofs and receipts are of every module's events. */
@Global()
@Module({
  providers: [Sealer, SealAudit, SealingWorker, BookedCuts],
  exports: [Sealer, SealAudit, BookedCuts],
})
export class SealingModule {}

import { Global, Module } from '@nestjs/common';
import { ReceiptMaker } from '../platform/receipts.js';
import { BookedCuts } from './booked-cuts.service.js';
import { CheckpointSigner } from './checkpoint-signer.service.js';
import { CheckpointStore } from './checkpoint-store.gateway.js';
import { DocumentSeals } from './document-seals.service.js';
import { LogExaminer } from './log-examiner.service.js';
import { LogKeys } from './log-keys.service.js';
import { LogProofs } from './log-proofs.service.js';
import { PlatformWitness } from './platform-witness.service.js';
import { Receipts } from './receipts.service.js';
import { SealAudit } from './seal-audit.service.js';
import { Sealer } from './sealer.service.js';
import { SealedEvents } from './sealed-events.service.js';
import { SealingController } from './sealing.controller.js';
import { SealingWorker } from './sealing.worker.js';
import { SigningStates } from './signing-status.service.js';
import { Witness } from './witness.gateway.js';

/** Global, because proofs and receipts are of every module's events. */
@Global()
@Module({
  controllers: [SealingController],
  providers: [
    Sealer,
    SealAudit,
    SealingWorker,
    BookedCuts,
    DocumentSeals,
    LogKeys,
    CheckpointStore,
    Witness,
    LogExaminer,
    PlatformWitness,
    CheckpointSigner,
    SigningStates,
    LogProofs,
    SealedEvents,
    Receipts,
    { provide: ReceiptMaker, useExisting: Receipts },
  ],
  exports: [
    Sealer,
    SealAudit,
    BookedCuts,
    DocumentSeals,
    LogKeys,
    CheckpointStore,
    LogProofs,
    Receipts,
    SealedEvents,
    SigningStates,
  ],
})
export class SealingModule {}

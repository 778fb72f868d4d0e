import { Module, type OnModuleInit } from '@nestjs/common';
import { registerInvariant } from '../ledger/index.js';
import { AssuranceController } from './assurance.controller.js';
import { BundleService } from './bundle.service.js';
import { ASSURANCE_INVARIANTS } from './invariants.js';
import { InvariantsService } from './invariants.service.js';
import { JournalService } from './journal.service.js';
import { LiveReplay } from './live-replay.service.js';
import { LiveVerifier } from './live-verifier.service.js';
import { TraceService } from './trace.service.js';

@Module({
  controllers: [AssuranceController],
  providers: [TraceService, JournalService, InvariantsService, BundleService, LiveReplay, LiveVerifier],
  exports: [TraceService, JournalService, InvariantsService, BundleService, LiveVerifier],
})
export class AssuranceModule implements OnModuleInit {
  onModuleInit(): void {
    for (const invariant of ASSURANCE_INVARIANTS) registerInvariant(invariant);
  }
}

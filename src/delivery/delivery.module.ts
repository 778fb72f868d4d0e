import { Module, type OnModuleInit } from '@nestjs/common';
import { ClaimDesk } from './claim-desk.service.js';
import { ClaimFacts } from './claim-facts.service.js';
import { ClaimFileClosing } from './claim-file-closing.service.js';
import { ClaimFileReceiver } from './claim-file-receiver.service.js';
import { ClaimFileTaker } from './claim-file-taker.service.js';
import { ClaimFileWorker } from './claim-file.worker.js';
import { ClaimFilesController } from './claim-files.controller.js';
import { ClaimFilesService } from './claim-files.service.js';
import { ClaimLists } from './claim-list.service.js';
import { ClaimMonths } from './claim-months.service.js';
import { ClaimPricer } from './claim-pricer.service.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings } from './claim-setting.service.js';
import { registerClaimState } from './claim-state.queries.js';
import { ClaimSubmission } from './claim-submission.service.js';
import { ClaimsController } from './claims.controller.js';
import { ClaimsService } from './claims.service.js';
import { CompletionDeclarationsController } from './completion-declarations.controller.js';
import { CompletionDeclarations } from './completion-declarations.service.js';
import { DeliveryIntake } from './delivery-intake.service.js';
import { registerDeliveryState } from './delivery-state.queries.js';
import { FactClaims } from './fact-claims.service.js';
import { ListedFacts } from './listed-facts.service.js';
import { SessionRecording } from './session-recording.service.js';
import { SessionRegister } from './session-register.service.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';
import { UnclaimedDelivery } from './unclaimed-delivery.service.js';

@Module({
  controllers: [SessionsController, ClaimsController, ClaimFilesController, CompletionDeclarationsController],
  providers: [
    ClaimDesk,
    ClaimFacts,
    ClaimFileClosing,
    ClaimFileReceiver,
    ClaimFileTaker,
    ClaimFileWorker,
    ClaimFilesService,
    ClaimLists,
    ClaimMonths,
    ClaimPricer,
    ClaimRegister,
    ClaimSettings,
    ClaimSubmission,
    ClaimsService,
    CompletionDeclarations,
    DeliveryIntake,
    FactClaims,
    ListedFacts,
    SessionRecording,
    SessionRegister,
    SessionsService,
    UnclaimedDelivery,
  ],
  exports: [
    ClaimDesk,
    ClaimFilesService,
    ClaimLists,
    ClaimMonths,
    ClaimRegister,
    ClaimsService,
    CompletionDeclarations,
    FactClaims,
    ListedFacts,
    SessionRecording,
    SessionRegister,
    SessionsService,
    UnclaimedDelivery,
  ],
})
export class DeliveryModule implements OnModuleInit {
  onModuleInit(): void {
    registerDeliveryState();
    registerClaimState();
  }
}

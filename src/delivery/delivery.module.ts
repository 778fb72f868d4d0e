import { Module } from '@nestjs/common';
import { ClaimDesk } from './claim-desk.service.js';
import { ClaimFacts } from './claim-facts.service.js';
import { ClaimFileReceiver } from './claim-file-receiver.service.js';
import { ClaimFilesController } from './claim-files.controller.js';
import { ClaimFilesService } from './claim-files.service.js';
import { ClaimPricer } from './claim-pricer.service.js';
import { ClaimRegister } from './claim-register.service.js';
import { ClaimSettings } from './claim-setting.service.js';
import { ClaimSubmission } from './claim-submission.service.js';
import { ClaimsController } from './claims.controller.js';
import { ClaimsService } from './claims.service.js';
import { DeliveryIntake } from './delivery-intake.service.js';
import { SessionsController } from './sessions.controller.js';
import { SessionsService } from './sessions.service.js';

@Module({
  controllers: [SessionsController, ClaimsController, ClaimFilesController],
  providers: [
    ClaimDesk,
    ClaimFacts,
    ClaimFileReceiver,
    ClaimFilesService,
    ClaimPricer,
    ClaimRegister,
    ClaimSettings,
    ClaimSubmission,
    ClaimsService,
    DeliveryIntake,
    SessionsService,
  ],
  exports: [ClaimDesk, ClaimFilesService, ClaimRegister, ClaimsService, SessionsService],
})
export class DeliveryModule {}

import { Module, type OnModuleInit } from '@nestjs/common';
import { PersonMoveWorker } from './person-move.worker.js';
import { PersonVault } from './person-vault.service.js';
import { ReferralDestinations } from './referral-destinations.service.js';
import { ReferralFilesService } from './referral-files.service.js';
import { ReferralMaker } from './referral-maker.service.js';
import { ReferralRegister } from './referral-register.service.js';
import { registerReferralState } from './referral-state.queries.js';
import { ReferralsController } from './referrals.controller.js';
import { ReferralsService } from './referrals.service.js';

@Module({
  controllers: [ReferralsController],
  providers: [
    PersonVault,
    PersonMoveWorker,
    ReferralMaker,
    ReferralDestinations,
    ReferralsService,
    ReferralRegister,
    ReferralFilesService,
  ],
  exports: [PersonVault, ReferralsService, ReferralDestinations, ReferralRegister, ReferralFilesService],
})
export class ReferralsModule implements OnModuleInit {
  onModuleInit(): void {
    registerReferralState();
  }
}

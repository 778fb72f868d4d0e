import { Module } from '@nestjs/common';
import { ReferralDestinations } from './referral-destinations.service.js';
import { ReferralFilesService } from './referral-files.service.js';
import { ReferralMaker } from './referral-maker.service.js';
import { ReferralRegister } from './referral-register.service.js';
import { ReferralsController } from './referrals.controller.js';
import { ReferralsService } from './referrals.service.js';

@Module({
  controllers: [ReferralsController],
  providers: [ReferralMaker, ReferralDestinations, ReferralsService, ReferralRegister, ReferralFilesService],
  exports: [ReferralsService, ReferralDestinations, ReferralRegister, ReferralFilesService],
})
export class ReferralsModule {}

import { Module } from '@nestjs/common';
import { ReferralFilesService } from './referral-files.service.js';
import { ReferralMaker } from './referral-maker.service.js';
import { ReferralsController } from './referrals.controller.js';
import { ReferralsService } from './referrals.service.js';

@Module({
  controllers: [ReferralsController],
  providers: [ReferralMaker, ReferralsService, ReferralFilesService],
  exports: [ReferralsService],
})
export class ReferralsModule {}

import { Module } from '@nestjs/common';
import { DeliveryModule } from '../../delivery/index.js';
import { DirectoryModule } from '../../directory/index.js';
import { ReferralsModule } from '../../referrals/index.js';
import { SignInModule } from '../../sign-in/index.js';
import { ReferPages } from './refer.pages.js';
import { ReferralListPages } from './referral-list.pages.js';
import { ReferralUploadPages } from './referral-upload.pages.js';
import { ReferralPages } from './referral.pages.js';

/** Referrals: made by those who refer, answered by those who deliver, followed by all of them. */
@Module({
  imports: [ReferralsModule, DeliveryModule, DirectoryModule, SignInModule],
  controllers: [ReferPages, ReferralUploadPages, ReferralListPages, ReferralPages],
})
export class ReferralPagesModule {}

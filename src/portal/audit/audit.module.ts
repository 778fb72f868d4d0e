import { Module } from '@nestjs/common';
import { AssuranceModule } from '../../assurance/index.js';
import { PrivacyModule } from '../../privacy/index.js';
import { AccessLogPages } from './access-log.pages.js';
import { CheckPages } from './checks.pages.js';
import { FollowPages } from './follow.pages.js';
import { JournalPages } from './journal.pages.js';
import { OpenPages } from './open-pages.service.js';
import { ProofPages } from './proof.pages.js';

/** What happened, and whether it adds up: for whoever follows the money, and for whoever checks that it was right. */
@Module({
  imports: [AssuranceModule, PrivacyModule],
  controllers: [FollowPages, JournalPages, CheckPages, ProofPages, AccessLogPages],
  providers: [OpenPages],
  exports: [OpenPages],
})
export class AuditPagesModule {}

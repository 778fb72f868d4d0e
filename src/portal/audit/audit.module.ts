import { Module } from '@nestjs/common';
import { AssuranceModule } from '../../assurance/index.js';
import { CheckPages } from './checks.pages.js';
import { FollowPages } from './follow.pages.js';
import { JournalPages } from './journal.pages.js';
import { OpenPages } from './open-pages.service.js';

/** What happened, and whether it adds up: for whoever follows the money, and for whoever checks that it was right. */
@Module({
  imports: [AssuranceModule],
  controllers: [FollowPages, JournalPages, CheckPages],
  providers: [OpenPages],
  exports: [OpenPages],
})
export class AuditPagesModule {}

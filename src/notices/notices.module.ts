import { Module } from '@nestjs/common';
import { DeliveryModule } from '../delivery/index.js';
import { ClaimReminders } from './claim-reminders.service.js';
import { CredentialNotices } from './credential-notices.service.js';
import { JournalFollower } from './journal-follower.service.js';
import { NoticeSender } from './notice-sender.service.js';
import { NoticesService } from './notices.service.js';
import { NoticesWorker } from './notices.worker.js';
import { NoticeWording } from './notice-wording.service.js';
import { NoticeWriter } from './notice-writer.service.js';

@Module({
  imports: [DeliveryModule],
  providers: [
    ClaimReminders,
    CredentialNotices,
    JournalFollower,
    NoticeSender,
    NoticeWording,
    NoticeWriter,
    NoticesService,
    NoticesWorker,
  ],
  exports: [NoticesService],
})
export class NoticesModule {}

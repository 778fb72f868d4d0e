import { Module } from '@nestjs/common';
import { BatchPagesModule } from './batches/batches.module.js';
import { DeliveryPagesModule } from './delivery/delivery.module.js';
import { DirectoryPagesModule } from './directory/directory.module.js';
import { EntryPagesModule } from './entry/entry.module.js';
import { PageModule } from './page/page.module.js';
import { ReferralPagesModule } from './referrals/referrals.module.js';

@Module({
  imports: [
    BatchPagesModule,
    DeliveryPagesModule,
    DirectoryPagesModule,
    EntryPagesModule,
    PageModule,
    ReferralPagesModule,
  ],
})
export class PortalModule {}

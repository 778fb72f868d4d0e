import { Module } from '@nestjs/common';
import { AdministrationPagesModule } from './administration/administration.module.js';
import { AuditPagesModule } from './audit/audit.module.js';
import { BatchPagesModule } from './batches/batches.module.js';
import { ContractsPagesModule } from './contracts/contracts.module.js';
import { DeliveryPagesModule } from './delivery/delivery.module.js';
import { DirectoryPagesModule } from './directory/directory.module.js';
import { EntryPagesModule } from './entry/entry.module.js';
import { FinancePagesModule } from './finance/finance.module.js';
import { OperationsPagesModule } from './operations/operations.module.js';
import { InsightsPagesModule } from './insights/insights.module.js';
import { PageModule } from './page/page.module.js';
import { ReferralPagesModule } from './referrals/referrals.module.js';
import { TreasuryPagesModule } from './treasury/treasury.module.js';

@Module({
  imports: [
    AdministrationPagesModule,
    AuditPagesModule,
    BatchPagesModule,
    ContractsPagesModule,
    DeliveryPagesModule,
    DirectoryPagesModule,
    EntryPagesModule,
    FinancePagesModule,
    InsightsPagesModule,
    OperationsPagesModule,
    PageModule,
    ReferralPagesModule,
    TreasuryPagesModule,
  ],
})
export class PortalModule {}

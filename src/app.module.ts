import { Module, type DynamicModule } from '@nestjs/common';
import { AssuranceModule } from './assurance/index.js';
import { BatchesModule } from './batches/index.js';
import { DeliveryModule } from './delivery/index.js';
import { DirectoryModule } from './directory/index.js';
import { InvoicingModule } from './invoicing/index.js';
import { LedgerModule } from './ledger/index.js';
import { OrganisationsModule } from './organisations/index.js';
import { PayoutsModule } from './payouts/index.js';
import { PlatformModule, type Runtime } from './platform/platform.module.js';
import { PricingModule } from './pricing/index.js';
import { ReferralsModule } from './referrals/index.js';
import { StatementsModule } from './statements/index.js';
import { WordsModule } from './words/index.js';

@Module({})
export class AppModule {
  static with(runtime: Runtime): DynamicModule {
    return {
      module: AppModule,
      imports: [
        PlatformModule.with(runtime),
        WordsModule,
        LedgerModule,
        OrganisationsModule,
        PricingModule,
        ReferralsModule,
        DeliveryModule,
        DirectoryModule,
        BatchesModule,
        InvoicingModule,
        PayoutsModule,
        StatementsModule,
        AssuranceModule,
      ],
    };
  }
}

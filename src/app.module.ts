import { Module, type DynamicModule } from '@nestjs/common';
import { AssuranceModule } from './assurance/index.js';
import { BatchesModule } from './batches/index.js';
import { DeliveryModule } from './delivery/index.js';
import { DirectoryModule } from './directory/index.js';
import { InsightsModule } from './insights/index.js';
import { InvoicingModule } from './invoicing/index.js';
import { LedgerModule } from './ledger/index.js';
import { NoticesModule } from './notices/index.js';
import { OrganisationsModule } from './organisations/index.js';
import { PayoutsModule } from './payouts/index.js';
import { PlatformModule, type Runtime } from './platform/platform.module.js';
import { PortalModule } from './portal/index.js';
import { PricingModule } from './pricing/index.js';
import { PrivacyModule } from './privacy/index.js';
import { ReferralsModule } from './referrals/index.js';
import { SealingModule } from './sealing/index.js';
import { SignInModule } from './sign-in/index.js';
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
        SealingModule,
        OrganisationsModule,
        SignInModule,
        PricingModule,
        ReferralsModule,
        DeliveryModule,
        DirectoryModule,
        BatchesModule,
        InvoicingModule,
        PayoutsModule,
        StatementsModule,
        InsightsModule,
        AssuranceModule,
        NoticesModule,
        PrivacyModule,
        PortalModule,
      ],
    };
  }
}

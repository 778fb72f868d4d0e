import { Module, type DynamicModule } from '@nestjs/common';
import { LedgerModule } from './ledger/index.js';
import { OrganisationsModule } from './organisations/index.js';
import { PricingModule } from './pricing/index.js';
import { ReferralsModule } from './referrals/index.js';
import { PlatformModule, type Runtime } from './platform/platform.module.js';

@Module({})
export class AppModule {
  static with(runtime: Runtime): DynamicModule {
    return {
      module: AppModule,
      imports: [PlatformModule.with(runtime), LedgerModule, OrganisationsModule, PricingModule, ReferralsModule],
    };
  }
}

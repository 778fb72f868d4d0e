import { Global, Module, type OnModuleInit } from '@nestjs/common';
import { registerInvariant } from '../ledger/index.js';
import { CardPreviewsService } from './card-previews.service.js';
import { registerContractState } from './contract-state.queries.js';
import { ContractRegister } from './contract-register.service.js';
import { ContractLookup } from './contract-lookup.service.js';
import { ContractTermsService } from './contract-terms.service.js';
import { ContractsController } from './contracts.controller.js';
import { BUDGET_INVARIANT } from './contracts.queries.js';
import { ContractsService } from './contracts.service.js';
import { FundingController } from './funding.controller.js';
import { FundingService } from './funding.service.js';
import { QuotesService } from './quotes.service.js';
import { RateCardsController } from './rate-cards.controller.js';
import { RateCardsService } from './rate-cards.service.js';
import { SelfBillingController } from './self-billing.controller.js';
import { SelfBillingService } from './self-billing.service.js';
import { ServicesController } from './services.controller.js';
import { ServicesService } from './services.service.js';

const SERVICES = [
  ContractsService,
  ContractLookup,
  ContractRegister,
  ContractTermsService,
  FundingService,
  ServicesService,
  RateCardsService,
  CardPreviewsService,
  SelfBillingService,
  QuotesService,
];

/** Global, because every module above asks what was agreed. */
@Global()
@Module({
  controllers: [ContractsController, FundingController, ServicesController, RateCardsController, SelfBillingController],
  providers: SERVICES,
  exports: SERVICES,
})
export class PricingModule implements OnModuleInit {
  onModuleInit(): void {
    registerInvariant(BUDGET_INVARIANT);
    registerContractState();
  }
}

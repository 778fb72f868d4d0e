import { Module } from '@nestjs/common';
import { SignInModule } from '../../sign-in/index.js';
import { AgreementProposalPages } from './agreement-proposals.pages.js';
import { CardPrices } from './card-prices.service.js';
import { AmendContractPages } from './contract-amend.pages.js';
import { NewContractPages } from './contract-new.pages.js';
import { ContractPages } from './contracts.pages.js';
import { FormDrafts } from './form-drafts.service.js';
import { FundingPages } from './funding.pages.js';
import { OrganisationPages } from './organisations.pages.js';
import { RateCardPages } from './rate-card.pages.js';
import { ContractServicePages } from './services.pages.js';

/** What a contract manager looks after: contracts, services and their prices, budgets and orders, organisations. */
@Module({
  imports: [SignInModule],
  controllers: [
    ContractPages,
    NewContractPages,
    AmendContractPages,
    ContractServicePages,
    RateCardPages,
    FundingPages,
    AgreementProposalPages,
    OrganisationPages,
  ],
  providers: [FormDrafts, CardPrices],
})
export class ContractsPagesModule {}

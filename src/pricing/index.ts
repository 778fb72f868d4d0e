import { BudgetChange } from './budget-change.entity.js';
import { Contract } from './contract.entity.js';
import { ContractVersion } from './contract-version.entity.js';
import { PurchaseOrder } from './purchase-order.entity.js';
import { PublishedCard } from './rate-card.entity.js';
import { SelfBillingAgreement } from './self-billing-agreement.entity.js';
import { ContractedService } from './service.entity.js';
import { ServiceVatTreatment } from './vat-treatment.entity.js';

export { PricingModule } from './pricing.module.js';

/** What was agreed. */
export { ContractLookup, type ContractsFound } from './contract-lookup.service.js';
export { ContractsService, type ContractInForce, type VatOfDay } from './contracts.service.js';
export {
  BUDGET_RULES,
  CONTRACT_STANDINGS,
  DOCUMENT_MODES,
  isInForce,
  RAILS,
  REGIMES,
  SERVICE_KINDS,
  versionOn,
  type BudgetRule,
  type ContractStanding,
  type ContractTerms,
  type DocumentMode,
  type RailKind,
  type Regime,
  type ServiceKind,
  type TermsFinding,
} from './contract.rules.js';
export { type ContractedService } from './service.entity.js';
export { type SelfBillingAgreement } from './self-billing-agreement.entity.js';
export { type OrderOnContract } from './purchase-order.rules.js';
export { readOrders } from './contracts.queries.js';
export { stampOf } from './terms-stamp.queries.js';
export { type ServiceVatReason, type VatOfService, type VatReason } from './vat-treatment.rules.js';
export * from './contracts.errors.js';

/** Setting up and looking through what was agreed: for the API and the portal. */
export { ContractTermsService } from './contract-terms.service.js';
export {
  ContractRegister,
  type ContractInFull,
  type ListedContract,
  type ServiceInFull,
  type ServiceOfContract,
} from './contract-register.service.js';
export { ServicesService } from './services.service.js';
export { FundingService, type BudgetNow } from './funding.service.js';
export { type BudgetChange } from './budget-change.entity.js';
export { SelfBillingService } from './self-billing.service.js';
export { RateCardsService, type ListedCard } from './rate-cards.service.js';
export { CardPreviewsService, type CardPreview, type ExampleDays, type PreviewLine } from './card-previews.service.js';
export { AddService, AmendContract, AuthoriseContract, ChangeBudget, RaiseOrder } from './contracts.schemas.js';
export { ProposeAgreement, SetVatTreatment } from './vat.schemas.js';
export { PreviewCard, PublishCard } from './quotes.schemas.js';
export { termsFromWire, termsToWire, type RateCardTermsWire } from './rate-card.schemas.js';
export { SERVICE_VAT_REASONS } from './vat-treatment.rules.js';
export { type ServiceVatTreatment } from './vat-treatment.entity.js';

/** What it costs: cards, and the one price function. */
export { cardFor, cardPeriods, PRIMARY, rateKeyOf, type CardPeriod, type ContractCard } from './card.rules.js';
export {
  BASES,
  cardInForce,
  earningFactOf,
  type Basis,
  type EarningFact,
  type RateCard,
  type RateCardTerms,
} from './rate-card.rules.js';
export { priceLine, priceLines, servedOnOf } from './price.calculator.js';
export type {
  AttendanceLine,
  CountedLines,
  Flag,
  FlagCode,
  LineKind,
  MilestoneLine,
  Outcome,
  PeriodLine,
  PricedLine,
  PricingContext,
  PricingLine,
  Reason,
  ReasonCode,
  ReferralLine,
  RollEntry,
  SessionFacts,
  SessionLine,
  Standing,
  Unit,
} from './price.calculator.js';
export { wordFlag, wordReason } from './reason.rules.js';

export const PRICING_ENTITIES = [
  Contract,
  ContractVersion,
  ContractedService,
  ServiceVatTreatment,
  PublishedCard,
  PurchaseOrder,
  BudgetChange,
  SelfBillingAgreement,
];

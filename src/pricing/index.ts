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
export { ContractsService, type ContractInForce, type VatOfDay } from './contracts.service.js';
export {
  isInForce,
  versionOn,
  type BudgetRule,
  type ContractTerms,
  type DocumentMode,
  type RailKind,
  type Regime,
  type ServiceKind,
} from './contract.rules.js';
export { type ContractedService } from './service.entity.js';
export { type SelfBillingAgreement } from './self-billing-agreement.entity.js';
export { type OrderOnContract } from './purchase-order.rules.js';
export { readOrders } from './contracts.queries.js';
export { type VatOfService, type VatReason } from './vat-treatment.rules.js';
export * from './contracts.errors.js';

/** What it costs: cards, and the one price function. */
export { cardFor, cardPeriods, PRIMARY, rateKeyOf, type CardPeriod, type ContractCard } from './card.rules.js';
export { cardInForce, earningFactOf, type Basis, type EarningFact, type RateCard } from './rate-card.rules.js';
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

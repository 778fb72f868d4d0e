import { Injectable } from '@nestjs/common';
import { LedgerService } from '../ledger/index.js';
import type { Minor } from '../money/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { OrganisationsService } from '../organisations/index.js';
import { rateKeyOf, type ContractCard } from './card.rules.js';
import { Contract } from './contract.entity.js';
import { agreementOn, covers, isInForce, versionOn, type ContractVersionTerms } from './contract.rules.js';
import { ContractVersion } from './contract-version.entity.js';
import {
  agreementMissing,
  contractCodeAmbiguous,
  contractNotInForce,
  orderExceeded,
  orderMissing,
  serviceUnknown,
  vatTreatmentMissing,
} from './contracts.errors.js';
import { LOCK_CONTRACT, readBankHolidays, readOrders } from './contracts.queries.js';
import { whyNotCharge, type OrderOnContract } from './purchase-order.rules.js';
import { PublishedCard } from './rate-card.entity.js';
import { termsFromWire } from './rate-card.schemas.js';
import { SelfBillingAgreement } from './self-billing-agreement.entity.js';
import { ContractedService } from './service.entity.js';
import { ServiceVatTreatment } from './vat-treatment.entity.js';
import { vatOfService, type VatOfService, type VatRegistered, type VatSetting } from './vat-treatment.rules.js';

/** A contract with the terms that govern one day. */
export interface ContractInForce extends ContractVersionTerms {
  readonly commissionerId: string;
  readonly id: string;
  readonly providerId: string;
  readonly code: string;
  readonly title: string;
}

export type VatParties = Pick<ContractInForce, 'commissionerId' | 'providerId' | 'regime'>;

/** Answers how a service of one contract is treated for VAT on a day, without another query. */
export type VatOfDay = (serviceId: string, day: IsoDate) => VatOfService;

/**
 * What was agreed, for the modules above: contracts, services, cards, VAT, purchase orders and budgets. Every reading is
 * under the policies of whoever asks, so a contract of another tenant is not found.
 */
@Injectable()
export class ContractsService {
  constructor(
    private readonly ledger: LedgerService,
    private readonly organisations: OrganisationsService,
  ) {}

  /**
   * The contract with the terms that govern a day (see `versionOn`); null when there is none to see. A day outside the
   * contract has terms too: ask `isInForce`, or use `getInForce`.
   */
  async find(reader: Reader, contractId: string, day: IsoDate): Promise<ContractInForce | null> {
    const contract = await reader.findOneBy(Contract, { id: contractId });
    return contract && (await this.onDay(reader, contract, day));
  }

  /** @throws not_found */
  async get(reader: Reader, contractId: string, day: IsoDate): Promise<ContractInForce> {
    const contract = await this.find(reader, contractId, day);
    if (!contract) throw notFound();
    return contract;
  }

  /**
   * The contract, which must be in force on the day: for services delivered and referrals made.
   *
   * @throws not_found
   * @throws contract.not_in_force with `startsOn`, `endsOn` and `day`
   */
  async getInForce(reader: Reader, contractId: string, day: IsoDate): Promise<ContractInForce> {
    const contract = await this.get(reader, contractId, day);
    const { startsOn, endsOn } = contract;
    if (!isInForce(contract, day)) throw contractNotInForce({ day, startsOn, endsOn });
    return contract;
  }

  /**
   * The contract of this code. A provider of several commissioners may find two: then it has to name the commissioner, or
   * use ids.
   *
   * @throws not_found
   * @throws contract.code_ambiguous
   */
  async getByCode(reader: Reader, code: string, day: IsoDate, commissionerId?: string): Promise<ContractInForce> {
    const where = { code, ...(commissionerId !== undefined && { commissionerId }) };
    const [contract, other] = await reader.find(Contract, { where, take: 2 });
    if (!contract) throw notFound();
    if (other) throw contractCodeAmbiguous({ code });
    return this.onDay(reader, contract, day);
  }

  /** Every version of a contract, to choose from by `versionOn` when many days are looked at. Empty when not found. */
  async versions(reader: Reader, contractId: string): Promise<ContractInForce[]> {
    const contract = await reader.findOneBy(Contract, { id: contractId });
    if (!contract) return [];
    const versions = await reader.find(ContractVersion, { where: { contractId }, order: { version: 'ASC' } });
    return versions.map((version) => contractWith(contract, version));
  }

  /** Every contract that the reader sees, by code, each with the terms that govern a day: two queries, however many. */
  async all(reader: Reader, day: IsoDate): Promise<ContractInForce[]> {
    const contracts = await reader.find(Contract, { order: { code: 'ASC', id: 'ASC' } });
    const versions = await reader.find(ContractVersion, { order: { version: 'ASC' } });
    return contracts.flatMap((contract) => {
      const own = versions.filter(({ contractId }) => contractId === contract.id);
      const version = versionOn(own, day);
      return version ? [contractWith(contract, version)] : [];
    });
  }

  /** Waits for, and then keeps out, everyone else who decides by this contract's sums, until `tx` ends. */
  async lockContract(tx: Tx, contractId: string): Promise<void> {
    await tx.query(LOCK_CONTRACT, [contractId]);
  }

  /** The services that a contract can be charged for: those with a card of it. By code. */
  async servicesOf(reader: Reader, contract: Pick<ContractInForce, 'id'>): Promise<ContractedService[]> {
    return reader.query<ContractedService>(
      `select s.commissioner_id as "commissionerId", s.id, s.provider_id as "providerId", s.code, s.name, s.kind,
              s.created_at as "createdAt"
       from service s where exists (select from rate_card c where c.commissioner_id = s.commissioner_id
                                    and c.provider_id = s.provider_id and c.service_id = s.id and c.contract_id = $1)
       order by s.code`,
      [contract.id],
    );
  }

  /**
   * The service of the contract's provider that has this code.
   *
   * @throws service.unknown with the `codes` that there are
   */
  async serviceByCode(
    reader: Reader,
    contract: Pick<ContractInForce, 'commissionerId' | 'providerId'>,
    code: string,
  ): Promise<ContractedService> {
    const { commissionerId, providerId } = contract;
    const services = await reader.findBy(ContractedService, { commissionerId, providerId });
    const service = services.find((one) => one.code === code);
    if (!service) throw serviceUnknown({ code, codes: services.map((one) => one.code).sort() });
    return service;
  }

  /**
   * Every card that was published for the contract, of all services and charge kinds: `cardFor(cards, serviceId, day)`
   * gives the one that prices a charge.
   */
  async cardsOf(reader: Reader, contractId: string): Promise<ContractCard[]> {
    const cards = await reader.find(PublishedCard, { where: { contractId }, order: { id: 'ASC' } });
    return cards.map(cardOf);
  }

  /** What decides VAT on the services of a contract: the provider's registrations, and what was said of each service. */
  async vatSetting(reader: Reader, contract: VatParties): Promise<VatSetting> {
    const { commissionerId, providerId } = contract;
    const registrations = await reader.query<VatRegistered>(
      `select vat_number as "vatNumber", starts_on as "startsOn", ends_on as "endsOn"
       from vat_registration where organisation_id = $1`,
      [providerId],
    );
    const treatments = await reader.findBy(ServiceVatTreatment, { commissionerId, providerId });
    return { isGrant: contract.regime === 'grant', registrations, treatments };
  }

  /**
   * How each service of the contract is treated for VAT, on any day: two queries for a whole batch. What is answered throws
   * vat_treatment.missing where nobody has said it.
   */
  async vatOf(reader: Reader, contract: VatParties): Promise<VatOfDay> {
    const setting = await this.vatSetting(reader, contract);
    return (serviceId, day) => {
      const vat = vatOfService(setting, serviceId, day);
      if (!vat) throw vatTreatmentMissing({ serviceId, day });
      return vat;
    };
  }

  /**
   * The treatment of one service on one day: outside the scope for a grant, and for a provider that is not registered.
   *
   * @throws vat_treatment.missing
   */
  async vatTreatmentOn(reader: Reader, contract: VatParties, serviceId: string, day: IsoDate): Promise<VatOfService> {
    const vatOn = await this.vatOf(reader, contract);
    return vatOn(serviceId, day);
  }

  /**
   * The self-billing agreement in force on a day: accepted by the provider, and naming the VAT number that it has on the
   * day, for a new number needs a new agreement first (HMRC Notice 700/62). Null when there is none.
   */
  async agreementOn(
    reader: Reader,
    parties: Pick<ContractInForce, 'commissionerId' | 'providerId'>,
    day: IsoDate,
  ): Promise<SelfBillingAgreement | null> {
    const { commissionerId, providerId } = parties;
    const vatNumber = await this.organisations.vatNumberOn(reader, providerId, day);
    const agreements = await reader.findBy(SelfBillingAgreement, { commissionerId, providerId });
    return agreementOn(agreements, vatNumber, day);
  }

  /** @throws self_billing.missing */
  async getAgreementOn(
    reader: Reader,
    parties: Pick<ContractInForce, 'commissionerId' | 'providerId'>,
    day: IsoDate,
  ): Promise<SelfBillingAgreement> {
    const agreement = await this.agreementOn(reader, parties, day);
    if (!agreement) throw agreementMissing({ day });
    return agreement;
  }

  /** The purchase order of the contract on a day, with what is left of it; null when none is in force. */
  async purchaseOrderOn(reader: Reader, contractId: string, day: IsoDate): Promise<OrderOnContract | null> {
    const orders = await readOrders(reader, contractId);
    return orders.find((order) => covers(order, day)) ?? null;
  }

  /** What is left of the purchase order on a day, net; null when none is in force. */
  async purchaseOrderLeft(reader: Reader, contractId: string, day: IsoDate): Promise<Minor | null> {
    return (await this.purchaseOrderOn(reader, contractId, day))?.leftMinor ?? null;
  }

  /**
   * The order that a net amount is charged to on a day, for certain only under the contract's lock. Where the contract needs
   * an order, it must be there and cover the amount; where not, null is a good answer.
   *
   * @throws purchase_order.missing
   * @throws purchase_order.exceeded with `number`, `leftMinor`, `askedMinor` and `shortfallMinor`
   */
  async orderToCharge(
    reader: Reader,
    contract: Pick<ContractInForce, 'id' | 'poRequired'>,
    day: IsoDate,
    netMinor: Minor,
  ): Promise<OrderOnContract | null> {
    const order = await this.purchaseOrderOn(reader, contract.id, day);
    const refusal = whyNotCharge(contract.poRequired, order ?? undefined, netMinor);
    if (refusal?.code === 'missing') throw orderMissing({ day });
    if (refusal && order) {
      const { number, leftMinor } = order;
      throw orderExceeded({ number, leftMinor, askedMinor: netMinor, shortfallMinor: refusal.shortfallMinor });
    }
    return order;
  }

  /** What is left to commit of the contract's budget. */
  async budgetLeft(reader: Reader, contractId: string): Promise<Minor> {
    return (await this.ledger.contractBudget(reader, contractId)).budgetMinor;
  }

  bankHolidays(reader: Reader): Promise<ReadonlySet<IsoDate>> {
    return readBankHolidays(reader);
  }

  private async onDay(reader: Reader, contract: Contract, day: IsoDate): Promise<ContractInForce> {
    const versions = await reader.findBy(ContractVersion, { contractId: contract.id });
    const version = versionOn(versions, day);
    if (!version) throw notFound();
    return contractWith(contract, version);
  }
}

/** A published card as the price function takes it. */
export function cardOf(card: PublishedCard): ContractCard {
  const { id, contractId, serviceId, chargeKind, effectiveFrom, effectiveTo, agreedOn } = card;
  return {
    id,
    contractId,
    serviceId,
    chargeKind,
    rateKey: rateKeyOf(contractId, serviceId, chargeKind),
    effectiveFrom,
    ...(effectiveTo !== null && { effectiveTo }),
    agreedOn,
    terms: termsFromWire(card.terms),
  };
}

/** A contract with one version of its terms. */
export function contractWith(contract: Contract, version: ContractVersion): ContractInForce {
  const { createdAt: _at, createdBy: _by, contractId: _id, ...terms } = version;
  return { ...terms, id: contract.id, code: contract.code, title: contract.title };
}

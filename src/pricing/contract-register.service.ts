import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { pageOf, type Page } from '../platform/page.js';
import { cardFor, type ContractCard } from './card.rules.js';
import { lastDayOfSoon, standingOf, type ContractStanding } from './contract.rules.js';
import {
  readContractCodes,
  readContracts,
  readPartyNames,
  readProvidersUnderContract,
  type ContractFilter,
  type ContractRow,
  type PartyNames,
} from './contract-register.queries.js';
import { ContractsService, type ContractInForce } from './contracts.service.js';
import { ContractedService } from './service.entity.js';
import { ServiceVatTreatment } from './vat-treatment.entity.js';
import { vatOfService, type VatOfService } from './vat-treatment.rules.js';

export interface ListedContract extends ContractRow {
  readonly standing: ContractStanding;
}

/** A service of a contract's provider, with its cards under this contract. */
export interface ServiceOfContract {
  readonly service: ContractedService;
  /** By first day; of one day, by when they were agreed. */
  readonly cards: readonly ContractCard[];
  /** Today's, or the first to come; of the main charge and of each further kind. */
  readonly current: readonly ContractCard[];
  /** Today; null where the provider is registered and nobody has said it. */
  readonly vat: VatOfService | null;
}

/** A contract as the people who work with it see it. */
export interface ContractInFull extends PartyNames {
  /** With the terms of today. */
  readonly contract: ContractInForce;
  readonly standing: ContractStanding;
  /** The first comes first. */
  readonly versions: readonly ContractInForce[];
  /** Those with a card first, then those that the provider delivers under other contracts or not yet. */
  readonly services: readonly ServiceOfContract[];
}

export interface ServiceInFull {
  readonly whole: ContractInFull;
  readonly entry: ServiceOfContract;
  readonly treatments: readonly ServiceVatTreatment[];
}

/** The contracts of an organisation, to look through and to look at. */
@Injectable()
export class ContractRegister {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  /** Contracts that the actor may see, by code, with today's dates and budgets. `in_force` has those that end soon too. */
  list(actor: Actor, filter: ContractFilter): Promise<Page<ListedContract>> {
    return this.database.read(actor, async (reader) => {
      const today = this.clock.today();
      const rows = await readContracts(reader, today, lastDayOfSoon(today), { ...filter, limit: filter.limit + 1 });
      const page = pageOf(rows, filter.limit);
      return { ...page, items: page.items.map((row) => ({ ...row, standing: standingOf(row, today) })) };
    });
  }

  /** Providers with a contract that the actor may see, by name. */
  providers(actor: Actor): Promise<{ id: string; name: string }[]> {
    return this.database.read(actor, readProvidersUnderContract);
  }

  /** The codes by which people know contracts: of those of the ids that the actor may see, in the order of the codes. */
  async codes(actor: Actor, ids: readonly string[]): Promise<ReadonlyMap<string, string>> {
    if (ids.length === 0) return new Map();
    return this.database.read(actor, (reader) => readContractCodes(reader, ids));
  }

  /** @throws not_found */
  read(actor: Actor, contractId: string): Promise<ContractInFull> {
    return this.database.read(actor, (reader) => this.inFull(reader, contractId));
  }

  /**
   * One service of a contract's provider, with what was said about its VAT, the latest first.
   *
   * @throws not_found
   */
  readService(actor: Actor, contractId: string, serviceId: string): Promise<ServiceInFull> {
    return this.database.read(actor, async (reader) => {
      const whole = await this.inFull(reader, contractId);
      const entry = whole.services.find(({ service }) => service.id === serviceId);
      if (!entry) throw notFound();
      const order = { effectiveFrom: 'DESC', id: 'DESC' } as const;
      const treatments = await reader.find(ServiceVatTreatment, { where: { serviceId }, order });
      return { whole, entry, treatments };
    });
  }

  private async inFull(reader: Reader, contractId: string): Promise<ContractInFull> {
    const today = this.clock.today();
    const contract = await this.contracts.get(reader, contractId, today);
    return {
      contract,
      ...(await readPartyNames(reader, contract)),
      standing: standingOf(contract, today),
      versions: await this.contracts.versions(reader, contractId),
      services: await this.servicesOf(reader, contract, today),
    };
  }

  private async servicesOf(reader: Reader, contract: ContractInForce, today: IsoDate): Promise<ServiceOfContract[]> {
    const { commissionerId, providerId, id } = contract;
    const where = { commissionerId, providerId };
    const services = await reader.find(ContractedService, { where, order: { code: 'ASC', id: 'ASC' } });
    const cards = await this.contracts.cardsOf(reader, id);
    const vat = await this.contracts.vatSetting(reader, contract);
    const entries = services.map((service) => {
      const own = cards.filter(({ serviceId }) => serviceId === service.id).toSorted(byFirstDay);
      const current = currentCards(own, today);
      return { service, cards: own, current, vat: vatOfService(vat, service.id, today) ?? null };
    });
    return [
      ...entries.filter((entry) => entry.cards.length > 0),
      ...entries.filter((entry) => entry.cards.length === 0),
    ];
  }
}

/** Of each kind of charge the card that holds today, or the first to come; kinds whose cards are over have none. */
function currentCards(cards: readonly ContractCard[], today: IsoDate): ContractCard[] {
  const kinds = [...new Set(cards.map(({ chargeKind }) => chargeKind))].toSorted();
  return kinds.flatMap((kind) => {
    const ofKind = cards.filter(({ chargeKind }) => chargeKind === kind);
    const held = ofKind[0] && cardFor(ofKind, ofKind[0].serviceId, today, kind);
    return held ?? ofKind.find(({ effectiveFrom }) => effectiveFrom > today) ?? [];
  });
}

function byFirstDay(a: ContractCard, b: ContractCard): number {
  return a.effectiveFrom.localeCompare(b.effectiveFrom) || a.agreedOn.localeCompare(b.agreedOn);
}

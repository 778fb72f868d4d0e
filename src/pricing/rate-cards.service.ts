import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson, type CanonicalObject } from '../platform/canonical-json.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { cardFor, type ContractCard } from './card.rules.js';
import { rateCardRefused } from './contracts.errors.js';
import { cardOf, ContractsService, type ContractInForce } from './contracts.service.js';
import type { CardQuery, PublishCard } from './quotes.schemas.js';
import { PublishedCard } from './rate-card.entity.js';
import { whyNotPublishNow } from './rate-card.rules.js';
import type { RateCardTermsWire } from './rate-card.schemas.js';
import { ContractedService } from './service.entity.js';

/** A card with the code of its service. */
export interface ListedCard {
  readonly card: PublishedCard;
  readonly serviceCode: string;
}

/** Publishes rate cards. A published one is never edited: a new rate is a new card with its own dates. */
@Injectable()
export class RateCardsService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  /** @throws rate_card.refused with `findings`, rate_card.published_twice, service.unknown */
  publish(actor: Actor, contractId: string, request: PublishCard): Promise<ListedCard> {
    const spec = { name: 'rate_card.publish', commissionerId: actor.orgId, subjectId: contractId };
    return this.commands.run(actor, spec, async (tx) => {
      await this.contracts.lockContract(tx, contractId);
      const contract = await this.contracts.get(tx, contractId, request.effectiveFrom);
      const service = await this.contracts.serviceByCode(tx, contract, request.serviceCode);
      const row = this.rowOf(actor, contract, service, request);
      const others = await this.contracts.cardsOf(tx, contractId);
      const findings = whyNotPublishNow(cardOf(row), contract, others, this.clock.today());
      if (findings.length > 0) throw rateCardRefused({ findings });
      await tx.insert(PublishedCard, row);
      await this.ledger.record(tx, {
        commissionerId: contract.commissionerId,
        type: 'rate_card.published',
        subjectId: row.id,
        actor,
        providerId: contract.providerId,
        occurredAt: row.publishedAt,
        data: cardData(row),
      });
      return { card: row, serviceCode: service.code };
    });
  }

  /** The cards of a contract by service and first day: all that were published, or those in force on a day. */
  list(actor: Actor, contractId: string, { on, serviceCode }: CardQuery): Promise<ListedCard[]> {
    return this.database.read(actor, async (reader) => {
      await this.contracts.get(reader, contractId, this.clock.today());
      const codes = await codesOf(reader, this.contracts, contractId);
      const rows = await reader.find(PublishedCard, {
        where: { contractId },
        order: { effectiveFrom: 'ASC', agreedOn: 'ASC', id: 'ASC' },
      });
      const inForce = on === undefined ? undefined : new Set(heldOn(rows.map(cardOf), on));
      return rows
        .filter(({ id }) => inForce?.has(id) ?? true)
        .map((card) => ({ card, serviceCode: codes.get(card.serviceId) ?? '' }))
        .filter((listed) => serviceCode === undefined || listed.serviceCode === serviceCode)
        .sort((a, b) => Number(a.serviceCode > b.serviceCode) - Number(a.serviceCode < b.serviceCode));
    });
  }

  private rowOf(actor: Actor, contract: ContractInForce, service: ContractedService, request: PublishCard) {
    return {
      commissionerId: contract.commissionerId,
      id: newId(),
      contractId: contract.id,
      providerId: contract.providerId,
      serviceId: service.id,
      chargeKind: request.chargeKind,
      basis: request.terms.basis,
      effectiveFrom: request.effectiveFrom,
      effectiveTo: request.effectiveTo ?? null,
      agreedOn: request.agreedOn,
      terms: request.terms,
      publishedAt: this.clock.now(),
      publishedBy: actor.memberId,
    } satisfies PublishedCard;
  }
}

async function codesOf(
  reader: Reader,
  contracts: ContractsService,
  contractId: string,
): Promise<ReadonlyMap<string, string>> {
  const services = await contracts.servicesOf(reader, { id: contractId });
  return new Map(services.map(({ id, code }) => [id, code]));
}

/** Ids of the cards in force on a day: one for each rate at the most. */
function heldOn(cards: readonly ContractCard[], day: IsoDate): string[] {
  const rates = new Map(cards.map((card) => [card.rateKey, card]));
  return [...rates.values()].flatMap(
    ({ serviceId, chargeKind }) => cardFor(cards, serviceId, day, chargeKind)?.id ?? [],
  );
}

/** The card as the journal keeps it. Names of milestones are free text, so they are bound by the hash of the whole. */
function cardData(card: PublishedCard): CanonicalObject {
  const { contractId, serviceId, chargeKind, basis, effectiveFrom, effectiveTo, agreedOn, terms } = card;
  const whole = termsData(terms);
  const termsSha256 = hash('sha256', canonicalJson(whole));
  const dates = { effectiveFrom, effectiveTo, agreedOn };
  return { contractId, serviceId, chargeKind, basis, ...dates, terms: withoutNames(whole), termsSha256 };
}

function termsData(terms: RateCardTermsWire): CanonicalObject {
  return JSON.parse(JSON.stringify(terms)) as CanonicalObject; // drops what is undefined, which canonical JSON refuses
}

function withoutNames(terms: CanonicalObject): CanonicalObject {
  return JSON.parse(
    JSON.stringify(terms, (key, value: unknown) => (key === 'name' ? undefined : value)),
  ) as CanonicalObject;
}

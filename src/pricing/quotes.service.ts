import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { londonDay, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { cardFor, type ContractCard } from './card.rules.js';
import { isInForce } from './contract.rules.js';
import { contractNotInForce, quoteIncomplete } from './contracts.errors.js';
import { ContractsService, type ContractInForce } from './contracts.service.js';
import { priceLine, type Flag, type PricedLine, type Reason } from './price.calculator.js';
import { historyToQuote, lineToQuote } from './quote.rules.js';
import type { AskQuote } from './quotes.schemas.js';
import { wordFlag, wordReason } from './reason.rules.js';
import { vatOfService, type VatOfService } from './vat-treatment.rules.js';

/** A provisional price, its reasons in codes and in words, and what it rests on. */
export interface Quote extends Omit<PricedLine, 'claimId' | 'cardId' | 'counted' | 'reasons' | 'flags'> {
  readonly contractId: string;
  readonly serviceId: string;
  readonly reasons: readonly (Reason & { readonly words: string })[];
  readonly flags: readonly (Flag & { readonly words: string })[];
  readonly card: ContractCard | null;
  readonly vat: VatOfService | null;
}

/** Says what something would cost before anyone claims it, by the price function of the claims. */
@Injectable()
export class QuotesService {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
  ) {}

  /** @throws contract.not_in_force, service.unknown, quote.incomplete with `missing` */
  quote(actor: Actor, request: AskQuote): Promise<Quote> {
    const day = londonDay(request.servedAt);
    return this.database.read(actor, async (reader) => {
      const contract = await this.contractOf(reader, request, day);
      const service = await this.contracts.serviceByCode(reader, contract, request.serviceCode);
      const cards = await this.contracts.cardsOf(reader, contract.id);
      const card = cardFor(cards, service.id, day, request.chargeKind);
      const line = lineToQuote(request, card, cards, contract);
      if ('missing' in line) throw quoteIncomplete({ missing: line.missing, basis: card?.terms.basis });
      const priced = priceLine(line, {
        cardOf: () => card,
        history: historyToQuote(request, card),
        bankHolidays: await this.contracts.bankHolidays(reader),
      });
      const { claimId: _claim, cardId: _card, counted: _counted, ...price } = priced;
      return {
        ...price,
        contractId: contract.id,
        serviceId: service.id,
        reasons: price.reasons.map((reason) => ({ ...reason, words: wordReason(reason) })),
        flags: price.flags.map((flag) => ({ ...flag, words: wordFlag(flag) })),
        card: card ?? null,
        vat: vatOfService(await this.contracts.vatSetting(reader, contract), service.id, day) ?? null,
      };
    });
  }

  private async contractOf(reader: Reader, request: AskQuote, day: IsoDate): Promise<ContractInForce> {
    const { contractId, contractCode = '' } = request;
    if (contractId !== undefined) return this.contracts.getInForce(reader, contractId, day);
    const contract = await this.contracts.getByCode(reader, contractCode, day);
    const { startsOn, endsOn } = contract;
    if (!isInForce(contract, day)) throw contractNotInForce({ day, startsOn, endsOn });
    return contract;
  }
}

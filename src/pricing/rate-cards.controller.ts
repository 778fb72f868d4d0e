import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { CardPreviewsService } from './card-previews.service.js';
import type { ContractCard } from './card.rules.js';
import {
  contractCodeAmbiguous,
  contractNotInForce,
  quoteIncomplete,
  rateCardPublishedTwice,
  rateCardRefused,
  serviceUnknown,
} from './contracts.errors.js';
import { listSchema } from './contracts.schemas.js';
import {
  AskQuote,
  CardPreviewView,
  CardQuery,
  CardView,
  PreviewCard,
  PublishCard,
  QuoteView,
} from './quotes.schemas.js';
import { QuotesService } from './quotes.service.js';
import { termsToWire } from './rate-card.schemas.js';
import { RateCardsService, type ListedCard } from './rate-cards.service.js';

const READS = { commissioner: 'any', provider: 'any', scope: 'contracts:read' } as const;
type Id = z.infer<typeof IdParameter>;

@Heading('Rate cards')
@Controller('v1')
export class RateCardsController {
  constructor(
    private readonly cards: RateCardsService,
    private readonly quotes: QuotesService,
    private readonly previews: CardPreviewsService,
  ) {}

  @Post('contracts/:id/rate-cards')
  @Operation({
    summary: 'Publish a rate card for a service of a contract',
    description: 'A published card is never edited. A new rate is a new card; the latest to take effect holds.',
    permit: { commissioner: ['contract_manager'], scope: 'contracts:write' },
    status: 201,
    answer: CardView,
    errors: [rateCardRefused, rateCardPublishedTwice, serviceUnknown],
    idempotent: true,
  })
  async publish(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: PublishCard }) body: PublishCard,
  ): Promise<unknown> {
    return viewOf(await this.cards.publish(actor, id, body));
  }

  @Post('contracts/:id/rate-cards/preview')
  @Operation({
    summary: 'What a rate card that is not published would come to, by an example',
    description: 'Stores nothing. The price function is that of the claims; findings are what publishing would refuse.',
    permit: { commissioner: 'any', scope: 'contracts:read' },
    answer: CardPreviewView,
    errors: [serviceUnknown, quoteIncomplete],
  })
  async preview(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: PreviewCard }) body: PreviewCard,
  ): Promise<unknown> {
    return this.previews.preview(actor, id, body);
  }

  @Get('contracts/:id/rate-cards')
  @Operation({
    summary: 'The rate cards of a contract: in force on a day, or all',
    permit: READS,
    answer: listSchema(CardView),
  })
  async list(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: CardQuery }) query: CardQuery,
  ): Promise<unknown> {
    return { items: (await this.cards.list(actor, id, query)).map(viewOf) };
  }

  @Post('quotes')
  @Operation({
    summary: 'What something would cost, and why, before anyone claims it',
    description: 'Stores nothing. The price function is that of the claims.',
    permit: READS,
    answer: QuoteView,
    errors: [contractNotInForce, contractCodeAmbiguous, serviceUnknown, quoteIncomplete],
  })
  async quote(@CurrentActor() actor: Actor, @Body({ schema: AskQuote }) body: AskQuote): Promise<unknown> {
    const quote = await this.quotes.quote(actor, body);
    return { ...quote, card: quote.card && pricedBy(quote.card) };
  }
}

function viewOf({ card, serviceCode }: ListedCard): Record<keyof z.infer<typeof CardView>, unknown> {
  const { id, contractId, serviceId, chargeKind, terms, publishedAt } = card;
  const { effectiveFrom, effectiveTo, agreedOn } = card;
  const what = { id, contractId, serviceId, serviceCode, chargeKind };
  return { ...what, effectiveFrom, effectiveTo, agreedOn, publishedAt, terms };
}

function pricedBy({ rateKey: _rate, effectiveTo, terms, ...card }: ContractCard) {
  return { ...card, effectiveTo: effectiveTo ?? null, terms: termsToWire(terms) };
}

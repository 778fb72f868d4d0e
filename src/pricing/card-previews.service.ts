import { Injectable } from '@nestjs/common';
import { sumMinor, type Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, londonDay, type IsoDate } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { gathered, historyOfExample, linesOfExample, type ExampleLine } from './card-example.rules.js';
import { cardFor, rateKeyOf, type ContractCard } from './card.rules.js';
import { quoteIncomplete } from './contracts.errors.js';
import { ContractsService, type ContractInForce } from './contracts.service.js';
import { priceLines, type Flag, type Reason } from './price.calculator.js';
import type { PreviewCard, PublishCard } from './quotes.schemas.js';
import { whyNotPublishNow, type Finding } from './rate-card.rules.js';
import { termsFromWire } from './rate-card.schemas.js';
import { wordFlag, wordReason } from './reason.rules.js';
import type { ContractedService } from './service.entity.js';
import { vatOfService, type VatOfService } from './vat-treatment.rules.js';

const DAYS_LOOKED_AT = 300;
const DAY_MS = 86_400_000;

export interface PreviewLine extends Omit<ExampleLine, 'reasons' | 'flags'> {
  readonly reasons: readonly (Reason & { readonly words: string })[];
  readonly flags: readonly (Flag & { readonly words: string })[];
}

/** What an example would come to under a card that nobody has published, and what stands against publishing it. */
export interface CardPreview {
  readonly servedOn: IsoDate;
  readonly netMinor: Minor;
  readonly indicativeMinor: Minor;
  readonly lines: readonly PreviewLine[];
  /** Null while nobody has said how the service is treated. */
  readonly vat: VatOfService | null;
  /** What the card in force gives for the same example; null where there is none, or where it earns by something else. */
  readonly nowMinor: Minor | null;
  readonly findings: readonly Finding[];
}

/** Prices what could happen under a card before it is published, by the price function of the claims. */
@Injectable()
export class CardPreviewsService {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  /** Days on or after a first day on which an example can take place. */
  exampleDays(actor: Actor, first: IsoDate): Promise<ExampleDays> {
    return this.database.read(actor, async (reader) => daysFrom(first, await this.contracts.bankHolidays(reader)));
  }

  /** @throws service.unknown, quote.incomplete with `missing` */
  preview(actor: Actor, contractId: string, request: PreviewCard): Promise<CardPreview> {
    const { example } = request;
    const servedOn = londonDay(example.servedAt);
    return this.database.read(actor, async (reader) => {
      const contract = await this.contracts.get(reader, contractId, request.effectiveFrom);
      const service = await this.contracts.serviceByCode(reader, contract, request.serviceCode);
      const published = await this.contracts.cardsOf(reader, contractId);
      const card = draftCard(request, contract, service);
      const bankHolidays = await this.contracts.bankHolidays(reader);
      const price = (by: ContractCard) => {
        const lines = linesOfExample(example, by, [by], contract);
        if ('missing' in lines) return lines;
        const history = historyOfExample(example, by);
        return gathered(lines, priceLines(lines, { cardOf: () => by, history, bankHolidays }));
      };
      const lines = price(card);
      if ('missing' in lines) throw quoteIncomplete({ missing: lines.missing, basis: card.terms.basis });
      const now = cardFor(published, service.id, servedOn, request.chargeKind);
      const before = now && now.terms.basis === card.terms.basis ? price(now) : undefined;
      return {
        servedOn,
        netMinor: totalOf(lines, 'netMinor'),
        indicativeMinor: totalOf(lines, 'indicativeMinor'),
        lines: lines.map(worded),
        vat: vatOfService(await this.contracts.vatSetting(reader, contract), service.id, servedOn) ?? null,
        nowMinor: before && !('missing' in before) ? totalOf(before, 'netMinor') : null,
        findings: whyNotPublishNow(card, contract, published, this.clock.today()),
      };
    });
  }
}

/** The first day of each kind, for examples that supplements depend on; null where no bank holiday is listed. */
export interface ExampleDays {
  readonly weekday: IsoDate;
  readonly saturday: IsoDate;
  readonly sunday: IsoDate;
  readonly bank_holiday: IsoDate | null;
}

function daysFrom(first: IsoDate, bankHolidays: ReadonlySet<IsoDate>): ExampleDays {
  const days = Array.from({ length: DAYS_LOOKED_AT }, (_, index) =>
    new Date(Date.parse(first) + index * DAY_MS).toISOString().slice(0, 10),
  );
  const ordinary = days.filter((day) => !bankHolidays.has(day));
  const on = (...weekdays: number[]) => ordinary.find((day) => weekdays.includes(new Date(day).getUTCDay())) ?? first;
  return {
    weekday: on(1, 2, 3, 4, 5),
    saturday: on(6),
    sunday: on(0),
    bank_holiday: days.find((day) => bankHolidays.has(day)) ?? null,
  };
}

/** The card as it would be: its id is of no card, so that it is compared with each that there is. */
function draftCard(request: PublishCard, contract: ContractInForce, service: ContractedService): ContractCard {
  const { chargeKind, effectiveFrom, effectiveTo, agreedOn, terms } = request;
  return {
    id: 'preview',
    contractId: contract.id,
    serviceId: service.id,
    chargeKind,
    rateKey: rateKeyOf(contract.id, service.id, chargeKind),
    effectiveFrom,
    ...(effectiveTo !== undefined && { effectiveTo }),
    agreedOn,
    terms: termsFromWire(terms),
  };
}

function totalOf(lines: readonly ExampleLine[], figure: 'netMinor' | 'indicativeMinor'): Minor {
  return sumMinor(lines.map((line) => line[figure] * BigInt(line.count)));
}

function worded({ reasons, flags, ...line }: ExampleLine): PreviewLine {
  return {
    ...line,
    reasons: reasons.map((reason) => ({ ...reason, words: wordReason(reason) })),
    flags: flags.map((flag) => ({ ...flag, words: wordFlag(flag) })),
  };
}

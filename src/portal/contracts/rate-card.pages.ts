import { Controller, Get, Param, Post, Query } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import {
  BASES,
  ContractRegister,
  earningFactOf,
  RateCardsService,
  termsToWire,
  type Basis,
  type ContractInFull,
  type ServiceOfContract,
} from '../../pricing/index.js';
import { addressOf } from '../page/address.rules.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { partsOf } from './card-form.rules.js';
import { CardPrices, type TypedCard } from './card-prices.service.js';
import { typedCard } from './card-typed.rules.js';
import { cardDays, cardFacts, chargeName } from './card-words.rules.js';
import { NewCardAddress } from './contracts.schemas.js';
import { EXAMPLE_DAYS, USUAL_EXAMPLE } from './example-form.rules.js';
import { FormDrafts } from './form-drafts.service.js';
import { rowsOf } from './typed.rules.js';

type Id = z.infer<typeof IdParameter>;

const SETS_UP = { commissioner: ['contract_manager'] } as const;
const DRAFT = 'rate-card';
const TIERS_MAX = 20;

/** What a card is made for: a contract, one of its services, and how it is paid. */
interface Making extends TypedCard {
  readonly whole: ContractInFull;
}

/** Making a rate card with its price beside it, checking it, and publishing it. */
@Controller('contracts/:id/rate-cards')
export class RateCardPages {
  constructor(
    private readonly register: ContractRegister,
    private readonly cards: RateCardsService,
    private readonly prices: CardPrices,
    private readonly drafts: FormDrafts,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: SETS_UP })
  @Get('new')
  async ask(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: NewCardAddress }) address: NewCardAddress,
  ): Promise<PageAnswer> {
    const { actor } = visit;
    const whole = await this.register.read(actor, id);
    const entry = whole.services.find(({ service }) => service.id === address.service);
    const from = entry?.cards.find((card) => card.id === address.from);
    const basis = from?.terms.basis ?? address.basis;
    if (!entry || !basis) return choose(visit, whole, address, entry);
    const making = { whole, contract: whole.contract, entry, basis };
    const draft = address.change === undefined ? null : await this.drafts.find(actor, DRAFT, subjectOf(making));
    const started = from && { ...typedCard(termsToWire(from.terms)), ...chargeOf(from.chargeKind) };
    const usual = { ...USUAL_EXAMPLE, ...USUAL_OF[basis], ...datesOf(whole, entry, this.clock.today()) };
    const fields = draft ?? new Fields({ ...usual, ...started });
    return this.builder(visit, making, fields, { hasPrice: draft !== null || from !== undefined });
  }

  @Action({ permit: SETS_UP })
  @Post('new')
  async check(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: NewCardAddress }) address: NewCardAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const making = await this.makingOf(visit, id, address);
    if (!making) return seeOther(addressOf(`/contracts/${id}/rate-cards/new`, { service: address.service }));
    if (fields.has('_add') || fields.has('_remove')) return this.builder(visit, making, fields, { hasPrice: true });
    const { form, request } = await this.prices.check(visit, making, fields);
    if (fields.has('_price')) return this.builder(visit, making, fields, { hasPrice: true, form });
    if (!request) return this.builder(visit, making, fields, { hasPrice: true, form });
    await this.drafts.keep(visit.actor, DRAFT, subjectOf(making), fields);
    return seeOther(checkAddress(making));
  }

  /** What the example comes to, for the page while it is filled in. */
  @Action({ permit: SETS_UP })
  @Post('price')
  async price(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: NewCardAddress }) address: NewCardAddress,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const making = await this.makingOf(visit, id, address);
    const preview = making && (await this.prices.preview(visit, making, fields));
    return view('contracts/price.njk', { preview });
  }

  @Page({ permit: SETS_UP })
  @Get('check')
  async answers(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: NewCardAddress }) address: NewCardAddress,
  ): Promise<PageAnswer> {
    return this.showAnswers(visit, id, address);
  }

  @Action({ permit: SETS_UP })
  @Post('check')
  async publish(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @Query({ schema: NewCardAddress }) address: NewCardAddress,
  ): Promise<PageAnswer> {
    const making = await this.makingOf(visit, id, address);
    const draft = making && (await this.drafts.find(visit.actor, DRAFT, subjectOf(making)));
    if (!making || !draft) return seeOther(`/contracts/${id}`);
    const { form, request } = await this.prices.check(visit, making, draft);
    if (!request) return this.builder(visit, making, draft, { hasPrice: true, form });
    try {
      await this.cards.publish(visit.command(), id, request);
      await this.drafts.discard(visit.actor, DRAFT, subjectOf(making));
      const day = visit.t.day(request.effectiveFrom);
      return seeOther(`/contracts/${id}/services/${making.entry.service.id}`, 'contracts.card.published', { day });
    } catch (error) {
      form.refused(error);
    }
    return this.showAnswers(visit, id, address, form);
  }

  private async showAnswers(visit: Visit, id: string, address: NewCardAddress, refused?: Form): Promise<PageAnswer> {
    const making = await this.makingOf(visit, id, address);
    const draft = making && (await this.drafts.find(visit.actor, DRAFT, subjectOf(making)));
    if (!making || !draft) return seeOther(addressOf(`/contracts/${id}/rate-cards/new`, { service: address.service }));
    const { form, request, card } = await this.prices.check(visit, making, draft);
    if (!request || !card) return this.builder(visit, making, draft, { hasPrice: true, form });
    const { t } = visit;
    const data = {
      ...shown(making),
      charge: chargeName(t, request.chargeKind),
      days: cardDays(t, request),
      agreedOn: request.agreedOn,
      facts: cardFacts(t, card),
      preview: await this.prices.preview(visit, making, draft),
      takesOver: making.entry.current.some(({ chargeKind }) => chargeKind === request.chargeKind),
    };
    return view('contracts/card-check.njk', data, refused && { errors: refused.errors });
  }

  private async makingOf(visit: Visit, id: string, address: NewCardAddress): Promise<Making | undefined> {
    const whole = await this.register.read(visit.actor, id);
    const entry = whole.services.find(({ service }) => service.id === address.service);
    const from = entry?.cards.find((card) => card.id === address.from);
    const basis = from?.terms.basis ?? address.basis;
    return entry && basis && { whole, contract: whole.contract, entry, basis };
  }

  private async builder(
    visit: Visit,
    making: Making,
    fields: Fields,
    { hasPrice, form }: { hasPrice: boolean; form?: Form },
  ): Promise<View> {
    const [tiers, milestones] = [rowsOf(fields, 'tier', 'above'), rowsOf(fields, 'milestone', 'name')];
    const isAsked = form !== undefined && !fields.has('_price');
    const data = {
      ...shown(making),
      fact: earningFactOf(making.basis),
      parts: partsOf(making.basis),
      open: openGroups(fields, isAsked ? form : undefined),
      tiers: { indices: tiers, next: (tiers.at(-1) ?? 0) + 1, max: TIERS_MAX },
      milestones: { indices: milestones, next: (milestones.at(-1) ?? 0) + 1, max: TIERS_MAX },
      hasCards: making.entry.cards.length > 0,
      exampleDays: EXAMPLE_DAYS,
      preview: hasPrice ? await this.prices.preview(visit, making, fields) : undefined,
    };
    return view('contracts/card-new.njk', data, {
      values: fields.values(),
      ...(isAsked && { errors: form.errors }),
    });
  }
}

/** The fields of each group of questions that is folded. */
const GROUPS: Readonly<Record<string, RegExp>> = {
  absence: /^(?:absent(?:Percent|Max|Share)|late(?:Percent|Notice|Max)|splitNotice)$/,
  supplements: /^(?:hours\w+|travel\w+|minimumCharge)$/,
  minimum: /^(?:minimumAttendance|belowMinimum)$/,
  tiers: /^tier/,
  caps: /^(?:cap\w+|countMissed)$/,
  dates: /^(?:effectiveTo|chargeName)/,
};

/** Which groups to unfold: those in which something is answered, or is wrong, or a row was asked for. */
function openGroups(fields: Fields, form: Form | undefined): Record<string, boolean> {
  const answered = fields.names().filter((name) => fields.has(name) && fields.text(name) !== 'none');
  const wrong = form?.errors.map(({ field }) => field) ?? [];
  const names = [...answered, ...wrong];
  return Object.fromEntries(
    Object.entries(GROUPS).map(([group, own]) => [group, names.some((name) => own.test(name))]),
  );
}

/** What is usual where a basis asks for more than a price. */
const USUAL_OF: Readonly<Partial<Record<Basis, Record<string, string>>>> = {
  hour: { minuteStep: '15', minuteRounding: 'up' },
  group_split: { splitBy: 'present' },
};

/** A first card holds from the first day of the contract, a later one from today, or from when the contract begins. */
function datesOf({ contract }: ContractInFull, entry: ServiceOfContract, today: string) {
  const { startsOn } = contract;
  const effectiveFrom = entry.cards.length === 0 || today < startsOn ? startsOn : today;
  return { effectiveFrom, agreedOn: today };
}

function chargeOf(chargeKind: string) {
  return chargeKind === 'primary' ? {} : { chargeName: chargeKind.replaceAll('_', ' ') };
}

function choose(
  visit: Visit,
  whole: ContractInFull,
  address: NewCardAddress,
  entry: ServiceOfContract | undefined,
): View {
  const form = new Form(visit.t, new Fields({}));
  if (address.asked !== undefined && !entry) form.refuse('service', 'contracts.card.serviceMissing');
  if (address.asked !== undefined && !address.basis) form.refuse('basis', 'contracts.card.basisMissing');
  const values = { service: entry?.service.id ?? '', basis: address.basis ?? '' };
  return view('contracts/card-basis.njk', { ...whole, bases: BASES }, { errors: form.errors, values });
}

function shown({ whole, entry, basis }: Making) {
  const { contract, providerName } = whole;
  return { contract, providerName, service: entry.service, basis, address: { service: entry.service.id, basis } };
}

function subjectOf({ contract, entry, basis }: TypedCard): string {
  return `${contract.id}/${entry.service.id}/${basis}`;
}

function checkAddress({ contract, entry, basis }: TypedCard): string {
  return addressOf(`/contracts/${contract.id}/rate-cards/check`, { service: entry.service.id, basis });
}

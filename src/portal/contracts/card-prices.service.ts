import { Injectable } from '@nestjs/common';
import { londonInstant } from '../../delivery/index.js';
import { Clock } from '../../platform/clock.js';
import {
  CardPreviewsService,
  PreviewCard,
  PublishCard,
  earningFactOf,
  termsFromWire,
  type Basis,
  type CardPreview,
  type ContractInForce,
  type RateCardTerms,
  type ServiceOfContract,
} from '../../pricing/index.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import type { Visit } from '../page/visit.rules.js';
import { readMilestones, readTerms } from './card-form.rules.js';
import { previewWords, readExample, type PreviewWords } from './example-form.rules.js';
import { rowsOf, slugOf } from './typed.rules.js';

/** What a card that is being made is for. */
export interface TypedCard {
  readonly contract: ContractInForce;
  readonly entry: ServiceOfContract;
  readonly basis: Basis;
}

export interface CheckedCard {
  readonly form: Form;
  /** Undefined while there is something to mend. */
  readonly request: PublishCard | undefined;
  readonly card: RateCardTerms | undefined;
}

/** A preview, or what keeps it from being made. */
export type ShownPreview = PreviewWords | { readonly missing: readonly string[] };

const PLACES: Readonly<Record<string, string>> = {
  effectiveFrom: 'effectiveFrom-day',
  effectiveTo: 'effectiveTo-day',
  agreedOn: 'agreedOn-day',
  chargeKind: 'chargeName',
  terms: 'price',
};

const FIELD_OF_FINDING: Readonly<Record<string, string>> = {
  ...PLACES,
  outOfHours: 'hoursKind',
  'outOfHours.until': 'hoursUntil',
  belowMinimumBasisPoints: 'belowMinimum',
  absentShareBasisPoints: 'absentShare',
  noticeMinutes: 'splitNotice',
  'ceiling.units': 'ceilingUnits',
  tiers: 'tier-0-above',
};

/** Prices a card while it is made, and judges it as publishing would. */
@Injectable()
export class CardPrices {
  constructor(
    private readonly previews: CardPreviewsService,
    private readonly clock: Clock,
  ) {}

  /** The card as it would be published, with all that is to be mended. */
  async check(visit: Visit, making: TypedCard, fields: Fields): Promise<CheckedCard> {
    const form = new Form(visit.t, fields);
    const terms = readTerms(form, fields, making.basis);
    const dates = {
      effectiveFrom: form.day('effectiveFrom', { missing: 'contracts.card.effectiveFromMissing' }),
      effectiveTo: form.day('effectiveTo'),
      agreedOn: form.day('agreedOn', { missing: 'contracts.card.agreedOnMissing' }),
    };
    const typed = { ...whatOf(making, fields), ...dates, terms };
    const request = form.as(PublishCard, typed, PLACES);
    if (!request) return { form, request: undefined, card: undefined };
    const example = await this.exampleOf(visit, making, fields, request.effectiveFrom);
    const preview = await this.previews.preview(visit.actor, making.contract.id, { ...request, example });
    placeFindings(form, fields, preview);
    return { form, request: form.ok ? request : undefined, card: termsFromWire(request.terms) };
  }

  /** What the example comes to, or what is still missing for that. Days that nobody typed are those of the contract. */
  async preview(visit: Visit, making: TypedCard, fields: Fields): Promise<ShownPreview> {
    const form = new Form(visit.t, fields);
    const terms = readTerms(form, fields, making.basis);
    const days = daysTyped(visit, fields);
    const today = this.clock.today();
    const { startsOn } = making.contract;
    const effectiveFrom = days.effectiveFrom ?? (today < startsOn ? startsOn : today);
    const example = await this.example(visit, making, form, fields, effectiveFrom);
    const typed = { ...whatOf(making, fields), agreedOn: today, ...days, effectiveFrom, terms, example };
    const request = form.as(PreviewCard, typed, PLACES);
    if (!request) return { missing: form.errors.map(({ text }) => text) };
    try {
      return previewWords(visit.t, await this.previews.preview(visit.actor, making.contract.id, request));
    } catch (error) {
      form.refused(error);
      return { missing: form.errors.map(({ text }) => text) };
    }
  }

  /** The example of a card that is checked, whose price does not matter: one that cannot be read is left out. */
  private async exampleOf(visit: Visit, making: TypedCard, fields: Fields, first: string) {
    const typed = await this.example(visit, making, new Form(visit.t, fields), fields, first);
    const parsed = PreviewCard.shape.example.safeParse(typed);
    const { servedAt } = typed;
    return parsed.data ?? PreviewCard.shape.example.parse({ servedAt, minutes: 60, activityUnits: 0 });
  }

  private async example(visit: Visit, making: TypedCard, form: Form, fields: Fields, first: string) {
    const fact = earningFactOf(making.basis);
    const from = fact === 'period' ? firstOfWholeMonth(first, making.contract.endsOn) : first;
    const days = await this.previews.exampleDays(visit.actor, from);
    return readExample(form, fields, fact, (day, time) =>
      londonInstant(fact === 'period' ? from : (days[day] ?? days.weekday), time),
    );
  }
}

/** A month is shown whole: the first that begins on the day or later, where the contract has one. */
function firstOfWholeMonth(day: string, lastDay: string): string {
  if (day.endsWith('-01')) return day;
  const [year = 0, month = 0] = day.split('-').map(Number);
  const next = new Date(Date.UTC(year, month, 1)).toISOString().slice(0, 10);
  return next <= lastDay ? next : day;
}

/** The days of the form that can be read; those that cannot are said when the card is checked. */
function daysTyped(visit: Visit, fields: Fields) {
  const form = new Form(visit.t, fields);
  const [effectiveFrom, effectiveTo] = [form.day('effectiveFrom'), form.day('effectiveTo')];
  const agreedOn = form.day('agreedOn');
  return {
    ...(effectiveFrom !== undefined && { effectiveFrom }),
    ...(effectiveTo !== undefined && { effectiveTo }),
    ...(agreedOn !== undefined && { agreedOn }),
  };
}

function whatOf({ entry }: TypedCard, fields: Fields) {
  const name = fields.text('chargeName');
  return { serviceCode: entry.service.code, ...(name !== '' && { chargeKind: slugOf(name) }) };
}

function placeFindings(form: Form, fields: Fields, { findings }: CardPreview): void {
  for (const { code, field } of findings) form.refuse(fieldOf(form, fields, field), `contracts.finding.${code}`);
}

/** The field in which a finding about the card was typed: rows keep the numbers that they had. */
function fieldOf(form: Form, fields: Fields, field: string): string {
  const [list, index] = field.split(/\.(?:steps\.)?(?=\d)/);
  const row = Number.parseInt(index ?? '', 10);
  if (list === 'milestones') return `milestone-${readMilestones(form, fields)[row]?.row ?? row}-name`;
  if (list === 'tiers' && index !== undefined) return `tier-${rowsOf(fields, 'tier', 'above')[row] ?? row}-above`;
  return FIELD_OF_FINDING[field] ?? field;
}

import { Controller, Get, Param, Post } from '@nestjs/common';
import type { z } from 'zod';
import { VAT_CATEGORIES, type VatCategory } from '../../money/index.js';
import { IdParameter } from '../../organisations/index.js';
import { Clock } from '../../platform/clock.js';
import {
  AddService,
  ContractRegister,
  SERVICE_KINDS,
  SERVICE_VAT_REASONS,
  ServicesService,
  SetVatTreatment,
  type ServiceInFull,
} from '../../pricing/index.js';
import { seeOther, view, type PageAnswer, type View } from '../page/answer.rules.js';
import type { Fields } from '../page/fields.rules.js';
import { Form } from '../page/form.js';
import { Action, CurrentVisit, Page, SentFields } from '../page/page.js';
import type { Visit } from '../page/visit.rules.js';
import { cardDays, cardFacts, cardPrice, chargeName } from './card-words.rules.js';
import { readCode } from './contract-form.rules.js';
import { abilities } from './contracts.pages.js';
import { ServiceOfContractParameter } from './contracts.schemas.js';
import { percentField } from './typed.rules.js';

type Id = z.infer<typeof IdParameter>;

const SETS_UP = { commissioner: ['contract_manager'] } as const;
const SETS_VAT = { commissioner: ['contract_manager', 'finance'] } as const;
const READERS = { commissioner: 'any', provider: 'any' } as const;
/** The rate that the law has for each category that is charged, where nobody types another. */
const USUAL_RATES: Readonly<Partial<Record<VatCategory, number>>> = { S: 2_000, AA: 500 };

/** The services of a contract: adding one, its prices over time, and how it is treated for VAT. */
@Controller('contracts/:id/services')
export class ContractServicePages {
  constructor(
    private readonly register: ContractRegister,
    private readonly services: ServicesService,
    private readonly clock: Clock,
  ) {}

  @Page({ permit: SETS_UP })
  @Get('new')
  async ask(@CurrentVisit() visit: Visit, @Param({ schema: IdParameter }) { id }: Id): Promise<PageAnswer> {
    return this.form(visit, id);
  }

  @Action({ permit: SETS_UP })
  @Post('new')
  async add(
    @CurrentVisit() visit: Visit,
    @Param({ schema: IdParameter }) { id }: Id,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const { contract } = await this.register.read(visit.actor, id);
    const form = new Form(visit.t, fields);
    const typed = {
      providerId: contract.providerId,
      name: form.text('name', { missing: 'contracts.service.nameMissing', max: 120 }),
      code: readCode(form, fields, 'reference', 'contracts.service.referenceMissing'),
      kind: form.choice('kind', SERVICE_KINDS, 'contracts.service.kindMissing'),
    };
    const request = form.as(AddService, typed, { code: 'reference' });
    if (!request) return this.form(visit, id, form);
    try {
      const { id: serviceId } = await this.services.add(visit.command(), request);
      return seeOther(`/contracts/${id}/services/${serviceId}`, 'contracts.service.added', { name: request.name });
    } catch (error) {
      form.refused(error, 'reference');
    }
    return this.form(visit, id, form);
  }

  @Page({ permit: READERS })
  @Get(':serviceId')
  async show(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceOfContractParameter }) { id, serviceId }: ServiceOfContractParameter,
  ): Promise<PageAnswer> {
    const { t } = visit;
    const whole = await this.register.readService(visit.actor, id, serviceId);
    const current = new Set(whole.entry.current.map((card) => card.id));
    const cards = whole.entry.cards.toReversed().map((card) => ({
      id: card.id,
      charge: chargeName(t, card.chargeKind),
      price: cardPrice(t, card.terms),
      days: cardDays(t, card),
      agreedOn: card.agreedOn,
      isCurrent: current.has(card.id),
      isToCome: card.effectiveFrom > this.clock.today(),
      facts: cardFacts(t, card.terms).slice(2),
    }));
    const hasKinds = new Set(whole.entry.cards.map(({ chargeKind }) => chargeKind)).size > 1;
    const may = abilities(visit);
    const mayTreat = may.mayFund;
    return view('contracts/service.njk', { ...shown(whole), cards, hasKinds, mayTreat, ...may });
  }

  @Page({ permit: SETS_VAT })
  @Get(':serviceId/vat')
  async askVat(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceOfContractParameter }) { id, serviceId }: ServiceOfContractParameter,
  ): Promise<PageAnswer> {
    const whole = await this.register.readService(visit.actor, id, serviceId);
    const first = whole.treatments.length === 0 ? whole.whole.contract.startsOn : this.clock.today();
    return vatForm(whole, { effectiveFrom: first });
  }

  @Action({ permit: SETS_VAT })
  @Post(':serviceId/vat')
  async setVat(
    @CurrentVisit() visit: Visit,
    @Param({ schema: ServiceOfContractParameter }) { id, serviceId }: ServiceOfContractParameter,
    @SentFields() fields: Fields,
  ): Promise<PageAnswer> {
    const whole = await this.register.readService(visit.actor, id, serviceId);
    const form = new Form(visit.t, fields);
    const request = form.as(SetVatTreatment, readVat(form, fields), {
      effectiveFrom: 'effectiveFrom-day',
      rateBasisPoints: 'rate',
    });
    if (!request) return vatForm(whole, form.values, form);
    try {
      await this.services.setVatTreatment(visit.command(), serviceId, request);
      return seeOther(`/contracts/${id}/services/${serviceId}`, 'contracts.vat.done', {
        day: visit.t.day(request.effectiveFrom),
      });
    } catch (error) {
      form.refused(error);
    }
    return vatForm(whole, form.values, form);
  }

  private async form(visit: Visit, id: string, form?: Form): Promise<View> {
    const whole = await this.register.read(visit.actor, id);
    return view('contracts/service-new.njk', { ...whole }, form && { errors: form.errors, values: form.values });
  }
}

function readVat(form: Form, fields: Fields) {
  const effectiveFrom = form.day('effectiveFrom', { missing: 'contracts.vat.dayMissing' });
  const category = form.choice('category', VAT_CATEGORIES, 'contracts.vat.categoryMissing');
  const usual = category && USUAL_RATES[category];
  if (usual === undefined) {
    const isKnown = category !== undefined;
    const reason = isKnown ? form.choice('reason', SERVICE_VAT_REASONS, 'contracts.vat.reasonMissing') : undefined;
    return { effectiveFrom, category, rateBasisPoints: 0, reason };
  }
  return { effectiveFrom, category, rateBasisPoints: percentField(form, fields, 'rate') ?? usual, reason: null };
}

function vatForm(whole: ServiceInFull, values: Readonly<Record<string, unknown>>, form?: Form): View {
  const data = { ...shown(whole), categories: VAT_CATEGORIES, reasons: SERVICE_VAT_REASONS };
  return view('contracts/vat.njk', data, { values, ...(form && { errors: form.errors }) });
}

function shown({ whole, entry, treatments }: ServiceInFull) {
  const { contract, providerName, commissionerName } = whole;
  return { contract, providerName, commissionerName, service: entry.service, entry, vat: entry.vat, treatments };
}

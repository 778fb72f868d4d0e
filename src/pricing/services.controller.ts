import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { notAProvider, serviceCodeTaken } from './contracts.errors.js';
import { AddService, listSchema, ServiceQuery, ServiceView } from './contracts.schemas.js';
import type { ContractedService } from './service.entity.js';
import { ServicesService } from './services.service.js';
import { SetVatTreatment, VatTreatmentView } from './vat.schemas.js';
import type { ServiceVatTreatment } from './vat-treatment.entity.js';

const WRITES = { commissioner: ['contract_manager'], scope: 'contracts:write' } as const;
const READS = { commissioner: 'any', provider: 'any', scope: 'contracts:read' } as const;
type Id = z.infer<typeof IdParameter>;

@Heading('Services')
@Controller('v1/services')
export class ServicesController {
  constructor(private readonly services: ServicesService) {}

  @Post()
  @Operation({
    summary: 'Add a service that a provider delivers for you',
    permit: WRITES,
    status: 201,
    answer: ServiceView,
    errors: [serviceCodeTaken, notAProvider],
    idempotent: true,
  })
  async add(@CurrentActor() actor: Actor, @Body({ schema: AddService }) body: AddService): Promise<unknown> {
    return viewOf(await this.services.add(actor, body));
  }

  @Get()
  @Operation({
    summary: 'Services, of a provider or those that a contract has a rate card for',
    permit: READS,
    answer: listSchema(ServiceView),
  })
  async list(@CurrentActor() actor: Actor, @Query({ schema: ServiceQuery }) query: ServiceQuery): Promise<unknown> {
    return { items: (await this.services.list(actor, query)).map(viewOf) };
  }

  @Post(':id/vat-treatments')
  @Operation({
    summary: 'Say how a service is treated for VAT from a day on',
    description:
      'Holds until the next one, and only while the provider is registered for VAT. The same day again corrects it.',
    permit: { ...WRITES, commissioner: ['contract_manager', 'finance'] },
    status: 201,
    answer: VatTreatmentView,
    idempotent: true,
  })
  async setVatTreatment(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: SetVatTreatment }) body: SetVatTreatment,
  ): Promise<unknown> {
    return treatmentView(await this.services.setVatTreatment(actor, id, body));
  }

  @Get(':id/vat-treatments')
  @Operation({
    summary: 'How a service is and was treated for VAT',
    permit: READS,
    answer: listSchema(VatTreatmentView),
  })
  async vatTreatments(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return { items: (await this.services.vatTreatments(actor, id)).map(treatmentView) };
  }
}

function viewOf({ createdAt: _created, ...view }: ContractedService): z.infer<typeof ServiceView> {
  return view;
}

function treatmentView(treatment: ServiceVatTreatment): z.infer<typeof VatTreatmentView> {
  const { id, serviceId, effectiveFrom, category, rateBasisPoints, reason } = treatment;
  return { id, serviceId, effectiveFrom, category, rateBasisPoints, reason };
}

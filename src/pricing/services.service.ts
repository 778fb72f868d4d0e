import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { requireProvider } from './contract-terms.service.js';
import type { AddService, ServiceQuery } from './contracts.schemas.js';
import { ContractsService } from './contracts.service.js';
import { ContractedService } from './service.entity.js';
import type { SetVatTreatment } from './vat.schemas.js';
import { ServiceVatTreatment } from './vat-treatment.entity.js';

/** The services that a commissioner buys of a provider, and how each is treated for VAT. */
@Injectable()
export class ServicesService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly organisations: OrganisationsService,
    private readonly contracts: ContractsService,
    private readonly clock: Clock,
  ) {}

  /** @throws service.code_taken, contract.not_a_provider */
  add(actor: Actor, request: AddService): Promise<ContractedService> {
    const commissionerId = actor.orgId;
    return this.commands.run(actor, { name: 'service.add', commissionerId }, async (tx) => {
      const { providerId, code, name, kind } = request;
      await requireProvider(tx, this.organisations, providerId);
      const service = { ...request, commissionerId, id: newId(), createdAt: this.clock.now() };
      await tx.insert(ContractedService, service);
      await this.ledger.record(tx, {
        commissionerId,
        type: 'service.added',
        subjectId: service.id,
        actor,
        providerId,
        occurredAt: service.createdAt,
        data: { code, kind, nameSha256: hash('sha256', name) },
      });
      return service;
    });
  }

  /** Says how a service is treated for VAT from a day on; what is said again for the same day corrects it. */
  setVatTreatment(actor: Actor, serviceId: string, request: SetVatTreatment): Promise<ServiceVatTreatment> {
    const commissionerId = actor.orgId;
    const spec = { name: 'vat_treatment.set', commissionerId, subjectId: serviceId };
    return this.commands.run(actor, spec, async (tx) => {
      const { providerId } = await getService(tx, serviceId);
      const made = { createdAt: this.clock.now(), createdBy: actor.memberId };
      const treatment = { ...request, commissionerId, id: newId(), serviceId, providerId, ...made };
      await tx.insert(ServiceVatTreatment, treatment);
      await this.ledger.record(tx, {
        commissionerId,
        type: 'vat_treatment.set',
        subjectId: serviceId,
        actor,
        providerId,
        occurredAt: made.createdAt,
        data: { ...request, vatTreatmentId: treatment.id },
      });
      return treatment;
    });
  }

  /** Services that the actor may see, by code; of one contract only those that have a card of it. */
  list(actor: Actor, { providerId, contractId }: ServiceQuery): Promise<ContractedService[]> {
    return this.database.read(actor, async (reader) => {
      if (contractId !== undefined) {
        const services = await this.contracts.servicesOf(reader, { id: contractId });
        return services.filter((service) => providerId === undefined || service.providerId === providerId);
      }
      const where = { ...(providerId !== undefined && { providerId }) };
      return reader.find(ContractedService, { where, order: { code: 'ASC', id: 'ASC' } });
    });
  }

  /** What was said about VAT on a service, by first day. */
  vatTreatments(actor: Actor, serviceId: string): Promise<ServiceVatTreatment[]> {
    return this.database.read(actor, async (reader) => {
      await getService(reader, serviceId);
      return reader.find(ServiceVatTreatment, { where: { serviceId }, order: { effectiveFrom: 'ASC', id: 'ASC' } });
    });
  }
}

async function getService(reader: Reader, id: string): Promise<ContractedService> {
  const service = await reader.findOneBy(ContractedService, { id });
  if (!service) throw notFound();
  return service;
}

import { Body, Controller, Get, Param, Post, Query } from '@nestjs/common';
import { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { agreementAccepted, agreementOverlaps, agreementStale, notAProvider } from './contracts.errors.js';
import { listSchema } from './contracts.schemas.js';
import type { SelfBillingAgreement } from './self-billing-agreement.entity.js';
import { SelfBillingService } from './self-billing.service.js';
import { AgreementView, ProposeAgreement } from './vat.schemas.js';

const ListQuery = z.strictObject({ providerId: z.uuid().optional() });

@Heading('Self-billing')
@Controller('v1/self-billing-agreements')
export class SelfBillingController {
  constructor(private readonly agreements: SelfBillingService) {}

  @Post()
  @Operation({
    summary: 'Propose to issue the invoices of a provider for it',
    permit: { commissioner: ['contract_manager', 'finance'] },
    status: 201,
    answer: AgreementView,
    errors: [notAProvider],
    idempotent: true,
  })
  async propose(
    @CurrentActor() actor: Actor,
    @Body({ schema: ProposeAgreement }) body: ProposeAgreement,
  ): Promise<unknown> {
    return viewOf(await this.agreements.propose(actor, body));
  }

  @Post(':id/accept')
  @Operation({
    summary: 'Accept a self-billing agreement',
    description:
      'You will issue no VAT invoices yourself for these supplies, will accept each one issued for you, and will say at ' +
      'once when your VAT number changes or your registration ends.',
    permit: { provider: ['treasurer', 'admin'] },
    answer: AgreementView,
    errors: [agreementAccepted, agreementStale, agreementOverlaps],
    idempotent: true,
  })
  async accept(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: z.infer<typeof IdParameter>,
  ): Promise<unknown> {
    return viewOf(await this.agreements.accept(actor, id));
  }

  @Get()
  @Operation({
    summary: 'Your self-billing agreements',
    permit: { commissioner: 'any', provider: 'any', scope: 'contracts:read' },
    answer: listSchema(AgreementView),
  })
  async list(
    @CurrentActor() actor: Actor,
    @Query({ schema: ListQuery }) { providerId }: z.infer<typeof ListQuery>,
  ): Promise<unknown> {
    return { items: (await this.agreements.list(actor, providerId)).map(viewOf) };
  }
}

function viewOf(agreement: SelfBillingAgreement): Record<keyof z.infer<typeof AgreementView>, unknown> {
  const { id, commissionerId, providerId, vatNumber, startsOn, endsOn, acceptedAt } = agreement;
  return { id, commissionerId, providerId, vatNumber, startsOn, endsOn, acceptedAt };
}

import { Body, Controller, Get, Param, Post, Query, StreamableFile } from '@nestjs/common';
import type { z } from 'zod';
import { IdParameter } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { CurrentActor, Heading, Operation } from '../platform/operation.js';
import { InvoiceAuthorityService } from './invoice-authority.service.js';
import type { Invoice } from './invoice.entity.js';
import { InvoiceDetailView, InvoiceList, InvoiceQuery, InvoiceView, OwnInvoiceNumber } from './invoices.schemas.js';
import { InvoicesService, type InvoiceFile } from './invoices.service.js';
import {
  invoiceDatedAhead,
  invoiceIssuedBefore,
  invoiceNeedsNoLeave,
  invoiceNotProviderOwn,
  invoiceNumberGiven,
  invoiceNumberTaken,
  invoiceTotalDiffers,
  invoiceWithoutFile,
} from './invoicing.errors.js';

type Id = z.infer<typeof IdParameter>;
const READERS = { commissioner: 'any', provider: 'any', scope: 'invoices:read' } as const;

@Heading('Invoices')
@Controller('v1/invoices')
export class InvoicesController {
  constructor(
    private readonly invoices: InvoicesService,
    private readonly authority: InvoiceAuthorityService,
  ) {}

  @Get()
  @Operation({ summary: 'Invoices and grant notices, the latest first', permit: READERS, answer: InvoiceList })
  async list(@CurrentActor() actor: Actor, @Query({ schema: InvoiceQuery }) query: InvoiceQuery): Promise<unknown> {
    const { items, next } = await this.invoices.list(actor, query);
    return { items: items.map(invoiceView), next };
  }

  @Get(':id.pdf')
  @Operation({
    summary: 'A document as PDF: the bytes that were issued, or a draft marked as one',
    permit: READERS,
    produces: 'application/pdf',
    errors: [invoiceWithoutFile],
  })
  async pdf(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<StreamableFile> {
    return fileOf(await this.invoices.pdf(actor, id), 'application/pdf');
  }

  @Get(':id/schedule.csv')
  @Operation({
    summary: 'Every claim behind a document, by opaque references',
    permit: {
      commissioner: ['contract_manager', 'approver', 'auditor'],
      provider: ['coordinator', 'treasurer'],
      scope: 'claims:read',
    },
    produces: 'text/csv',
    sensitive: 'export',
  })
  async schedule(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<StreamableFile> {
    return fileOf(await this.invoices.schedule(actor, id), 'text/csv; charset=utf-8');
  }

  @Get(':id')
  @Operation({ summary: 'One document with everything that it says', permit: READERS, answer: InvoiceDetailView })
  async read(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    const invoice = await this.invoices.find(actor, id);
    return { ...invoiceView(invoice), document: invoice.document };
  }

  @Post(':id/issue')
  @Operation({
    summary: 'Let a draft of your invoice be issued; it is, in the background',
    permit: { provider: ['coordinator', 'treasurer'] },
    status: 202,
    answer: InvoiceView,
    errors: [invoiceNeedsNoLeave, invoiceIssuedBefore],
    idempotent: true,
  })
  async issue(@CurrentActor() actor: Actor, @Param({ schema: IdParameter }) { id }: Id): Promise<unknown> {
    return invoiceView(await this.authority.authorise(actor, id));
  }

  @Post(':id/own-number')
  @Operation({
    summary: 'Match the invoice that you made in your own system to the batch',
    permit: { provider: ['coordinator', 'treasurer'] },
    status: 202,
    answer: InvoiceView,
    errors: [
      invoiceNotProviderOwn,
      invoiceIssuedBefore,
      invoiceNumberGiven,
      invoiceNumberTaken,
      invoiceTotalDiffers,
      invoiceDatedAhead,
    ],
    idempotent: true,
  })
  async ownNumber(
    @CurrentActor() actor: Actor,
    @Param({ schema: IdParameter }) { id }: Id,
    @Body({ schema: OwnInvoiceNumber }) body: OwnInvoiceNumber,
  ): Promise<unknown> {
    return invoiceView(await this.authority.giveOwnNumber(actor, id, body));
  }
}

function invoiceView(invoice: Invoice) {
  const { id, commissionerId, providerId, contractId, batchId, kind, split, state, waitsFor, number } = invoice;
  const { issuedOn, receivedOn, dueOn, netMinor, vatMinor, grossMinor, issueAuthorisedAt } = invoice;
  return {
    id,
    commissionerId,
    providerId,
    contractId,
    batchId,
    kind,
    split,
    state,
    waitsFor,
    number,
    issuedOn,
    receivedOn,
    dueOn,
    netMinor,
    vatMinor,
    grossMinor,
    issueAuthorisedAt,
  };
}

function fileOf({ name, bytes }: InvoiceFile, type: string): StreamableFile {
  return new StreamableFile(bytes, { type, disposition: `attachment; filename="${name}"`, length: bytes.length });
}

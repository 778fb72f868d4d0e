import { Injectable } from '@nestjs/common';
import { LessThan, Raw } from 'typeorm';
import { BatchesService } from '../batches/index.js';
import type { Actor } from '../platform/actor.js';
import { csvText, type CsvColumn } from '../platform/csv-writer.js';
import type { IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { wordReason } from '../pricing/index.js';
import { DocumentFile } from './document-file.entity.js';
import { InvoiceChargesService, type InvoicedCharge } from './invoice-charges.service.js';
import { invoiceDocumentFromJson, type Json } from './invoice-json.document.js';
import type { InvoiceDocument } from './invoice.document.js';
import { Invoice } from './invoice.entity.js';
import { renderInvoicePdf } from './invoice.pdf.js';
import { invoiceWithoutFile } from './invoicing.errors.js';
import { splitOf, type DocumentKind, type InvoiceState } from './issue.rules.js';

export interface InvoiceFilter extends PageQuery {
  readonly state?: InvoiceState | undefined;
  readonly kind?: DocumentKind | undefined;
  readonly providerId?: string | undefined;
  readonly contractId?: string | undefined;
  readonly batchId?: string | undefined;
  readonly number?: string | undefined;
  /** The first day of a month: of the latest that a batch holds. */
  readonly period?: IsoDate | undefined;
}

/** A contract that has documents. */
export interface InvoicedContract {
  readonly id: string;
  readonly code: string;
  readonly title: string;
  readonly commissionerId: string;
  readonly providerId: string;
}

const INVOICED_CONTRACTS = `
select c.id, c.code, c.title, c.commissioner_id as "commissionerId", c.provider_id as "providerId"
from contract c
where exists (select from invoice i where i.commissioner_id = c.commissioner_id and i.contract_id = c.id)
order by c.code, c.id`;

export interface InvoiceFile {
  /** Says what it is, and nothing of anybody. */
  readonly name: string;
  readonly bytes: Buffer;
}

/** The schedule behind an invoice. Its references are opaque: the provider's own, and ids. */
const SCHEDULE_COLUMNS: readonly CsvColumn<InvoicedCharge>[] = [
  { header: 'claim_id', text: ({ claim }) => claim.claimId },
  { header: 'your_reference', text: ({ claim }) => claim.yourReference },
  { header: 'session_id', text: ({ claim }) => claim.sessionId },
  { header: 'referral_id', text: ({ claim }) => claim.referralId },
  { header: 'service', text: ({ service }) => service.code },
  { header: 'charge', text: ({ claim }) => claim.chargeKind },
  { header: 'served_on', text: ({ claim }) => claim.servedOn },
  { header: 'month', text: ({ claim }) => claim.forPeriod.slice(0, 7) },
  { header: 'net', pounds: ({ claim }) => claim.price.netMinor },
  { header: 'vat_category', text: ({ vat }) => vat.category },
  { header: 'vat_basis_points', integer: ({ vat }) => vat.rateBasisPoints },
  { header: 'reasons', text: ({ claim }) => claim.price.reasons.map(wordReason).join('; ') },
];

/** Documents to read: as rows, as data, as the bytes that were issued, and claim by claim. */
@Injectable()
export class InvoicesService {
  constructor(
    private readonly database: Database,
    private readonly batches: BatchesService,
    private readonly charges: InvoiceChargesService,
  ) {}

  /** @throws not_found */
  async get(reader: Reader, id: string): Promise<Invoice> {
    const invoice = await reader.findOneBy(Invoice, { id });
    if (!invoice) throw notFound();
    return invoice;
  }

  /** @throws not_found */
  find(actor: Actor, id: string): Promise<Invoice> {
    return this.database.read(actor, (reader) => this.get(reader, id));
  }

  /** The documents of a batch, by id. */
  ofBatch(reader: Reader, batchId: string): Promise<Invoice[]> {
    return reader.find(Invoice, { where: { batchId }, order: { id: 'ASC' } });
  }

  documentOf(invoice: Invoice): InvoiceDocument {
    return invoiceDocumentFromJson(invoice.document as Json);
  }

  /** Invoices, the latest first. */
  list(actor: Actor, { limit, after, period, ...filter }: InvoiceFilter): Promise<Page<Invoice>> {
    const given = Object.fromEntries(Object.entries(filter).filter(([, value]) => value !== undefined));
    const ofPeriod = (column: string) => `${column} in (select id from batch where period = :period)`;
    const where = {
      ...given,
      ...(after !== undefined && { id: LessThan(after) }),
      ...(period !== undefined && { batchId: Raw(ofPeriod, { period }) }),
    };
    return this.database.read(actor, async (reader) =>
      pageOf(await reader.find(Invoice, { where, order: { id: 'DESC' }, take: limit + 1 }), limit),
    );
  }

  /** Contracts with documents that the actor may see, by code: to choose from. */
  contracts(actor: Actor): Promise<InvoicedContract[]> {
    return this.database.read(actor, (reader) => reader.query<InvoicedContract>(INVOICED_CONTRACTS));
  }

  /**
   * The bytes that were issued; of a draft what they would be today, marked as a draft.
   *
   * @throws not_found, invoice.no_file for an invoice that the provider made itself
   */
  async pdf(actor: Actor, id: string): Promise<InvoiceFile> {
    const { invoice, content } = await this.database.read(actor, async (reader) => {
      const found = await this.get(reader, id);
      const file = found.fileId === null ? null : await reader.findOneBy(DocumentFile, { id: found.fileId });
      return { invoice: found, content: file?.content ?? null };
    });
    if (invoice.state === 'draft') {
      const { bytes } = await renderInvoicePdf(this.documentOf(invoice));
      return { name: 'draft.pdf', bytes };
    }
    if (invoice.kind === 'provider_invoice') throw invoiceWithoutFile();
    assert(content, 'the bytes of an issued document are kept');
    return { name: `${invoice.number}.pdf`, bytes: content };
  }

  /**
   * Every claim behind a document as CSV, by opaque references alone.
   *
   * @throws not_found
   */
  async schedule(actor: Actor, id: string): Promise<InvoiceFile> {
    return this.database.read(actor, async (reader) => {
      const { kind, split, batchId, number } = await this.get(reader, id);
      const batch = await this.batches.get(reader, batchId);
      const contract = await this.batches.termsOf(reader, batch);
      const charges = await this.charges.ofBatch(reader, batch, contract);
      const own = charges.filter(({ vat }) => splitOf(kind, vat) === split);
      const parts: string[] = [];
      for await (const part of csvText(SCHEDULE_COLUMNS, own)) parts.push(part);
      return { name: `${number ?? 'draft'}-schedule.csv`, bytes: Buffer.from(parts.join('')) };
    });
  }
}

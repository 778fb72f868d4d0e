import { Injectable } from '@nestjs/common';
import { In } from 'typeorm';
import { BatchesService, lastDayOf, type Batch } from '../batches/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { ContractLookup, type ContractsFound } from '../pricing/index.js';
import { invoiceDocumentFromJson, type Json } from './invoice-json.document.js';
import { findSeries, findTaken } from './invoice-series.queries.js';
import { issueInvoice, type InvoiceDocument } from './invoice.document.js';
import { Invoice } from './invoice.entity.js';
import { waitOf, type InvoiceWait } from './issue.rules.js';
import { foreseeNumbers, prefixesWanted, type NumberInSeries, type NumberWanted } from './numbering.rules.js';

/** A draft that can be issued, as it will be if the number that was foreseen for it holds. */
export interface PlannedIssue {
  readonly invoice: Invoice;
  readonly batch: Batch;
  readonly vatRecoverable: boolean;
  readonly number: string;
  /** Null where the number is the provider's own. */
  readonly series: NumberInSeries | null;
  readonly document: InvoiceDocument;
}

export interface IssuePlan {
  readonly issues: readonly PlannedIssue[];
  readonly waits: readonly { readonly invoice: Invoice; readonly waitsFor: InvoiceWait }[];
  /** The day and the moment of issue. */
  readonly today: IsoDate;
  readonly now: Date;
}

interface LookedAt {
  readonly invoice: Invoice;
  readonly batch: Batch;
  readonly draft: InvoiceDocument;
  readonly vatRecoverable: boolean;
  readonly waitsFor: InvoiceWait | null;
}

/** Looks at drafts and says what becomes of each. It locks nothing and writes nothing. */
@Injectable()
export class InvoiceIssuePlanner {
  constructor(
    private readonly database: Database,
    private readonly batches: BatchesService,
    private readonly lookup: ContractLookup,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
  ) {}

  /** @throws not_found when any of them is */
  plan(actor: Actor, ids: readonly string[]): Promise<IssuePlan> {
    const [today, now] = [this.clock.today(), this.clock.now()];
    return this.database.read(actor, async (reader) => {
      const looked = await this.look(reader, ids);
      const free = looked.filter(({ waitsFor }) => waitsFor === null);
      const numbers = await this.foresee(reader, actor.orgId, today, free);
      return {
        today,
        now,
        issues: free.map((one) => issueOf(one, numbers.get(one.invoice.id) ?? null, today)),
        waits: looked.flatMap(({ invoice, waitsFor }) => (waitsFor === null ? [] : [{ invoice, waitsFor }])),
      };
    });
  }

  /** Those that are drafts, by id. */
  private async look(reader: Reader, ids: readonly string[]): Promise<LookedAt[]> {
    const invoices = await reader.find(Invoice, { where: { id: In(ids) }, order: { id: 'ASC' } });
    if (invoices.length < ids.length) throw notFound();
    const drafts = invoices.filter(({ state }) => state === 'draft');
    const batches = await this.batches.getAll(reader, [...new Set(drafts.map(({ batchId }) => batchId))]);
    const contracts = await this.lookup.find(
      reader,
      drafts.map(({ contractId }) => contractId),
    );
    return drafts.map((invoice) => {
      const batch = batches.get(invoice.batchId);
      assert(batch, 'a document is of a batch');
      const { vatRecoverable, standingAuthority } = contracts.termsOn(batch.contractId, lastDayOf(batch.period));
      const draft = invoiceDocumentFromJson(invoice.document as Json);
      const { kind, issueAuthorisedAt, ownNumber } = invoice;
      const hasAgreement = kind === 'self_billed_invoice' && isAgreed(contracts, invoice, draft);
      const waitsFor = waitOf(kind, { hasAgreement, standingAuthority, issueAuthorisedAt, ownNumber });
      return { invoice, batch, draft, vatRecoverable, waitsFor };
    });
  }

  private async foresee(
    reader: Reader,
    commissionerId: string,
    today: IsoDate,
    free: readonly LookedAt[],
  ): Promise<ReadonlyMap<string, NumberInSeries>> {
    const parties = [commissionerId, ...free.map(({ invoice }) => invoice.providerId)];
    const organisations = await this.organisations.getAll(reader, parties);
    const codeOf = (id: string) => organisations.get(id)?.code ?? '';
    const wanted = free.flatMap(({ invoice }): NumberWanted[] => {
      const { id, providerId, kind, ownNumber } = invoice;
      if (ownNumber !== null) return [];
      assert(kind !== 'provider_invoice', 'the number of the provider’s own invoice is its own');
      return [{ id, providerId, kind, providerCode: codeOf(providerId) }];
    });
    const of = { commissionerId, year: Number(today.slice(0, 4)) };
    const series = await findSeries(reader, of, wanted);
    const known = { commissionerCode: codeOf(commissionerId), year: of.year, series };
    const taken = await findTaken(reader, of, prefixesWanted(wanted, known));
    return foreseeNumbers(wanted, { ...known, taken });
  }
}

/** Whether a self-billing agreement covers the first and the last day of service. */
function isAgreed(contracts: ContractsFound, { providerId }: Invoice, { period }: InvoiceDocument): boolean {
  return contracts.hasAgreementOn(providerId, period.from) && contracts.hasAgreementOn(providerId, period.to);
}

function issueOf(looked: LookedAt, series: NumberInSeries | null, today: IsoDate): PlannedIssue {
  const { invoice, batch, draft, vatRecoverable } = looked;
  const number = series?.number ?? invoice.ownNumber;
  assert(number !== null, 'a document that is issued has a number');
  const document = issueInvoice(draft, { number, issuedOn: invoice.ownIssuedOn ?? today, receivedOn: today });
  return { invoice, batch, vatRecoverable, number, series, document };
}

import { hash } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { BatchesService, type Batch } from '../batches/index.js';
import { accounts, LedgerService, type NewTransfer } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { ContractsService, type ContractInForce } from '../pricing/index.js';
import { DocumentFile } from './document-file.entity.js';
import { invoiceDocumentFromJson, invoiceDocumentToJson, type Json } from './invoice-json.document.js';
import { takeNumber, type NumberInSeries } from './invoice-series.queries.js';
import { issueInvoice, type DayRange, type InvoiceDocument } from './invoice.document.js';
import { Invoice } from './invoice.entity.js';
import { InvoicePress } from './invoice-press.service.js';
import { invoiceIssued } from './invoicing.events.js';
import { waitOf, type InvoiceWait } from './issue.rules.js';

const WAIT = 'update invoice set waits_for = $3 where commissioner_id = $1 and id = $2';

const ISSUE = `
update invoice set state = 'issued', waits_for = null, number = $3, issued_on = $4, received_on = $5, due_on = $6,
                   document = $7, file_id = $8, event_id = $9
where commissioner_id = $1 and id = $2`;

interface KeptFile {
  readonly fileId: string;
  readonly fileSha256: string;
  readonly renderer: string;
}

/** Issues drafts: the number, the bytes, the event and the money in one transaction, once. */
@Injectable()
export class InvoiceIssueService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    private readonly batches: BatchesService,
    private readonly contracts: ContractsService,
    private readonly organisations: OrganisationsService,
    private readonly press: InvoicePress,
    private readonly clock: Clock,
  ) {}

  /** The drafts of a batch. */
  drafts(actor: Actor, batchId: string): Promise<string[]> {
    return this.database.read(actor, async (reader) => {
      const drafts = await reader.find(Invoice, { select: { id: true }, where: { batchId, state: 'draft' } });
      return drafts.map(({ id }) => id).sort();
    });
  }

  /**
   * Issues a draft if it waits for nothing, else keeps what it waits for. Does nothing to a document that is issued.
   *
   * @throws not_found
   */
  issue(actor: Actor, id: string): Promise<void> {
    return this.database.transaction(actor, async (tx) => {
      const invoice = await tx.findOne(Invoice, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!invoice) throw notFound();
      if (invoice.state === 'issued') return;
      const batch = await this.batches.get(tx, invoice.batchId);
      const contract = await this.batches.termsOf(tx, batch);
      const draft = invoiceDocumentFromJson(invoice.document as Json);
      const waitsFor = await this.waitOf(tx, invoice, contract, draft.period);
      if (waitsFor === null) await this.issueNow(tx, actor, { invoice, batch, contract, draft });
      else await tx.execute(WAIT, [invoice.commissionerId, id, waitsFor]);
    });
  }

  private async waitOf(
    reader: Reader,
    invoice: Invoice,
    contract: ContractInForce,
    period: DayRange,
  ): Promise<InvoiceWait | null> {
    const hasAgreement =
      invoice.kind === 'self_billed_invoice' &&
      (await this.contracts.agreementOn(reader, contract, period.from)) !== null &&
      (await this.contracts.agreementOn(reader, contract, period.to)) !== null;
    const { issueAuthorisedAt, ownNumber } = invoice;
    const { standingAuthority } = contract;
    return waitOf(invoice.kind, { hasAgreement, standingAuthority, issueAuthorisedAt, ownNumber });
  }

  private async issueNow(
    tx: Tx,
    actor: Actor,
    work: { invoice: Invoice; batch: Batch; contract: ContractInForce; draft: InvoiceDocument },
  ): Promise<void> {
    const { invoice, batch, contract, draft } = work;
    const { commissionerId, id, providerId, contractId, kind, split, ownNumber, ownIssuedOn } = invoice;
    const [today, now] = [this.clock.today(), this.clock.now()];
    const series = ownNumber === null ? await this.takeNumber(tx, invoice, today) : null;
    const number = series?.number ?? ownNumber;
    assert(number !== null, 'a document that is issued has a number');
    const document = issueInvoice(draft, { number, issuedOn: ownIssuedOn ?? today, receivedOn: today });
    const file = ownNumber === null ? await this.keepFile(tx, invoice, document, now) : null;
    const json = invoiceDocumentToJson(document);
    const { netMinor, vatMinor, grossMinor } = document.totals;
    const { issuedOn, due } = document;
    const { id: eventId } = await this.ledger.post(tx, {
      event: {
        type: 'invoice.issued',
        commissionerId,
        subjectId: id,
        actor,
        providerId,
        causeId: batch.approvedEventId,
        occurredAt: now,
        data: {
          contractId,
          batchId: batch.id,
          kind,
          split,
          number,
          series: series && { prefix: series.prefix, year: Number(today.slice(0, 4)), count: series.count },
          issuedOn,
          receivedOn: document.terms.receivedOn,
          dueOn: due.dueOn,
          netMinor,
          vatMinor,
          grossMinor,
          documentSha256: hash('sha256', canonicalJson(json)),
          file: file && { ...file },
        },
      },
      transfers: transfersOf(invoice, batch, contract.vatRecoverable),
    });
    const issued = [number, issuedOn, document.terms.receivedOn, due.dueOn, JSON.stringify(json)];
    const changed = await tx.execute(ISSUE, [commissionerId, id, ...issued, file?.fileId ?? null, eventId]);
    assert(changed === 1, 'a draft is issued once, under its lock');
    await emit(tx, actor.orgId, invoiceIssued, { commissionerId, id });
  }

  private async takeNumber(tx: Tx, invoice: Invoice, today: IsoDate): Promise<NumberInSeries> {
    const { commissionerId, providerId, kind } = invoice;
    assert(kind !== 'provider_invoice', 'the number of the provider’s own invoice is its own');
    const { code: provider } = await this.organisations.get(tx, providerId);
    const { code: commissioner } = await this.organisations.get(tx, commissionerId);
    const year = Number(today.slice(0, 4));
    return takeNumber(tx, { commissionerId, providerId, kind, year }, { provider, commissioner });
  }

  private async keepFile(tx: Tx, invoice: Invoice, document: InvoiceDocument, createdAt: Date): Promise<KeptFile> {
    const { commissionerId, providerId } = invoice;
    const { bytes, sha256, renderer } = await this.press.draw(document);
    const id = newId();
    await tx.insert(DocumentFile, {
      commissionerId,
      id,
      providerId,
      kind: 'invoice',
      content: bytes,
      sha256,
      renderer,
      createdAt,
    });
    return { fileId: id, fileSha256: sha256.toString('hex'), renderer };
  }
}

/**
 * Net was accrued at approval and is owed now. VAT is owed as printed: an asset where the commissioner gets it back, else a
 * cost like its line. Approval has spent budget for that cost; should the treatment of a service have been corrected since,
 * the difference follows here.
 */
function transfersOf(invoice: Invoice, batch: Batch, vatRecoverable: boolean): NewTransfer[] {
  const { providerId, contractId, netMinor, vatMinor, split } = invoice;
  const owed = accounts.owed(providerId, contractId);
  const vatAccount = vatRecoverable ? accounts.vatInput() : accounts.activity();
  const differenceMinor = vatRecoverable || split !== 'taxed' ? 0n : vatMinor - batch.vatMinor;
  const budget = accounts.budget(providerId, contractId);
  const spent = accounts.spent(providerId, contractId);
  return [
    { debit: accounts.accrued(providerId, contractId), credit: owed, amountMinor: netMinor },
    { debit: vatAccount, credit: owed, amountMinor: vatMinor },
    differenceMinor < 0n
      ? { debit: spent, credit: budget, amountMinor: -differenceMinor }
      : { debit: budget, credit: spent, amountMinor: differenceMinor },
  ];
}

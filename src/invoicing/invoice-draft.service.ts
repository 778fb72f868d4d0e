import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { BatchesService, type Batch } from '../batches/index.js';
import { LedgerService } from '../ledger/index.js';
import { OrganisationsService } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { CONFIG } from '../platform/platform.module.js';
import type { ContractInForce } from '../pricing/index.js';
import { approvedLineOf, InvoiceChargesService, type InvoicedCharge } from './invoice-charges.service.js';
import { invoiceDocumentToJson } from './invoice-json.document.js';
import { customerOf, isPublicAuthority, supplierOf } from './invoice-parties.rules.js';
import { draftInvoice, type InvoiceDocument } from './invoice.document.js';
import { documentKindOf, kindOf, splitOf } from './issue.rules.js';

const INSERT = `
insert into invoice (commissioner_id, id, provider_id, contract_id, batch_id, split, kind, state, net_minor, vat_minor,
                     gross_minor, document, created_at)
values ($1, $2, $3, $4, $5, $6, $7, 'draft', $8, $9, $10, $11, $12)`;

/** Makes the documents of an approved batch, as drafts. */
@Injectable()
export class InvoiceDraftService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    private readonly batches: BatchesService,
    private readonly charges: InvoiceChargesService,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Drafts the documents of a batch once, however often and by however many it is asked: the batch is locked, and each of
   * its parts has one document. A batch of recognised work alone has none.
   */
  draft(actor: Actor, batchId: string): Promise<void> {
    return this.database.transaction(actor, async (tx) => {
      const batch = await this.batches.lock(tx, batchId);
      if (batch.state !== 'approved' || batch.chargeCount === 0) return;
      const [drafted] = await tx.query('select 1 from invoice where commissioner_id = $1 and batch_id = $2 limit 1', [
        batch.commissionerId,
        batchId,
      ]);
      if (drafted) return;
      const contract = await this.batches.termsOf(tx, batch);
      for (const document of await this.documentsOf(tx, batch, contract)) {
        await this.keep(tx, actor, { batch, contract, document });
      }
    });
  }

  private async documentsOf(reader: Reader, batch: Batch, contract: ContractInForce): Promise<InvoiceDocument[]> {
    const charges = await this.charges.ofBatch(reader, batch, contract);
    const { commissionerId, providerId } = batch;
    const today = this.clock.today();
    const provider = await this.organisations.get(reader, providerId);
    const commissioner = await this.organisations.get(reader, commissionerId);
    const supplierVat = await this.organisations.vatNumberOn(reader, providerId, lastTaxedDay(charges));
    const customerVat = await this.organisations.vatNumberOn(reader, commissionerId, today);
    const { documentMode, regime, paymentDays, buyerReference, costCode, payablesAddress } = contract;
    return draftInvoice({
      kind: documentKindOf(kindOf(documentMode)),
      lines: charges.map(approvedLineOf),
      supplier: supplierOf(provider, supplierVat),
      customer: customerOf(commissioner, payablesAddress, customerVat),
      references: {
        contractCode: contract.code,
        purchaseOrder: batch.purchaseOrderNumber,
        buyerReference,
        costCode,
        batchCode: batch.code,
      },
      terms: {
        paymentDays,
        regime: regime === 'grant' ? 'other' : regime,
        customerIsPublicAuthority: isPublicAuthority(commissioner),
        receivedOn: null,
      },
      issuedOn: today,
      sandbox: this.config.sandbox,
    });
  }

  private async keep(
    tx: Tx,
    actor: Actor,
    { batch, contract, document }: { batch: Batch; contract: ContractInForce; document: InvoiceDocument },
  ): Promise<void> {
    const { commissionerId, providerId, contractId, id: batchId } = batch;
    const kind = kindOf(contract.documentMode);
    const { netMinor, vatMinor, grossMinor } = document.totals;
    const [line] = document.lines;
    assert(line, 'a document has a line');
    const [id, split, json, createdAt] = [
      newId(),
      splitOf(kind, line.vat),
      invoiceDocumentToJson(document),
      this.clock.now(),
    ];
    await tx.execute(INSERT, [
      commissionerId,
      id,
      providerId,
      contractId,
      batchId,
      split,
      kind,
      netMinor.toString(),
      vatMinor.toString(),
      grossMinor.toString(),
      JSON.stringify(json),
      createdAt,
    ]);
    await this.ledger.record(tx, {
      type: 'invoice.drafted',
      commissionerId,
      subjectId: id,
      actor,
      providerId,
      causeId: batch.approvedEventId,
      occurredAt: createdAt,
      data: {
        contractId,
        batchId,
        kind,
        split,
        netMinor,
        vatMinor,
        grossMinor,
        documentSha256: hash('sha256', canonicalJson(json)),
      },
    });
  }
}

/** The day whose VAT number the documents carry: the last with a line inside the scope of VAT, else the last of all. */
function lastTaxedDay(charges: readonly InvoicedCharge[]): IsoDate {
  const inside = charges.filter(({ vat }) => vat.category !== 'O');
  const days = (inside.length > 0 ? inside : charges).map(({ claim }) => claim.servedOn).sort();
  return days.at(-1) ?? '';
}

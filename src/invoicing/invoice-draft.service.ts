import { hash } from 'node:crypto';
import { Inject, Injectable } from '@nestjs/common';
import { BatchesService, lastDayOf, type Batch } from '../batches/index.js';
import type { AlikeClaims } from '../delivery/index.js';
import { LedgerService, type NewEvent } from '../ledger/index.js';
import { OrganisationsService, type Organisation } from '../organisations/index.js';
import type { Actor } from '../platform/actor.js';
import { canonicalJson } from '../platform/canonical-json.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database, type Reader } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { CONFIG } from '../platform/platform.module.js';
import { ContractLookup, type ContractInForce, type ContractsFound } from '../pricing/index.js';
import { InvoiceChargesService } from './invoice-charges.service.js';
import { findWithDocument, insertDrafts, type DraftRow } from './invoice-draft.queries.js';
import { invoiceDocumentToJson, type Json } from './invoice-json.document.js';
import type { ApprovedLine } from './invoice-lines.rules.js';
import { customerOf, isPublicAuthority, supplierOf } from './invoice-parties.rules.js';
import { draftInvoice, type InvoiceDocument } from './invoice.document.js';
import { documentKindOf, kindOf, splitOf } from './issue.rules.js';

/** What drafts of several batches are made from. */
interface Found {
  readonly contracts: ContractsFound;
  readonly charges: ReadonlyMap<string, readonly AlikeClaims[]>;
  readonly organisations: ReadonlyMap<string, Organisation>;
  /** Of the commissioner, today. */
  readonly customerVat: string | null;
}

interface Draft {
  readonly batch: Batch;
  readonly row: DraftRow;
  readonly json: Json;
}

/** Makes the documents of approved batches, as drafts. */
@Injectable()
export class InvoiceDraftService {
  constructor(
    private readonly database: Database,
    private readonly ledger: LedgerService,
    private readonly batches: BatchesService,
    private readonly charges: InvoiceChargesService,
    private readonly lookup: ContractLookup,
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /**
   * Drafts the documents of batches of the actor's organisation once, however often and by however many it is asked: the
   * batches are locked, and each of their parts has one document. A batch of recognised work alone has none, nor has one that
   * is not approved. All are drafted or none.
   *
   * @throws not_found, vat_treatment.missing
   */
  draft(actor: Actor, batchIds: readonly string[]): Promise<void> {
    return this.database.transaction(actor, async (tx) => {
      const batches = await this.batches.holdAll(tx, batchIds);
      const drafted = await findWithDocument(tx, actor.orgId, batchIds);
      const left = [...batches.values()].filter(
        ({ id, state, chargeCount }) => state === 'approved' && chargeCount > 0 && !drafted.has(id),
      );
      if (left.length === 0) return;
      const found = await this.find(tx, actor, left);
      const drafts = left.flatMap((batch) => this.draftsOf(batch, found));
      await insertDrafts(
        tx,
        drafts.map(({ row }) => row),
      );
      await this.ledger.recordAll(
        tx,
        drafts.map((draft) => draftedEvent(actor, draft)),
      );
    });
  }

  private async find(reader: Reader, { orgId }: Actor, batches: readonly Batch[]): Promise<Found> {
    const providerIds = batches.map(({ providerId }) => providerId);
    return {
      contracts: await this.lookup.find(
        reader,
        batches.map(({ contractId }) => contractId),
      ),
      charges: await this.charges.alikeOf(
        reader,
        batches.map(({ id }) => id),
      ),
      organisations: await this.organisations.getAll(reader, [orgId, ...providerIds]),
      customerVat: await this.organisations.vatNumberOn(reader, orgId, this.clock.today()),
    };
  }

  private draftsOf(batch: Batch, found: Found): Draft[] {
    const contract = found.contracts.termsOn(batch.contractId, lastDayOf(batch.period));
    const kind = kindOf(contract.documentMode);
    return this.documentsOf(batch, contract, found).map((document) => {
      const [line] = document.lines;
      assert(line, 'a document has a line');
      const json = invoiceDocumentToJson(document);
      const { netMinor, vatMinor, grossMinor } = document.totals;
      const { commissionerId, providerId, contractId, id: batchId } = batch;
      const split = splitOf(kind, line.vat);
      const amounts = { netMinor, vatMinor, grossMinor };
      const row = { commissionerId, id: newId(), providerId, contractId, batchId, split, kind, ...amounts };
      return { batch, json, row: { ...row, document: JSON.stringify(json), createdAt: this.clock.now() } };
    });
  }

  private documentsOf(batch: Batch, contract: ContractInForce, found: Found): InvoiceDocument[] {
    const { commissionerId, providerId } = batch;
    const lines = linesOf(found.charges.get(batch.id) ?? [], contract, found.contracts);
    const [provider, commissioner] = [found.organisations.get(providerId), found.organisations.get(commissionerId)];
    assert(provider && commissioner, 'both parties of a contract are registered');
    const supplierVat = found.contracts.vatNumberOn(providerId, lastTaxedDay(lines));
    const { documentMode, regime, paymentDays, buyerReference, costCode, payablesAddress } = contract;
    return draftInvoice({
      kind: documentKindOf(kindOf(documentMode)),
      lines,
      supplier: supplierOf(provider, supplierVat),
      customer: customerOf(commissioner, payablesAddress, found.customerVat),
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
      issuedOn: this.clock.today(),
      sandbox: this.config.sandbox,
    });
  }
}

/** Claims as lines of an invoice: no reference, no person, only the service, the figures, and the reasons' codes. */
function linesOf(charges: readonly AlikeClaims[], contract: ContractInForce, found: ContractsFound): ApprovedLine[] {
  const vatOn = found.vatOf(contract);
  return charges.flatMap(({ serviceId, servedOn, forPeriod, price, claimCount }) => {
    const service = found.service(serviceId);
    assert(service, 'a claim is for a service of its provider');
    const { quantity, unit, unitPriceMinor, netMinor, reasons } = price;
    const line = {
      serviceCode: service.code,
      serviceName: service.name,
      servedOn,
      month: forPeriod.slice(0, 7),
      unit,
      quantity,
      unitPriceMinor,
      netMinor,
      vat: vatOn(serviceId, servedOn),
      claimCount: 1,
      reasons,
    };
    return Array.from({ length: claimCount }, () => line);
  });
}

function draftedEvent(actor: Actor, { batch, row, json }: Draft): NewEvent {
  const { commissionerId, id, providerId, contractId, batchId, kind, split, netMinor, vatMinor, grossMinor } = row;
  const documentSha256 = hash('sha256', canonicalJson(json));
  return {
    type: 'invoice.drafted',
    commissionerId,
    subjectId: id,
    actor,
    providerId,
    causeId: batch.approvedEventId,
    occurredAt: row.createdAt,
    data: { contractId, batchId, kind, split, netMinor, vatMinor, grossMinor, documentSha256 },
  };
}

/** The day whose VAT number the documents carry: the last with a line inside the scope of VAT, else the last of all. */
function lastTaxedDay(lines: readonly ApprovedLine[]): IsoDate {
  const inside = lines.filter(({ vat }) => vat.category !== 'O');
  const days = (inside.length > 0 ? inside : lines).map(({ servedOn }) => servedOn).sort();
  return days.at(-1) ?? '';
}

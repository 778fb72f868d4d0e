import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Minor } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { emit } from '../platform/events.js';
import { Invoice } from './invoice.entity.js';
import {
  invoiceDatedAhead,
  invoiceIssuedBefore,
  invoiceNeedsNoLeave,
  invoiceNotProviderOwn,
  invoiceNumberGiven,
  invoiceNumberTaken,
  invoiceTotalDiffers,
} from './invoicing.errors.js';
import { issueAuthorised } from './invoicing.events.js';

export interface OwnInvoice {
  readonly number: string;
  readonly issuedOn: IsoDate;
  /** What the provider's invoice asks for, VAT included. */
  readonly totalMinor: Minor;
}

/** What the provider says to a draft. The draft itself is issued in the background, by its commissioner's side. */
@Injectable()
export class InvoiceAuthorityService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Lets a draft of the provider's own invoice be issued. Said again it does nothing.
   *
   * @throws not_found, invoice.needs_no_leave, invoice.issued_before
   */
  authorise(actor: Actor, id: string): Promise<Invoice> {
    return this.decide(actor, id, 'invoice.authorise', async (tx, invoice) => {
      const { kind, waitsFor, batchId, grossMinor } = invoice;
      if (kind !== 'invoice') throw invoiceNeedsNoLeave({ kind, waitsFor });
      if (invoice.issueAuthorisedAt !== null) return;
      const authorised = await this.markAuthorised(tx, actor, invoice, {});
      const data = { batchId, grossMinor };
      await this.record(tx, actor, invoice, { type: 'invoice.issue_authorised', occurredAt: authorised, data });
    });
  }

  /**
   * Matches an invoice that the provider made in its own system to the batch: its total is the one that was approved.
   *
   * @throws not_found, invoice.not_provider_own, invoice.issued_before, invoice.number_given, invoice.number_taken
   * @throws invoice.total_differs with `approvedMinor`, `givenMinor` and `differenceMinor`; invoice.dated_ahead
   */
  giveOwnNumber(actor: Actor, id: string, own: OwnInvoice): Promise<Invoice> {
    return this.decide(actor, id, 'invoice.give_own_number', async (tx, invoice) => {
      const { kind, commissionerId, providerId, batchId, grossMinor } = invoice;
      const { number, issuedOn, totalMinor } = own;
      if (kind !== 'provider_invoice') throw invoiceNotProviderOwn({ kind });
      if (invoice.ownNumber !== null) throw invoiceNumberGiven();
      if (issuedOn > this.clock.today()) throw invoiceDatedAhead({ issuedOn });
      if (totalMinor !== grossMinor) {
        const differenceMinor = totalMinor - grossMinor;
        throw invoiceTotalDiffers({ approvedMinor: grossMinor, givenMinor: totalMinor, differenceMinor });
      }
      if (await tx.existsBy(Invoice, { commissionerId, providerId, number })) throw invoiceNumberTaken();
      const given = await this.markAuthorised(tx, actor, invoice, { ownNumber: number, ownIssuedOn: issuedOn });
      const data = { batchId, number, issuedOn, grossMinor };
      await this.record(tx, actor, invoice, { type: 'invoice.own_number_given', occurredAt: given, data });
    });
  }

  private async decide(
    actor: Actor,
    id: string,
    name: string,
    work: (tx: Tx, invoice: Invoice) => Promise<void>,
  ): Promise<Invoice> {
    const found = await this.database.read(actor, (reader) => reader.findOneBy(Invoice, { id }));
    if (!found) throw notFound();
    const { commissionerId } = found;
    return this.commands.run(actor, { name, commissionerId, subjectId: id }, async (tx) => {
      const invoice = await tx.findOne(Invoice, { where: { id }, lock: { mode: 'pessimistic_write' } });
      if (!invoice) throw notFound();
      if (invoice.state === 'issued') throw invoiceIssuedBefore({ number: invoice.number });
      await work(tx, invoice);
      const decided = await tx.findOneBy(Invoice, { id });
      assert(decided, 'the draft is still there');
      return decided;
    });
  }

  private async markAuthorised(
    tx: Tx,
    actor: Actor,
    { commissionerId, id, batchId }: Invoice,
    own: Partial<Pick<Invoice, 'ownNumber' | 'ownIssuedOn'>>,
  ): Promise<Date> {
    const authorised = { ...own, issueAuthorisedBy: actor.memberId, issueAuthorisedAt: this.clock.now() };
    await tx.update(Invoice, { commissionerId, id }, authorised);
    await emit(tx, actor.orgId, issueAuthorised, { commissionerId, id: batchId });
    return authorised.issueAuthorisedAt;
  }

  private async record(
    tx: Tx,
    actor: Actor,
    { commissionerId, id, providerId }: Invoice,
    happened: { type: string; occurredAt: Date; data: Record<string, string | bigint> },
  ): Promise<void> {
    await this.ledger.record(tx, { ...happened, commissionerId, subjectId: id, actor, providerId });
  }
}

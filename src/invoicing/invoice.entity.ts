import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';
import type { DocumentKind, InvoiceSplit, InvoiceState, InvoiceWait } from './issue.rules.js';

/** A document of an approved batch: one, or one for each part that may not share a document with another. */
@Entity('invoice')
export class Invoice {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'batch_id' }) batchId: string;
  @Column('text') split: InvoiceSplit;
  @Column('text') kind: DocumentKind;
  @Column('text') state: InvoiceState;
  /** What keeps a draft from being issued; null when nothing does. */
  @Column('text', { name: 'waits_for', nullable: true }) waitsFor: InvoiceWait | null;
  /** From the series, or the provider's own; null in a draft. */
  @Column('text', { nullable: true }) number: string | null;
  @Column('date', { name: 'issued_on', nullable: true }) issuedOn: string | null;
  @Column('date', { name: 'received_on', nullable: true }) receivedOn: string | null;
  /** The day that the invoice asks for. */
  @Column('date', { name: 'due_on', nullable: true }) dueOn: string | null;
  @Column({ ...MINOR, name: 'net_minor' }) netMinor: bigint;
  @Column({ ...MINOR, name: 'vat_minor' }) vatMinor: bigint;
  @Column({ ...MINOR, name: 'gross_minor' }) grossMinor: bigint;
  /** The InvoiceDocument; see invoice-json.document.ts. */
  @Column('jsonb') document: unknown;
  @Column('uuid', { name: 'file_id', nullable: true }) fileId: string | null;
  @Column('uuid', { name: 'event_id', nullable: true }) eventId: string | null;
  @Column('uuid', { name: 'issue_authorised_by', nullable: true }) issueAuthorisedBy: string | null;
  @Column('timestamptz', { name: 'issue_authorised_at', nullable: true }) issueAuthorisedAt: Date | null;
  @Column('text', { name: 'own_number', nullable: true }) ownNumber: string | null;
  @Column('date', { name: 'own_issued_on', nullable: true }) ownIssuedOn: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

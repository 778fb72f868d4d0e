import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';
import type { BatchState } from './batch.rules.js';

/** Claims of one contract, put to approval together. Its sums and its digest are those of the claims that it holds. */
@Entity('batch')
export class Batch {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  /** For people and documents: contract, month, and which of that month's batches. */
  @Column('text') code: string;
  /** The first day of the latest month in it. */
  @Column('date') period: string;
  @Column('text') state: BatchState;
  @Column('integer', { name: 'line_count' }) lineCount: number;
  /** Lines that are charged, if only at nothing; the others are recognised work. */
  @Column('integer', { name: 'charge_count' }) chargeCount: number;
  /** Net of VAT. */
  @Column({ ...MINOR, name: 'total_minor' }) totalMinor: bigint;
  /** VAT that the commissioner does not get back, which its budget bears beside the total. */
  @Column({ ...MINOR, name: 'vat_minor' }) vatMinor: bigint;
  @Column({ ...MINOR, name: 'indicative_minor' }) indicativeMinor: bigint;
  @Column('bytea') digest: Buffer;
  @Column('text', { name: 'purchase_order_number', nullable: true }) purchaseOrderNumber: string | null;
  /** What the budget did not cover at submission, and must by approval. */
  @Column({ ...MINOR, name: 'uncommitted_minor' }) uncommittedMinor: bigint;
  @Column('uuid', { name: 'made_by', nullable: true }) madeBy: string | null;
  @Column('timestamptz', { name: 'submitted_at' }) submittedAt: Date;
  @Column('uuid', { name: 'decided_by', nullable: true }) decidedBy: string | null;
  @Column('timestamptz', { name: 'decided_at', nullable: true }) decidedAt: Date | null;
  @Column('text', { name: 'reject_reason', nullable: true }) rejectReason: string | null;
  @Column('bytea', { name: 'reject_reason_salt', nullable: true }) rejectReasonSalt: Buffer | null;
  /** Why flagged lines were approved all the same. */
  @Column('text', { name: 'flags_reason', nullable: true }) flagsReason: string | null;
  @Column('bytea', { name: 'flags_reason_salt', nullable: true }) flagsReasonSalt: Buffer | null;
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('uuid', { name: 'approved_event_id', nullable: true }) approvedEventId: string | null;
}

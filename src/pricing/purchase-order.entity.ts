import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';

/** One version of a purchase order; the latest of its number holds. */
@Entity('purchase_order')
export class PurchaseOrder {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('text') number: string;
  @Column('integer') version: number;
  @Column({ ...MINOR, name: 'value_minor' }) valueMinor: bigint;
  @Column('date', { name: 'starts_on' }) startsOn: string;
  @Column('date', { name: 'ends_on' }) endsOn: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('uuid', { name: 'created_by', nullable: true }) createdBy: string | null;
}

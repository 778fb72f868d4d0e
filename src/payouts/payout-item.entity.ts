import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';

/** An invoice that a payout pays. It stays live while the payout may pay it: an invoice has one live item at the most. */
@Entity('payout_item')
export class PayoutItem {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid', { name: 'payout_id' }) payoutId: string;
  @PrimaryColumn('uuid', { name: 'invoice_id' }) invoiceId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column({ ...MINOR, name: 'amount_minor' }) amountMinor: bigint;
  @Column('boolean', { default: true }) live: boolean;
}

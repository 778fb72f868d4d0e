import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';

/** A budget raised (above zero) or lowered (below zero): the decision behind a transfer in the budget book. */
@Entity('budget_change')
export class BudgetChange {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column({ ...MINOR, name: 'amount_minor' }) amountMinor: bigint;
  @Column('date', { name: 'effective_on' }) effectiveOn: string;
  /** Why, in the words of whoever decided it; only the commissioner reads it. */
  @Column('text', { nullable: true }) reason: string | null;
  @Column('bytea', { name: 'reason_salt', nullable: true }) reasonSalt: Buffer | null;
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('uuid', { name: 'created_by', nullable: true }) createdBy: string | null;
}

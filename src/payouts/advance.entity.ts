import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';
import type { AdvanceReason, AdvanceState } from './advance.rules.js';

/** Money for a provider ahead of its invoices, on one contract, with the terms on which it comes back. */
@Entity('advance')
export class Advance {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('integer') number: number;
  @Column('text') reference: string;
  @Column({ ...MINOR, name: 'amount_minor' }) amountMinor: bigint;
  @Column('text', { name: 'reason_code' }) reasonCode: AdvanceReason;
  /** In the words of whoever proposed it; only the commissioner reads it. Null once it was redacted. */
  @Column('text', { nullable: true }) reason: string | null;
  @Column('bytea', { name: 'reason_salt', nullable: true }) reasonSalt: Buffer | null;
  @Column('integer', { name: 'share_percent', nullable: true }) sharePercent: number | null;
  @Column({ ...MINOR, name: 'instalment_minor', nullable: true }) instalmentMinor: bigint | null;
  @Column('date', { name: 'recover_by' }) recoverBy: string;
  @Column('text') state: AdvanceState;
  @Column('uuid', { name: 'proposed_by' }) proposedBy: string;
  @Column('timestamptz', { name: 'proposed_at' }) proposedAt: Date;
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('uuid', { name: 'approved_by', nullable: true }) approvedBy: string | null;
  @Column('timestamptz', { name: 'approved_at', nullable: true }) approvedAt: Date | null;
  @Column('uuid', { name: 'approved_event_id', nullable: true }) approvedEventId: string | null;
  @Column('uuid', { name: 'closed_by', nullable: true }) closedBy: string | null;
  @Column('timestamptz', { name: 'closed_at', nullable: true }) closedAt: Date | null;
  /** In the words of whoever declined it; only the commissioner reads it. */
  @Column('text', { name: 'decline_reason', nullable: true }) declineReason: string | null;
  @Column('bytea', { name: 'decline_reason_salt', nullable: true }) declineReasonSalt: Buffer | null;
}

/** An advance that a payout pays. It stays live while the payout may pay it: an advance has one live item at the most. */
@Entity('payout_advance')
export class PayoutAdvance {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid', { name: 'payout_id' }) payoutId: string;
  @PrimaryColumn('uuid', { name: 'advance_id' }) advanceId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column({ ...MINOR, name: 'amount_minor' }) amountMinor: bigint;
  @Column('boolean', { default: true }) live: boolean;
}

/** What an invoice gave back of an advance instead of being paid. */
@Entity('advance_recovery')
export class AdvanceRecovery {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid', { name: 'advance_id' }) advanceId: string;
  @PrimaryColumn('uuid', { name: 'invoice_id' }) invoiceId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column({ ...MINOR, name: 'amount_minor' }) amountMinor: bigint;
  @Column({ ...MINOR, name: 'remaining_minor' }) remainingMinor: bigint;
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('timestamptz', { name: 'recovered_at' }) recoveredAt: Date;
}

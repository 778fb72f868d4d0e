import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { IsoDate } from '../platform/clock.js';
import { MINOR } from '../platform/columns.js';
import type { PayoutState } from './payout-state.rules.js';

export type PayoutRailKind = 'stripe' | 'outside';

/** One instruction: what one run pays one provider through one rail. */
@Entity('payout')
export class Payout {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'run_id' }) runId: string;
  @Column('uuid', { name: 'account_id', nullable: true }) accountId: string | null;
  @Column('integer') number: number;
  /** What people and bank statements call it. */
  @Column('text') reference: string;
  @Column('text') rail: PayoutRailKind;
  @Column({ ...MINOR, name: 'amount_minor' }) amountMinor: bigint;
  @Column('text') state: PayoutState;
  @Column('text', { name: 'reason_code', nullable: true }) reasonCode: string | null;
  @Column('text', { name: 'transfer_id', nullable: true }) transferId: string | null;
  @Column('text', { name: 'bank_payout_id', nullable: true }) bankPayoutId: string | null;
  @Column('text', { name: 'outside_reference', nullable: true }) outsideReference: string | null;
  @Column('date', { name: 'outside_paid_on', nullable: true }) outsidePaidOn: IsoDate | null;
  @Column('uuid', { name: 'entered_by', nullable: true }) enteredBy: string | null;
  @Column('timestamptz', { name: 'entered_at', nullable: true }) enteredAt: Date | null;
  @Column('uuid', { name: 'confirmed_by', nullable: true }) confirmedBy: string | null;
  @Column('uuid', { name: 'remittance_id', nullable: true }) remittanceId: string | null;
  /** Of the event that reserved the money. */
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('timestamptz', { name: 'requested_at' }) requestedAt: Date;
  @Column('timestamptz', { name: 'sent_at', nullable: true }) sentAt: Date | null;
  @Column('timestamptz', { name: 'settled_at', nullable: true }) settledAt: Date | null;
  @Column('timestamptz', { name: 'failed_at', nullable: true }) failedAt: Date | null;
  @Column('timestamptz', { name: 'next_try_at', nullable: true }) nextTryAt: Date | null;
}

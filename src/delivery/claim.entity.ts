import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { EarningFact, LineKind } from '../pricing/index.js';
import { MINOR } from '../platform/columns.js';
import type { ClaimFlagCode } from './claim-flag.rules.js';
import type { StoredPricing } from './claim-price.rules.js';

export const CLAIM_STATES = ['submitted', 'queried', 'rejected', 'withdrawn'] as const;
export type ClaimState = (typeof CLAIM_STATES)[number];

/** One charge for one earning fact. Held by a batch, what becomes of it follows from the batch. */
@Entity('claim')
export class Claim {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'service_id' }) serviceId: string;
  @Column('uuid', { name: 'rate_card_id' }) rateCardId: string;
  @Column('text', { name: 'fact_kind' }) factKind: EarningFact;
  @Column('uuid', { name: 'fact_id' }) factId: string;
  @Column('text', { name: 'charge_kind' }) chargeKind: string;
  @Column('uuid', { name: 'referral_id', nullable: true }) referralId: string | null;
  @Column('uuid', { name: 'person_id', nullable: true }) personId: string | null;
  @Column('uuid', { name: 'session_id', nullable: true }) sessionId: string | null;
  @Column('uuid', { name: 'attendance_id', nullable: true }) attendanceId: string | null;
  @Column('uuid', { name: 'paid_to' }) paidTo: string;
  @Column('uuid', { name: 'delivered_by' }) deliveredBy: string;
  @Column('date', { name: 'served_on' }) servedOn: string;
  @Column('timestamptz', { name: 'served_at' }) servedAt: Date;
  /** The last day of a period; null of any other fact. */
  @Column('date', { name: 'period_ends_on', nullable: true }) periodEndsOn: string | null;
  /** The first day of the month of service. */
  @Column('date', { name: 'for_period' }) forPeriod: string;
  @Column('text') state: ClaimState;
  @Column({ ...MINOR, name: 'provisional_minor' }) provisionalMinor: bigint;
  /** Final; null until a batch holds the claim. */
  @Column({ ...MINOR, name: 'price_minor', nullable: true }) priceMinor: bigint | null;
  @Column({ ...MINOR, name: 'indicative_minor' }) indicativeMinor: bigint;
  @Column('jsonb') pricing: StoredPricing;
  @Column('text', { array: true }) flags: ClaimFlagCode[];
  @Column('text', { name: 'line_kind' }) lineKind: LineKind;
  @Column('integer') units: number;
  @Column({ ...MINOR, name: 'expected_minor', nullable: true }) expectedMinor: bigint | null;
  @Column('text', { name: 'your_reference', nullable: true }) yourReference: string | null;
  @Column('uuid', { name: 'batch_id', nullable: true }) batchId: string | null;
  @Column('text', { name: 'reject_reason', nullable: true }) rejectReason: string | null;
  @Column('bytea', { name: 'reject_reason_salt', nullable: true }) rejectReasonSalt: Buffer | null;
  @Column('uuid', { name: 'claim_file_id', nullable: true }) claimFileId: string | null;
  @Column('integer', { name: 'row_number', nullable: true }) rowNumber: number | null;
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('timestamptz', { name: 'submitted_at' }) submittedAt: Date;
  @Column('uuid', { name: 'submitted_by', nullable: true }) submittedBy: string | null;
}

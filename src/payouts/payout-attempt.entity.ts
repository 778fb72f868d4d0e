import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { AttemptOutcome, AttemptStep } from './payout-step.rules.js';

/** One order to the rail: its key and the hash of its body stay the same, however often it is sent. */
@Entity('payout_attempt')
export class PayoutAttempt {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid', { name: 'payout_id' }) payoutId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @PrimaryColumn('text') step: AttemptStep;
  @PrimaryColumn('integer') attempt: number;
  @Column('text') key: string;
  @Column('bytea', { name: 'request_sha256' }) requestSha256: Buffer;
  @Column('text') outcome: AttemptOutcome;
  @Column('text', { name: 'external_id', nullable: true }) externalId: string | null;
  @Column('text', { name: 'reason_code', nullable: true }) reasonCode: string | null;
  @Column('integer', { default: 0 }) calls: number;
  @Column('timestamptz', { name: 'first_called_at', nullable: true }) firstCalledAt: Date | null;
  @Column('timestamptz', { name: 'answered_at', nullable: true }) answeredAt: Date | null;
}

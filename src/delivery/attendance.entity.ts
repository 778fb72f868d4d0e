import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Outcome } from '../pricing/index.js';

/** One person's place in a session, by the referral. */
@Entity('attendance')
export class Attendance {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'session_id' }) sessionId: string;
  /** The service and the day are those of the session. */
  @Column('uuid', { name: 'service_id' }) serviceId: string;
  @Column('date', { name: 'held_on' }) heldOn: string;
  @Column('uuid', { name: 'referral_id' }) referralId: string;
  @Column('text') outcome: Outcome;
  @Column('timestamptz', { name: 'cancelled_at', nullable: true }) cancelledAt: Date | null;
  @Column('boolean') travel: boolean;
  @Column('integer', { name: 'booking_position' }) bookingPosition: number;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

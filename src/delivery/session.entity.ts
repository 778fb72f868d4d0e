import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ClaimMode } from './claim-file.rules.js';
import type { SessionOutcome } from './claim-line.rules.js';

const HEX = {
  to: (hex: string | null) => (hex === null ? null : Buffer.from(hex, 'hex')),
  from: (bytes: Buffer | null) => bytes?.toString('hex') ?? null,
};

/** What was delivered at one time: to one person, or to a group. */
@Entity('session')
export class Session {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'service_id' }) serviceId: string;
  @Column('text') kind: 'one_to_one' | 'group';
  /** The provider's own. */
  @Column('text', { nullable: true }) reference: string | null;
  /** SHA-256 of what makes it the same session when it is told again; set by the intake. */
  @Column('bytea', { name: 'natural_key', select: false }) naturalKey: Buffer;
  @Column('date', { name: 'held_on' }) heldOn: string;
  /** Noon in London where no time was given. */
  @Column('timestamptz', { name: 'starts_at' }) startsAt: Date;
  @Column('boolean', { name: 'start_recorded' }) startRecorded: boolean;
  @Column('integer', { name: 'duration_minutes', nullable: true }) durationMinutes: number | null;
  @Column('text', { nullable: true }) mode: ClaimMode | null;
  @Column('integer', { nullable: true }) booked: number | null;
  /** Of the session as a whole, where it was said. */
  @Column('text', { nullable: true }) outcome: SessionOutcome | null;
  @Column('timestamptz', { name: 'cancelled_at', nullable: true }) cancelledAt: Date | null;
  /** In hexadecimal, of a note or file that the provider keeps. */
  @Column('bytea', { name: 'evidence_sha256', nullable: true, transformer: HEX }) evidenceSha256: string | null;
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  /** The file whose rows told of it first, and those rows: only the intake reads them. */
  @Column('uuid', { name: 'claim_file_id', nullable: true, select: false }) claimFileId: string | null;
  @Column('bytea', { name: 'taken_rows', nullable: true, select: false }) takenRows: Buffer | null;
}

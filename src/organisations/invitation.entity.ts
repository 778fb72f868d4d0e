import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../platform/actor.js';
import { MINOR } from '../platform/columns.js';

/** Lets one person become a member, once: only the SHA-256 of its token is stored. */
@Entity('invitation')
export class Invitation {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'organisation_id' }) organisationId: string;
  @Column('uuid', { name: 'invited_by' }) invitedBy: string;
  @Column('text') email: string;
  @Column('text', { array: true }) roles: Role[];
  @Column({ ...MINOR, name: 'approval_limit_minor', nullable: true }) approvalLimitMinor: bigint | null;
  @Column('bytea', { name: 'token_hash' }) tokenHash: Buffer;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column('timestamptz', { name: 'used_at', nullable: true }) usedAt: Date | null;
}

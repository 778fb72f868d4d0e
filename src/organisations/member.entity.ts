import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Role } from '../platform/actor.js';
import { MINOR } from '../platform/columns.js';

/** Someone who works for an organisation: staff, never a person who is referred. */
@Entity('member')
export class Member {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'organisation_id' }) organisationId: string;
  @Column('text', { name: 'display_name' }) displayName: string;
  @Column('text') email: string;
  @Column('text', { array: true }) roles: Role[];
  /** The most that this member may approve at once; null is no limit. */
  @Column({ ...MINOR, name: 'approval_limit_minor', nullable: true }) approvalLimitMinor: bigint | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'disabled_at', nullable: true }) disabledAt: Date | null;
  /** How the member signs in to the portal; null for one who works with keys alone. */
  @Column('uuid', { name: 'login_id', nullable: true }) loginId: string | null;
}

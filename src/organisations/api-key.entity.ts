import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ServiceScope } from '../platform/actor.js';

/** A bearer key: only the SHA-256 of its secret is stored. */
@Entity('api_key')
export class ApiKey {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'organisation_id' }) organisationId: string;
  /** Set on a personal key, which carries that member's roles. */
  @Column('uuid', { name: 'member_id', nullable: true }) memberId: string | null;
  @Column('text') label: string;
  @Column('text') prefix: string;
  @Column('bytea', { name: 'secret_hash' }) secretHash: Buffer;
  @Column('text', { array: true, default: '{}' }) scopes: ServiceScope[];
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'expires_at' }) expiresAt: Date;
  @Column('timestamptz', { name: 'revoked_at', nullable: true }) revokedAt: Date | null;
}

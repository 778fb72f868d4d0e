import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';

/** A credential of WebAuthn: a key on a phone, a computer or a security key. */
@Entity('passkey')
export class Passkey {
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'login_id' }) loginId: string;
  @Column('bytea', { name: 'credential_id' }) credentialId: Buffer;
  /** COSE key (RFC 9052). */
  @Column('bytea', { name: 'public_key' }) publicKey: Buffer;
  /** Uses that the device has counted; stays 0 where it counts none. */
  @Column(MINOR) counter: bigint;
  @Column('text', { array: true, default: '{}' }) transports: string[];
  /** Whether it is kept on other devices of its owner too. */
  @Column('boolean', { name: 'backed_up' }) backedUp: boolean;
  @Column('text') name: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'last_used_at', nullable: true }) lastUsedAt: Date | null;
}

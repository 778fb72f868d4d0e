import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';

/** A human's way in, whoever they work for. */
@Entity('login')
export class Login {
  @PrimaryColumn('uuid') id: string;
  /** In lower case. It finds a login that has a password; nothing else is concluded from it. */
  @Column('text') email: string;
  @Column('text', { name: 'display_name' }) displayName: string;
  @Column('text') locale: 'en' | 'cy';
  @Column('text', { name: 'password_hash', nullable: true }) passwordHash: string | null;
  /** Of the authenticator app; sealed. */
  @Column('bytea', { name: 'totp_secret', nullable: true }) totpSecret: Buffer | null;
  /** Step of the last code that was used. */
  @Column({ ...MINOR, name: 'totp_step', nullable: true }) totpStep: bigint | null;
  /** Whether this is somebody who runs the instance: the command line alone says so. */
  @Column('boolean') operator: boolean;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'disabled_at', nullable: true }) disabledAt: Date | null;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

export const SIGN_IN_METHODS = ['passkey', 'password', 'recovery_code', 'oidc', 'sandbox'] as const;
/** How somebody proved who they are when the session began. */
export type SignInMethod = (typeof SIGN_IN_METHODS)[number];

/** What an identity provider said about how it knows somebody (OpenID Connect Core section 2). */
export interface Assurance {
  readonly acr: string | null;
  readonly amr: readonly string[];
  /** Seconds since 1970. */
  readonly authTime: number | null;
}

/** Somebody at work in one browser: only the SHA-256 of its token is stored. */
@Entity('web_session')
export class WebSession {
  @PrimaryColumn('uuid') id: string;
  @Column('bytea', { name: 'token_hash' }) tokenHash: Buffer;
  @Column('uuid', { name: 'login_id' }) loginId: string;
  /** For whom they act; null until they have chosen. */
  @Column('uuid', { name: 'member_id', nullable: true }) memberId: string | null;
  /** The only organisation it is good for, where that organisation's own identity provider let them in. */
  @Column('uuid', { name: 'confined_to', nullable: true }) confinedTo: string | null;
  @Column('text') method: SignInMethod;
  @Column('jsonb', { nullable: true }) assurance: Assurance | null;
  @Column('text') device: string;
  @Column('timestamptz', { name: 'signed_in_at' }) signedInAt: Date;
  @Column('timestamptz', { name: 'stepped_up_at', nullable: true }) steppedUpAt: Date | null;
  @Column('timestamptz', { name: 'last_seen_at' }) lastSeenAt: Date;
  @Column('timestamptz', { name: 'ends_at' }) endsAt: Date;
  @Column('timestamptz', { name: 'ended_at', nullable: true }) endedAt: Date | null;
}

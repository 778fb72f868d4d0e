import { Column, Entity, PrimaryColumn } from 'typeorm';

export const REFERRAL_SOURCES = ['nhs', 'local_authority', 'voluntary_sector', 'self', 'other'] as const;
export type ReferralSource = (typeof REFERRAL_SOURCES)[number];

export const REFERRAL_STATES = ['made', 'accepted', 'declined', 'closed'] as const;
export type ReferralState = (typeof REFERRAL_STATES)[number];

@Entity('referral')
export class Referral {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'referrer_id', nullable: true }) referrerId: string | null;
  @Column('uuid', { name: 'actor_org_id' }) actorOrgId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'service_id' }) serviceId: string;
  /** Opaque: nothing in the product says who it is. */
  @Column('uuid', { name: 'person_id' }) personId: string;
  /** The reference of the system that the referral came from. */
  @Column('text') reference: string;
  @Column('text') source: ReferralSource;
  @Column('text', { name: 'lawful_basis' }) lawfulBasis: string;
  @Column('text', { name: 'sharing_agreement', nullable: true }) sharingAgreement: string | null;
  @Column('text') state: ReferralState;
  /** Null while only the provider has said that it was referred. */
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt: Date | null;
  @Column('uuid', { name: 'confirmed_by', nullable: true }) confirmedBy: string | null;
  @Column('date', { name: 'made_on' }) madeOn: string;
  @Column('date', { name: 'respond_by' }) respondBy: string;
  @Column('integer', { name: 'sessions_planned', nullable: true }) sessionsPlanned: number | null;
  @Column('date', { name: 'accepted_on', nullable: true }) acceptedOn: string | null;
  @Column('text', { name: 'decline_reason', nullable: true }) declineReason: string | null;
  @Column('date', { name: 'closed_on', nullable: true }) closedOn: string | null;
  @Column('text', { name: 'close_reason', nullable: true }) closeReason: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  /** When the person was erased: from then on nothing says whom the referral was about. */
  @Column('timestamptz', { name: 'person_erased_at', nullable: true }) personErasedAt: Date | null;
}

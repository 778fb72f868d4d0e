import { Column, Entity, PrimaryColumn } from 'typeorm';

export const CHANGE_STATES = ['proposed', 'confirmed', 'applied', 'cancelled'] as const;
export type PayoutAccountChangeState = (typeof CHANGE_STATES)[number];

/** `details`: other bank details, kept here. `link`: a link to the platform's pages, where bank details are kept there. */
export type PayoutAccountChangeKind = 'details' | 'link';

/** A change of where money goes: one person proposes it, another confirms it, and it is held before it takes effect. */
@Entity('payout_account_change')
export class PayoutAccountChange {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'payout_account_id' }) payoutAccountId: string;
  @Column('text') kind: PayoutAccountChangeKind;
  @Column('text') state: PayoutAccountChangeState;
  @Column('text', { name: 'account_name', nullable: true }) accountName: string | null;
  @Column('text', { name: 'sort_code', nullable: true }) sortCode: string | null;
  @Column('text', { name: 'account_number', nullable: true }) accountNumber: string | null;
  /** Random: without it nobody can find the details of an event by trying sort codes and numbers. */
  @Column('bytea', { nullable: true }) salt: Buffer | null;
  /** What events know of the details. */
  @Column('bytea', { name: 'details_sha256', nullable: true }) detailsSha256: Buffer | null;
  /** What the account had until the change was applied. */
  @Column('text', { name: 'replaced_account_name', nullable: true }) replacedAccountName: string | null;
  @Column('text', { name: 'replaced_sort_code', nullable: true }) replacedSortCode: string | null;
  @Column('text', { name: 'replaced_account_number', nullable: true }) replacedAccountNumber: string | null;
  /** When it was proposed, the provider had nobody else who could confirm it. */
  @Column('boolean', { name: 'needs_commissioner' }) needsCommissioner: boolean;
  @Column('uuid', { name: 'event_id' }) eventId: string;
  @Column('uuid', { name: 'proposed_by' }) proposedBy: string;
  @Column('timestamptz', { name: 'proposed_at' }) proposedAt: Date;
  @Column('uuid', { name: 'confirmed_by', nullable: true }) confirmedBy: string | null;
  @Column('text', { name: 'confirmed_side', nullable: true }) confirmedSide: 'provider' | 'commissioner' | null;
  @Column('timestamptz', { name: 'confirmed_at', nullable: true }) confirmedAt: Date | null;
  @Column('timestamptz', { name: 'applies_at', nullable: true }) appliesAt: Date | null;
  @Column('uuid', { name: 'cancelled_by', nullable: true }) cancelledBy: string | null;
  @Column('timestamptz', { name: 'cancelled_at', nullable: true }) cancelledAt: Date | null;
  @Column('timestamptz', { name: 'applied_at', nullable: true }) appliedAt: Date | null;
}

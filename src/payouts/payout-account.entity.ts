import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { PayoutRailKind } from './payout.entity.js';

export type PayoutAccountState = 'pending' | 'active' | 'restricted';

/** Where a provider is paid by one commissioner through one rail. */
@Entity('payout_account')
export class PayoutAccount {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('text') rail: PayoutRailKind;
  @Column('text') state: PayoutAccountState;
  /** The account at the rail; null until the rail has made it. */
  @Column('text', { name: 'external_id', nullable: true }) externalId: string | null;
  /** What the provider still has to give, in the rail's words; no values. */
  @Column('text', { array: true, default: '{}' }) requirements: string[];
  /** An address of the organisation, not of a person. */
  @Column('text', { name: 'contact_email', nullable: true }) contactEmail: string | null;
  @Column('text', { name: 'account_name', nullable: true }) accountName: string | null;
  @Column('text', { name: 'sort_code', nullable: true }) sortCode: string | null;
  @Column('text', { name: 'account_number', nullable: true }) accountNumber: string | null;
  /** Of the hash by which the event of its opening knows the details; null of accounts from before. */
  @Column('bytea', { nullable: true }) salt: Buffer | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('timestamptz', { name: 'checked_at', nullable: true }) checkedAt: Date | null;
}

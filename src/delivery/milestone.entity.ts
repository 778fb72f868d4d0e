import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A named outcome that was reached, once for each referral. */
@Entity('milestone')
export class Milestone {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'referral_id' }) referralId: string;
  @Column('text') name: string;
  @Column('date', { name: 'reached_on' }) reachedOn: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

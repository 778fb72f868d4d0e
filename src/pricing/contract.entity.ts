import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A contract of a commissioner with a provider. What was agreed is in its versions. */
@Entity('contract')
export class Contract {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('text') code: string;
  @Column('text') title: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('uuid', { name: 'created_by', nullable: true }) createdBy: string | null;
}

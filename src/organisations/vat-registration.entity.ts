import { Column, Entity, PrimaryColumn } from 'typeorm';

@Entity('vat_registration')
export class VatRegistration {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId: string;
  @PrimaryColumn('date', { name: 'starts_on' }) startsOn: string;
  @Column('text', { name: 'vat_number' }) vatNumber: string;
  @Column('date', { name: 'ends_on', nullable: true }) endsOn: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** Lets a commissioner issue the provider's VAT invoices for a period; holds once the provider has accepted it. */
@Entity('self_billing_agreement')
export class SelfBillingAgreement {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  /** Of the provider on the first day; null when it was not registered then. */
  @Column('text', { name: 'vat_number', nullable: true }) vatNumber: string | null;
  @Column('date', { name: 'starts_on' }) startsOn: string;
  @Column('date', { name: 'ends_on' }) endsOn: string;
  @Column('uuid', { name: 'proposed_by', nullable: true }) proposedBy: string | null;
  @Column('uuid', { name: 'accepted_by', nullable: true }) acceptedBy: string | null;
  @Column('timestamptz', { name: 'accepted_at', nullable: true }) acceptedAt: Date | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

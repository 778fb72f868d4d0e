import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { VatCategory } from '../money/index.js';
import type { ServiceVatReason } from './vat-treatment.rules.js';

/** How a service is treated for VAT from a day on, if its provider is registered. */
@Entity('vat_treatment')
export class ServiceVatTreatment {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'service_id' }) serviceId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('date', { name: 'effective_from' }) effectiveFrom: string;
  @Column('text') category: VatCategory;
  @Column('integer', { name: 'rate_basis_points' }) rateBasisPoints: number;
  @Column('text', { nullable: true }) reason: ServiceVatReason | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('uuid', { name: 'created_by', nullable: true }) createdBy: string | null;
}

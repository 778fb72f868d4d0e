import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Basis } from './rate-card.rules.js';
import type { RateCardTermsWire } from './rate-card.schemas.js';

/** A rate card as it was published: never edited, replaced by one with its own dates. */
@Entity('rate_card')
export class PublishedCard {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'service_id' }) serviceId: string;
  @Column('text', { name: 'charge_kind' }) chargeKind: string;
  @Column('text') basis: Basis;
  @Column('date', { name: 'effective_from' }) effectiveFrom: string;
  @Column('date', { name: 'effective_to', nullable: true }) effectiveTo: string | null;
  @Column('date', { name: 'agreed_on' }) agreedOn: string;
  @Column('jsonb') terms: RateCardTermsWire;
  @Column('timestamptz', { name: 'published_at' }) publishedAt: Date;
  @Column('uuid', { name: 'published_by', nullable: true }) publishedBy: string | null;
}

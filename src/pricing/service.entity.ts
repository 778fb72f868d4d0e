import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { ServiceKind } from './contract.rules.js';

/** What a provider delivers for a commissioner, under a code that claims name. */
@Entity('service')
export class ContractedService {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('text') code: string;
  @Column('text') name: string;
  @Column('text') kind: ServiceKind;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A provider's word that nothing was delivered under a contract in a month. */
@Entity('nil_declaration')
export class NilDeclaration {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  /** The first day of the month. */
  @Column('date') period: string;
  @Column('timestamptz', { name: 'declared_at' }) declaredAt: Date;
  @Column('uuid', { name: 'declared_by', nullable: true }) declaredBy: string | null;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';

/** A provider's word that all of a month is claimed under a contract, with what was waiting for review then. */
@Entity('completion_declaration')
export class CompletionDeclaration {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  /** For people: contract, month, and which of that month's declarations. */
  @Column('text') code: string;
  /** The first day of the month. */
  @Column('date') period: string;
  /** Open claims of the month and of those before it. */
  @Column('integer', { name: 'claim_count' }) claimCount: number;
  @Column('integer', { name: 'flagged_count' }) flaggedCount: number;
  /** What those claims would cost if they were put into a batch then, net of VAT. */
  @Column({ ...MINOR, name: 'total_minor' }) totalMinor: bigint;
  @Column({ ...MINOR, name: 'indicative_minor' }) indicativeMinor: bigint;
  @Column('timestamptz', { name: 'declared_at' }) declaredAt: Date;
  @Column('uuid', { name: 'declared_by', nullable: true }) declaredBy: string | null;
}

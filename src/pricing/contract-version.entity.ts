import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { BudgetRule, ContractVersionTerms, DocumentMode, RailKind, Regime } from './contract.rules.js';

/** All that was agreed from a day on. Never edited: an amendment is a new version. */
@Entity('contract_version')
export class ContractVersion implements ContractVersionTerms {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid', { name: 'contract_id' }) contractId: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @PrimaryColumn('integer') version: number;
  @Column('date', { name: 'effective_from' }) effectiveFrom: string;
  @Column('date', { name: 'agreed_on' }) agreedOn: string;
  @Column('date', { name: 'starts_on' }) startsOn: string;
  @Column('date', { name: 'ends_on' }) endsOn: string;
  @Column('text', { name: 'document_mode' }) documentMode: DocumentMode;
  @Column('boolean', { name: 'standing_authority' }) standingAuthority: boolean;
  @Column('text') rail: RailKind;
  @Column('boolean', { name: 'po_required' }) poRequired: boolean;
  @Column('text', { name: 'cost_code', nullable: true }) costCode: string | null;
  @Column('text', { name: 'buyer_reference', nullable: true }) buyerReference: string | null;
  @Column('text', { name: 'payables_address', array: true }) payablesAddress: string[];
  @Column('integer', { name: 'payment_days' }) paymentDays: number;
  @Column('integer', { name: 'claim_day' }) claimDay: number;
  @Column('integer', { name: 'late_window_days' }) lateWindowDays: number;
  @Column('integer', { name: 'decide_days' }) decideDays: number;
  @Column('text') regime: Regime;
  @Column('text', { name: 'budget_rule' }) budgetRule: BudgetRule;
  @Column('boolean', { name: 'vat_recoverable' }) vatRecoverable: boolean;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
  @Column('uuid', { name: 'created_by', nullable: true }) createdBy: string | null;
}

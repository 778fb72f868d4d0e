import { Column, Entity, PrimaryColumn } from 'typeorm';

export const ORGANISATION_KINDS = ['commissioner', 'provider', 'referrer'] as const;
export type OrganisationKind = (typeof ORGANISATION_KINDS)[number];

export const LEGAL_FORMS = [
  'charity',
  'cic',
  'company',
  'council',
  'nhs_body',
  'unincorporated',
  'sole_trader',
  'public_body',
] as const;
export type LegalForm = (typeof LEGAL_FORMS)[number];

@Entity('organisation')
export class Organisation {
  @PrimaryColumn('uuid') id: string;
  @Column('text') kind: OrganisationKind;
  @Column('text') code: string;
  @Column('text') name: string;
  @Column('text', { name: 'legal_form' }) legalForm: LegalForm;
  @Column('text', { name: 'ods_code', nullable: true }) odsCode: string | null;
  @Column('text', { name: 'charity_number', nullable: true }) charityNumber: string | null;
  @Column('text', { name: 'company_number', nullable: true }) companyNumber: string | null;
  @Column('text', { nullable: true }) gln: string | null;
  @Column('text', { array: true }) address: string[];
  @Column('text') postcode: string;
  @Column('uuid', { name: 'registered_by', nullable: true }) registeredBy: string | null;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

import { Column, Entity, PrimaryColumn } from 'typeorm';

/** The bytes of a document as they were issued, for ever. Its SHA-256 is in the event that issued it. */
@Entity('document_file')
export class DocumentFile {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('text') kind: 'invoice' | 'remittance';
  @Column('bytea') content: Buffer;
  @Column('bytea') sha256: Buffer;
  /** What rendered it, with its version. */
  @Column('text') renderer: string;
  @Column('timestamptz', { name: 'created_at' }) createdAt: Date;
}

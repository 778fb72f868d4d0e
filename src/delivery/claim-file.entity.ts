import { Column, Entity, PrimaryColumn } from 'typeorm';
import { MINOR } from '../platform/columns.js';

/** Why a file, or what follows a row of it, was not read. */
export interface FileProblem {
  readonly code: string;
  /** From this row on nothing was read; null where nothing was. */
  readonly row: number | null;
  readonly howToFix: string;
}

/** A file of claims as it was received: counts and its digest. The bytes are not kept. */
@Entity('claim_file')
export class ClaimFile {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'contract_id' }) contractId: string;
  @Column('bytea', { nullable: true }) sha256: Buffer | null;
  @Column('text') state: 'receiving' | 'received' | 'refused' | 'cancelled';
  /** The file received before that has the same bytes. */
  @Column('uuid', { name: 'repeats_id', nullable: true }) repeatsId: string | null;
  @Column('integer') rows: number;
  @Column('integer') accepted: number;
  @Column('integer') repeated: number;
  @Column('integer') included: number;
  @Column('integer') failed: number;
  @Column('integer') flagged: number;
  /** Provisional, of the claims that it made. */
  @Column({ ...MINOR, name: 'total_minor' }) totalMinor: bigint;
  @Column({ ...MINOR, name: 'indicative_minor' }) indicativeMinor: bigint;
  /** Headings that are not of the template, masked. */
  @Column('text', { name: 'dropped_columns', array: true }) droppedColumns: string[];
  @Column('text', { nullable: true }) encoding: string | null;
  @Column('text', { nullable: true }) separator: string | null;
  @Column('jsonb', { nullable: true }) problem: FileProblem | null;
  @Column('timestamptz', { name: 'received_at' }) receivedAt: Date;
  @Column('timestamptz', { name: 'finished_at', nullable: true }) finishedAt: Date | null;
  @Column('uuid', { name: 'submitted_by', nullable: true }) submittedBy: string | null;
  /** The key by which it was sent. */
  @Column('uuid', { name: 'key_id', nullable: true }) keyId: string | null;
  /** Rows of the file, once all of it has arrived. */
  @Column('integer', { name: 'row_count', nullable: true }) rowCount: number | null;
  /** Put down so far, to be taken. */
  @Column('integer', { name: 'chunk_count' }) chunkCount: number;
  /** Taken so far: the rows that are counted above. */
  @Column('integer', { name: 'chunks_taken' }) chunksTaken: number;
  /** When somebody last worked on it, by the database's clock. */
  @Column('timestamptz', { name: 'progress_at', nullable: true }) progressAt: Date | null;
}

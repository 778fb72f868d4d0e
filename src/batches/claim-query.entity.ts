import { Column, Entity, PrimaryColumn } from 'typeorm';

/** A question about one line, which leaves its batch with it. Open until the provider answers or the claim is rejected. */
@Entity('claim_query')
export class ClaimQuery {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('uuid') id: string;
  @Column('uuid', { name: 'provider_id' }) providerId: string;
  @Column('uuid', { name: 'claim_id' }) claimId: string;
  @Column('uuid', { name: 'batch_id' }) batchId: string;
  /** Null once it was erased. Beside it, as beside the answer, the salt of its commitment. */
  @Column('text', { nullable: true }) question: string | null;
  @Column('bytea', { name: 'question_salt', nullable: true }) questionSalt: Buffer | null;
  @Column('uuid', { name: 'asked_by', nullable: true }) askedBy: string | null;
  @Column('timestamptz', { name: 'asked_at' }) askedAt: Date;
  @Column('text', { nullable: true }) answer: string | null;
  @Column('bytea', { name: 'answer_salt', nullable: true }) answerSalt: Buffer | null;
  @Column('uuid', { name: 'answered_by', nullable: true }) answeredBy: string | null;
  @Column('timestamptz', { name: 'answered_at', nullable: true }) answeredAt: Date | null;
  @Column('timestamptz', { name: 'closed_at', nullable: true }) closedAt: Date | null;
}

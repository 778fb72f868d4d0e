import { Column, Entity, PrimaryColumn } from 'typeorm';

/** What a member had typed and not yet sent. */
@Entity('draft')
export class Draft {
  @PrimaryColumn('uuid', { name: 'organisation_id' }) organisationId: string;
  @PrimaryColumn('uuid', { name: 'member_id' }) memberId: string;
  /** Which form. */
  @PrimaryColumn('text') kind: string;
  /** What the form is about, such as an id; empty when it is about something new. */
  @PrimaryColumn('text') subject: string;
  @Column('jsonb') data: Record<string, unknown>;
  @Column('timestamptz', { name: 'saved_at' }) savedAt: Date;
}

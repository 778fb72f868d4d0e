import { Column, Entity, PrimaryColumn } from 'typeorm';
import type { Locale } from './calendar.rules.js';

/** A message or a term that a commissioner words in its own way. */
@Entity('wording')
export class Wording {
  @PrimaryColumn('uuid', { name: 'commissioner_id' }) commissionerId: string;
  @PrimaryColumn('text') locale: Locale;
  /** Such as `home.title`, or `terms.linkWorker.other` for the plural of a term. */
  @PrimaryColumn('text') key: string;
  @Column('text') message: string;
  @Column('uuid', { name: 'changed_by', nullable: true }) changedBy: string | null;
  @Column('timestamptz', { name: 'changed_at' }) changedAt: Date;
}

import { Injectable } from '@nestjs/common';
import { Clock, type IsoDate } from '../platform/clock.js';
import type { Tx } from '../platform/database.js';
import { emit } from '../platform/events.js';
import { newId } from '../platform/ids.js';
import { dedupeKey, type NoticeContent, type Recipients } from './notice.rules.js';
import { existsOneOf, findRecipients, insertNotice, type NewNotice } from './notice-rows.queries.js';
import { noticeWritten } from './notices.events.js';

/** What is to be said, to whom, and in whose words. */
export interface Writing {
  readonly content: NoticeContent;
  /** What it is about: each member is told once of it, or once a day. */
  readonly subject: string;
  readonly day?: IsoDate;
  readonly recipients: readonly Recipients[];
  readonly commissionerId: string | null;
}

const LOCK = 'select pg_advisory_xact_lock(hashtextextended($1, 0))';

/** Writes notices, one for each member; nothing is sent here. Every transaction is on the side of `auth`. */
@Injectable()
export class NoticeWriter {
  constructor(private readonly clock: Clock) {}

  /** Waits for, and then keeps out, everyone else who writes of this subject, until `tx` ends. */
  async lock(tx: Tx, kind: NoticeContent['kind'], subject: string): Promise<void> {
    await tx.query(LOCK, [`notice ${kind} ${subject}`]);
  }

  /** Whether anybody was told of the subject on the day. */
  async wasTold(tx: Tx, writing: Writing): Promise<boolean> {
    const keys: string[] = [];
    for (const recipients of writing.recipients) {
      for (const { memberId } of await findRecipients(tx, recipients)) keys.push(keyOf(writing, memberId));
    }
    return keys.length > 0 && existsOneOf(tx, keys);
  }

  /** Writes to every recipient who was not told yet. */
  async write(tx: Tx, writing: Writing): Promise<void> {
    const { content, recipients, commissionerId } = writing;
    for (const some of recipients) {
      for (const { memberId, organisationId } of await findRecipients(tx, some)) {
        await this.insert(tx, {
          id: newId(),
          organisationId,
          memberId,
          invitationId: null,
          commissionerId,
          content,
          sealed: null,
          dedupeKey: keyOf(writing, memberId),
          createdAt: this.clock.now(),
        });
      }
    }
  }

  async insert(tx: Tx, notice: NewNotice): Promise<void> {
    const { id, organisationId } = notice;
    if (await insertNotice(tx, notice))
      await emit(tx, organisationId, noticeWritten, { commissionerId: organisationId, id });
  }
}

function keyOf({ content, subject, day }: Writing, memberId: string): string {
  return dedupeKey(content.kind, subject, memberId, day);
}

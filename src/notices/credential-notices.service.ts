import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { dedupeKey } from './notice.rules.js';
import { findOwnAddresses } from './notice-rows.queries.js';
import { NoticeWriter } from './notice-writer.service.js';

const AUTH = { side: 'auth', orgId: null } as const;
const TO_THE_MINUTE = '2026-10-08T09:00'.length;

/** Tells people that a way to sign in to their account has come or gone. */
@Injectable()
export class CredentialNotices {
  constructor(
    private readonly database: Database,
    private readonly writer: NoticeWriter,
    private readonly clock: Clock,
  ) {}

  /**
   * Writes to the owner of a login, once to each address that they work under. The news has no id of its own, so the
   * minute stands for it: better told twice than not at all.
   */
  async tell(kind: 'credential_added' | 'credential_removed', loginId: string): Promise<void> {
    const createdAt = this.clock.now();
    const changedAt = createdAt.toISOString();
    const subject = `${loginId} ${changedAt.slice(0, TO_THE_MINUTE)}`;
    await this.database.transaction(AUTH, async (tx) => {
      for (const { memberId, organisationId } of await findOwnAddresses(tx, loginId)) {
        await this.writer.insert(tx, {
          id: newId(),
          organisationId,
          memberId,
          invitationId: null,
          commissionerId: null,
          content: { kind, data: { changedAt } },
          sealed: null,
          dedupeKey: dedupeKey(kind, subject, memberId),
          createdAt,
        });
      }
    });
  }
}

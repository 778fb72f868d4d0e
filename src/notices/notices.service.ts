import { Inject, Injectable } from '@nestjs/common';
import { Clock, londonDay } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { pageOf, type Page, type PageQuery } from '../platform/page.js';
import { CONFIG } from '../platform/platform.module.js';
import { SecretBox } from '../platform/secret-box.js';
import type { NoticeKind } from './notice.rules.js';
import {
  countFates,
  findRecipientNames,
  listFates,
  listNotices,
  type NoticeFate,
  type NoticeRow,
} from './notice-rows.queries.js';
import { NoticeWording, secretContext, type WordedNotice } from './notice-wording.service.js';
import { NoticeWriter } from './notice-writer.service.js';

const AUTH = { side: 'auth', orgId: null } as const;
const RECENT_MS = 7 * 86_400_000;

/** A notice as the outbox page and the operator's page show it. Whom it goes to is said by id: no address is in it. */
export interface NoticeView
  extends
    Omit<WordedNotice, 'html'>,
    Pick<
      NoticeRow,
      | 'id'
      | 'organisationId'
      | 'organisationName'
      | 'memberId'
      | 'locale'
      | 'createdAt'
      | 'attempts'
      | 'sentAt'
      | 'sentTo'
      | 'givenUpAt'
      | 'givenUpBecause'
    > {
  readonly kind: NoticeKind;
}

/** A notice on the outbox page of a sandbox, where everybody is invented. */
export interface OutboxMail extends NoticeView {
  /** Whom it is for. */
  readonly to: string;
}

/** Notices for pages to show, and the one notice that a page asks for. */
@Injectable()
export class NoticesService {
  constructor(
    private readonly database: Database,
    private readonly writer: NoticeWriter,
    private readonly wording: NoticeWording,
    private readonly secretBox: SecretBox,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Where notices go: by e-mail, onto the outbox page of a sandbox, or nowhere before there is a mail server. */
  get delivery(): 'mailbox' | 'outbox_page' | 'kept' {
    if (this.config.smtp !== undefined) return 'mailbox';
    return this.config.sandbox ? 'outbox_page' : 'kept';
  }

  /** What became of the latest notices, for the operator: ids and codes, no words. */
  listFates(query: PageQuery): Promise<Page<NoticeFate>> {
    return this.database.read(AUTH, async (reader) =>
      pageOf(await listFates(reader, { ...query, limit: query.limit + 1 }), query.limit),
    );
  }

  /** How many notices wait, and how many were given up in the last seven days. */
  countFates(): Promise<{ waiting: number; givenUp: number }> {
    const since = new Date(this.clock.now().getTime() - RECENT_MS);
    return this.database.read(AUTH, (reader) => countFates(reader, since));
  }

  /** Everybody's latest mails as they would have been sent. @throws not_found outside the sandbox */
  async listOutbox(query: PageQuery): Promise<Page<OutboxMail>> {
    if (!this.config.sandbox) throw notFound();
    const { items, next } = await this.listRecent(query);
    const ids = items.map(({ id }) => id);
    const names = await this.database.read(AUTH, (reader) => findRecipientNames(reader, ids));
    return { items: items.map((item) => ({ ...item, to: names.get(item.id) ?? '' })), next };
  }

  /**
   * The latest notices, of everybody or of one organisation. For the outbox page of a sandbox and for the operator: it
   * asks nobody who they are.
   */
  async listRecent(query: PageQuery & { organisationId?: string | undefined }): Promise<Page<NoticeView>> {
    const rows = await this.database.read(AUTH, (reader) => listNotices(reader, { ...query, limit: query.limit + 1 }));
    const { items, next } = pageOf(rows, query.limit);
    const views: NoticeView[] = [];
    for (const row of items) views.push(await this.viewOf(row));
    return { items: views, next };
  }

  /**
   * Sends the link of an invitation that was just made to the address that it is for. Its token is stored sealed, and
   * wiped when it is sent. Call it after the invitation is committed; again it does nothing.
   *
   * @throws not_found
   */
  async sendInvitation({ id: invitationId, token }: { id: string; token: string }): Promise<void> {
    await this.database.transaction(AUTH, async (tx) => {
      const [invitation] = await tx.query<{ organisationId: string; commissionerId: string | null; expiresAt: Date }>(
        `select i.organisation_id as "organisationId", case o.kind when 'commissioner' then o.id end as "commissionerId",
                i.expires_at as "expiresAt"
         from invitation i join organisation o on o.id = i.invited_by where i.id = $1`,
        [invitationId],
      );
      if (!invitation) throw notFound();
      const { organisationId, commissionerId, expiresAt } = invitation;
      const id = newId();
      await this.writer.insert(tx, {
        id,
        organisationId,
        memberId: null,
        invitationId,
        commissionerId,
        content: { kind: 'invitation', data: { expiresOn: londonDay(expiresAt) } },
        sealed: this.secretBox.seal(token, secretContext(id)),
        dedupeKey: `invitation:${invitationId}`,
        createdAt: this.clock.now(),
      });
    });
  }

  private async viewOf(row: NoticeRow): Promise<NoticeView> {
    const { subject, text, link } = await this.wording.word(row);
    const { id, kind, organisationId, organisationName, memberId, locale, createdAt, attempts } = row;
    const { sentAt, sentTo, givenUpAt, givenUpBecause } = row;
    const whose = { organisationId, organisationName, memberId, locale };
    const fate = { createdAt, attempts, sentAt, sentTo, givenUpAt, givenUpBecause };
    return { id, kind, ...whose, ...fate, subject, text, link };
  }
}

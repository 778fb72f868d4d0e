import { Inject, Injectable } from '@nestjs/common';
import type { Config } from '../platform/config.js';
import { CONFIG } from '../platform/platform.module.js';
import { SecretBox } from '../platform/secret-box.js';
import { Site } from '../sign-in/index.js';
import { WordsService } from '../words/index.js';
import { pathOf } from './notice-link.rules.js';
import { mailOf, type NoticeMail } from './notice-mail.document.js';
import type { NoticeRow } from './notice-rows.queries.js';
import type { NoticeContent } from './notice.rules.js';

/** A notice as its recipient reads it, with its link on its own. */
export interface WordedNotice extends NoticeMail {
  readonly link: string;
}

/** Says notices in the language of whoever they are for, and in the words of the commissioner that they are about. */
@Injectable()
export class NoticeWording {
  constructor(
    private readonly words: WordsService,
    private readonly secretBox: SecretBox,
    private readonly site: Site,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async word(notice: NoticeRow): Promise<WordedNotice> {
    const { locale, commissionerId, organisationId, fromName, sealed } = notice;
    const content = { kind: notice.kind, data: notice.data } as NoticeContent;
    const token = sealed === null ? null : this.secretBox.open(sealed, secretContext(notice.id));
    const link = this.site.url(pathOf(content, token));
    const t = await this.words.in(locale, commissionerId);
    const isOwn = commissionerId === organisationId;
    return { ...mailOf(t, content, { link, fromName, isOwn, sandbox: this.config.sandbox }), link };
  }
}

/** What the token of an invitation is sealed for: it opens for this notice alone. */
export function secretContext(noticeId: string): string {
  return `notice ${noticeId} token`;
}

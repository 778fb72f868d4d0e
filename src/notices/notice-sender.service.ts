import { Inject, Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { Database, type Reader } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';
import { CONFIG } from '../platform/platform.module.js';
import { MailGateway, MailNotTaken } from './mail.gateway.js';
import { FRESH_MS, isLastTry, LEASE_MS, type GivenUpBecause } from './notice.rules.js';
import {
  findWaiting,
  markGivenUp,
  markSent,
  releaseNotice,
  takeNotice,
  type AddressedNotice,
} from './notice-rows.queries.js';
import { NoticeWording } from './notice-wording.service.js';

const AUTH = { side: 'auth', orgId: null } as const;

/** Sends notices: by e-mail, or in a sandbox without a mail server onto its outbox page. Otherwise they are kept. */
@Injectable()
export class NoticeSender {
  private readonly gateway: MailGateway | null;

  constructor(
    private readonly database: Database,
    private readonly wording: NoticeWording,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {
    const { smtp } = config;
    this.gateway = smtp === undefined ? null : new MailGateway(smtp.url, smtp.from);
  }

  /** Whether anything leaves: false where notices are kept until there is a mail server. */
  get isOpen(): boolean {
    return this.gateway !== null || this.config.sandbox;
  }

  /** Notices that wait, where they can leave. */
  async findDue(reader: Reader): Promise<TopicData[]> {
    return this.isOpen ? findWaiting(reader, this.clock.now()) : [];
  }

  /**
   * Sends one notice, once as far as can be known: a process that dies after the server took the mail sends it again,
   * under the same Message-ID.
   *
   * @throws MailNotTaken; the queue then tries again, until the notice is given up
   */
  async send(id: string): Promise<void> {
    if (!this.isOpen) return;
    const now = this.clock.now();
    const leaseEnds = new Date(now.getTime() + LEASE_MS);
    const notice = await this.database.transaction(AUTH, (tx) => takeNotice(tx, id, now, leaseEnds));
    if (!notice) return;
    const obstacle = obstacleTo(notice, now);
    if (obstacle) await this.giveUp(id, obstacle);
    else if (this.gateway) await this.mail(this.gateway, notice);
    else await this.settle(id, 'outbox_page');
  }

  private async mail(gateway: MailGateway, notice: AddressedNotice): Promise<void> {
    const { id, address, attempts } = notice;
    try {
      const { subject, text, html } = await this.wording.word(notice);
      await gateway.send({ id, to: address, subject, text, html });
    } catch (error) {
      const isRefused = error instanceof MailNotTaken && error.isRefused;
      if (isLastTry(attempts, isRefused)) await this.giveUp(id, 'not_taken');
      else await this.database.transaction(AUTH, (tx) => releaseNotice(tx, id, this.clock.now()));
      throw error;
    }
    await this.settle(id, 'mailbox');
  }

  private async settle(id: string, to: 'mailbox' | 'outbox_page'): Promise<void> {
    await this.database.transaction(AUTH, (tx) => markSent(tx, id, this.clock.now(), to));
  }

  private async giveUp(id: string, because: GivenUpBecause): Promise<void> {
    await this.database.transaction(AUTH, (tx) => markGivenUp(tx, id, this.clock.now(), because));
  }
}

function obstacleTo({ isDisabled, isOver, createdAt }: AddressedNotice, now: Date): GivenUpBecause | undefined {
  if (isDisabled) return 'member_disabled';
  if (isOver) return 'invitation_over';
  return now.getTime() - createdAt.getTime() > FRESH_MS ? 'too_old' : undefined;
}

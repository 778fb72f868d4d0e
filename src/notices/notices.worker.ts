import { Inject, Injectable, type OnModuleInit } from '@nestjs/common';
import type { Logger } from 'pino';
import {
  accountChangeApplied,
  accountChangeCancelled,
  accountChangeConfirmed,
  accountChangeProposed,
  payoutPaid,
} from '../payouts/index.js';
import { Clock } from '../platform/clock.js';
import { Jobs, LOG } from '../platform/jobs.js';
import { credentialAdded, credentialRemoved } from '../sign-in/index.js';
import { ClaimReminders } from './claim-reminders.service.js';
import { CredentialNotices } from './credential-notices.service.js';
import { JournalFollower } from './journal-follower.service.js';
import { FRESH_MS } from './notice.rules.js';
import { findUntold } from './notice-news.queries.js';
import { NoticeSender } from './notice-sender.service.js';
import { noticeWritten } from './notices.events.js';

/**
 * Writes and sends notices. What is to be told is found in the journal by the sweeper, whether a topic announced it or
 * not; the topics here only make it quicker.
 */
@Injectable()
export class NoticesWorker implements OnModuleInit {
  private hasWarned = false;

  constructor(
    private readonly jobs: Jobs,
    private readonly follower: JournalFollower,
    private readonly reminders: ClaimReminders,
    private readonly credentials: CredentialNotices,
    private readonly sender: NoticeSender,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'notices.follow_journal',
      on: [payoutPaid, accountChangeProposed, accountChangeConfirmed, accountChangeCancelled, accountChangeApplied],
      due: (reader) => {
        const now = this.clock.now();
        return findUntold(reader, new Date(now.getTime() - FRESH_MS), now);
      },
      // A topic names what it is about, and the sweeper the commissioner.
      run: ({ commissionerId, id }) => this.follower.follow(commissionerId, id === commissionerId ? undefined : id),
    });
    this.jobs.define({
      name: 'notices.remind_of_claims',
      on: [],
      due: (reader) => this.reminders.findDue(reader),
      run: ({ commissionerId }) => this.reminders.remind(commissionerId),
    });
    this.jobs.define({
      name: 'notices.tell_of_added_credential',
      on: [credentialAdded],
      run: ({ id }) => this.credentials.tell('credential_added', id),
    });
    this.jobs.define({
      name: 'notices.tell_of_removed_credential',
      on: [credentialRemoved],
      run: ({ id }) => this.credentials.tell('credential_removed', id),
    });
    this.jobs.define({
      name: 'notices.send',
      on: [noticeWritten],
      due: (reader) => {
        this.warnOnce();
        return this.sender.findDue(reader);
      },
      run: ({ id }) => this.sender.send(id),
    });
  }

  private warnOnce(): void {
    if (this.sender.isOpen || this.hasWarned) return;
    this.hasWarned = true;
    this.log.warn('notices are kept and not sent: SMTP_URL is not set');
  }
}

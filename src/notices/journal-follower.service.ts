import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { FRESH_MS, nextMorning } from './notice.rules.js';
import { countWaiting, readNews } from './notice-news.queries.js';
import { contentOf, groupNews, tellableAt, type NewsGroup } from './notice-news.rules.js';
import { findUnmarked, markEvents } from './notice-rows.queries.js';
import { NoticeWriter } from './notice-writer.service.js';

const AUTH = { side: 'auth', orgId: null } as const;

/** Turns what the journal says into notices: each event is told once, or is found to need no telling. */
@Injectable()
export class JournalFollower {
  constructor(
    private readonly database: Database,
    private readonly writer: NoticeWriter,
    private readonly clock: Clock,
  ) {}

  /**
   * Tells what nobody was told of in a commissioner's journal. It may run twice, also at the same time.
   *
   * @param subject such as a payout: tells what is said of that alone, which costs the same however much else there is
   */
  async follow(commissionerId: string, subject?: string): Promise<void> {
    const now = this.clock.now();
    const news = await this.database.read({ side: 'commissioner', orgId: commissionerId }, (reader) =>
      readNews(reader, commissionerId, new Date(now.getTime() - FRESH_MS), subject),
    );
    for (const group of groupNews(news)) {
      if (tellableAt(group) > now) await this.putOff(commissionerId, group);
      else await this.tell(commissionerId, group, await this.waitingOf(group));
    }
  }

  /** Waits for what else there will be to tell. */
  private async putOff(commissionerId: string, group: NewsGroup): Promise<void> {
    const fresh = group.news.filter(({ lookAgainAt }) => lookAgainAt === null).map(({ eventId }) => eventId);
    if (fresh.length === 0) return;
    await this.database.transaction(AUTH, (tx) => markEvents(tx, commissionerId, fresh, tellableAt(group)));
  }

  private async tell(commissionerId: string, group: NewsGroup, waiting: number): Promise<void> {
    const { kind, subject, recipients, isCollected } = group;
    await this.database.transaction(AUTH, async (tx) => {
      await this.writer.lock(tx, kind, subject);
      const ids = group.news.map(({ eventId }) => eventId);
      const unmarked = await findUnmarked(tx, commissionerId, ids);
      const news = group.news.filter(({ eventId }) => unmarked.has(eventId));
      const content = contentOf({ ...group, news }, waiting);
      const day = isCollected ? { day: this.clock.today() } : {};
      if (content) {
        const writing = { content, subject, recipients, commissionerId, ...day };
        if (isCollected && (await this.writer.wasTold(tx, writing))) {
          await markEvents(tx, commissionerId, [...unmarked], nextMorning(this.clock.now()));
          return;
        }
        await this.writer.write(tx, writing);
      }
      await markEvents(tx, commissionerId, [...unmarked], null);
    });
  }

  /** A provider's referrals may come from several commissioners; one notice counts them all. */
  private async waitingOf({ kind, subject: orgId }: NewsGroup): Promise<number> {
    if (kind === 'referral_waiting')
      return this.database.read({ side: 'provider', orgId }, (reader) => countWaiting(reader, 'referral'));
    if (kind === 'batch_waiting')
      return this.database.read({ side: 'commissioner', orgId }, (reader) => countWaiting(reader, 'batch'));
    return 0;
  }
}

import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Jobs } from '../platform/jobs.js';

const AUTH = { side: 'auth', orgId: null } as const;
const HOUR_MS = 3_600_000;
const DAY_MS = 24 * HOUR_MS;
const DRAFT_DAYS = 30;

/** Forgets what nobody needs any longer. A session is kept for a day after its end, so that a page can say how it ended. */
@Injectable()
export class SignInUpkeep implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'forget old sign-ins', everyMs: HOUR_MS, run: () => this.forget() });
  }

  async forget(): Promise<void> {
    const now = this.clock.now();
    const before = (days: number) => new Date(now.getTime() - days * DAY_MS);
    await this.database.transaction(AUTH, async (tx) => {
      await tx.execute('delete from sign_in_challenge where expires_at <= $1', [now]);
      await tx.execute('delete from sign_in_throttle where last_failed_at < $1 and free_at <= $2', [before(1), now]);
      await tx.execute('delete from web_session where ends_at < $1 or ended_at < $1 or last_seen_at < $2', [
        before(1),
        before(2),
      ]);
      await tx.execute('delete from draft where saved_at < $1', [before(DRAFT_DAYS)]);
    });
  }
}

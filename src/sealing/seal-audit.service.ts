import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Database } from '../platform/database.js';
import { LOG } from '../platform/jobs.js';
import { readMissed } from './new-events.queries.js';
import { SEALER } from './sealing.queries.js';

/** Looks, the slow way, for what the quick way may have missed. */
@Injectable()
export class SealAudit {
  /** How many events the last run of this process found in no log. */
  missed = 0;

  constructor(
    private readonly database: Database,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /**
   * Finds the events that the last pass saw and no tile names. There are none, unless the sealer is wrong or a superuser
   * has put an event where it was not: so they are not sealed afterwards, which would make them look as if they had been.
   */
  async run(): Promise<readonly { logId: string; id: string }[]> {
    const missed = await this.database.read(SEALER, readMissed);
    this.missed = missed.length;
    if (missed.length > 0) {
      this.log.error({ events: missed }, 'events are in no log although the sealer has passed them');
    }
    return missed;
  }
}

import { setTimeout as sleep } from 'node:timers/promises';
import { OrganisationsService } from '../../src/organisations/index.js';
import { Database } from '../../src/platform/database.js';
import type { Fleet } from './instances.js';
import type { Settling } from './settling.js';
import type { Charity, Town } from './town.js';

const AUTH = { side: 'auth', orgId: null } as const;
const SENDING = /update notice set attempts/;
const PATIENCE_MS = 45_000;
const RECOVERED_WITHIN_MS = 60_000;

/**
 * Gathers work in the queue and loses it: so many people are told of one payment that its notices fill the queue, while the
 * wires let none of them be sent.
 */
export class Crowd {
  /** The longest that it took until all that was lost was found again and done. */
  slowestMs = 0;
  private gathered = 0;

  constructor(
    private readonly fleet: Fleet,
    private readonly town: Town,
    private readonly settling: Settling,
  ) {}

  /** Adds people to the charity until there are so many. */
  async gather({ party }: Charity, people: number): Promise<void> {
    const organisations = this.town.nest.get(OrganisationsService);
    await this.town.nest.get(Database).transaction(AUTH, async (tx) => {
      while (this.gathered < people) {
        const email = `crowd${++this.gathered}@${party.code.toLowerCase()}.example`;
        await organisations.enrol(tx, party.organisation, { displayName: 'One of many', email, roles: ['treasurer'] });
      }
    });
  }

  /**
   * Holds back what tells people of the next payment run, waits until it is in the queue, wipes that, and lets the workers go on.
   * What is held back takes the place of other work: it is held from when there is a run, and the rest was done before.
   *
   * @throws when they have not found all of it again, and done it, within a minute
   */
  async wipe(notices: number): Promise<void> {
    await this.settling.untilPaymentRun(PATIENCE_MS);
    const releases = this.fleet.workers.map(({ wire }) => wire.hold(SENDING));
    try {
      for (const until = Date.now() + PATIENCE_MS; Date.now() < until; await sleep(50)) {
        if ((await this.settling.countQueued()) >= notices) break;
      }
      await this.settling.wipeQueue();
    } finally {
      for (const release of releases) release();
    }
    const tookMs = await this.settling.recoverNotices(RECOVERED_WITHIN_MS);
    this.slowestMs = Math.max(this.slowestMs, tookMs);
  }
}

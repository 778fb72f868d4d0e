import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultOrder } from '../../src/sandbox/stripe/index.js';
import type { Chance } from './chance.js';
import type { Fleet, Instance } from './instances.js';
import type { RailMoment } from './rail-wire.js';
import type { Moment, Order } from './wire.js';

const CLOCK_OFF_MS = [-45_000, 0, 45_000];
const LOST_SHARE = 0.35;
const LOST_IN_A_ROW_MAX = 2;
const FOR_A_WHILE = { late: 'late', blackhole: 'silent', refuse: 'not to be reached', cut: 'cut off' } as const;

/** Faults of the rail after which it goes on by itself: nobody has to decide anything. */
export const RAIL_FAULTS: readonly Omit<FaultOrder, 'platform'>[] = ['/v1/transfers', '/v1/payouts'].flatMap((path) =>
  (['drop', 'conflict', 'throttle', 'fail', 'drop_after', 'truncate'] as const).map((kind) => ({
    operation: `POST ${path}`,
    kind,
  })),
);

/**
 * What is done to the processes at the moments that their wires see: kills at places that were armed, and replies to
 * COMMIT that are lost. A place is a role, a moment and what a transaction writes, or a call to the rail.
 */
export class Injuries {
  /** Every place that was seen, in the order in which they were. */
  readonly places = new Set<string>();
  readonly covered = new Set<string>();
  readonly armed = new Set<string>();
  kills = 0;
  lostCommits = 0;
  /** How many replies may still be lost. */
  toLose = 0;
  /** What a planted bug does instead. */
  planted: (instance: Instance, moment: Moment) => Order | undefined = () => undefined;
  private readonly inARow = new Map<Instance, number>();

  constructor(
    private readonly fleet: Fleet,
    private readonly chance: Chance,
    private readonly say: (line: string) => void,
  ) {
    for (const instance of fleet.instances) {
      instance.wire.onMoment = (moment) => this.atDatabase(instance, moment);
      instance.rail.onMoment = (moment) => this.atRail(instance, moment);
    }
  }

  /** The network between a process and the database: late, gone for a while, or cut. */
  async disturb(instance: Instance): Promise<void> {
    const how = this.chance.pick(['late', 'blackhole', 'refuse', 'cut'] as const);
    const { wire } = instance;
    if (how === 'late') wire.set('pass', 20);
    if (how === 'blackhole') wire.set('blackhole');
    if (how === 'refuse') wire.set('refuse');
    if (how !== 'late') await sleep(how === 'blackhole' ? 1_000 : 0);
    if (how !== 'late') wire.cutAll();
    if (how !== 'cut') await sleep(1_000);
    wire.set('pass');
    this.say(`  the database was ${FOR_A_WHILE[how]} for ${instance.name}`);
  }

  private atDatabase(instance: Instance, moment: Moment): Order {
    const planted = this.planted(instance, moment);
    if (planted) return planted;
    if (this.strikes(instance, `${moment.when} commit of ${moment.writes}`)) return 'cut';
    if (moment.when === 'before' || this.toLose === 0) return 'pass';
    const row = this.inARow.get(instance) ?? 0;
    const isLost = row < LOST_IN_A_ROW_MAX && this.chance.next() < LOST_SHARE;
    this.inARow.set(instance, isLost ? row + 1 : 0);
    if (!isLost) return 'pass';
    this.toLose--;
    this.lostCommits++;
    this.say(`  ${instance.name} never heard that its commit of ${moment.writes} was done`);
    return 'cut';
  }

  private atRail(instance: Instance, { when, call }: RailMoment): 'pass' | 'cut' {
    return this.strikes(instance, `${when} ${call}`) ? 'cut' : 'pass';
  }

  private strikes(instance: Instance, moment: string): boolean {
    const place = `${instance.role} ${moment}`;
    this.places.add(place);
    if (!this.armed.delete(place)) return false;
    this.covered.add(place);
    this.say(`  kill -9 of ${instance.name}, ${moment}`);
    this.kill(instance);
    return true;
  }

  /** Whoever follows may have a clock that is a little off. */
  private kill(instance: Instance): void {
    this.kills++;
    const offMs = this.chance.pick(CLOCK_OFF_MS);
    this.fleet.replace(instance, instance.role === 'serve' ? offMs : instance.aheadMs + offMs);
  }
}

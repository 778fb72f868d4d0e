import { setTimeout as sleep } from 'node:timers/promises';
import { undoAll } from '../support/embedded-servers.js';
import { Caller } from './caller.js';
import { Chance } from './chance.js';
import { Checks } from './checks.js';
import { Cluster, CRASHES } from './cluster.js';
import { Crowd } from './crowd.js';
import { Injuries, RAIL_FAULTS } from './injuries.js';
import { Fleet, type Instance } from './instances.js';
import { payAll, playCharity, type Expected } from './journey.js';
import { PLANTS, type Ground, type Plant } from './plants.js';
import { Settling } from './settling.js';
import { SmallDisk } from './small-disk.js';
import type { Goals, Tally } from './tally.js';
import { buildTown, type Charity, type Town } from './town.js';
import { verdict } from './verdict.js';

export interface CampaignOptions {
  readonly seed: number;
  readonly redisUrl?: string | undefined;
  readonly say?: ((line: string) => void) | undefined;
}

const STARTS_AT = new Date('2026-11-02T09:00:00Z');
/** Besides one that has so many people that few of its payments are made. */
const CHARITIES = 4;
const CHARITIES_OF_A_PLANT = 2;
const KILLS_A_ROUND = 16;
const LOST_A_ROUND = 40;
const WIPED_A_ROUND = 520;
const INVOICING = /document|draft|away/;
/** Before people are told of a payment, they were told of the rest. */
const INVOICING_AND_TELLING = /document|draft|away|notices to people|outbox/;
/** Of a round with so many kills, whose followers all have to start. */
const SETTLE_WITHIN_MS = 120_000;
const THREE_DAYS_MS = 259_200_000;

interface RoundOptions {
  readonly thorough?: boolean;
  /** What is to be done before anybody is paid. */
  readonly beforePaying?: RegExp;
  readonly withinMs?: number | undefined;
  readonly charities?: readonly Charity[];
}

/** Plays the money's way round after round, injures it, and says what broke. */
export class Campaign {
  private readonly beganMs = Date.now();
  private readonly chance: Chance;
  private readonly injuries: Injuries;
  private readonly settling: Settling;
  private readonly caller: Caller;
  private readonly checks: Checks;
  private readonly crowd: Crowd;
  private readonly expected: Expected[] = [];
  private deck: string[] = [];
  private readonly say = (line: string): void => this.options.say?.(line);
  private counts = { rounds: 0, crashes: 0, disturbances: 0, railFaults: 0, clockJumps: 0, diskFull: 0 };
  private slowestSettleMs = 0;

  private constructor(
    private readonly options: CampaignOptions,
    private readonly cluster: Cluster,
    private readonly fleet: Fleet,
    private readonly town: Town,
    private readonly disk: SmallDisk | string,
  ) {
    this.chance = new Chance(options.seed);
    this.injuries = new Injuries(fleet, this.chance.fork(), this.say);
    this.settling = new Settling(cluster, fleet, options.redisUrl, this.say);
    this.caller = new Caller(() => fleet.servers, `seed-${options.seed}`);
    this.checks = new Checks(cluster, fleet, town, this.caller, this.chance.fork());
    this.crowd = new Crowd(fleet, town, this.settling);
  }

  static async open(options: CampaignOptions): Promise<Campaign> {
    const cluster = await Cluster.start();
    const disk = await SmallDisk.mount(cluster);
    const fleet = new Fleet(cluster, { redisUrl: options.redisUrl, startsAt: STARTS_AT });
    await fleet.start(2, 2);
    return new Campaign(options, cluster, fleet, await buildTown(cluster, fleet, 1 + CHARITIES), disk);
  }

  async close(): Promise<void> {
    await this.fleet.stop();
    await this.town.close().catch(() => undefined);
    await this.cluster.stop();
    await undoAll();
  }

  /** For people: all of it in words. */
  verdict(findings: readonly string[]): string {
    return verdict(this.tally(), findings, this.checks.statements);
  }

  /** From now on the queue is on a Redis, or on PostgreSQL: other processes take over. */
  async moveQueue(redisUrl: string | undefined): Promise<void> {
    this.settling.redisUrl = redisUrl;
    await this.fleet.moveQueue(redisUrl);
  }

  tally(): Tally {
    const { injuries, settling, caller, crowd, counts, slowestSettleMs, expected } = this;
    return {
      ...counts,
      kills: injuries.kills,
      places: injuries.places.size,
      covered: injuries.covered.size,
      lostCommits: injuries.lostCommits,
      wipedJobs: settling.wiped,
      diskFull: typeof this.disk === 'string' ? `skipped: ${this.disk}` : counts.diskFull,
      resent: caller.resent,
      paid: expected.length,
      hastened: settling.hastened,
      slowestSettleMs,
      slowestWipedMs: crowd.slowestMs,
      seconds: Math.round((Date.now() - this.beganMs) / 1_000),
    };
  }

  /** Goes on until the goals are reached or something is found; gives what. */
  async run(goals: Goals): Promise<string[]> {
    const findings = await this.calm();
    const until = Date.now() + goals.minutes * 60_000;
    while (findings.length === 0 && !this.isReached(goals)) {
      if (Date.now() > until)
        return [`Time is up: ${goals.minutes} minutes were not enough for all that was asked for`];
      const isWiping = this.settling.wiped < goals.wipedJobs && this.counts.rounds % 3 === 1;
      const thorough = this.counts.rounds % 4 === 3;
      if (isWiping) findings.push(...(await this.wipeMany(goals.wipedJobs - this.settling.wiped)));
      else findings.push(...(await this.round(() => this.injure(goals), { thorough })));
    }
    if (findings.length === 0) findings.push(...(await this.checks.all(this.expected, true)));
    return findings;
  }

  /** A round that is left in peace: it shows the places at which the next ones die. */
  calm(): Promise<string[]> {
    return this.round(() => Promise.resolve());
  }

  /** Plants a bug, works on, and gives what is found of it: nothing would be a fault of these checks. */
  async look(name: string): Promise<string[]> {
    const plant = PLANTS[name];
    if (!plant) throw new Error(`No bug is called ${name}`);
    const { cluster, fleet, caller, injuries } = this;
    const charities = this.town.charities.slice(1, 1 + CHARITIES_OF_A_PLANT);
    const ground: Ground = { cluster, fleet, caller, injuries };
    const before = new Set(await this.checks.all(this.expected, true));
    await plant.plant?.(ground);
    const found = plant.afterwards
      ? []
      : await this.round(() => this.injureFor(plant), { withinMs: plant.withinMs, charities });
    await plant.remove?.(ground);
    await plant.afterwards?.(ground);
    found.push(...(await this.checks.all(this.expected, true)));
    for (const one of new Set(found)) this.say(`  found: ${one}`);
    return [...new Set(found)].filter((one) => !before.has(one) && plant.shows.test(one));
  }

  private isReached({ kills, crashes, lostCommits, wipedJobs }: Goals): boolean {
    const { injuries, settling, counts } = this;
    const isKilled = injuries.kills >= kills && counts.crashes >= crashes;
    return isKilled && injuries.lostCommits >= lostCommits && settling.wiped >= wipedJobs && counts.rounds > 1;
  }

  /** A month of charities, from referral to bank, while it is injured; then the checks. */
  private async round(
    injure: () => Promise<void>,
    {
      thorough = false,
      beforePaying = INVOICING,
      withinMs = SETTLE_WITHIN_MS,
      charities = this.town.charities.slice(1),
    }: RoundOptions = {},
  ): Promise<string[]> {
    const { caller, town, settling, counts } = this;
    counts.rounds++;
    const reference = `R${this.options.seed}-${counts.rounds}`;
    const findings: string[] = [];
    const injured = injure();
    const ways = await Promise.allSettled(
      charities.map((charity, index) => playCharity({ caller, town }, charity, `${reference}-${index + 1}`)),
    );
    this.expected.push(...ways.flatMap((way) => (way.status === 'fulfilled' ? [way.value] : [])));
    const issued = await settling.settle(withinMs, beforePaying);
    if (issued.open.length > 0)
      findings.push(`What was approved is not invoiced, or not told of: ${issued.open.join(', ')}`);
    const paid = await Promise.allSettled([payAll(caller, town), injured]);
    findings.push(...reasonsOf([...ways, ...paid]));
    this.injuries.toLose = 0;
    const settled = await settling.settle(withinMs);
    this.slowestSettleMs = Math.max(this.slowestSettleMs, settled.tookMs);
    if (settled.open.length > 0) findings.push(`Work did not settle: ${settled.open.join(', ')}`);
    findings.push(...(await this.checks.all(this.expected, thorough)));
    const { rounds, kills, crashes, lostCommits, wipedJobs, seconds } = this.tally();
    this.say(
      `${seconds} s, round ${rounds}: ${kills} kills, ${crashes} crashes, ${lostCommits} lost commits, ` +
        `${wipedJobs} jobs wiped; settled in ${settled.tookMs} ms; ${findings.length} findings`,
    );
    return findings;
  }

  private async injure(goals: Goals): Promise<void> {
    const { injuries, fleet, chance, counts, settling } = this;
    if (injuries.kills < goals.kills) this.arm(/./);
    injuries.toLose = Math.min(LOST_A_ROUND, Math.max(0, goals.lostCommits - injuries.lostCommits));
    if (chance.next() < 0.5) {
      counts.railFaults++;
      const fault = chance.pick(RAIL_FAULTS);
      await this.town.stripe.arm(fault);
      this.say(`  the rail will answer a ${fault.operation} with ${fault.kind}`);
    }
    if (counts.rounds % 5 === 0) {
      counts.clockJumps++;
      this.say('  three days pass at once');
      await fleet.jump(THREE_DAYS_MS);
    }
    await sleep(200 + chance.below(1_500));
    await this.injureSurroundings(goals);
    if (counts.crashes * goals.kills < injuries.kills * goals.crashes) await this.injureSurroundings(goals);
    if (chance.next() < 0.5) await settling.wipeQueue();
  }

  /** One thing at a time: the database, its disk, or the way to it. */
  private async injureSurroundings(goals: Goals): Promise<void> {
    const { counts, chance, fleet, injuries, disk } = this;
    if (counts.rounds % 4 === 0 && typeof disk !== 'string') {
      counts.diskFull++;
      this.say('  the disk is full for a second');
      await disk.fill();
    } else if (counts.crashes < goals.crashes) {
      const how = CRASHES[counts.crashes++ % CRASHES.length] ?? 'quit';
      this.say(`  PostgreSQL crashes: ${how}`);
      await this.cluster.crash(how);
    } else {
      counts.disturbances++;
      await injuries.disturb(chance.pick<Instance>(fleet.instances));
    }
  }

  /** Gathers so many jobs, up to what a round holds, and loses them. Only one charity is paid, so that nothing else waits behind its notices. */
  async wipeMany(wanted: number): Promise<string[]> {
    const jobs = Math.min(wanted, WIPED_A_ROUND);
    const charities = this.town.charities.slice(0, 1);
    for (const charity of charities) await this.crowd.gather(charity, jobs);
    return this.round(() => this.crowd.wipe(jobs), { charities, beforePaying: INVOICING_AND_TELLING });
  }

  /** The next places, each in its turn; those that were not come by stay armed. */
  private arm(wanted: RegExp): void {
    const { injuries } = this;
    if (this.deck.length === 0) {
      const places = [...injuries.places].filter((place) => wanted.test(place));
      const fresh = places.filter((place) => !injuries.covered.has(place));
      this.deck = this.chance.shuffled(fresh.length > 0 ? fresh : places);
    }
    while (injuries.armed.size < KILLS_A_ROUND && this.deck.length > 0) injuries.armed.add(this.deck.shift() ?? '');
  }

  private async injureFor({ needs }: Plant): Promise<void> {
    const { injuries, settling, cluster, counts } = this;
    injuries.armed.clear();
    this.deck = [];
    if (needs === 'lost commits') injuries.toLose = LOST_A_ROUND;
    if (needs === 'wipes') await settling.wipeQueue();
    if (needs !== 'crashes') return;
    await sleep(1_000);
    counts.crashes++;
    await cluster.crash('kill');
  }
}

function reasonsOf(results: readonly PromiseSettledResult<unknown>[]): string[] {
  return results.flatMap((one) => (one.status === 'rejected' ? [String(one.reason)] : []));
}

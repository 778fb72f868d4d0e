import { Inject, Injectable } from '@nestjs/common';
import { setTimeout as sleep } from 'node:timers/promises';
import { Clock, unixMilliseconds } from '../platform/clock.js';
import type { Config } from '../platform/config.js';
import { sqlState } from '../platform/constraints.js';
import { Database, type Tx } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { CONFIG } from '../platform/platform.module.js';
import { formatCheckpoint, Frontier, leafHash } from '../transparency/index.js';
import { CheckpointSigner } from './checkpoint-signer.service.js';
import { appendLeaves, type GrownLog } from './log-growth.queries.js';
import { andTheRest, fetchRuns, findOldestUnsealed, openNewEvents, openUnsealedEvents } from './new-events.queries.js';
import {
  adoptTransactions,
  findLeafIndex,
  isSigned,
  keepCheckpoints,
  keepPlatformEntries,
  lockCursor,
  lookAtSeen,
  moveCursor,
  readDueAnchors,
  readSeen,
  readSizes,
  SEALER,
} from './sealing.queries.js';
import { byLog, type EventRun, Leaves, mintedAtMs, oldestMs } from './leaves.rules.js';
import { ANCHOR_EVERY_MS, changeOf, isDue, originOf, untilOwn } from './sealing.rules.js';

/** What a pass did: how many events it sealed, in how many logs. */
export interface Pass {
  readonly sealed: number;
  readonly logs: number;
}

/** What this process has sealed since it began. */
export interface SealingMetrics {
  passes: number;
  sealed: number;
  failures: number;
  /** How long the oldest event of the last pass had waited when that pass was committed; 0 when nothing was new. */
  lagMs: number;
  lastPassMs: number;
  /** By log, as far as this process has sealed it. */
  readonly sizes: Map<string, number>;
}

const SERIALIZATION_FAILURE = '40001';
const ENSURE_TRIES = 20;
const ENSURE_WAIT_MS = 100;

/** One pass seals what was committed since the last: all logs, in one transaction that sees one snapshot. */
@Injectable()
export class Sealer {
  readonly metrics: SealingMetrics = { passes: 0, sealed: 0, failures: 0, lagMs: 0, lastPassMs: 0, sizes: new Map() };

  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
    @Inject(CheckpointSigner) private readonly signer: Pick<CheckpointSigner, 'sign' | 'stands'>,
  ) {}

  /**
   * Seals every committed event that no pass has seen. A pass costs what is new; one that finds nothing writes nothing.
   *
   * @returns null when another sealer of this database is at work, or has just done it
   * @throws Error on a standby
   */
  async pass(): Promise<Pass | null> {
    const began = performance.now();
    try {
      const done = await this.sealOnce();
      if (done === null) return null;
      const { metrics } = this;
      metrics.passes++;
      metrics.sealed += done.sealed;
      metrics.lagMs = done.sealed === 0 ? 0 : unixMilliseconds() - done.oldestMs;
      metrics.lastPassMs = performance.now() - began;
      for (const { logId, size } of done.grown) metrics.sizes.set(logId, size);
      return { sealed: done.sealed, logs: done.grown.length };
    } catch (error) {
      if (sqlState(error) === SERIALIZATION_FAILURE) return null;
      this.metrics.failures++;
      throw error;
    }
  }

  /**
   * Whether a pass would find something to do, or fail: one round trip that leaves no trace, where a pass takes three.
   */
  async hasWork(): Promise<boolean> {
    const seen = await lookAtSeen(this.database, this.anchoredBefore());
    return seen.isStandby || seen.hasNews || seen.isAnchorDue || changeOf(seen.last, seen.now) !== 'none';
  }

  /**
   * Waits until an event is sealed under a signature that stands, and seals and signs it where nobody else is about to. For
   * what must not happen before it can be proved, such as a payout.
   *
   * @returns false when that has not come within two seconds, there is no such event, or the log is held: see
   *   `CheckpointSigner`
   */
  async ensureSealed(commissionerId: string, eventId: string): Promise<boolean> {
    for (let tries = 1; ; tries++) {
      if (await this.isSealed(commissionerId, eventId)) return this.signer.stands(commissionerId);
      if (tries > ENSURE_TRIES) return false;
      await this.pass();
      await this.signer.sign();
      if (tries > 1 && !(await this.signer.stands(commissionerId))) return false;
      // What is signed by now needs no waiting; another sealer may be at work, or a transaction not visible yet.
      if (tries > 1) await sleep(ENSURE_WAIT_MS);
    }
  }

  private async isSealed(commissionerId: string, eventId: string): Promise<boolean> {
    return this.database.read(SEALER, async (reader) => {
      const index = await findLeafIndex(reader, commissionerId, eventId);
      return index !== undefined && (await isSigned(reader, commissionerId, index));
    });
  }

  /** How long the oldest event has waited that is committed and not sealed, in any process; 0 when all are sealed. */
  async waitingMs(): Promise<number> {
    const oldest = await this.database.read(SEALER, findOldestUnsealed);
    return oldest === undefined ? 0 : Math.max(0, unixMilliseconds() - mintedAtMs(oldest));
  }

  /** How far each commissioner's log is. */
  sizes(): Promise<{ logId: string; size: number }[]> {
    return this.database.read(SEALER, readSizes);
  }

  private async sealOnce(): Promise<Done | null> {
    const done = await this.inOneSnapshot((tx) => this.seal(tx, true));
    if (done !== 'ids are foreign') return done;
    await this.database.transaction(SEALER, adoptTransactions);
    const after = await this.inOneSnapshot((tx) => this.seal(tx, false));
    assert(after !== 'ids are foreign', 'ids are adopted once');
    return after;
  }

  private inOneSnapshot<T>(work: (tx: Tx) => Promise<T>): Promise<T> {
    return this.database.transaction(SEALER, work, 'REPEATABLE READ');
  }

  /** Reads first, and locks and writes only where there is something to seal: an idle pass leaves no trace. */
  private async seal(tx: Tx, mayAdopt: boolean): Promise<Done | null | 'ids are foreign'> {
    const anchoredBefore = this.anchoredBefore();
    const seen = await readSeen(tx, anchoredBefore);
    if (seen.isStandby) throw new Error('A standby does not seal: it cannot say what was committed when.');
    if (seen.hasForeignIds && mayAdopt) return 'ids are foreign';
    const change = changeOf(seen.last, seen.now);
    if (change === 'cluster') openUnsealedEvents(tx);
    else openNewEvents(tx, seen.last);
    const first = await fetchRuns(tx);
    if (first.length === 0 && change === 'none' && !seen.isAnchorDue) return NOTHING;
    const own = await lockCursor(tx);
    if (own === undefined) return null;
    const snapshot = untilOwn(seen.now.snapshot, own);
    const done = await appendAll(tx, andTheRest(tx, first));
    const epoch = change === 'cluster' ? seen.epoch + 1 : seen.epoch;
    keepCheckpoints(tx, done.grown, { snapshot, epoch, sealedAt: this.clock.now() });
    const isAnchorDue = seen.isAnchorDue || done.grown.some(({ anchoredAt }) => isDue(anchoredAt, anchoredBefore));
    if (isAnchorDue) await this.anchor(tx, seen.platformLogId, epoch, anchoredBefore);
    // A database that was never sealed has published nothing that it could fall behind.
    const mustCompare = change !== 'none' && seen.last.systemIdentifier !== '';
    moveCursor(tx, { ...seen.now, snapshot }, epoch, mustCompare);
    return done;
  }

  /** Makes the heads that are due leaves of the platform's log. */
  private async anchor(tx: Tx, platformLogId: string, epoch: number, anchoredBefore: Date): Promise<void> {
    const due = await readDueAnchors(tx, platformLogId, anchoredBefore);
    const entries = due.map(({ logId, size, frontier }) => {
      const root = Frontier.parse(Number(size), frontier).root();
      const text = formatCheckpoint({ origin: this.originOf(logId), size: Number(size), root });
      return { logId, size: Number(size), entry: Buffer.from(text) };
    });
    const leaves = Leaves.ofEntries(entries.map(({ entry }) => leafHash(entry)));
    const [platform] = await appendLeaves(tx, new Map([[platformLogId, leaves]]));
    assert(platform, 'a log that grew is given back');
    const now = this.clock.now();
    await keepPlatformEntries(tx, entries, platform.size - entries.length, now);
    keepCheckpoints(tx, [platform], { snapshot: null, epoch, sealedAt: now });
  }

  private anchoredBefore(): Date {
    return new Date(this.clock.now().getTime() - ANCHOR_EVERY_MS);
  }

  private originOf(logId: string): string {
    return originOf(this.config.sealing.logName, logId);
  }
}

async function appendAll(tx: Tx, news: AsyncIterable<EventRun[]>): Promise<Done> {
  const grown = new Map<string, GrownLog>();
  const done = { sealed: 0, oldestMs: Number.POSITIVE_INFINITY };
  for await (const runs of news) {
    const logs = byLog(runs);
    for (const log of await appendLeaves(tx, logs)) grown.set(log.logId, log);
    for (const { count } of logs.values()) done.sealed += count;
    done.oldestMs = Math.min(done.oldestMs, ...runs.map(oldestMs));
  }
  return { ...done, grown: [...grown.values()] };
}

interface Done {
  readonly sealed: number;
  /** When the oldest of the events was made, in Unix milliseconds. */
  readonly oldestMs: number;
  readonly grown: readonly GrownLog[];
}

const NOTHING: Done = { sealed: 0, oldestMs: 0, grown: [] };

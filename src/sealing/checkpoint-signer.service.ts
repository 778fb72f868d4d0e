import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { LOG } from '../platform/jobs.js';
import { Metrics } from '../platform/metrics.js';
import {
  addSignatures,
  findOpenLogs,
  keepHolds,
  keepNotes,
  markCompared,
  markPublished,
  readAllLogs,
  type Hold,
  type OpenLogs,
} from './checkpoint-signing.queries.js';
import type { HoldCode } from './checkpoint-signing.rules.js';
import { CheckpointStore, StoreUnreachable } from './checkpoint-store.gateway.js';
import { LogExaminer, type SoundLog } from './log-examiner.service.js';
import { PlatformWitness } from './platform-witness.service.js';
import { SEALER } from './sealing.queries.js';

/** Logs at a time: what is read of them, their tiles above all, is in memory together. */
const LOGS_MAX = 100;
/** Somebody else publishes at the same time: one of us comes first, and then there is little left to do. */
const RACES_MAX = 3;

/**
 * Signs the checkpoints that passes leave, and publishes the newest of each log first. A signature cannot be taken back, so
 * it is given only to what continues what was signed here, published outside and seen by the witness; anything else holds
 * the log, loudly, until somebody has mended it. Any number of processes may sign at the same time: the signatures of one
 * key under one text are the same.
 */
@Injectable()
export class CheckpointSigner {
  private running: Promise<unknown> = Promise.resolve();
  private next: Promise<void> | undefined;
  /** Whether this process has compared every log with what is published, as it does when it begins. */
  private hasCompared = false;
  /** What this process has said of a log. */
  private readonly said = new Map<string, HoldCode>();

  constructor(
    private readonly database: Database,
    private readonly examiner: LogExaminer,
    private readonly store: CheckpointStore,
    private readonly witness: PlatformWitness,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** Signs all that is sealed when it is called; calls that come while one is at work share the next. */
  sign(): Promise<void> {
    this.next ??= this.running.then(() => {
      this.next = undefined;
      const round = this.round();
      this.running = round.catch(() => undefined);
      return round;
    });
    return this.next;
  }

  /**
   * Whether what is signed of this log stands: it and the platform's log go on from what is published now. Of two copies
   * of a database it is true in one, from the moment at which that one has published.
   */
  async stands(commissionerId: string): Promise<boolean> {
    const { platformLogId } = await this.openLogs();
    return this.untilAlone([commissionerId, platformLogId], platformLogId);
  }

  private openLogs(): Promise<OpenLogs> {
    return findOpenLogs(this.database, this.witness.signer);
  }

  private async round(): Promise<void> {
    const { platformLogId, logIds, mustCompare, isCosigned } = await this.openLogs();
    const comparesAll = mustCompare || !this.hasCompared;
    const all = comparesAll ? await this.database.read(SEALER, readAllLogs) : logIds;
    const others = all.filter((id) => id !== platformLogId);
    for (let at = 0; at < others.length; at += LOGS_MAX) {
      await this.untilAlone(others.slice(at, at + LOGS_MAX), platformLogId);
    }
    // Last, because a witness may take its time.
    if (all.includes(platformLogId) || !isCosigned) await this.untilAlone([platformLogId], platformLogId);
    if (mustCompare) await this.database.transaction(SEALER, markCompared);
    this.hasCompared = true;
  }

  /** False when any of the logs is held, or others publish again and again meanwhile. */
  private async untilAlone(logIds: readonly string[], platformLogId: string): Promise<boolean> {
    let left = logIds;
    let isHeld = false;
    for (let races = 0; left.length > 0 && races < RACES_MAX; races++) {
      const { held, raced } = await this.signLogs(left, platformLogId);
      isHeld ||= held.length > 0;
      left = raced;
    }
    return !isHeld && left.length === 0;
  }

  private async signLogs(logIds: readonly string[], platformLogId: string): Promise<{ held: Hold[]; raced: string[] }> {
    const examined = await this.examiner.examine(logIds);
    const held: Hold[] = [...examined.held];
    const raced: string[] = [...examined.raced];
    const free: SoundLog[] = [];
    const published: SoundLog[] = [];
    for (const log of examined.sound) {
      const outcome = await this.publish(log);
      if (outcome === 'raced') raced.push(log.logId);
      else if (outcome === 'unreachable') held.push({ logId: log.logId, code: 'store_unreachable' });
      else {
        free.push(log);
        if (outcome === 'published') published.push(log);
      }
    }
    const platform = free.find(({ logId }) => logId === platformLogId);
    const cosigned = platform ? await this.witness.ask(platform) : {};
    if (platform && cosigned.hold) {
      free.splice(free.indexOf(platform), 1);
      held.push({ logId: platformLogId, code: cosigned.hold });
    }
    await this.record(free, published, held, cosigned.added ?? []);
    return { held, raced };
  }

  /** On top of what was read, and only when that says less. */
  private async publish({
    logId,
    target,
    published,
    isNews,
  }: SoundLog): Promise<'published' | 'as it is' | 'raced' | 'unreachable'> {
    if (!this.store.isConfigured || target === null || !isNews) return 'as it is';
    try {
      return (await this.store.publish(logId, published, target.note)) ? 'published' : 'raced';
    } catch (error) {
      if (!(error instanceof StoreUnreachable)) throw error;
      this.log.warn({ logId, reason: error.message }, 'checkpoint not published');
      return 'unreachable';
    }
  }

  private async record(
    free: readonly SoundLog[],
    published: readonly SoundLog[],
    held: readonly Hold[],
    cosigned: SoundLog['added'],
  ): Promise<void> {
    const notes = free.flatMap(({ notes: own }) => own);
    const added = [...free.flatMap(({ added: own }) => own), ...cosigned];
    // Also what a process published that did not live to say so.
    const heads = free.flatMap(({ logId, publishedSize }) =>
      publishedSize === null ? [] : [{ logId, size: publishedSize }],
    );
    const news = published.flatMap(({ logId, target }) => (target === null ? [] : [{ logId, size: target.size }]));
    const letGo = free.filter(({ heldCode }) => heldCode !== null).map(({ logId }) => logId);
    const changed = held.length + letGo.length + notes.length + added.length + heads.length + news.length;
    if (changed > 0) {
      const now = this.clock.now();
      await this.database.transaction(SEALER, async (tx) => {
        await keepNotes(tx, notes);
        await addSignatures(tx, added, now);
        await markPublished(tx, [...heads, ...news], now);
        await keepHolds(tx, held, letGo, now);
      });
    }
    this.metrics.count('wellpaid_checkpoints_signed_total', 'Checkpoints signed by this process.', {}, notes.length);
    this.say(held, free);
  }

  /** Once for each reason and process: a log that is held is looked at twice a second. */
  private say(held: readonly Hold[], free: readonly SoundLog[]): void {
    for (const { logId, code } of held) {
      if (this.said.get(logId) === code) continue;
      this.said.set(logId, code);
      this.metrics.count('wellpaid_checkpoint_refusals_total', 'Times that a log was found unfit to be signed.', {
        code,
      });
      this.log.error({ logId, code }, 'checkpoint not signed');
    }
    for (const { logId } of free) {
      if (this.said.delete(logId)) this.log.info({ logId }, 'checkpoints are signed again');
    }
  }
}

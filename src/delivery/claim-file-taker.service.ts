import { AsyncResource } from 'node:async_hooks';
import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { ClaimFile } from './claim-file.entity.js';
import { templateHeader, readChunk, type Chunk } from './claim-file-chunk.rules.js';
import { findChunk, forgetChunks, lockFile, type FileProgress } from './claim-file-chunks.queries.js';
import { ClaimFileClosing } from './claim-file-closing.service.js';
import { refusedRow, type KeptFailure } from './claim-file-rows.rules.js';
import { insertFailures, type FileKey } from './claim-file.queries.js';
import { claimCells, type ClaimCells, type ClaimFileContext } from './claim-file.rules.js';
import type { ClaimSetting } from './claim-setting.service.js';
import { KeptHistory } from './kept-history.rules.js';
import { closeHistory } from './claim-history.queries.js';
import { DeliveryIntake, type PlannedDelivery, type TakenDelivery } from './delivery-intake.service.js';
import { HeldStatements } from './held-statements.rules.js';

/** One file while it is worked on. */
export interface FileAtWork {
  readonly actor: Actor;
  readonly setting: ClaimSetting;
  readonly key: FileKey;
  readonly context: ClaimFileContext;
  readonly serviceIds: ReadonlyMap<string, string>;
  readonly meanings: ClaimCells;
  /** Of the claims before, as far as the chunks so far have asked about them. */
  readonly history: KeptHistory;
  /** Chunks that are in memory already, by their number: a few at most. */
  readonly atHand: Map<number, Promise<Chunk | undefined>>;
}

/** `waiting`: what has arrived is taken, and more is to come. `over`: the file has ended. */
export type TakingStep = 'taken' | 'waiting' | 'over';

/** As many as keep the contract's lock for a part of a second. */
export const CHUNKS_MOST = 4;

/** Takes the chunks of files that were put down, a few in each transaction. */
@Injectable()
export class ClaimFileTaker {
  /** In one transaction; makes no difference but in time. */
  chunksMost = CHUNKS_MOST;

  constructor(
    private readonly database: Database,
    private readonly intake: DeliveryIntake,
    private readonly closing: ClaimFileClosing,
    private readonly clock: Clock,
  ) {}

  /** A file to work on, for whoever sent it. */
  work(actor: Actor, setting: ClaimSetting, id: string): FileAtWork {
    const { commissionerId, providerId, services } = setting;
    const context = { today: this.clock.today(), serviceCodes: services.map(({ code }) => code) };
    return {
      actor,
      setting,
      key: { commissionerId, id, providerId },
      context,
      serviceIds: new Map(services.map((service) => [service.code, service.id])),
      meanings: claimCells(context),
      history: new KeptHistory(),
      atHand: new Map(),
    };
  }

  /**
   * Takes the next chunks, or ends a file of which all is taken. Two who work on one file take turns: a chunk has its effect
   * once, with the count of chunks that says so.
   */
  async step(file: FileAtWork): Promise<TakingStep> {
    // Bound to here, outside of the transaction: it has one of its own.
    const lookAhead = AsyncResource.bind((number: number) => this.lookAhead(file, number));
    return this.database.transaction(file.actor, async (tx) => {
      const progress = await lockFile(tx, file.key);
      if (progress?.state !== 'receiving') return 'over';
      if (progress.chunksTaken < progress.chunkCount) {
        await this.take(tx, file, progress, lookAhead);
        return 'taken';
      }
      if (progress.rowCount === null) return 'waiting';
      await this.closing.close(tx, file.actor, file.key, 'received');
      return 'over';
    });
  }

  /**
   * Takes the next chunks in one transaction. While one is stored, the next is planned: it is told what the one before has, and
   * what has to be read for it is read ahead of all that is to be stored.
   */
  private async take(
    tx: Tx,
    file: FileAtWork,
    progress: FileProgress,
    lookAhead: (number: number) => void,
  ): Promise<void> {
    const { actor, setting, key, history } = file;
    const last = Math.min(progress.chunkCount, progress.chunksTaken + this.chunksMost);
    let counts: Counts = progress;
    let after: PlannedDelivery | undefined;
    const failures: KeptFailure[] = [];
    history.begin();
    for (let number = progress.chunksTaken + 1; number <= last; number++) {
      const chunk = await chunkOf(tx, file, number);
      const statements = new HeldStatements(tx);
      const onRead = () => {
        if (number === last) statements.letGo();
        lookAhead(number + 1);
      };
      const rows = chunk.good.map(({ delivered }) => delivered);
      const options = { claim: true, claimFileId: key.id, history, statements, after, onRead };
      const taken = await this.intake.take(tx, actor, setting, rows, options);
      after = { plan: taken.plan, statements };
      counts = added(counts, taken, chunk.failures.length);
      failures.push(...chunk.failures, ...refusedRows(chunk, taken));
    }
    await closeHistory(tx, setting, history);
    await insertFailures(tx, key, failures.sort(byRow));
    await forgetChunks(tx, key, last);
    const { commissionerId, id } = key;
    await tx.update(
      ClaimFile,
      { commissionerId, id },
      { ...counts, chunksTaken: last, progressAt: () => 'clock_timestamp()' },
    );
  }

  /** Reads a chunk and understands it while the database stores the one before. */
  private lookAhead(file: FileAtWork, number: number): void {
    if (file.atHand.has(number)) return;
    const ahead = this.database.read(file.actor, (reader) => read(reader, file, number)).catch(() => undefined);
    file.atHand.set(number, ahead);
  }
}

/** A chunk that has arrived; those up to it are at hand no more. */
async function chunkOf(tx: Tx, file: FileAtWork, number: number): Promise<Chunk> {
  const chunk = (await file.atHand.get(number)) ?? (await read(tx, file, number));
  if (!chunk) throw new Error(`Chunk ${number} of the claim file ${file.key.id} is not there`);
  for (const known of file.atHand.keys()) if (known <= number) file.atHand.delete(known);
  return chunk;
}

/** Undefined when it has not arrived. */
async function read(reader: Reader, file: FileAtWork, number: number): Promise<Chunk | undefined> {
  const body = await findChunk(reader, file.key, number);
  return body === undefined ? undefined : readChunk(body, file.context, file.serviceIds, file.meanings);
}

function refusedRows({ good }: Chunk, { outcomes }: TakenDelivery): KeptFailure[] {
  return outcomes.flatMap((outcome, index) => {
    const row = good[index];
    return outcome.status === 'failed' && row ? refusedRow(templateHeader(), row, outcome.code) : [];
  });
}

const byRow = (one: KeptFailure, other: KeptFailure): number => one.row - other.row;

type Counts = Pick<
  ClaimFile,
  'rows' | 'accepted' | 'repeated' | 'included' | 'failed' | 'flagged' | 'totalMinor' | 'indicativeMinor'
>;

function added(counts: Counts, { outcomes, claims }: TakenDelivery, failed: number): Counts {
  const of = (wanted: string) => outcomes.filter(({ status }) => status === wanted).length;
  return {
    rows: counts.rows + outcomes.length + failed,
    accepted: counts.accepted + of('accepted'),
    repeated: counts.repeated + of('repeated'),
    included: counts.included + of('included'),
    failed: counts.failed + of('failed') + failed,
    flagged: counts.flagged + claims.filter(({ price }) => price.flags.length > 0).length,
    totalMinor: claims.reduce((sum, { price }) => sum + price.netMinor, counts.totalMinor),
    indicativeMinor: claims.reduce((sum, { price }) => sum + price.indicativeMinor, counts.indicativeMinor),
  };
}

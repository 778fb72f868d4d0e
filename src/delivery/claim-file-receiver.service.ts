import { Inject, Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { Logger } from 'pino';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import type { CsvEnd, CsvItem } from '../platform/csv-reader.js';
import { Database } from '../platform/database.js';
import { assert, DomainError } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { LOG } from '../platform/jobs.js';
import { noRateCard } from '../pricing/index.js';
import { CHUNK_SIZE, chunkText, endsBefore, inTemplate, type ChunkSize } from './claim-file-chunk.rules.js';
import { beat, lockFile, putDown } from './claim-file-chunks.queries.js';
import { ClaimFileClosing } from './claim-file-closing.service.js';
import { keptFailure, readRow, type GoodRow, type KeptFailure } from './claim-file-rows.rules.js';
import { ClaimFileTaker, type FileAtWork } from './claim-file-taker.service.js';
import { Taking } from './claim-file-taking.rules.js';
import { ClaimFile, type FileProblem } from './claim-file.entity.js';
import { readClaimHeader, type ClaimFileHeader } from './claim-file.rules.js';
import { ClaimSettings } from './claim-setting.service.js';
import { claimFileHeading, INTERRUPTED } from './delivery.errors.js';

/** A file on its way in. */
interface Arrival {
  readonly file: FileAtWork;
  readonly taking: Taking;
  header: ClaimFileHeader | null;
  problem: FileProblem | null;
  rows: number;
  chunks: number;
  good: GoodRow[];
  bad: KeptFailure[];
  /** Somebody has ended the file: what else arrives of it is let go. */
  isOver: boolean;
}

const BEAT_MS = 10_000;
const AT_HAND_MOST = 3;

/**
 * Receives files: reads them as they arrive, puts their rows down in chunks, and has these taken meanwhile, one after the
 * other. Reading does not wait for taking, so that a sender is soon done however large the file is.
 */
@Injectable()
export class ClaimFileReceiver implements BeforeApplicationShutdown {
  /** Of files to come; makes no difference but in time. */
  chunkSize: ChunkSize = CHUNK_SIZE;
  private readonly takings = new Set<Taking>();

  constructor(
    private readonly database: Database,
    private readonly settings: ClaimSettings,
    private readonly taker: ClaimFileTaker,
    private readonly closing: ClaimFileClosing,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /**
   * Receives a file to its end; gives its id, and what resolves when all of it is taken. Whatever ends it early leaves what
   * was taken before in place, and the file `refused` with the problem. A file with the bytes of an earlier one is kept too,
   * as its repeat.
   *
   * @throws claim_file.heading, rate_card.missing, the errors of the reader, and not_found for the contract
   */
  async receive(
    actor: Actor,
    contract: string,
    items: AsyncIterable<CsvItem>,
  ): Promise<{ id: string; taken: Promise<void> }> {
    const arrival = await this.open(actor, contract);
    const { file, taking } = arrival;
    const heart = setInterval(() => this.beat(file), BEAT_MS);
    try {
      for await (const item of items) if (!arrival.isOver) await this.put(arrival, item);
    } catch (error) {
      throw await this.refuse(arrival, error);
    } finally {
      clearInterval(heart);
    }
    return { id: file.key.id, taken: taking.end() };
  }

  /** Ends between two chunks: whoever works on the file next goes on from there. */
  async beforeApplicationShutdown(): Promise<void> {
    await Promise.all([...this.takings].map((taking) => taking.stop()));
  }

  private async open(actor: Actor, contract: string): Promise<Arrival> {
    const setting = await this.database.read(actor, (reader) => this.settings.loadNamed(reader, contract));
    const { commissionerId, contractId, providerId, services } = setting;
    if (services.length === 0) throw noRateCard();
    const id = newId();
    const counts = { rows: 0, accepted: 0, repeated: 0, included: 0, failed: 0, flagged: 0 };
    const totals = { totalMinor: 0n, indicativeMinor: 0n };
    await this.database.transaction(actor, async (tx) => {
      const sent = { receivedAt: this.clock.now(), submittedBy: actor.memberId, keyId: actor.keyId };
      const key = { commissionerId, id, providerId, contractId };
      await tx.insert(ClaimFile, { ...key, ...counts, ...totals, ...sent, state: 'receiving', droppedColumns: [] });
      await beat(tx, key);
    });
    const file = this.taker.work(actor, setting, id);
    const taking = new Taking(() => this.taker.step(file));
    this.takings.add(taking);
    void taking.ended.finally(() => this.takings.delete(taking));
    const nothing = { header: null, problem: null, rows: 0, chunks: 0, isOver: false };
    return { file, taking, ...nothing, good: [], bad: [] };
  }

  private async put(arrival: Arrival, item: CsvItem): Promise<void> {
    if (item.kind === 'header') return this.putHeading(arrival, item);
    if (item.kind === 'end') return this.arrive(arrival, item);
    const { header, file, good, bad } = arrival;
    assert(header, 'a row comes after the heading');
    arrival.rows += 1;
    if (item.kind === 'refused') {
      const { row, problem } = item;
      arrival.problem = { code: problem.code, row, howToFix: problem.howToFix };
      bad.push(keptFailure(header, { row, cells: [], problems: [problem] }));
      return;
    }
    const row = readRow(header, item, file.context, file.serviceIds, file.meanings);
    const next = 'delivered' in row ? inTemplate(header, row) : undefined;
    if (endsBefore(this.chunkSize, good.length + bad.length, good.at(-1), next)) await this.putChunk(arrival);
    if (next) arrival.good.push(next);
    else if (!('delivered' in row)) arrival.bad.push(row);
  }

  private async putHeading(arrival: Arrival, item: Extract<CsvItem, { kind: 'header' }>): Promise<void> {
    const header = readClaimHeader(item.cells, arrival.file.context);
    if ('errors' in header) {
      const errors = header.errors.map(({ column, howToFix }) => ({ path: column, message: howToFix }));
      throw claimFileHeading({ errors }, errors.map(({ message }) => message).join(' '));
    }
    arrival.header = header.ok;
    await this.change(arrival.file, { droppedColumns: [...header.ok.dropped], separator: item.separator });
  }

  private async putChunk(arrival: Arrival): Promise<void> {
    const { file, good, bad, taking } = arrival;
    if (good.length + bad.length === 0) return;
    const chunk = { good, failures: bad };
    const number = arrival.chunks + 1;
    const isPut = await this.database.transaction(file.actor, (tx) => putDown(tx, file.key, number, chunkText(chunk)));
    arrival.isOver = !isPut;
    arrival.chunks = number;
    arrival.good = [];
    arrival.bad = [];
    // What will be taken soon need not be read again; what must wait is not kept in memory.
    if (file.atHand.size < AT_HAND_MOST) file.atHand.set(number, Promise.resolve(chunk));
    taking.goOn();
  }

  private async arrive(arrival: Arrival, { sha256, encoding, dropped }: CsvEnd): Promise<void> {
    await this.putChunk(arrival);
    const { file, rows: rowCount, problem } = arrival;
    const droppedColumns = dropped && { droppedColumns: [...dropped] };
    const found = { rowCount, encoding, problem, sha256: Buffer.from(sha256, 'hex'), ...droppedColumns };
    await this.change(file, found);
    arrival.taking.goOn();
  }

  /** Ends a file that cannot be read to its end; gives the error to throw. */
  private async refuse({ file, taking }: Arrival, error: unknown): Promise<unknown> {
    await taking.stop();
    const { code, message } = error instanceof DomainError ? error : INTERRUPTED;
    const accepted = await this.database.transaction(file.actor, async (tx) => {
      const progress = await lockFile(tx, file.key);
      if (progress?.state === 'receiving')
        await this.closing.close(tx, file.actor, file.key, 'refused', { code, row: null, howToFix: message });
      return progress?.accepted ?? 0;
    });
    if (!(error instanceof DomainError)) return error;
    return new DomainError(error.kind, error.code, error.message, {
      ...error.details,
      claimFileId: file.key.id,
      accepted,
    });
  }

  /** A file that has ended meanwhile is left as it is. */
  private async change({ actor, key }: FileAtWork, changes: Partial<ClaimFile>): Promise<void> {
    const { commissionerId, id } = key;
    await this.database.transaction(actor, (tx) =>
      tx.update(ClaimFile, { commissionerId, id, state: 'receiving' }, changes),
    );
  }

  private beat({ actor, key }: FileAtWork): void {
    this.database
      .transaction(actor, (tx) => beat(tx, key))
      .catch((error: unknown) => this.log.warn({ error, claimFileId: key.id }, 'no heartbeat'));
  }
}

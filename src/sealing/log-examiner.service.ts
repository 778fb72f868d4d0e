import { Injectable } from '@nestjs/common';
import { Database, type Reader } from '../platform/database.js';
import {
  consistencyProof,
  formatCheckpoint,
  rootOf,
  tilesOfConsistency,
  tilesOfRoot,
  verifyConsistency,
  type TileHashes,
} from '../transparency/index.js';
import {
  readLogs,
  readUnsigned,
  type AddedSignature,
  type Hold,
  type LogNote,
  type LogRow,
  type SignedCheckpoint,
} from './checkpoint-signing.queries.js';
import {
  contradictionOf,
  pointsOf,
  whyHeld,
  type HoldCode,
  type KeptLog,
  type Mark,
  type Point,
  type StoreReading,
} from './checkpoint-signing.rules.js';
import { CheckpointStore, StoreUnreachable, type Published } from './checkpoint-store.gateway.js';
import { LogKeys, signerId } from './log-keys.service.js';
import { readTiles } from './log-tiles.queries.js';
import { SEALER } from './sealing.queries.js';
import { Witness } from './witness.gateway.js';

/** A log that may be signed, and what is to be kept when it is. */
export interface SoundLog {
  readonly logId: string;
  readonly heldCode: HoldCode | null;
  /** Of all its checkpoints that are not signed yet. */
  readonly notes: readonly LogNote[];
  /** Of keys that came after its newest checkpoint was signed. */
  readonly added: readonly AddedSignature[];
  /** The newest that is signed when this is kept, with every signature; null where there is none at all. */
  readonly target: SignedCheckpoint | null;
  /** Of the newest checkpoint. */
  readonly size: number;
  readonly cosignedSize: number;
  /** What is published, and whether the target says more. */
  readonly published: Published | null;
  readonly isNews: boolean;
  /** Published from here, and not yet marked so. */
  readonly publishedSize: number | null;
}

interface Examined {
  readonly sound: readonly SoundLog[];
  readonly held: readonly Hold[];
  /** Others published while these were looked at: look again. */
  readonly raced: readonly string[];
}

interface PublishedMark extends Mark, Published {}

interface Candidate {
  readonly row: LogRow;
  readonly unsigned: readonly Mark[];
  readonly store: StoreReading<PublishedMark>;
  readonly points: readonly Point[];
}

/** Decides whether logs may be signed: what is kept in tiles must be how the log goes on that others know. */
@Injectable()
export class LogExaminer {
  constructor(
    private readonly database: Database,
    private readonly store: CheckpointStore,
    private readonly keys: LogKeys,
    private readonly witness: Witness,
  ) {}

  /**
   * Reads the store before the database: what a process of this database published is in it by then. What the database says
   * was published may be newer than that, so the store is asked again before it is said to have lost anything.
   */
  async examine(logIds: readonly string[]): Promise<Examined> {
    const readings = new Map<string, StoreReading<PublishedMark>>();
    for (const logId of logIds) readings.set(logId, await this.readStore(logId));
    const { sound, held } = await this.database.read(SEALER, (reader) => this.examineIn(reader, logIds, readings));
    const raced: string[] = [];
    for (const { logId, code } of held) {
      if (code !== 'published_missing') continue;
      if (editionOf(await this.readStore(logId)) !== editionOf(readings.get(logId))) raced.push(logId);
    }
    return { sound, held: held.filter(({ logId }) => !raced.includes(logId)), raced };
  }

  private async examineIn(
    reader: Reader,
    logIds: readonly string[],
    readings: ReadonlyMap<string, StoreReading<PublishedMark>>,
  ): Promise<Omit<Examined, 'raced'>> {
    const witness = this.witness.verifier ? signerId(this.witness.verifier) : null;
    const rows = await readLogs(reader, logIds, this.store.isConfigured, witness);
    const unsigned = await readUnsigned(reader, logIds);
    const held: Hold[] = [];
    const candidates: Candidate[] = [];
    for (const row of rows) {
      const { logId, size, publishedSize } = row;
      const store = readings.get(logId) ?? { kind: 'none' };
      const signed = this.trusted(row);
      const code = whyHeld({ size, publishedSize, signed }, store);
      if (code !== undefined) {
        held.push({ logId, code });
        continue;
      }
      const marks = unsigned.get(logId) ?? [];
      candidates.push({ row, unsigned: marks, store, points: pointsOf(signed, marks, store) });
    }
    const tiles = await readTiles(
      reader,
      candidates.flatMap(({ row: { logId }, points }) => tilesOf(points).map((tile) => ({ ...tile, logId }))),
    );
    const sound: SoundLog[] = [];
    for (const candidate of candidates) {
      const { logId } = candidate.row;
      const code = contradictionIn(candidate.points, tiles.of(logId));
      if (code === undefined) sound.push(this.prepare(candidate));
      else held.push({ logId, code });
    }
    return { sound, held };
  }

  private async readStore(logId: string): Promise<StoreReading<PublishedMark>> {
    if (!this.store.isConfigured) return { kind: 'none' };
    try {
      const published = await this.store.read(logId);
      if (published === null) return { kind: 'nothing' };
      const mark = this.keys.open(logId, published.note);
      return mark ? { kind: 'published', published: { ...published, ...mark } } : { kind: 'unreadable' };
    } catch (error) {
      if (error instanceof StoreUnreachable) return { kind: 'unreachable' };
      throw error;
    }
  }

  /** The newest signed checkpoint, when its note says what its row says. */
  private trusted({ logId, signed }: LogRow): KeptLog['signed'] {
    if (signed === null) return null;
    const mark = this.keys.open(logId, signed.note);
    if (!mark) return 'unknown';
    return mark.size === signed.size && Buffer.compare(mark.root, signed.root) === 0 ? mark : 'other';
  }

  private prepare({ row, unsigned, store }: Candidate): SoundLog {
    const { logId, heldCode, size, cosignedSize, signed } = row;
    const origin = this.keys.originOf(logId);
    const notes = unsigned.map((mark) => ({
      logId,
      ...mark,
      note: this.keys.sign(origin, formatCheckpoint({ origin, ...mark })),
    }));
    const newest = notes.at(-1);
    const isSignedNewest = signed !== null && (newest === undefined || newest.size < signed.size);
    const missing = isSignedNewest ? this.keys.missingLines(signed.note) : [];
    const added = missing.map((one) => ({ logId, size: signed?.size ?? 0, ...one }));
    const target = isSignedNewest
      ? { ...signed, note: signed.note + missing.map(({ line }) => line).join('') }
      : (newest ?? null);
    const published = store.kind === 'published' ? store.published : null;
    return {
      logId,
      heldCode,
      notes,
      added,
      target,
      size,
      cosignedSize,
      published,
      isNews: target !== null && isNews(target, published, this.keys),
      publishedSize: published !== null && published.size > (row.publishedSize ?? 0) ? published.size : null,
    };
  }
}

function editionOf(reading: StoreReading<PublishedMark> | undefined): number {
  return reading?.kind === 'published' ? reading.published.edition : 0;
}

/** Whether a checkpoint says more than what is published: a larger log, or the same under a key that came later. */
function isNews(target: SignedCheckpoint, published: PublishedMark | null, keys: LogKeys): boolean {
  if (published === null || target.size > published.size) return true;
  return target.size === published.size && keys.missingLines(published.note).length > 0;
}

/** What proves that each point is the beginning of the next, and that the last is what the tiles hold. */
function tilesOf(points: readonly Point[]): { level: number; n: number }[] {
  const pairs = points.slice(1).flatMap(({ size }, index) => tilesOfConsistency(points[index]?.size ?? 0, size));
  return [...pairs, ...points.slice(-1).flatMap(({ size }) => tilesOfRoot(size))];
}

function contradictionIn(points: readonly Point[], tiles: TileHashes): HoldCode | undefined {
  const last = points.at(-1);
  if (!last) return undefined;
  const broken = points.slice(1).findIndex((to, index) => !holds(() => goesOn(points[index] ?? to, to, tiles)));
  const [from, to] = [points[broken], points[broken + 1]];
  if (broken >= 0 && from && to) return contradictionOf(from, to);
  return holds(() => rootOf(last.size, tiles).equals(last.root)) ? undefined : contradictionOf(last, last);
}

function goesOn(from: Mark, to: Mark, tiles: TileHashes): boolean {
  const proof = consistencyProof(from.size, to.size, tiles);
  return verifyConsistency(from.size, to.size, proof, from.root, to.root);
}

/** A tile that is missing or too narrow is no proof. */
function holds(check: () => boolean): boolean {
  try {
    return check();
  } catch (error) {
    if (error instanceof RangeError) return false;
    throw error;
  }
}

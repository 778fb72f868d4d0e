import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { formatTlogProof, inclusionProof, tilesOfInclusion } from '../transparency/index.js';
import {
  findHold,
  findEventLog,
  findNewestNote,
  findPlatformEntry,
  findSignedLeaf,
  readCommissioners,
  readPlatformLogId,
  type SignedNote,
} from './log-proofs.queries.js';
import { readTiles } from './log-tiles.queries.js';
import { checkpointNotSigned, eventNotSealed } from './sealing.errors.js';
import { SEALER } from './sealing.queries.js';

/** That a leaf is in a log. */
export interface LogProof {
  readonly logId: string;
  readonly index: number;
  readonly size: number;
  /** RFC 9162 section 2.1.3.1, the leaf's sibling first. */
  readonly proof: readonly Buffer[];
  /** The signed note of the tree that the proof leads to. */
  readonly checkpoint: string;
}

/** A commissioner's checkpoint as a leaf of the platform's log. */
export interface PlatformProof extends LogProof {
  /** The text of the checkpoint: the entry that is hashed. */
  readonly text: string;
}

/** When it is worth while to ask again: a pass comes each second, and a hold needs a person. */
const SOON_SECONDS = 1;
const LATER_SECONDS = 60;

/** Proves to outsiders that events are in their logs. It reads hashes and never a body; who may see an event is asked first. */
@Injectable()
export class LogProofs {
  private commissioners: readonly string[] = [];

  constructor(private readonly database: Database) {}

  /**
   * The proof of an event that the actor sees, as text (C2SP tlog-proof).
   *
   * @throws not_found
   * @throws event.not_sealed
   */
  async prove(actor: Actor, eventId: string): Promise<string> {
    const commissionerId = await this.findLog(actor, eventId);
    if (commissionerId === undefined) throw notFound();
    const proof = await this.find(commissionerId, eventId);
    if (proof) return formatTlogProof(proof);
    throw eventNotSealed(await this.whenAgain(commissionerId));
  }

  /** The proof of an event under the newest signed checkpoint; undefined while there is none that covers it. */
  async find(commissionerId: string, eventId: string): Promise<LogProof | undefined> {
    return this.database.read(SEALER, async (reader) => {
      const leaf = await findSignedLeaf(reader, commissionerId, eventId);
      return leaf && proofOf(reader, commissionerId, leaf.index, leaf);
    });
  }

  /** That the platform's log holds a checkpoint of the commissioner: the newest that is signed for; undefined if none. */
  async findPlatformProof(commissionerId: string): Promise<PlatformProof | undefined> {
    return this.database.read(SEALER, async (reader) => {
      const platformLogId = await readPlatformLogId(reader);
      const newest = await findNewestNote(reader, platformLogId);
      const entry = newest && (await findPlatformEntry(reader, commissionerId, newest.size));
      if (!newest || !entry) return undefined;
      return { ...(await proofOf(reader, platformLogId, entry.index, newest)), text: entry.text };
    });
  }

  /**
   * The newest signed checkpoint of a log.
   *
   * @throws checkpoint.not_signed
   */
  async newestCheckpoint(logId: string): Promise<string> {
    const newest = await this.database.read(SEALER, (reader) => findNewestNote(reader, logId));
    if (newest) return newest.note;
    throw checkpointNotSigned(await this.whenAgain(logId));
  }

  platformLogId(): Promise<string> {
    return this.database.read(SEALER, readPlatformLogId);
  }

  /** A provider does not say whose event it is. Logs are never taken away, so that those known before come first. */
  private async findLog(actor: Actor, eventId: string): Promise<string | undefined> {
    if (actor.side === 'commissioner') return this.findAmong(actor, eventId, [actor.orgId]);
    const known = this.commissioners;
    const found = await this.findAmong(actor, eventId, known);
    if (found !== undefined) return found;
    this.commissioners = await this.database.read(SEALER, readCommissioners);
    const added = this.commissioners.filter((id) => !known.includes(id));
    return this.findAmong(actor, eventId, added);
  }

  private async findAmong(actor: Actor, eventId: string, among: readonly string[]): Promise<string | undefined> {
    if (among.length === 0) return undefined;
    return this.database.read(actor, (reader) => findEventLog(reader, eventId, among));
  }

  private async whenAgain(logId: string): Promise<{ retryAfterSeconds: number; held?: string }> {
    const hold = await this.database.read(SEALER, (reader) => findHold(reader, logId));
    return hold === undefined ? { retryAfterSeconds: SOON_SECONDS } : { retryAfterSeconds: LATER_SECONDS, held: hold };
  }
}

async function proofOf(reader: Reader, logId: string, index: number, { size, note }: SignedNote): Promise<LogProof> {
  const tiles = await readTiles(
    reader,
    tilesOfInclusion(index, size).map((tile) => ({ ...tile, logId })),
  );
  return { logId, index, size, proof: inclusionProof(index, size, tiles.of(logId)), checkpoint: note };
}

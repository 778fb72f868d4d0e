import { Readable } from 'node:stream';
import { Inject, Injectable } from '@nestjs/common';
import type { Logger } from 'pino';
import {
  type Anchor,
  type BundleSource,
  type BundleTransfer,
  SEGMENT_EVENTS,
  transferLine,
  type TransferLines,
  transferLinesLength,
  writeBundle,
} from '../audit/index.js';
import type { Actor } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Scope } from '../platform/database.js';
import { LOG } from '../platform/jobs.js';
import { LogKeys, LogProofs } from '../sealing/index.js';
import { formatTlogProof, parseCheckpoint } from '../transparency/index.js';
import {
  readAccounts,
  readBodies,
  readEventIds,
  readLineSums,
  readSealedSizes,
  readTile,
  readTransfers,
} from './bundle.queries.js';

/** A bundle on its way to whoever asked. */
export interface BundleDownload {
  readonly name: string;
  readonly bytes: Readable;
}

const SEALER: Scope = { side: 'sealer', orgId: null };
const PAGE = 5_000;

/**
 * Writes the bundle of a commissioner's books as of its newest signed checkpoint. It is read in short reads, not in one long
 * one: what a checkpoint covers never changes, so that they agree. What is not there is written as nothing, and so is found
 * out by whoever verifies.
 */
@Injectable()
export class BundleService {
  constructor(
    private readonly database: Database,
    private readonly proofs: LogProofs,
    private readonly keys: LogKeys,
    private readonly clock: Clock,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  /** @throws checkpoint.not_signed */
  async open(actor: Actor): Promise<BundleDownload> {
    const commissionerId = actor.orgId;
    // The anchor first: it speaks of a checkpoint that was signed by then.
    const anchored = await this.proofs.findPlatformProof(commissionerId);
    const checkpoint = await this.proofs.newestCheckpoint(commissionerId);
    const { origin, size } = parseCheckpoint(textOf(checkpoint));
    const platformOrigin = anchored
      ? parseCheckpoint(textOf(anchored.checkpoint)).origin
      : this.keys.originOf(await this.proofs.platformLogId());
    const anchor: Anchor | null = anchored
      ? { checkpoint: anchored.checkpoint, entry: anchored.text, proof: formatTlogProof(anchored) }
      : null;
    const source = new StoredBooks(this.database, actor, {
      manifest: { origin, commissionerId, size, madeAt: this.clock.now(), platformOrigin },
      keys: [...this.keys.verifierKeys(origin), ...this.keys.verifierKeys(platformOrigin)],
      checkpoint,
      anchor,
    });
    const bytes = Readable.from(this.watched(writeBundle(source)), { objectMode: false });
    return { name: `wellpaid-${commissionerId}-${size}.tar`, bytes };
  }

  /** Once bytes are on their way a failure can only break the download off, so it is told here. */
  private async *watched(bundle: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
    try {
      yield* bundle;
    } catch (error) {
      this.log.error({ error }, 'bundle broken off');
      throw error;
    }
  }
}

/** What a bundle is made of, from the database: bodies and transfers as the actor may see them, hashes as the sealer does. */
class StoredBooks implements BundleSource {
  readonly manifest: BundleSource['manifest'];
  readonly keys: BundleSource['keys'];
  readonly checkpoint: BundleSource['checkpoint'];
  readonly anchor: BundleSource['anchor'];
  /** Of the segment that is being written. */
  private segment: { first: number; ids: string[] } = { first: -1, ids: [] };

  constructor(
    private readonly database: Database,
    private readonly actor: Actor,
    known: Pick<BundleSource, 'manifest' | 'keys' | 'checkpoint' | 'anchor'>,
  ) {
    this.manifest = known.manifest;
    this.keys = known.keys;
    this.checkpoint = known.checkpoint;
    this.anchor = known.anchor;
  }

  accounts: BundleSource['accounts'] = () => this.own((reader, id) => readAccounts(reader, id));

  entries: BundleSource['entries'] = async (first, count) => {
    const ids = await this.idsFrom(first, count);
    const bodies = await this.own((reader, id) => readBodies(reader, id, ids));
    return Array.from({ length: count }, (_, place) => bodies[place] ?? Buffer.alloc(0));
  };

  transfers: BundleSource['transfers'] = async (first, count): Promise<TransferLines> => {
    const ids = await this.idsFrom(first, count);
    const sums = await this.own((reader, id) => readLineSums(reader, id, ids, first));
    return { length: transferLinesLength(sums), pieces: this.pages(ids, first, sums.count) };
  };

  sealedSizes: BundleSource['sealedSizes'] = (first, last) => {
    const { commissionerId, origin } = this.manifest;
    return this.database.read(SEALER, (reader) => readSealedSizes(reader, commissionerId, origin, { first, last }));
  };

  tile: BundleSource['tile'] = (place) =>
    this.database.read(SEALER, (reader) => readTile(reader, this.manifest.commissionerId, place));

  private async *pages(ids: readonly string[], first: number, count: number): AsyncGenerator<string> {
    let last: BundleTransfer | undefined;
    for (let written = 0; written < count; written += PAGE) {
      const after = last;
      const page = await this.own((reader, id) => readTransfers(reader, id, { ids, first }, after, PAGE));
      yield page.map(transferLine).join('');
      last = page.at(-1);
    }
  }

  private async idsFrom(first: number, count: number): Promise<string[]> {
    if (this.segment.first !== first) {
      const n = first / SEGMENT_EVENTS;
      const ids = await this.database.read(SEALER, (reader) =>
        readEventIds(reader, this.manifest.commissionerId, n, count),
      );
      this.segment = { first, ids };
    }
    return this.segment.ids;
  }

  private own<T>(work: (reader: Reader, commissionerId: string) => Promise<T>): Promise<T> {
    return this.database.read(this.actor, (reader) => work(reader, this.manifest.commissionerId));
  }
}

/** The text of a note that this instance has signed: what stands before the signatures. */
function textOf(note: string): string {
  return note.slice(0, note.lastIndexOf('\n\n') + 1);
}

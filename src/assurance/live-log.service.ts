import type { Finding } from '../audit/index.js';
import { Frontier, HASH_BYTES, perfectRoot, TILE_WIDTH, tilePath } from '../transparency/index.js';
import {
  findCheckpointsBeyond,
  findHead,
  findMisshapenTiles,
  readCheckpoints,
  readTilesFrom,
  type LiveCheckpoint,
  type LiveCursor,
  type LiveHead,
  type LiveLeaf,
  type LiveReader,
  type LiveTile,
} from './live-log.queries.js';
import { isSeen, parseSnapshot, type Snapshot } from './live-snapshot.rules.js';

/** A log at a size, as somebody outside of this database says it was. */
export interface HeldMark {
  /** Whose it is, for people: a file, or what is published. */
  readonly name: string;
  readonly size: number;
  readonly root: Uint8Array;
}

export interface LogToCheck {
  readonly logId: string;
  /** For people. */
  readonly origin: string;
  /** The leaves of some tiles as they are kept, each in its order; undefined where there is none. */
  readonly leavesOf: (tiles: readonly LiveTile[]) => Promise<(LiveLeaf | undefined)[][]>;
  /** The checkpoint in a note, when a key in hand has signed it. */
  readonly open: (note: string) => { readonly size: number; readonly root: Uint8Array } | undefined;
  readonly held: readonly HeldMark[];
}

/** How far a log was found to be. */
export interface CheckedLog {
  readonly size: number;
  readonly root: Buffer;
  readonly signedSize: number;
}

/** Runs work that reads what is sealed, on one snapshot. */
export type ReadSealed = <T>(work: (reader: LiveReader) => Promise<T>) => Promise<T>;

/** 16,384 leaves: half a megabyte of hashes at a time. */
const PAGE_TILES = 64;

interface OpenPass {
  readonly checkpoint: LiveCheckpoint;
  readonly snapshot: Snapshot | null;
}

/**
 * One log, from its first leaf on: each tile over what is kept, each level over the one below, and every checkpoint over all
 * of it. A page of tiles is in memory at a time, and 32 bytes for each full tile.
 */
export class LiveLogCheck {
  private readonly frontier = Frontier.empty();
  /** The roots of full tiles: what the tiles of the next level hold. */
  private level1: Buffer[] = [];
  private passes: LiveCheckpoint[] = [];
  private nextPass = 0;
  private pass: OpenPass | undefined;
  private before: OpenPass | undefined;
  private lastSeq: bigint | undefined;
  /** The highest number so far, and before this pass. */
  private most = 0n;
  private mostBefore = 0n;
  private isUncovered = false;
  /** What the last pass of all logs saw. */
  private readonly sealedBy: Snapshot;

  constructor(
    private readonly log: LogToCheck,
    private readonly cursor: LiveCursor,
    private readonly sealed: ReadSealed,
    private readonly report: (finding: Finding) => void,
    private readonly onProgress: (leaves: number, size: number) => void,
  ) {
    this.sealedBy = parseSnapshot(cursor.snapshot);
  }

  async run(): Promise<CheckedLog> {
    const { logId, origin } = this.log;
    const head = await this.sealed((reader) => findHead(reader, logId));
    if (!head) {
      this.find('head_missing', {}, `The log ${origin} has no head.`);
      return { size: 0, root: this.frontier.root(), signedSize: 0 };
    }
    this.compareHeld(0);
    await this.leaves(head);
    if (this.frontier.size === head.size) await this.whole(head);
    for (const { level, n } of await this.sealed((reader) =>
      findMisshapenTiles(reader, logId, this.cursor.platformLogId),
    ))
      this.find('tile_shape', { member: memberOf(level, n) }, 'The tile is not as wide as the head of its log says.');
    for (const size of await this.sealed((reader) => findCheckpointsBeyond(reader, logId)))
      this.find('checkpoint_beyond', {}, `There is a checkpoint of ${size} events, which the log does not have.`);
    for (const mark of this.log.held.filter(({ size }) => size > head.size))
      this.find('behind_held', {}, `${mark.name} has the log at ${mark.size} events; it has ${head.size} here.`);
    if (head.holdCode !== null && head.holdCode !== 'store_unreachable')
      this.find('log_held', {}, `Nothing is signed of this log: ${head.holdCode}.`);
    return { size: this.frontier.size, root: this.frontier.root(), signedSize: head.signedSize };
  }

  private async leaves(head: LiveHead): Promise<void> {
    const { logId } = this.log;
    for (let n = 0; n * TILE_WIDTH < head.size; n += PAGE_TILES) {
      const first = n * TILE_WIDTH;
      const last = Math.min(head.size, first + PAGE_TILES * TILE_WIDTH);
      const page = await this.sealed(async (reader) => ({
        tiles: await readTilesFrom(reader, logId, { level: 0, n }, PAGE_TILES),
        checkpoints: await readCheckpoints(reader, logId, first, last),
      }));
      this.passes = page.checkpoints;
      this.nextPass = 0;
      const leaves = await this.log.leavesOf(page.tiles);
      const byN = new Map(page.tiles.map((tile, place) => [tile.n, { tile, leaves: leaves[place] ?? [] }]));
      for (let at = n; at * TILE_WIDTH < last; at++) {
        if (!this.tile(byN.get(at), at, head)) return;
      }
      this.onProgress(last, head.size);
    }
  }

  /** False where nothing more can be told. */
  private tile(
    kept: { tile: LiveTile; leaves: (LiveLeaf | undefined)[] } | undefined,
    n: number,
    head: LiveHead,
  ): boolean {
    const width = Math.min(TILE_WIDTH, head.size - n * TILE_WIDTH);
    const member = memberOf(0, n);
    if (!kept || kept.tile.hashes.length < width * HASH_BYTES) {
      this.find('tile_missing', { member }, `The tile of the events from ${n * TILE_WIDTH} on is missing.`);
      return false;
    }
    const { tile, leaves } = kept;
    for (let place = 0; place < width; place++) {
      const index = n * TILE_WIDTH + place;
      this.enterPass(index, head);
      const hash = tile.hashes.subarray(place * HASH_BYTES, (place + 1) * HASH_BYTES);
      this.leaf(leaves[place], hash, index, tile.eventIds?.[place]);
      this.frontier.append(hash);
      this.leavePass(head);
      this.compareHeld(index + 1);
    }
    this.compareSeqs(tile, leaves, member);
    if (width === TILE_WIDTH) this.level1.push(perfectRoot(tile.hashes, 0, TILE_WIDTH));
    return true;
  }

  private leaf(leaf: LiveLeaf | undefined, hash: Buffer, index: number, eventId: string | undefined): void {
    const at = { index, ...(eventId !== undefined && { eventId }) };
    if (!leaf) return this.find('leaf_missing', at, 'What was sealed here is not kept any more.');
    if (!leaf.leafHash.equals(hash)) this.find('leaf_differs', at, 'What is kept is not what was sealed.');
    if (leaf.seq !== null) this.number(BigInt(leaf.seq), BigInt(leaf.xid ?? 0), at);
    if (leaf.xid !== null) this.transaction(BigInt(leaf.xid), at);
  }

  /**
   * Within a pass numbers ascend. A number below those of passes before is that of a transaction which took it and was still
   * running when they were made.
   */
  private number(seq: bigint, xid: bigint, at: Finding['at']): void {
    const { before, cursor } = this;
    const isLate = seq < this.mostBefore && before?.snapshot && before.checkpoint.epoch === cursor.epoch;
    const isOut = isLate && cursor.isOfThisCluster && !before.snapshot.running.has(xid);
    if (isOut || (this.lastSeq !== undefined && seq <= this.lastSeq))
      this.find('order_differs', at, 'Its number is not one that it could have had here.');
    this.lastSeq = seq;
    if (seq > this.most) this.most = seq;
  }

  /** In the cluster that sealed it, an event was seen by the pass that sealed it, and by none before. */
  private transaction(xid: bigint, at: Finding['at']): void {
    const { pass, before, cursor } = this;
    if (!cursor.isOfThisCluster || !pass?.snapshot || pass.checkpoint.epoch !== cursor.epoch) return;
    const wasSeen = before?.snapshot && before.checkpoint.epoch === cursor.epoch && isSeen(xid, before.snapshot);
    if (wasSeen || !isSeen(xid, pass.snapshot) || !isSeen(xid, this.sealedBy))
      this.find('transaction_differs', at, 'Its transaction is not one that the pass which sealed it had seen.');
  }

  /** Each pass begins its events' numbers anew: those that committed late come after others of a higher number. */
  private enterPass(index: number, head: LiveHead): void {
    if (this.pass && this.pass.checkpoint.size > index) return;
    this.before = this.pass ?? this.before;
    this.lastSeq = undefined;
    this.mostBefore = this.most;
    while ((this.passes[this.nextPass]?.size ?? Infinity) <= index) this.nextPass++;
    const checkpoint = this.passes[this.nextPass];
    this.pass = checkpoint && {
      checkpoint,
      snapshot: checkpoint.snapshot === null ? null : parseSnapshot(checkpoint.snapshot),
    };
    if (checkpoint || this.isUncovered) return;
    this.isUncovered = true;
    this.find('checkpoint_missing', { index }, `No checkpoint covers the events from here to ${head.size}.`);
  }

  private leavePass(head: LiveHead): void {
    const { pass, before } = this;
    if (!pass || pass.checkpoint.size !== this.frontier.size) return;
    const { size, root, note, epoch, sealedAt, snapshot } = pass.checkpoint;
    const at = { index: size - 1 };
    if (!this.frontier.root().equals(root))
      this.find('root_differs', at, `The checkpoint of ${size} events is not of these events.`);
    if (note === null && size < head.signedSize)
      this.find('signature_missing', at, `The checkpoint of ${size} events is not signed, and a later one is.`);
    if (note !== null) this.signature(note, pass.checkpoint, at);
    const isBackwards = before && (before.checkpoint.epoch > epoch || before.checkpoint.sealedAt > sealedAt);
    if (isBackwards || epoch > this.cursor.epoch)
      this.find('pass_order', at, `The checkpoint of ${size} events was not made after the one before it.`);
    if ((snapshot === null) !== (this.log.logId === this.cursor.platformLogId))
      this.find('pass_differs', at, `What was booked by the checkpoint of ${size} events is not known.`);
  }

  private signature(note: string, { size, root }: LiveCheckpoint, at: Finding['at']): void {
    const signed = this.log.open(note);
    if (!signed) this.find('signature_invalid', at, `No key in hand has signed the checkpoint of ${size} events.`);
    else if (signed.size !== size || Buffer.compare(signed.root, root) !== 0)
      this.find('note_differs', at, `The note of the checkpoint of ${size} events is of another.`);
  }

  private compareHeld(size: number): void {
    for (const mark of this.log.held) {
      if (mark.size !== size || Buffer.compare(mark.root, this.frontier.root()) === 0) continue;
      this.find(
        'held_differs',
        { index: size - 1 },
        `${mark.name} has another beginning of this log, of ${size} events.`,
      );
    }
  }

  private compareSeqs(tile: LiveTile, leaves: readonly (LiveLeaf | undefined)[], member: string): void {
    const seqs = leaves.flatMap((leaf) => (leaf && leaf.seq !== null ? [BigInt(leaf.seq)] : []));
    if (tile.eventIds === null || seqs.length < leaves.length) return;
    const least = seqs.reduce((a, b) => (a < b ? a : b));
    const most = seqs.reduce((a, b) => (a > b ? a : b));
    if (tile.minSeq === least.toString() && tile.maxSeq === most.toString()) return;
    this.find('tile_seqs', { member }, 'The tile names other numbers than its events have.');
  }

  /** All leaves were there: what stands above them, and the head. */
  private async whole(head: LiveHead): Promise<void> {
    if (!this.frontier.bytes().equals(head.frontier))
      this.find('head_differs', {}, 'The head of the log is not of its events.');
    let hashes = this.level1;
    for (let level = 1; hashes.length > 0; level++) {
      const above: Buffer[] = [];
      for (let n = 0; n * TILE_WIDTH < hashes.length; n += PAGE_TILES) {
        const tiles = await this.sealed((reader) => readTilesFrom(reader, this.log.logId, { level, n }, PAGE_TILES));
        const byN = new Map(tiles.map((tile) => [tile.n, tile]));
        for (let at = n; at < n + PAGE_TILES && at * TILE_WIDTH < hashes.length; at++) {
          const wanted = Buffer.concat(hashes.slice(at * TILE_WIDTH, (at + 1) * TILE_WIDTH));
          const kept = byN.get(at)?.hashes.subarray(0, wanted.length);
          if (!kept?.equals(wanted))
            this.find('tile_differs', { member: memberOf(level, at) }, 'The tile is not of the tiles below it.');
          if (wanted.length === TILE_WIDTH * HASH_BYTES) above.push(perfectRoot(wanted, 0, TILE_WIDTH));
        }
      }
      hashes = above;
    }
  }

  private find(code: string, at: Finding['at'], what: string): void {
    this.report({ code, at, what });
  }
}

/** As a bundle names it; a number that no tile can have stands for itself. */
function memberOf(level: number, n: number): string {
  return n < 0 || level < 0 ? `tile ${level}, ${n}` : tilePath({ level, n, width: TILE_WIDTH });
}

import { MalformedError, requireCount } from './text.js';
import { type Frontier, HASH_BYTES } from './tree.js';

/** The hashes of a full tile, and the entries of a full bundle (C2SP tlog-tiles). */
export const TILE_WIDTH = 256;

/** A tile covers eight heights of the tree. */
export const TILE_HEIGHT = 8;

/** An entry's length is a big-endian uint16. */
const MAX_ENTRY_BYTES = 0xffff;

/** A tile of a tree: its level, its index within the level, and how many hashes it holds, of 256. */
export interface TileAddress {
  level: number;
  n: number;
  width: number;
}

/** `tile/<L>/<N>`, with `.p/<W>` behind a partial tile (C2SP tlog-tiles, Merkle Tree). */
export function tilePath(address: TileAddress): string {
  requireCount(address.level, 'the level of a tile');
  return `tile/${address.level}/${numberPath(address.n, address.width)}`;
}

/** `tile/entries/<N>`, with `.p/<W>` behind a partial bundle (C2SP tlog-tiles, Log entries). */
export function entriesPath(n: number, width: number): string {
  return `tile/entries/${numberPath(n, width)}`;
}

/** How many hashes the tile (level, n) holds in a tree of this size; 0 when the tree has no such tile. */
export function tileWidth(level: number, n: number, size: number): number {
  return Math.min(TILE_WIDTH, Math.max(0, hashesAt(level, size) - n * TILE_WIDTH));
}

/** The entries one after another, each behind its length as a big-endian uint16. Throws RangeError over 65,535 bytes. */
export function entryBundle(entries: readonly Uint8Array[]): Buffer {
  const bundle = Buffer.alloc(entries.reduce((bytes, entry) => bytes + 2 + entry.length, 0));
  let at = 0;
  for (const entry of entries) {
    if (entry.length > MAX_ENTRY_BYTES)
      throw new RangeError(`an entry of ${entry.length} bytes does not fit into a bundle`);
    at = bundle.writeUInt16BE(entry.length, at);
    bundle.set(entry, at);
    at += entry.length;
  }
  return bundle;
}

/** The bytes of an entry's length, which stands before it. */
export const ENTRY_LENGTH_BYTES = 2;

/** Where each entry of a bundle ends; it begins behind its length. Throws MalformedError when a length runs past the end. */
export function entryEnds(bytes: Uint8Array): number[] {
  const ends: number[] = [];
  for (let at = 0; at < bytes.length;) {
    const end = at + ENTRY_LENGTH_BYTES + 256 * (bytes[at] ?? 0) + (bytes[at + 1] ?? 0);
    if (end > bytes.length) throw new MalformedError(`entry ${ends.length} runs past the end of the bundle`);
    ends.push(end);
    at = end;
  }
  return ends;
}

/** The entries of a bundle, as views of its bytes. Throws MalformedError when a length runs past the end. */
export function parseEntryBundle(bytes: Uint8Array): Buffer[] {
  const bundle = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const ends = entryEnds(bundle);
  return ends.map((end, place) => bundle.subarray((ends[place - 1] ?? 0) + ENTRY_LENGTH_BYTES, end));
}

/** A tile that grew: all its hashes, of which the first `from` were there before. */
export interface GrownTile extends TileAddress {
  hashes: Buffer;
  from: number;
}

/**
 * The right edge of a tree: its frontier and its tiles grow together, so that each node is hashed once. The root of each tile
 * that fills becomes a hash of the level above (C2SP tlog-tiles: a partial tile is not hashed into the level above).
 */
export class TileEdge {
  /** The tile that each level fills now; null where the next hash begins a new one. */
  private readonly open: (GrowingTile | null)[] = [];
  private readonly counts: number[] = [];
  private readonly grown: GrowingTile[] = [];

  /**
   * Begins at the tree of a frontier with its partial tiles, one for each level that has one; tiles that are full or of no
   * use are ignored. Throws RangeError when a partial tile is missing or holds another number of hashes.
   */
  constructor(
    private readonly frontier: Frontier,
    rightmost: readonly { level: number; n: number; hashes: Uint8Array }[],
  ) {
    const { size } = frontier;
    for (let level = 0; hashesAt(level, size) > 0; level++) {
      const count = hashesAt(level, size);
      const width = count % TILE_WIDTH;
      const n = Math.floor(count / TILE_WIDTH);
      this.counts.push(count);
      this.open.push(width === 0 ? null : partial(level, n, width, rightmost));
    }
  }

  /** Appends a leaf by its hash, to the frontier too. */
  append(hashOfLeaf: Uint8Array): void {
    this.frontier.append(hashOfLeaf, this.keep);
  }

  /** The tiles that grew since the beginning, in the order in which each first grew. Later appends do not change the answer. */
  changed(): GrownTile[] {
    return this.grown.map(({ level, n, width, from, hashes }) => ({
      level,
      n,
      width,
      from,
      hashes: hashes.subarray(0, width * HASH_BYTES),
    }));
  }

  /** A tile holds the roots of heights that are multiples of its own; the others can be hashed from those below them. */
  private readonly keep = (height: number, root: Buffer): void => {
    if (height % TILE_HEIGHT !== 0) return;
    const level = height / TILE_HEIGHT;
    const count = this.counts[level] ?? 0;
    const tile = this.open[level] ?? emptyTile(level, Math.floor(count / TILE_WIDTH));
    if (tile.width === tile.from) this.grown.push(tile);
    tile.hashes.set(root, tile.width * HASH_BYTES);
    tile.width++;
    this.counts[level] = count + 1;
    this.open[level] = tile.width === TILE_WIDTH ? null : tile;
  };
}

interface GrowingTile {
  readonly level: number;
  readonly n: number;
  readonly from: number;
  width: number;
  readonly hashes: Buffer;
}

function emptyTile(level: number, n: number): GrowingTile {
  return { level, n, from: 0, width: 0, hashes: Buffer.alloc(TILE_WIDTH * HASH_BYTES) };
}

function partial(
  level: number,
  n: number,
  width: number,
  rightmost: readonly { level: number; n: number; hashes: Uint8Array }[],
): GrowingTile {
  const found = rightmost.find((tile) => tile.level === level && tile.n === n);
  if (found?.hashes.length !== width * HASH_BYTES) {
    throw new RangeError(`tile ${level}/${n} holds ${width} hashes, not ${(found?.hashes.length ?? 0) / HASH_BYTES}`);
  }
  const hashes = Buffer.alloc(TILE_WIDTH * HASH_BYTES);
  hashes.set(found.hashes);
  return { level, n, from: width, width, hashes };
}

/** The hashes that a level has in all its tiles together: floor(size / 256^level). */
function hashesAt(level: number, size: number): number {
  return Math.floor(size / TILE_WIDTH ** level);
}

/** 1234067 is `x001/x234/067`: three digits to an element, and an x before all but the last. */
function numberPath(n: number, width: number): string {
  requireCount(n, 'the index of a tile');
  if (!Number.isInteger(width) || width < 1 || width > TILE_WIDTH) throw new RangeError(`a tile is not ${width} wide`);
  const digits = String(n);
  const padded = digits.padStart(Math.ceil(digits.length / 3) * 3, '0');
  const elements = padded.match(/\d{3}/g) ?? [];
  const path = elements.map((element, index) => (index < elements.length - 1 ? `x${element}` : element)).join('/');
  return width === TILE_WIDTH ? path : `${path}.p/${width}`;
}

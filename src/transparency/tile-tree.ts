import { hash } from 'node:crypto';
import { TILE_WIDTH } from './tiles.js';
import { HASH_BYTES, NODE_PREFIX, writeLeafHash } from './tree.js';

const NODE_BYTES = 1 + 2 * HASH_BYTES;
const HEIGHT = Math.log2(TILE_WIDTH);

/** Hashes of one height, each pair behind the prefix of a node: what the node above them is the hash of stands as it is. */
class Level {
  readonly bytes: Buffer;
  private readonly pairs: readonly Buffer[];

  constructor(width: number) {
    const count = Math.ceil(width / 2);
    this.bytes = Buffer.alloc(count * NODE_BYTES);
    this.pairs = Array.from({ length: count }, (_, n) => this.bytes.subarray(n * NODE_BYTES, (n + 1) * NODE_BYTES));
    for (const pair of this.pairs) pair[0] = NODE_PREFIX;
  }

  pair(n: number): Buffer {
    return this.pairs[n] ?? Buffer.alloc(0);
  }
}

/**
 * The tree over the leaves of one tile, as it grows: the same one is filled again and again, and what it gives are views that
 * the next filling writes over.
 */
export class TileTree {
  private readonly levels = Array.from({ length: HEIGHT + 1 }, (_, height) => new Level(TILE_WIDTH >> height));
  private readonly leaves = Array.from({ length: TILE_WIDTH }, (_, n) => this.hashAt(0, n));
  private count = 0;

  get size(): number {
    return this.count;
  }

  clear(): void {
    this.count = 0;
  }

  /** Appends the leaf of bytes among others (see `writeLeafHash`), and gives its hash. Throws RangeError for one too many. */
  append(bytes: Buffer, from: number, to: number): Buffer {
    const n = this.count;
    const [leaf, level] = [this.leaves[n], this.levels[0]];
    if (!leaf || !level) throw new RangeError(`a tile has ${TILE_WIDTH} leaves`);
    writeLeafHash(bytes, from, to, level.bytes, placeOf(n));
    this.count++;
    for (let [height, last] = [0, n]; last % 2 === 1; height++, last >>= 1) {
      const pair = this.levels[height]?.pair(last >> 1) ?? leaf;
      this.levels[height + 1]?.bytes.write(hash('sha256', pair, 'binary'), placeOf(last >> 1), 'latin1');
    }
    return leaf;
  }

  /** The hash of a leaf. */
  leaf(n: number): Buffer {
    return this.leaves[n] ?? Buffer.alloc(0);
  }

  /** The hashes of the perfect subtrees, largest first, as `Frontier` has them: each byte is a character. */
  frontier(): string {
    let text = '';
    for (let height = HEIGHT; height >= 0; height--) {
      const width = this.count >> height;
      if (width % 2 === 1) text += this.hashAt(height, width - 1).toString('latin1');
    }
    return text;
  }

  private hashAt(height: number, n: number): Buffer {
    const at = placeOf(n);
    return this.levels[height]?.bytes.subarray(at, at + HASH_BYTES) ?? Buffer.alloc(0);
  }
}

/** Where a hash stands in its level. */
function placeOf(n: number): number {
  return (n >> 1) * NODE_BYTES + 1 + (n % 2) * HASH_BYTES;
}

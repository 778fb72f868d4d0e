import { hash } from 'node:crypto';
import { requireCount } from './text.js';

/** The bytes of a SHA-256 hash. */
export const HASH_BYTES = 32;

/** A tree of safe-integer size has perfect subtrees of heights 0 to 52. */
const HEIGHTS = 53;

/** RFC 6962 section 2.1: a leaf is hashed behind 0x00 and a node behind 0x01, so that neither can pass for the other. */
const LEAF_PREFIX = 0x00;
export const NODE_PREFIX = 0x01;

const RIGHT = 1 + HASH_BYTES;
const node = Buffer.alloc(1 + 2 * HASH_BYTES);
node[0] = NODE_PREFIX;
const rightHash = node.subarray(RIGHT);

let leaf = Buffer.alloc(4096);
leaf[0] = LEAF_PREFIX;

/** The hash of the empty tree: SHA-256 of nothing (RFC 6962 section 2.1). */
export const EMPTY_ROOT: Buffer = digest(Buffer.alloc(0));

/** The hash of a leaf: SHA-256(0x00 || entry) (RFC 6962 section 2.1). */
export function leafHash(entry: Uint8Array): Buffer {
  if (entry.length >= leaf.length) leaf = Buffer.alloc(2 * entry.length);
  leaf.set(entry, 1);
  return digest(leaf.subarray(0, 1 + entry.length));
}

/**
 * The same of bytes among others, written to a place: nothing is copied, because the prefix takes for a moment the place of
 * the byte before them. There must be one.
 */
export function writeLeafHash(bytes: Buffer, from: number, to: number, into: Buffer, at: number): void {
  const before = bytes.readUInt8(from - 1);
  bytes[from - 1] = LEAF_PREFIX;
  into.write(hash('sha256', bytes.subarray(from - 1, to), 'binary'), at, 'latin1');
  bytes[from - 1] = before;
}

/** The hash of a node over two hashes: SHA-256(0x01 || left || right) (RFC 6962 section 2.1). */
export function nodeHash(left: Uint8Array, right: Uint8Array): Buffer {
  if (left.length !== HASH_BYTES || right.length !== HASH_BYTES) throw new RangeError('a hash has 32 bytes');
  node.set(left, 1);
  node.set(right, RIGHT);
  return digest(node);
}

/**
 * The root of the perfect tree over `count` of the concatenated `hashes`, beginning at hash `first`. `count` is a power of
 * two.
 */
export function perfectRoot(hashes: Uint8Array, first: number, count: number): Buffer {
  const row = Buffer.from(hashes.subarray(first * HASH_BYTES, (first + count) * HASH_BYTES));
  if (row.length !== count * HASH_BYTES) throw new RangeError('the tile is narrower than the tree needs');
  for (let width = count; width > 1; width /= 2) {
    for (let pair = 0; pair < width / 2; pair++) {
      row.copy(node, 1, pair * 2 * HASH_BYTES, (pair + 1) * 2 * HASH_BYTES);
      row.write(hash('sha256', node, 'binary'), pair * HASH_BYTES, 'latin1');
    }
  }
  return row.subarray(0, HASH_BYTES);
}

/**
 * All that a growing tree must remember: the roots of the perfect subtrees that its size in binary names (RFC 9162 section
 * 2.1.2). Appending costs one node hash on average, whatever the size.
 */
export class Frontier {
  /** The root of the perfect subtree of height h stands at `32 * h` when bit h of the size is set. */
  private constructor(
    private leaves: number,
    private readonly slots: Buffer,
  ) {}

  static empty(): Frontier {
    return new Frontier(0, Buffer.alloc(HEIGHTS * HASH_BYTES));
  }

  /** Reads what `bytes()` wrote. Throws RangeError unless there is one hash for each set bit of the size. */
  static parse(size: number, bytes: Uint8Array): Frontier {
    requireCount(size, 'the size of a tree');
    const frontier = new Frontier(size, Buffer.alloc(HEIGHTS * HASH_BYTES));
    const heights = heightsOf(size);
    if (bytes.length !== heights.length * HASH_BYTES) {
      throw new RangeError(
        `a tree of ${size} has ${heights.length} perfect subtrees, not ${bytes.length / HASH_BYTES}`,
      );
    }
    heights.forEach((height, index) =>
      frontier.slots.set(bytes.subarray(index * HASH_BYTES, (index + 1) * HASH_BYTES), height * HASH_BYTES),
    );
    return frontier;
  }

  get size(): number {
    return this.leaves;
  }

  /**
   * Appends a leaf by its hash: equal neighbours merge, as a carry runs through a binary counter.
   *
   * @param completed hears of each perfect subtree that the leaf completes, from its own upwards: the height, and the root
   *   in bytes that are written over afterwards
   */
  append(hashOfLeaf: Uint8Array, completed?: (height: number, root: Buffer) => void): void {
    if (hashOfLeaf.length !== HASH_BYTES) throw new RangeError('a hash has 32 bytes');
    rightHash.set(hashOfLeaf);
    completed?.(0, rightHash);
    let height = 0;
    for (let left = this.leaves; left % 2 === 1; left = (left - 1) / 2) {
      this.slots.copy(node, 1, height * HASH_BYTES, (height + 1) * HASH_BYTES);
      node.write(hash('sha256', node, 'binary'), RIGHT, 'latin1');
      height++;
      completed?.(height, rightHash);
    }
    rightHash.copy(this.slots, height * HASH_BYTES);
    this.leaves++;
  }

  /** The Merkle tree hash of all leaves appended so far (RFC 6962 section 2.1). */
  root(): Buffer {
    return (
      this.hashes().reduceRight<Buffer | null>((right, left) => (right ? nodeHash(left, right) : left), null) ??
      EMPTY_ROOT
    );
  }

  /** The hashes of the perfect subtrees, largest first: with the size, all of the state. */
  bytes(): Buffer {
    return Buffer.concat(this.hashes());
  }

  copy(): Frontier {
    return new Frontier(this.leaves, Buffer.from(this.slots));
  }

  private hashes(): Buffer[] {
    return heightsOf(this.leaves).map((height) =>
      Buffer.from(this.slots.subarray(height * HASH_BYTES, (height + 1) * HASH_BYTES)),
    );
  }
}

/** The heights of the perfect subtrees of a tree of this size, largest first: the set bits of the size. */
function heightsOf(size: number): number[] {
  const heights: number[] = [];
  for (let height = 0, rest = size; rest > 0; height++, rest = Math.floor(rest / 2)) {
    if (rest % 2 === 1) heights.unshift(height);
  }
  return heights;
}

/** A Latin-1 string is one cheap heap object; a Buffer of its own outside the heap would cost twice the hashing. */
function digest(bytes: Uint8Array): Buffer {
  return Buffer.from(hash('sha256', bytes, 'binary'), 'latin1');
}

import { requireCount } from './text.js';
import { TILE_HEIGHT, TILE_WIDTH, tileWidth, type TileAddress } from './tiles.js';
import { EMPTY_ROOT, HASH_BYTES, nodeHash, perfectRoot } from './tree.js';

/** The concatenated hashes of the tile (level, n), at least as many as the addresses asked for. */
export type TileHashes = (level: number, n: number) => Uint8Array;

/** The leaves from `start` up to, not including, `end`. */
interface Range {
  start: number;
  end: number;
}

/** The tiles that hold what an inclusion proof needs, each as wide as it is in the tree of this size. */
export function tilesOfInclusion(index: number, size: number): TileAddress[] {
  return tilesOf(inclusionRanges(index, size), size);
}

/**
 * The audit path from the leaf's sibling up to the root's child (RFC 6962 section 2.1.1, RFC 9162 section 2.1.3.1). Throws
 * RangeError unless index < size, or when a tile is too narrow.
 */
export function inclusionProof(index: number, size: number, tiles: TileHashes): Buffer[] {
  return inclusionRanges(index, size).map((range) => rangeHash(range, tiles));
}

/** The tiles that hold what a consistency proof needs, each as wide as it is in the tree of size `to`. */
export function tilesOfConsistency(from: number, to: number): TileAddress[] {
  return tilesOf(consistencyRanges(from, to), to);
}

/**
 * The proof that the tree of size `from` is the beginning of the tree of size `to` (RFC 6962 section 2.1.2, RFC 9162
 * section 2.1.4.1). It is empty when `from` is 0 or equals `to`. Throws RangeError when from > to, or when a tile is too
 * narrow.
 */
export function consistencyProof(from: number, to: number, tiles: TileHashes): Buffer[] {
  return consistencyRanges(from, to).map((range) => rangeHash(range, tiles));
}

/** The tiles that hold what the root of a tree of this size is made of. */
export function tilesOfRoot(size: number): TileAddress[] {
  requireCount(size, 'the size of a tree');
  return tilesOf([{ start: 0, end: size }], size);
}

/** The root of the tree of this size (RFC 6962 section 2.1). Throws RangeError for the empty tree, or a tile too narrow. */
export function rootOf(size: number, tiles: TileHashes): Buffer {
  if (size === 0) throw new RangeError('the empty tree has no tiles');
  return rangeHash({ start: 0, end: size }, tiles);
}

/** Whether the proof shows that the leaf stands at `index` in the tree of this size and root (RFC 9162 section 2.1.3.2). */
export function verifyInclusion(
  hashOfLeaf: Uint8Array,
  index: number,
  size: number,
  proof: readonly Uint8Array[],
  root: Uint8Array,
): boolean {
  if (!isCount(index) || !isCount(size) || index >= size || !areHashes([hashOfLeaf, root, ...proof])) return false;
  let fn = index;
  let sn = size - 1;
  let hash = hashOfLeaf;
  for (const sibling of proof) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      hash = nodeHash(sibling, hash);
      while (fn !== 0 && !isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
    } else {
      hash = nodeHash(hash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && isSame(hash, root);
}

/**
 * Whether the proof shows that the tree of size `from` is the beginning of the tree of size `to` (RFC 9162 section
 * 2.1.4.2). Everything begins with the empty tree, and equal trees need no proof.
 */
export function verifyConsistency(
  from: number,
  to: number,
  proof: readonly Uint8Array[],
  fromRoot: Uint8Array,
  toRoot: Uint8Array,
): boolean {
  if (!isCount(from) || !isCount(to) || from > to || !areHashes([fromRoot, toRoot, ...proof])) return false;
  if (to === 0 && !isSame(toRoot, EMPTY_ROOT)) return false;
  if (from === to) return proof.length === 0 && isSame(fromRoot, toRoot);
  if (from === 0) return proof.length === 0 && isSame(fromRoot, EMPTY_ROOT);

  let fn = from - 1;
  let sn = to - 1;
  while (isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
  // A perfect first tree is a node of the second, so the proof leaves it out.
  const [first, ...rest] = fn === 0 ? [fromRoot, ...proof] : proof;
  if (!first || proof.length === 0) return false;
  let fromHash = first;
  let toHash = first;
  for (const sibling of rest) {
    if (sn === 0) return false;
    if (isOdd(fn) || fn === sn) {
      fromHash = nodeHash(sibling, fromHash);
      toHash = nodeHash(sibling, toHash);
      while (fn !== 0 && !isOdd(fn)) [fn, sn] = [half(fn), half(sn)];
    } else {
      toHash = nodeHash(toHash, sibling);
    }
    [fn, sn] = [half(fn), half(sn)];
  }
  return sn === 0 && isSame(fromHash, fromRoot) && isSame(toHash, toRoot);
}

/** PATH(m, D[n]) of RFC 6962 section 2.1.1, as the ranges of leaves that its hashes cover, the leaf's sibling first. */
function inclusionRanges(index: number, size: number): Range[] {
  requireCount(index, 'the index of a leaf');
  requireCount(size, 'the size of a tree');
  if (index >= size) throw new RangeError(`a tree of ${size} has no leaf ${index}`);
  const siblings: Range[] = [];
  let inside: Range = { start: 0, end: size };
  while (inside.end - inside.start > 1) {
    const split = splitOf(inside);
    const [next, sibling] = halves(inside, split, index < split);
    siblings.unshift(sibling);
    inside = next;
  }
  return siblings;
}

/** PROOF(m, D[n]) of RFC 6962 section 2.1.2, as the ranges of leaves that its hashes cover. */
function consistencyRanges(from: number, to: number): Range[] {
  requireCount(from, 'the size of a tree');
  requireCount(to, 'the size of a tree');
  if (from > to) throw new RangeError(`a tree of ${from} does not begin one of ${to}`);
  if (from === 0 || from === to) return [];
  const siblings: Range[] = [];
  let inside: Range = { start: 0, end: to };
  while (inside.end !== from) {
    const split = splitOf(inside);
    const [next, sibling] = halves(inside, split, from <= split);
    siblings.unshift(sibling);
    inside = next;
  }
  // The verifier has the root of the whole first tree already; of anything smaller it needs the hash.
  return inside.start === 0 ? siblings : [inside, ...siblings];
}

/** Where a tree divides: behind the largest power of two that is smaller than its size (RFC 6962 section 2.1). */
function splitOf({ start, end }: Range): number {
  let size = 1;
  while (size * 2 < end - start) size *= 2;
  return start + size;
}

function halves({ start, end }: Range, split: number, isLeft: boolean): [inside: Range, sibling: Range] {
  const left = { start, end: split };
  const right = { start: split, end };
  return isLeft ? [left, right] : [right, left];
}

/** A perfect subtree where tiles hold it: under `span` consecutive hashes of the tile (level, n), from hash `first`. */
interface Subtree {
  level: number;
  n: number;
  first: number;
  span: number;
}

/** The perfect subtrees of a range, left to right. A range of a proof begins at a multiple of its first subtree's size. */
function subtreesOf({ start, end }: Range): Subtree[] {
  const subtrees: Subtree[] = [];
  for (let at = start; at < end;) {
    let height = 0;
    while (2 ** (height + 1) <= end - at) height++;
    const level = Math.floor(height / TILE_HEIGHT);
    const position = at / TILE_WIDTH ** level;
    subtrees.push({
      level,
      n: Math.floor(position / TILE_WIDTH),
      first: position % TILE_WIDTH,
      span: 2 ** (height % TILE_HEIGHT),
    });
    at += 2 ** height;
  }
  return subtrees;
}

function rangeHash(range: Range, tiles: TileHashes): Buffer {
  const roots = subtreesOf(range).map(({ level, n, first, span }) => perfectRoot(tiles(level, n), first, span));
  return roots.reduceRight((right, left) => nodeHash(left, right));
}

function tilesOf(ranges: readonly Range[], size: number): TileAddress[] {
  const addresses = new Map<string, TileAddress>();
  for (const { level, n } of ranges.flatMap(subtreesOf)) {
    addresses.set(`${level}/${n}`, { level, n, width: tileWidth(level, n, size) });
  }
  return [...addresses.values()].sort((a, b) => a.level - b.level || a.n - b.n);
}

function isCount(value: number): boolean {
  return Number.isSafeInteger(value) && value >= 0;
}

function areHashes(hashes: readonly Uint8Array[]): boolean {
  return hashes.every((hash) => hash.length === HASH_BYTES);
}

function isSame(a: Uint8Array, b: Uint8Array): boolean {
  return Buffer.compare(a, b) === 0;
}

function isOdd(value: number): boolean {
  return value % 2 === 1;
}

function half(value: number): number {
  return Math.floor(value / 2);
}

import { hash } from 'node:crypto';

const LINE_BYTES = 56;
const WORDS = 12;
const ID_WORDS = 4;
const WORD_VALUES = 2 ** 32;

/** A line of a batch: the twelve words of its claim's id and leaf, and its fixed price in pence. */
export interface DigestLine {
  readonly words: ArrayLike<number>;
  readonly minor: number;
}

/**
 * The digest of a batch, which its approver saw: SHA-256 over its lines in order of their claims' ids, each the id (16 bytes),
 * the leaf hash of the event that submitted the claim (32) and the price (8, big-endian). In lower-case hexadecimal.
 */
export function batchDigest(lines: readonly DigestLine[]): string {
  const bytes = Buffer.alloc(LINE_BYTES * lines.length);
  let at = 0;
  for (const { words, minor } of [...lines].sort(byId)) {
    for (let word = 0; word < WORDS; word++) at = bytes.writeInt32BE((words[word] ?? 0) | 0, at);
    const high = Math.floor(minor / WORD_VALUES);
    at = bytes.writeInt32BE(high, at);
    at = bytes.writeUInt32BE(minor - high * WORD_VALUES, at);
  }
  return hash('sha256', bytes, 'hex');
}

function byId({ words: one }: DigestLine, { words: other }: DigestLine): number {
  for (let word = 0; word < ID_WORDS; word++) {
    const difference = ((one[word] ?? 0) >>> 0) - ((other[word] ?? 0) >>> 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

import { createHash } from 'node:crypto';

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
  const hash = createHash('sha256');
  const bytes = Buffer.alloc(LINE_BYTES);
  for (const { words, minor } of [...lines].sort(byId)) {
    for (let word = 0; word < WORDS; word++) bytes.writeUInt32BE(words[word] ?? 0, 4 * word);
    bytes.writeInt32BE(Math.floor(minor / WORD_VALUES), 4 * WORDS);
    bytes.writeUInt32BE(minor - Math.floor(minor / WORD_VALUES) * WORD_VALUES, 4 * WORDS + 4);
    hash.update(bytes);
  }
  return hash.digest('hex');
}

function byId({ words: one }: DigestLine, { words: other }: DigestLine): number {
  for (let word = 0; word < ID_WORDS; word++) {
    const difference = (one[word] ?? 0) - (other[word] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

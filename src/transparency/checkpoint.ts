import { formatBase64, linesOf, MalformedError, parseDecimal, parseHash, requireCount } from './text.js';
import { HASH_BYTES } from './tree.js';

/** What a log says of itself: that under this name it has this many leaves, and this Merkle tree hash over them. */
export interface Checkpoint {
  origin: string;
  size: number;
  root: Uint8Array;
}

/** The text of a checkpoint's note (C2SP tlog-checkpoint, Note text), without extension lines. Throws RangeError. */
export function formatCheckpoint({ origin, size, root }: Checkpoint): string {
  if (!isLine(origin)) throw new RangeError('the origin of a log is one line');
  requireCount(size, 'the size of a log');
  if (root.length !== HASH_BYTES) throw new RangeError('a hash has 32 bytes');
  return `${origin}\n${size}\n${formatBase64(root)}\n`;
}

/** Reads the text of a note that has been opened. Throws MalformedError. Extension lines are returned and mean nothing. */
export function parseCheckpoint(text: string): Checkpoint & { root: Buffer; extensions: string[] } {
  const [origin = '', size = '', root = '', ...extensions] = linesOf(text);
  if (!isLine(origin)) throw new MalformedError('the checkpoint has no origin');
  if (!extensions.every(isLine)) throw new MalformedError('the checkpoint has an empty line');
  return { origin, size: parseDecimal(size), root: parseHash(root), extensions };
}

function isLine(text: string): boolean {
  return text !== '' && !text.includes('\n');
}

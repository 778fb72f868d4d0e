import { MalformedError } from '../transparency/index.js';
import type { BundleFile, Span } from './bundle-file.js';

const CHUNK_BYTES = 1 << 18;
const LINE_FEED = 0x0a;
/** A note is a million characters at most, and JSON spells a character of its in two at most. */
const LINE_MAX = 1 << 22;

/**
 * The lines of a member without their newlines, however long it is: a chunk at a time is in memory.
 *
 * @throws MalformedError when the last line does not end, or a line is longer than any can be
 */
export function* linesOf(file: BundleFile, { offset, length }: Span, encoding: 'utf8' | 'latin1'): Generator<string> {
  let pending = Buffer.alloc(0);
  for (let at = 0; at < length; at += CHUNK_BYTES) {
    const chunk = file.read({ offset: offset + at, length: Math.min(CHUNK_BYTES, length - at) });
    const end = chunk.lastIndexOf(LINE_FEED) + 1;
    if (end === 0) {
      pending = Buffer.concat([pending, chunk]);
      if (pending.length > LINE_MAX) throw new MalformedError('it has a line that is longer than any can be');
      continue;
    }
    const lines = Buffer.concat([pending, chunk.subarray(0, end - 1)]).toString(encoding);
    yield* lines.split('\n');
    pending = Buffer.from(chunk.subarray(end));
  }
  if (pending.length > 0) throw new MalformedError('it does not end with its last line');
}

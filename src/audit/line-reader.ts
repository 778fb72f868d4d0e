import { MalformedError } from '../transparency/index.js';
import type { BundleFile, Span } from './bundle-file.js';

const CHUNK_BYTES = 1 << 18;
const LINE_FEED = 0x0a;
/** A note is a million characters at most, and JSON spells a character of its in two at most. */
const LINE_MAX = 1 << 22;

/** Reads members line by line, one after the other. Its memory is used again: new memory costs more than reading. */
export class LineReader {
  private buffer = Buffer.alloc(2 * CHUNK_BYTES);

  constructor(private readonly file: BundleFile) {}

  /**
   * The lines of a member without their newlines, however long it is: a chunk at a time is in memory.
   *
   * @throws MalformedError when the last line does not end, or a line is longer than any can be
   */
  *lines({ offset, length }: Span, encoding: 'utf8' | 'latin1'): Generator<string> {
    let pending = 0; // bytes at the beginning of the buffer that are no whole line yet
    for (let at = 0; at < length; at += CHUNK_BYTES) {
      const filled = pending + this.fill(pending, { offset: offset + at, length: Math.min(CHUNK_BYTES, length - at) });
      const end = this.buffer.subarray(0, filled).lastIndexOf(LINE_FEED) + 1;
      if (end > 0) yield* this.buffer.toString(encoding, 0, end - 1).split('\n');
      this.buffer.copyWithin(0, end, filled);
      pending = filled - end;
      if (pending > LINE_MAX) throw new MalformedError('it has a line that is longer than any can be');
    }
    if (pending > 0) throw new MalformedError('it does not end with its last line');
  }

  private fill(from: number, span: Span): number {
    if (from + span.length > this.buffer.length) {
      this.buffer = Buffer.concat([this.buffer], 2 * this.buffer.length + span.length);
    }
    return this.file.read(span, this.buffer.subarray(from)).length;
  }
}

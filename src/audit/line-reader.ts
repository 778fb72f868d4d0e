import { MalformedError } from '../transparency/index.js';
import type { BundleFile, Span } from './bundle-file.js';

const CHUNK_BYTES = 1 << 18;
const LINE_FEED = 0x0a;
/** A note is a million characters at most, and JSON spells a character of its in two at most. */
const LINE_MAX = 1 << 22;

/** Reads members line by line, one after the other. Its memory is used again: new memory costs more than reading. */
export class LineReader {
  bytes = Buffer.alloc(2 * CHUNK_BYTES);
  /** Where the line is that was read last, without its newline. */
  start = 0;
  end = 0;
  private filled = 0;
  private offset = 0;
  /** What is still to be read of the member. */
  private left = 0;

  constructor(private readonly file: BundleFile) {}

  begin({ offset, length }: Span): void {
    this.offset = offset;
    this.left = length;
    this.filled = 0;
    this.end = -1;
  }

  /**
   * Goes to the next line, however long the member is: a chunk at a time is in memory. False at its end.
   *
   * @throws MalformedError when the last line does not end, or a line is longer than any can be
   */
  next(): boolean {
    this.start = this.end + 1;
    this.end = this.feed(this.start);
    while (this.end < 0) {
      const pending = this.filled - this.start; // bytes that are no whole line yet
      if (pending > LINE_MAX) throw new MalformedError('it has a line that is longer than any can be');
      if (this.left === 0 && pending > 0) throw new MalformedError('it does not end with its last line');
      if (this.left === 0) {
        this.end = this.filled;
        return false;
      }
      this.bytes.copyWithin(0, this.start, this.filled);
      this.start = 0;
      this.fill(pending);
      this.end = this.feed(pending);
    }
    return true;
  }

  /** The lines of a member as texts. */
  *lines(span: Span): Generator<string> {
    this.begin(span);
    while (this.next()) yield this.bytes.toString('utf8', this.start, this.end);
  }

  /** Where the next newline is; -1 where none has been read. */
  private feed(from: number): number {
    const feed = this.bytes.indexOf(LINE_FEED, from);
    return feed < this.filled ? feed : -1;
  }

  /** The next chunk behind what is pending, and a newline behind it, at which a search ends. */
  private fill(pending: number): void {
    const length = Math.min(CHUNK_BYTES, this.left);
    if (pending + length >= this.bytes.length) {
      this.bytes = Buffer.concat([this.bytes], 2 * this.bytes.length + length);
    }
    this.filled = pending + this.file.read({ offset: this.offset, length }, this.bytes.subarray(pending)).length;
    this.bytes[this.filled] = LINE_FEED;
    this.offset += length;
    this.left -= length;
  }
}

import { isAscii, isUtf8 } from 'node:buffer';

export type CsvEncoding = 'ascii' | 'utf-8' | 'utf-16le' | 'utf-16be' | 'windows-1252';

/** How many bytes after the first one beyond ASCII are looked at before the encoding is settled. */
const WINDOW_BYTES = 64 * 1024;
const NOTHING = Buffer.alloc(0);

const BYTE_ORDER_MARKS: readonly [CsvEncoding, Buffer][] = [
  ['utf-8', Buffer.from([0xef, 0xbb, 0xbf])],
  ['utf-16le', Buffer.from([0xff, 0xfe])],
  ['utf-16be', Buffer.from([0xfe, 0xff])],
];

/**
 * Turns the bytes of a file into text while they arrive; where the chunks are cut makes no difference.
 *
 * A byte order mark decides. Without one, bytes of ASCII are passed on at once, since UTF-8 and Windows-1252 agree on
 * them. From the first other byte on, text is held back until the file ends or 64 KB are seen: if all of that is UTF-8 the
 * file is taken for UTF-8, otherwise for Windows-1252. Nothing passed on is ever decoded again. Should a file that was
 * taken for UTF-8 hold, further on, bytes that are not (two exports pasted together), just those are read as Windows-1252,
 * so that no character is lost or replaced.
 */
export class CsvDecoder {
  private settled: CsvEncoding | null = null;
  private started = false;
  private held: Buffer = NOTHING;
  private utf16: InstanceType<typeof TextDecoder> | null = null;

  /** What the text is in; `ascii` as long as nothing tells UTF-8 from Windows-1252. */
  get encoding(): CsvEncoding {
    return this.settled ?? 'ascii';
  }

  write(chunk: Uint8Array): string {
    return this.decode(chunk, false);
  }

  /** The rest of the text, at the end of the file. */
  end(): string {
    return this.decode(NOTHING, true);
  }

  private decode(chunk: Uint8Array, atEnd: boolean): string {
    let bytes: Buffer = this.held.length > 0 ? Buffer.concat([this.held, chunk]) : Buffer.from(chunk);
    this.held = NOTHING;
    if (!this.started) {
      if (bytes.length < 3 && !atEnd) return this.hold(bytes);
      bytes = this.withoutMark(bytes);
      this.started = true;
    }
    if (this.utf16) return this.utf16.decode(bytes, { stream: !atEnd });
    if (this.settled === null) return this.sniff(bytes, atEnd);
    return this.settled === 'utf-8' ? this.decodeUtf8(bytes, atEnd) : windows1252(bytes);
  }

  private withoutMark(bytes: Buffer): Buffer {
    const found = BYTE_ORDER_MARKS.find(([, mark]) => bytes.subarray(0, mark.length).equals(mark));
    if (!found) return bytes;
    const [encoding, mark] = found;
    this.settled = encoding;
    if (encoding !== 'utf-8') this.utf16 = new TextDecoder(encoding, { ignoreBOM: true });
    return bytes.subarray(mark.length);
  }

  private sniff(bytes: Buffer, atEnd: boolean): string {
    if (isAscii(bytes)) return bytes.toString('latin1');
    const from = bytes.findIndex((byte) => byte > 0x7f);
    const plain = bytes.toString('latin1', 0, from);
    const doubtful = bytes.subarray(from);
    if (doubtful.length < WINDOW_BYTES && !atEnd) return plain + this.hold(doubtful);
    const seen = doubtful.subarray(0, WINDOW_BYTES);
    const cut = seen.length < WINDOW_BYTES ? 0 : unfinishedTail(seen);
    this.settled = isUtf8(seen.subarray(0, seen.length - cut)) ? 'utf-8' : 'windows-1252';
    return plain + (this.settled === 'utf-8' ? this.decodeUtf8(doubtful, atEnd) : windows1252(doubtful));
  }

  private decodeUtf8(bytes: Buffer, atEnd: boolean): string {
    const cut = atEnd ? 0 : unfinishedTail(bytes);
    const whole = bytes.subarray(0, bytes.length - cut);
    this.hold(bytes.subarray(bytes.length - cut));
    return isUtf8(whole) ? whole.toString('utf8') : decodeMixed(whole);
  }

  private hold(bytes: Buffer): string {
    this.held = Buffer.from(bytes);
    return '';
  }
}

/** 0x80 to 0x9F of Windows-1252; the five that it leaves undefined stay control characters. */
const HIGH_SIGNS = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ';

/** By hand: the TextDecoder of Node 20 takes Windows-1252 for Latin-1, and turns curly quotes and the euro into control characters. */
const windows1252 = (bytes: Buffer): string =>
  bytes.toString('latin1').replace(/[\u0080-\u009f]/g, (sign) => HIGH_SIGNS.charAt(sign.charCodeAt(0) - 0x80));

/** Length that the first byte of a sequence of UTF-8 announces; 0 for a byte that cannot begin one. */
function announcedLength(lead: number): number {
  if (lead < 0x80) return 1;
  if (lead < 0xc2 || lead > 0xf4) return 0;
  if (lead < 0xe0) return 2;
  return lead < 0xf0 ? 3 : 4;
}

/** How many bytes at the end are the beginning of a sequence that the next chunk may finish: 0 to 3. */
function unfinishedTail(bytes: Buffer): number {
  for (let back = 1; back <= Math.min(3, bytes.length); back++) {
    const byte = bytes[bytes.length - back] ?? 0;
    const isContinuation = byte >= 0x80 && byte < 0xc0;
    if (!isContinuation) return announcedLength(byte) > back ? back : 0;
  }
  return 0;
}

/** Sequences that are UTF-8 as UTF-8, every other byte as Windows-1252. */
function decodeMixed(bytes: Buffer): string {
  const pieces: string[] = [];
  let good = 0;
  let at = 0;
  while (at < bytes.length) {
    const length = announcedLength(bytes[at] ?? 0);
    if (length > 0 && at + length <= bytes.length && isUtf8(bytes.subarray(at, at + length))) {
      at += length;
      continue;
    }
    pieces.push(bytes.toString('utf8', good, at), windows1252(bytes.subarray(at, at + 1)));
    at += 1;
    good = at;
  }
  pieces.push(bytes.toString('utf8', good));
  return pieces.join('');
}

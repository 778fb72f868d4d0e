import { isAscii } from 'node:buffer';

const QUOTE = 0x22;
const COMMA = 0x2c;
const COLON = 0x3a;
const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const OPEN = { object: 0x7b, array: 0x5b } as const;
const CLOSE = { object: 0x7d, array: 0x5d } as const;
/** Fifteen digits are always a number that a double holds exactly. */
const DIGITS_MAX = 15;
const DEPTH_MAX = 64;
const WORDS = ['true', 'false', 'null'];

/** The text of bytes that are ASCII without a backslash, so that a string in it ends at the next quotation mark. */
export function plainText(bytes: Uint8Array): string | undefined {
  if (!isAscii(bytes)) return undefined;
  const text = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('latin1');
  return text.includes('\\') ? undefined : text;
}

/**
 * Where a value ends that begins at a place of a plain text, and is spelled as canonical JSON (RFC 8785) with whole numbers:
 * names in order and none twice, nothing between them. One pass, and nothing is made of it: what the strings hold is left
 * to JSON.parse. -1 does not mean that it is not canonical.
 */
export function plainValueEnd(text: string, from: number): number {
  const scan = new Scan(text, from);
  return scan.value(0) ? scan.at : -1;
}

class Scan {
  constructor(
    private readonly text: string,
    public at: number,
  ) {}

  value(depth: number): boolean {
    const code = this.text.charCodeAt(this.at);
    if (code === QUOTE) return this.string();
    if (code === OPEN.object) return depth < DEPTH_MAX && this.object(depth + 1);
    if (code === OPEN.array) return depth < DEPTH_MAX && this.array(depth + 1);
    if (code === MINUS || isDigit(code)) return this.number();
    return this.word();
  }

  private object(depth: number): boolean {
    this.at++;
    if (this.text.charCodeAt(this.at) === CLOSE.object) return this.skip();
    let [start, end] = [0, 0];
    for (;;) {
      const nameStart = this.at + 1;
      if (this.text.charCodeAt(this.at) !== QUOTE || !this.string()) return false;
      const nameEnd = this.at - 1;
      if (end > 0 && !this.isBefore(start, end, nameStart, nameEnd)) return false;
      [start, end] = [nameStart, nameEnd];
      if (this.text.charCodeAt(this.at++) !== COLON || !this.value(depth)) return false;
      const next = this.text.charCodeAt(this.at++);
      if (next === CLOSE.object) return true;
      if (next !== COMMA) return false;
    }
  }

  private array(depth: number): boolean {
    this.at++;
    if (this.text.charCodeAt(this.at) === CLOSE.array) return this.skip();
    for (;;) {
      if (!this.value(depth)) return false;
      const next = this.text.charCodeAt(this.at++);
      if (next === CLOSE.array) return true;
      if (next !== COMMA) return false;
    }
  }

  private string(): boolean {
    const end = this.text.indexOf('"', this.at + 1);
    this.at = end + 1;
    return end > 0;
  }

  private number(): boolean {
    const { text } = this;
    if (text.charCodeAt(this.at) === MINUS) this.at++;
    const first = this.at;
    while (isDigit(text.charCodeAt(this.at))) this.at++;
    const digits = this.at - first;
    const isZero = text.charCodeAt(first) === ZERO;
    if (digits === 1) return !isZero || text.charCodeAt(first - 1) !== MINUS; // there is no -0
    return digits > 0 && digits <= DIGITS_MAX && !isZero;
  }

  private word(): boolean {
    const word = WORDS.find((each) => this.text.startsWith(each, this.at));
    this.at += word?.length ?? 0;
    return word !== undefined;
  }

  /** Whether one name stands before another, code unit by code unit. */
  private isBefore(aStart: number, aEnd: number, bStart: number, bEnd: number): boolean {
    const { text } = this;
    for (let a = aStart, b = bStart; a < aEnd && b < bEnd; a++, b++) {
      const difference = text.charCodeAt(a) - text.charCodeAt(b);
      if (difference !== 0) return difference < 0;
    }
    return aEnd - aStart < bEnd - bStart;
  }

  private skip(): boolean {
    this.at++;
    return true;
  }
}

function isDigit(code: number): boolean {
  return code >= ZERO && code <= NINE;
}

import type { Uuid } from './uuid.rules.js';

export const UUID_BYTES = 36;
export const INSTANT_BYTES = 24;

/** Bytes, and the same as words of several of them, which takes fewer steps to compare and to look up. */
export class ByteView {
  bytes: Buffer = Buffer.alloc(0);
  words: DataView = new DataView(new ArrayBuffer(0));

  constructor(bytes: Buffer = Buffer.alloc(0)) {
    this.see(bytes);
  }

  /** Looks at other bytes from then on. */
  see(bytes: Buffer): void {
    if (bytes === this.bytes) return;
    this.bytes = bytes;
    this.words = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
}

/** By two characters as they stand in memory, the lower byte first: their value as digits, or -1. */
const PAIRS = 2 ** 16;
const HEX_PAIRS = new Int16Array(PAIRS).fill(-1);
const DECIMAL_PAIRS = new Int8Array(PAIRS).fill(-1);
for (let value = 0; value < 256; value++) {
  HEX_PAIRS[Buffer.from(value.toString(16).padStart(2, '0')).readUInt16LE()] = value;
  if (value < 100) DECIMAL_PAIRS[Buffer.from(String(value).padStart(2, '0')).readUInt16LE()] = value;
}

const DASH = 0x2d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ASCII_END = 0x80;
const ZERO = 0x30;
const NINE = 0x39;
const DIGITS_MAX = 15;

const WORD_BYTES = 8;

/**
 * Whether a part of a text in ASCII, without a zero in it, stands at a place behind which there are so many bytes. Eight
 * characters of it are never nothing and never no number, so that they are the same bytes just where they are one number.
 */
export function isAt({ words }: ByteView, at: number, text: ByteView, from = 0, to = text.bytes.length): boolean {
  const expected = text.words;
  const last = to - WORD_BYTES;
  if (last < from) {
    for (let place = from; place < to; place++) {
      if (words.getUint8(at + place - from) !== expected.getUint8(place)) return false;
    }
    return true;
  }
  const shift = at - from;
  for (let place = from; place < last; place += WORD_BYTES) {
    if (words.getFloat64(place + shift, true) !== expected.getFloat64(place, true)) return false;
  }
  return words.getFloat64(last + shift, true) === expected.getFloat64(last, true);
}

/** Whether a text in ASCII stands at a place. */
export function isTextAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let place = 0; place < text.length; place++) if (bytes[at + place] !== text.charCodeAt(place)) return false;
  return true;
}

/** Reads a UUID in lower case at a place behind which there are so many bytes; false for anything else. */
export function readUuid({ words }: ByteView, at: number, into: Uuid): boolean {
  const isDashed =
    words.getUint8(at + 8) === DASH &&
    words.getUint8(at + 13) === DASH &&
    words.getUint8(at + 18) === DASH &&
    words.getUint8(at + 23) === DASH;
  if (!isDashed) return false;
  const a = quadAt(words, at);
  const b = quadAt(words, at + 4);
  const c = quadAt(words, at + 9);
  const d = quadAt(words, at + 14);
  const e = quadAt(words, at + 19);
  const f = quadAt(words, at + 24);
  const g = quadAt(words, at + 28);
  const h = quadAt(words, at + 32);
  if ((a | b | c | d | e | f | g | h) < 0) return false;
  into.first = (a << 16) | b;
  into.second = (c << 16) | d;
  into.third = (e << 16) | f;
  into.fourth = (g << 16) | h;
  return true;
}

/** Four hexadecimal digits; below zero when one is none. */
function quadAt(words: DataView, at: number): number {
  const high = HEX_PAIRS[words.getUint16(at, true)] ?? -1;
  const low = HEX_PAIRS[words.getUint16(at + 2, true)] ?? -1;
  return (high << 8) | low;
}

/** Of each character 1 when a string that is spelled plainly cannot go on with it. */
const ENDS_TEXT = Uint8Array.from({ length: 256 }, (_, byte) =>
  byte === QUOTE || byte === BACKSLASH || byte < SPACE || byte >= ASCII_END ? 1 : 0,
);

/** Where a string ends; what is escaped, or is not ASCII, ends it, and the next byte is then not a quotation mark. */
export function textEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (; at < to; at++) {
    if (ENDS_TEXT[bytes[at] ?? 0] === 1) break;
  }
  return at;
}

/** Where a whole number ends, as RFC 8785 spells it; -1 for what is none, or is spelled otherwise. */
export function wholeEnd(bytes: Uint8Array, from: number): number {
  const first = bytes[from] === DASH ? from + 1 : from;
  let at = first;
  while (isDigit(bytes[at])) at++;
  const digits = at - first;
  const isPlain = digits === 1 ? bytes[first] !== ZERO || first === from : digits > 0 && bytes[first] !== ZERO;
  return isPlain && digits <= DIGITS_MAX ? at : -1;
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= ZERO && byte <= NINE;
}

const [TIME_SIGN, COLON, POINT, ZONE_SIGN] = [0x54, 0x3a, 0x2e, 0x5a];
const CENTURY = 100;
const SHORTEST_MONTH = 28;

/** The day that was seen last, as a number of its digits, and when it began: the next event is nearly always of the same. */
let lastDay = 0;
let lastMidnight = Number.NaN;

/**
 * Milliseconds since 1970 of an instant as `Date.toISOString` spells it, from the year 100 on; NaN for anything else. Behind
 * the place there are so many bytes.
 */
export function instantAt({ words }: ByteView, at: number): number {
  const isFormed =
    words.getUint8(at + 4) === DASH &&
    words.getUint8(at + 7) === DASH &&
    words.getUint8(at + 10) === TIME_SIGN &&
    words.getUint8(at + 13) === COLON &&
    words.getUint8(at + 16) === COLON &&
    words.getUint8(at + 19) === POINT &&
    words.getUint8(at + 23) === ZONE_SIGN;
  const century = two(words, at);
  const ofCentury = two(words, at + 2);
  const month = two(words, at + 5);
  const day = two(words, at + 8);
  const hour = two(words, at + 11);
  const minute = two(words, at + 14);
  const second = two(words, at + 17);
  const hundredths = two(words, at + 20);
  const thousandth = words.getUint8(at + 22) - ZERO;
  const areDigits = (century | ofCentury | month | day | hour | minute | second | hundredths) >= 0;
  if (!isFormed || !areDigits || thousandth < 0 || thousandth > 9 || hour > 23 || minute > 59 || second > 59)
    return Number.NaN;
  const digits = ((100 * century + ofCentury) * 100 + month) * 100 + day;
  if (digits !== lastDay) {
    lastMidnight = midnightOf(100 * century + ofCentury, month, day);
    lastDay = digits;
  }
  return lastMidnight + ((hour * 60 + minute) * 60 + second) * 1_000 + 10 * hundredths + thousandth;
}

function midnightOf(year: number, month: number, day: number): number {
  if (year < CENTURY || month < 1 || month > 12 || day < 1) return Number.NaN;
  const midnight = Date.UTC(year, month - 1, day);
  return day > SHORTEST_MONTH && new Date(midnight).getUTCDate() !== day ? Number.NaN : midnight;
}

/** Two decimal digits; below zero when one is none. */
function two(words: DataView, at: number): number {
  return DECIMAL_PAIRS[words.getUint16(at, true)] ?? -1;
}

import type { Uuid } from './uuid.rules.js';

export const UUID_BYTES = 36;
export const INSTANT_BYTES = 24;

/** The value of each hexadecimal digit in lower case by its character; -1 of everything else. */
const HEX = new Int8Array(256).fill(-1);
for (let digit = 0; digit < 16; digit++) HEX[digit.toString(16).charCodeAt(0)] = digit;

const DASH = 0x2d;
const QUOTE = 0x22;
const BACKSLASH = 0x5c;
const SPACE = 0x20;
const ASCII_END = 0x80;
const ZERO = 0x30;
const NINE = 0x39;
const DIGITS_MAX = 15;

/** Whether a text stands at a place. */
export function isAt(bytes: Uint8Array, at: number, text: Uint8Array): boolean {
  for (let place = 0; place < text.length; place++) if (bytes[at + place] !== text[place]) return false;
  return true;
}

/** The same of a text in ASCII. */
export function isTextAt(bytes: Uint8Array, at: number, text: string): boolean {
  for (let place = 0; place < text.length; place++) if (bytes[at + place] !== text.charCodeAt(place)) return false;
  return true;
}

/** Reads a UUID in lower case; false for anything else. */
export function readUuid(bytes: Uint8Array, at: number, into: Uuid): boolean {
  if (bytes[at + 8] !== DASH || bytes[at + 13] !== DASH || bytes[at + 18] !== DASH || bytes[at + 23] !== DASH) {
    return false;
  }
  const a = quadAt(bytes, at);
  const b = quadAt(bytes, at + 4);
  const c = quadAt(bytes, at + 9);
  const d = quadAt(bytes, at + 14);
  const e = quadAt(bytes, at + 19);
  const f = quadAt(bytes, at + 24);
  const g = quadAt(bytes, at + 28);
  const h = quadAt(bytes, at + 32);
  if ((a | b | c | d | e | f | g | h) < 0) return false;
  into.first = (a << 16) | b;
  into.second = (c << 16) | d;
  into.third = (e << 16) | f;
  into.fourth = (g << 16) | h;
  return true;
}

/** Four hexadecimal digits; below zero when one is none. */
function quadAt(bytes: Uint8Array, at: number): number {
  const a = HEX[bytes[at] ?? 0] ?? -1;
  const b = HEX[bytes[at + 1] ?? 0] ?? -1;
  const c = HEX[bytes[at + 2] ?? 0] ?? -1;
  const d = HEX[bytes[at + 3] ?? 0] ?? -1;
  return (a << 12) | (b << 8) | (c << 4) | d;
}

/** Where a string ends; what is escaped, or is not ASCII, ends it, and the next byte is then not a quotation mark. */
export function textEnd(bytes: Uint8Array, from: number, to: number): number {
  let at = from;
  for (; at < to; at++) {
    const byte = bytes[at] ?? 0;
    if (byte === QUOTE || byte === BACKSLASH || byte < SPACE || byte >= ASCII_END) break;
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

const FORM = Buffer.from('0000-00-00T00:00:00.000Z');
const CENTURY = 100;
const SHORTEST_MONTH = 28;

/** Milliseconds since 1970 of an instant as `Date.toISOString` spells it, from the year 100 on; NaN for anything else. */
export function instantAt(bytes: Uint8Array, at: number): number {
  for (let place = 0; place < INSTANT_BYTES; place++) {
    const form = FORM[place];
    const byte = bytes[at + place];
    if (form === ZERO ? !isDigit(byte) : form !== byte) return Number.NaN;
  }
  const [year, month, day] = [100 * two(bytes, at) + two(bytes, at + 2), two(bytes, at + 5), two(bytes, at + 8)];
  const [hour, minute, second] = [two(bytes, at + 11), two(bytes, at + 14), two(bytes, at + 17)];
  if (year < CENTURY || month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 59)
    return Number.NaN;
  const midnight = Date.UTC(year, month - 1, day);
  if (day > SHORTEST_MONTH && new Date(midnight).getUTCDate() !== day) return Number.NaN;
  const thousandths = 10 * two(bytes, at + 20) + ((bytes[at + 22] ?? ZERO) - ZERO);
  return midnight + ((hour * 60 + minute) * 60 + second) * 1_000 + thousandths;
}

/** Two decimal digits. */
function two(bytes: Uint8Array, at: number): number {
  return 10 * ((bytes[at] ?? ZERO) - ZERO) + (bytes[at + 1] ?? ZERO) - ZERO;
}

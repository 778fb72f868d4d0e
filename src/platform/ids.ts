import { createHash, randomFillSync } from 'node:crypto';
import { unixMilliseconds } from './clock.js';

const UUID = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/;

/** Of the last id: its millisecond, and what its last twelve digits say. */
let last = { unixMs: -1, ending: 0 };

const ENDING_MOST = 2 ** 48 - 1;

/** The last id, sign by sign: only its ending changes with each. */
const signs = Buffer.alloc(36);
const ENDING_AT = 24;
const HALF_DIGITS = 6;
const HALF = 2 ** 24;
const DIGITS = Buffer.from('0123456789abcdef');

/**
 * A UUID version 7 (RFC 9562 section 5.7): 48 bits of Unix milliseconds, then random bits. Ids that a process makes within
 * one millisecond ascend by random steps (section 6.2, method 2), so that what is made later sorts later, in an index too.
 */
export function newId(unixMs: number = unixMilliseconds()): string {
  const next = last.ending + 1 + random32();
  if (unixMs === last.unixMs && next <= ENDING_MOST) {
    last.ending = next;
  } else {
    last = { unixMs, ending: random32() * 2 ** 15 };
    signs.write(beginningOf(unixMs), 0, 'latin1');
  }
  const high = Math.floor(last.ending / HALF);
  writeDigits(high, ENDING_AT);
  writeDigits(last.ending - high * HALF, ENDING_AT + HALF_DIGITS);
  // One text in one piece: texts put together are taken apart again wherever they are read.
  return signs.toString('latin1');
}

/** Six digits in hexadecimal. */
function writeDigits(value: number, at: number): void {
  let left = value;
  for (let place = at + HALF_DIGITS - 1; place >= at; place--) {
    signs[place] = DIGITS[left & 15] ?? 0;
    left >>>= 4;
  }
}

function beginningOf(unixMs: number): string {
  const instant = digitsOf(unixMs, 12);
  const bits = random32();
  const version = digitsOf(0x7000 | (bits & 0x0fff), 4);
  const variant = digitsOf(0x8000 | ((bits >>> 12) & 0x3fff), 4);
  return `${instant.slice(0, 8)}-${instant.slice(8)}-${version}-${variant}-`;
}

/** In hexadecimal. */
const digitsOf = (value: number, length: number): string => value.toString(16).padStart(length, '0');

const pool = new Uint32Array(1024);
let drawn = pool.length;

/** Random bits are drawn by the page: for each id by itself they cost more than the rest of it. */
function random32(): number {
  if (drawn === pool.length) {
    randomFillSync(pool);
    drawn = 0;
  }
  return pool[drawn++] ?? 0;
}

/** A UUID version 5 (RFC 9562 section 5.5): the same part of the same thing has the same id, today and tomorrow. */
export function partId(wholeId: string, part: string): string {
  const bytes = createHash('sha1')
    .update(Buffer.from(wholeId.replaceAll('-', ''), 'hex'))
    .update(part)
    .digest()
    .subarray(0, 16);
  bytes[6] = ((bytes[6] ?? 0) & 0x0f) | 0x50;
  bytes[8] = ((bytes[8] ?? 0) & 0x3f) | 0x80;
  return grouped(bytes.toString('hex'));
}

function grouped(hex: string): string {
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-${hex.slice(12, 16)}-${hex.slice(16, 20)}-${hex.slice(20)}`;
}

/** True for a lower-case UUID of any version. */
export function isUuid(text: string): boolean {
  return UUID.test(text);
}

import { isTextAt } from './byte-scan.js';
import { dayNumber } from './replay-said.rules.js';

const MINUS = 0x2d;
const ZERO = 0x30;
const NINE = 0x39;
const DIGITS_MAX = 15;
const DAY_BYTES = 10;
const DAYS_KEPT = 4_096;
/** A longer text comes only once. */
const KEPT_BYTES = 24;

/** Days by their digits: a log says the same few again and again. */
const days = new Map<number, number>();

/** The values of an event's slots, read from its bytes when somebody asks. */
export class SlotReader {
  bytes: Buffer = Buffer.alloc(0);
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  private readonly texts: string[];

  constructor(slots: number) {
    this.starts = new Int32Array(slots);
    this.ends = new Int32Array(slots);
    this.texts = Array.from({ length: slots }, () => '');
  }

  /** The bytes of a slot, which are ASCII. Most texts are that of the event before. */
  text(slot: number): string {
    const [start = 0, end = 0] = [this.starts[slot], this.ends[slot]];
    const before = this.texts[slot];
    if (before !== undefined && before.length === end - start && isTextAt(this.bytes, start, before)) return before;
    const text = this.bytes.toString('latin1', start, end);
    if (text.length <= KEPT_BYTES) this.texts[slot] = text;
    return text;
  }

  /** A whole number that was found to be one. */
  whole(slot: number): number {
    return Number(this.text(slot));
  }

  /** A whole number of one to fifteen digits, below zero or not; undefined for anything else. */
  minor(slot: number): number | undefined {
    const { bytes } = this;
    const [start = 0, end = 0] = [this.starts[slot], this.ends[slot]];
    const first = bytes[start] === MINUS ? start + 1 : start;
    if (end === first || end - first > DIGITS_MAX) return undefined;
    let value = 0;
    for (let at = first; at < end; at++) {
      const digit = bytes[at] ?? 0;
      if (digit < ZERO || digit > NINE) return undefined;
      value = 10 * value + (digit - ZERO);
    }
    return first === start ? value : -value;
  }

  /** Days since 2000-01-01; undefined for what is no day. */
  day(slot: number): number | undefined {
    const { bytes } = this;
    const [start = 0, end = 0] = [this.starts[slot], this.ends[slot]];
    if (end - start !== DAY_BYTES) return undefined;
    let packed = 0;
    for (let at = start; at < end; at++) {
      const digit = bytes[at] ?? 0;
      if (digit >= ZERO && digit <= NINE) packed = 10 * packed + digit - ZERO;
      else if (digit !== MINUS || (at !== start + 4 && at !== start + 7)) return undefined;
    }
    if (bytes[start + 4] !== MINUS || bytes[start + 7] !== MINUS) return undefined;
    let day = days.get(packed);
    if (day !== undefined) return day;
    day = dayNumber(this.text(slot));
    if (days.size >= DAYS_KEPT) days.clear();
    if (day !== undefined) days.set(packed, day);
    return day;
  }
}

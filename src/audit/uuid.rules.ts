/** A UUID as four numbers of 32 bits: to compare and to hash it takes no text. */
export class Uuid {
  constructor(
    public first = 0,
    public second = 0,
    public third = 0,
    public fourth = 0,
  ) {}

  /** Reads one that has the form of a UUID. */
  static of(text: string): Uuid {
    return new Uuid(
      (digits(text, 0) << 16) | digits(text, 4),
      (digits(text, 9) << 16) | digits(text, 14),
      (digits(text, 19) << 16) | digits(text, 24),
      (digits(text, 28) << 16) | digits(text, 32),
    );
  }

  is(other: Uuid | null): boolean {
    return (
      other !== null &&
      this.first === other.first &&
      this.second === other.second &&
      this.third === other.third &&
      this.fourth === other.fourth
    );
  }

  /** In the order of their texts. */
  isBefore(other: Uuid): boolean {
    if (this.first !== other.first) return this.first >>> 0 < other.first >>> 0;
    if (this.second !== other.second) return this.second >>> 0 < other.second >>> 0;
    if (this.third !== other.third) return this.third >>> 0 < other.third >>> 0;
    return this.fourth >>> 0 < other.fourth >>> 0;
  }

  toString(): string {
    const [a, b, c, d] = [hexOf(this.first), hexOf(this.second), hexOf(this.third), hexOf(this.fourth)];
    return `${a}-${b.slice(0, 4)}-${b.slice(4)}-${c.slice(0, 4)}-${c.slice(4)}${d}`;
  }
}

/** Stands for an id that should be there and is not: it is nobody's. */
export const NO_ID: Uuid = new Uuid();

const WORD_DIGITS = 8;

function hexOf(word: number): string {
  return (word >>> 0).toString(16).padStart(WORD_DIGITS, '0');
}

/** The value of four hexadecimal digits, of which each other character is none. */
function digits(text: string, from: number): number {
  let value = 0;
  for (let at = from; at < from + 4; at++) value = (value << 4) | (DIGITS[text.charCodeAt(at)] ?? 0);
  return value;
}

const DIGITS = new Uint8Array(128);
for (let digit = 0; digit < 16; digit++) DIGITS[digit.toString(16).charCodeAt(0)] = digit;

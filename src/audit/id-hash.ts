import { NO_ID, Uuid } from './uuid.rules.js';

/** The last block of a SipHash holds the length, here of sixteen bytes. */
const ID_END = 16 << 24;
const KNOWN_IDS = 256;
const KNOWN_WORDS = 6;

/**
 * HalfSipHash-1-3 with 64 bits of output (https://cr.yp.to/siphash) of a UUID's 16 bytes, under a key that is drawn anew
 * for each run. `take` an id, then read `high` and `low`, each of 32 bits with a sign: nothing is allocated for an id. What has no id of
 * its own is taken in parts: `begin`, `add` or `addText`, `end`.
 */
export class IdHash {
  high = 0;
  low = 0;
  /** Four words of an id and two of its hash, at the place of its last bits. */
  private readonly known = new Int32Array(KNOWN_WORDS * KNOWN_IDS);
  private parts = 0;
  private v0 = 0;
  private v1 = 0;
  private v2 = 0;
  private v3 = 0;

  /** @param key two numbers of 32 bits that nobody outside knows */
  constructor(private readonly key: readonly [number, number]) {
    const { first, second, third, fourth } = NO_ID;
    this.hash(first, second, third, fourth);
    for (let place = 0; place < this.known.length; place += KNOWN_WORDS)
      this.known.set([this.high, this.low], place + 4);
  }

  /** @param id a UUID as text; what else it may be is hashed as its first hexadecimal digits say */
  take(id: string): void {
    this.takeUuid(Uuid.of(id));
  }

  takeUuid({ first, second, third, fourth }: Uuid): void {
    // Organisations, people and contracts come again and again: of the ids that end alike the last one is remembered.
    const { known } = this;
    const place = KNOWN_WORDS * (fourth & (KNOWN_IDS - 1));
    const isKnown =
      known[place] === first &&
      known[place + 1] === second &&
      known[place + 2] === third &&
      known[place + 3] === fourth;
    if (isKnown) {
      this.high = known[place + 4] ?? 0;
      this.low = known[place + 5] ?? 0;
      return;
    }
    this.hash(first, second, third, fourth);
    known[place] = first;
    known[place + 1] = second;
    known[place + 2] = third;
    known[place + 3] = fourth;
    known[place + 4] = this.high;
    known[place + 5] = this.low;
  }

  /** The same of an id that is at hand as four numbers of 32 bits. */
  takeWords(words: ArrayLike<number>): void {
    this.hash(words[0] ?? 0, words[1] ?? 0, words[2] ?? 0, words[3] ?? 0);
  }

  /** @param kind of what is taken: keys of two kinds have nothing in common, whatever they are made of */
  begin(kind: number): void {
    this.start();
    this.parts = 0;
    this.add(kind);
  }

  /** @param word of 32 bits */
  add(word: number): void {
    this.compress(word);
    this.parts++;
  }

  /** Two characters to a word. */
  addText(text: string): void {
    this.add(text.length);
    for (let at = 0; at < text.length; at += 2) this.add((text.charCodeAt(at) << 16) | text.charCodeAt(at + 1));
  }

  /** Then `high` and `low` are of all that was added. */
  end(): void {
    this.finish(0x80 | (this.parts & 0x7f));
  }

  /**
   * All rounds over the sixteen bytes of a UUID, which is what is nearly always hashed, without a look at the object's
   * fields: what `start`, four times `compress` and `finish` do.
   */
  private hash(first: number, second: number, third: number, fourth: number): void {
    const [key0, key1] = this.key;
    let v0 = key0;
    let v1 = key1 ^ 0xee;
    let v2 = 0x6c796765 ^ key0;
    let v3 = 0x74656462 ^ key1;
    let low = 0;
    for (let round = 0; round < 11; round++) {
      const word = round === 0 ? first : round === 1 ? second : round === 2 ? third : round === 3 ? fourth : ID_END;
      if (round < 5) v3 ^= word;
      v0 = (v0 + v1) | 0;
      v1 = rotated(v1, 5) ^ v0;
      v0 = rotated(v0, 16);
      v2 = (v2 + v3) | 0;
      v3 = rotated(v3, 8) ^ v2;
      v0 = (v0 + v3) | 0;
      v3 = rotated(v3, 7) ^ v0;
      v2 = (v2 + v1) | 0;
      v1 = rotated(v1, 13) ^ v2;
      v2 = rotated(v2, 16);
      if (round < 5) v0 ^= word;
      if (round === 4) v2 ^= 0xee;
      if (round !== 7) continue;
      low = v1 ^ v3;
      v1 ^= 0xdd;
    }
    this.low = low;
    this.high = v1 ^ v3;
  }

  private start(): void {
    const [key0, key1] = this.key;
    this.v0 = key0;
    this.v1 = key1 ^ 0xee;
    this.v2 = 0x6c796765 ^ key0;
    this.v3 = 0x74656462 ^ key1;
  }

  /** @param length in bytes, of which the last 8 bits count; what was taken in parts has the highest of them set */
  private finish(length: number): void {
    this.compress(length << 24);
    this.v2 ^= 0xee;
    for (let round = 0; round < 3; round++) this.round();
    this.low = this.v1 ^ this.v3;
    this.v1 ^= 0xdd;
    for (let round = 0; round < 3; round++) this.round();
    this.high = this.v1 ^ this.v3;
  }

  private compress(word: number): void {
    this.v3 ^= word;
    this.round();
    this.v0 ^= word;
  }

  private round(): void {
    let { v0, v1, v2, v3 } = this;
    v0 = (v0 + v1) | 0;
    v1 = rotated(v1, 5) ^ v0;
    v0 = rotated(v0, 16);
    v2 = (v2 + v3) | 0;
    v3 = rotated(v3, 8) ^ v2;
    v0 = (v0 + v3) | 0;
    v3 = rotated(v3, 7) ^ v0;
    v2 = (v2 + v1) | 0;
    v1 = rotated(v1, 13) ^ v2;
    this.v0 = v0;
    this.v1 = v1;
    this.v2 = rotated(v2, 16);
    this.v3 = v3;
  }
}

function rotated(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

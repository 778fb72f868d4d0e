const SHARDS = 64;
const FIRST_SLOTS = 8;
/** A table is rebuilt when it is as full as this, and is then this much larger: it is seven tenths full on average. */
const FULL = 0.8;
const GROWTH = 1.3;
const WORD = 2 ** 32;
/** Words of a slot: the key, the lower word first, and the value of a map. */
const OF_SET = 2;
const OF_MAP = 3;

/** Of a key that is not there. */
export const ABSENT = -1;

/**
 * A map from keys of 64 bits (two words of an `IdHash`, each with its sign) to whole numbers below 2³¹, without an object for
 * a key: 8 bytes and 4 for the value, side by side, so that a key is mostly found by one look at memory. Keys are spread by
 * whoever hashed them. It grows in 64 parts, one at a time, so that growing needs little room. Nothing is taken out again.
 */
export class KeyMap {
  private readonly shards: Shard[];

  /** @param of `keys` for a set, in which each value reads as 0 */
  constructor(of: 'keys' | 'values') {
    const width = of === 'keys' ? OF_SET : OF_MAP;
    this.shards = Array.from({ length: SHARDS }, () => new Shard(width));
  }

  get size(): number {
    return this.shards.reduce((sum, { size }) => sum + size, 0);
  }

  has(high: number, low: number): boolean {
    return this.get(high, low) !== ABSENT;
  }

  /** `ABSENT` where there is none. */
  get(high: number, low: number): number {
    return this.shardOf(low).get(high, low);
  }

  set(high: number, low: number, value: number): void {
    this.shardOf(low).set(high, low, value);
  }

  /** Adds a key to a set; false when it was there. */
  add(high: number, low: number): boolean {
    return this.shardOf(low).add(high, low);
  }

  private shardOf(low: number): Shard {
    const shard = this.shards[low & (SHARDS - 1)];
    if (!shard) throw new RangeError(`${low} is no word`);
    return shard;
  }
}

class Shard {
  size = 0;
  private slots = FIRST_SLOTS;
  private words: Int32Array;

  constructor(private readonly width: typeof OF_SET | typeof OF_MAP) {
    this.words = new Int32Array(FIRST_SLOTS * width);
  }

  get(high: number, low: number): number {
    const at = this.placeOf(high, low);
    if (this.words[at] === 0) return ABSENT;
    return this.width === OF_MAP ? (this.words[at + OF_SET] ?? 0) : 0;
  }

  set(high: number, low: number, value: number): void {
    let at = this.placeOf(high, low);
    if (this.words[at] === 0) at = this.put(high, low, at);
    this.words[at + OF_SET] = value;
  }

  add(high: number, low: number): boolean {
    const at = this.placeOf(high, low);
    if (this.words[at] !== 0) return false;
    this.put(high, low, at);
    return true;
  }

  /**
   * Where the key is, or would be: its place by its upper word, or the next one that is free. Nought says that a place is
   * free: a lower word of nought is kept as one, which is the word of no other key of its part.
   */
  private placeOf(high: number, low: number): number {
    const { words, width, slots } = this;
    const wanted = low || 1;
    let at = width * Math.floor(((high >>> 0) / WORD) * slots);
    for (let found = words[at]; found !== 0 && (found !== wanted || words[at + 1] !== high); found = words[at]) {
      at += width;
      if (at === words.length) at = 0;
    }
    return at;
  }

  private put(high: number, low: number, free: number): number {
    let at = free;
    if (this.size + 1 > FULL * this.slots) {
      this.grow();
      at = this.placeOf(high, low);
    }
    this.words[at] = low || 1;
    this.words[at + 1] = high;
    this.size++;
    return at;
  }

  private grow(): void {
    const { words, width } = this;
    this.slots = Math.ceil(this.slots * GROWTH) + 1;
    this.words = new Int32Array(this.slots * width);
    for (let from = 0; from < words.length; from += width) {
      const [low = 0, high = 0] = [words[from], words[from + 1]];
      if (low === 0) continue;
      const to = this.placeOf(high, low);
      this.words[to] = low;
      this.words[to + 1] = high;
      if (width === OF_MAP) this.words[to + OF_SET] = words[from + OF_SET] ?? 0;
    }
  }
}

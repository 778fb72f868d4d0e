const SHARDS = 64;
const FIRST_SLOTS = 8;
/** A table is rebuilt when it is as full as this, half as large again: a key takes up to twice as much as it is. */
const FULL = 0.75;
const GROWTH = 1.5;
const WORD = 2 ** 32;

/** Of a key that is not there. */
export const ABSENT = -1;

/**
 * A map from keys of 64 bits (two words of an `IdHash`) to whole numbers, without an object for a key: 8 bytes and the value,
 * between half and three quarters full. Keys are spread by whoever hashed them. It grows in 64 parts, one at a time, so that growing needs
 * little room. Nothing is taken out again.
 *
 * @param valueBytes 0 (a set: each value reads as 0), 1 or 4
 */
export class KeyMap {
  private readonly shards: Shard[];

  constructor(valueBytes: 0 | 1 | 4 = 0) {
    this.shards = Array.from({ length: SHARDS }, () => new Shard(valueBytes));
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
    const shard = this.shards[low % SHARDS];
    if (!shard) throw new RangeError(`${low} is no word`);
    return shard;
  }
}

class Shard {
  size = 0;
  private slots = FIRST_SLOTS;
  private highs = new Uint32Array(FIRST_SLOTS);
  private lows = new Uint32Array(FIRST_SLOTS);
  private values: Uint8Array | Uint32Array;

  constructor(private readonly valueBytes: 0 | 1 | 4) {
    this.values = valuesOf(valueBytes, FIRST_SLOTS);
  }

  get(high: number, low: number): number {
    const slot = this.slotOf(high, low);
    return this.isFree(slot) ? ABSENT : (this.values[slot] ?? 0);
  }

  set(high: number, low: number, value: number): void {
    let slot = this.slotOf(high, low);
    if (this.isFree(slot)) slot = this.place(high, low, slot);
    this.values[slot] = value;
  }

  add(high: number, low: number): boolean {
    const slot = this.slotOf(high, low);
    if (!this.isFree(slot)) return false;
    this.place(high, low, slot);
    return true;
  }

  /** Where the key is, or would be: its place by its upper word, or the next one that is free. */
  private slotOf(high: number, low: number): number {
    const { highs, lows, slots } = this;
    const wanted = low || 1;
    let slot = Math.floor((high / WORD) * slots);
    for (let found = lows[slot]; found !== 0 && (found !== wanted || highs[slot] !== high); found = lows[slot]) {
      slot = slot + 1 === slots ? 0 : slot + 1;
    }
    return slot;
  }

  /** Nought says that a place is free. A lower word of nought is kept as one, which is the word of no other key of its part. */
  private isFree(slot: number): boolean {
    return this.lows[slot] === 0;
  }

  private place(high: number, low: number, free: number): number {
    let slot = free;
    if (this.size + 1 > FULL * this.slots) {
      this.grow();
      slot = this.slotOf(high, low);
    }
    this.highs[slot] = high;
    this.lows[slot] = low || 1;
    this.size++;
    return slot;
  }

  private grow(): void {
    const { highs, lows, values, slots } = this;
    this.slots = Math.ceil(slots * GROWTH) + 1;
    this.highs = new Uint32Array(this.slots);
    this.lows = new Uint32Array(this.slots);
    this.values = valuesOf(this.valueBytes, this.slots);
    for (let from = 0; from < slots; from++) {
      const [high = 0, low = 0] = [highs[from], lows[from]];
      if (low === 0) continue;
      const to = this.slotOf(high, low);
      this.highs[to] = high;
      this.lows[to] = low;
      this.values[to] = values[from] ?? 0;
    }
  }
}

function valuesOf(bytes: 0 | 1 | 4, slots: number): Uint8Array | Uint32Array {
  return bytes === 4 ? new Uint32Array(slots) : new Uint8Array(bytes * slots);
}

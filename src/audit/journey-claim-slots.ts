const CHUNK = 1_024;

/** Says that there is no claim. Slots count from 1. */
export const NO_SLOT = 0;

/** Words of a slot: 16 bytes of the id, 32 of the leaf, the key of the charge, and where the claim stands. */
const CHARGE = 12;
const CONTRACT = 14;
const MONTH = 15;
const BATCH = 16;
const NEXT = 17;
const BEFORE = 18;
const WIDTH = 19;

/** What stands in place of a batch where none holds the claim. */
export const OPEN = 0;
export const QUERIED = -1;

/**
 * The claims that are not decided: 76 bytes each, in slots that are used again. What is open stands in the chain of its
 * contract, what is in a batch in that of its batch.
 */
export class ClaimSlots {
  private readonly chunks: Int32Array[] = [];
  private count = 0;
  /** The first free slot, each of which names the next. */
  private free = NO_SLOT;

  /** @param words the id and the leaf: twelve */
  take(words: ArrayLike<number>, chargeHigh: number, chargeLow: number, contract: number, month: number): number {
    const slot = this.newSlot();
    const [chunk, at] = [this.chunkOf(slot), placeOf(slot)];
    for (let word = 0; word < CHARGE; word++) chunk[at + word] = words[word] ?? 0;
    chunk[at + CHARGE] = chargeHigh;
    chunk[at + CHARGE + 1] = chargeLow;
    chunk[at + CONTRACT] = contract;
    chunk[at + MONTH] = month;
    chunk[at + BATCH] = OPEN;
    return slot;
  }

  release(slot: number): void {
    this.set(slot, NEXT, this.free);
    this.free = slot;
  }

  contract(slot: number): number {
    return this.get(slot, CONTRACT);
  }

  month(slot: number): number {
    return this.get(slot, MONTH);
  }

  /** The row of the batch that holds it, `OPEN` or `QUERIED`. */
  holder(slot: number): number {
    return this.get(slot, BATCH);
  }

  setHolder(slot: number, holder: number): void {
    this.set(slot, BATCH, holder);
  }

  chargeHigh(slot: number): number {
    return this.get(slot, CHARGE);
  }

  chargeLow(slot: number): number {
    return this.get(slot, CHARGE + 1);
  }

  next(slot: number): number {
    return this.get(slot, NEXT);
  }

  /** Puts a slot before the first of a chain; gives the first of the chain from then on. */
  link(slot: number, first: number): number {
    this.set(slot, NEXT, first);
    this.set(slot, BEFORE, NO_SLOT);
    if (first !== NO_SLOT) this.set(first, BEFORE, slot);
    return slot;
  }

  /** Takes a slot out of its chain; gives the first of the chain from then on. */
  unlink(slot: number, first: number): number {
    const [next, before] = [this.get(slot, NEXT), this.get(slot, BEFORE)];
    if (next !== NO_SLOT) this.set(next, BEFORE, before);
    if (before !== NO_SLOT) this.set(before, NEXT, next);
    return slot === first ? next : first;
  }

  /** The twelve words of the id and the leaf. */
  words(slot: number): Int32Array {
    const at = placeOf(slot);
    return this.chunkOf(slot).slice(at, at + CHARGE);
  }

  private newSlot(): number {
    if (this.free !== NO_SLOT) {
      const slot = this.free;
      this.free = this.get(slot, NEXT);
      return slot;
    }
    if (this.count % CHUNK === 0) this.chunks.push(new Int32Array(CHUNK * WIDTH));
    return ++this.count;
  }

  private get(slot: number, word: number): number {
    return this.chunkOf(slot)[placeOf(slot) + word] ?? 0;
  }

  private set(slot: number, word: number, value: number): void {
    this.chunkOf(slot)[placeOf(slot) + word] = value;
  }

  private chunkOf(slot: number): Int32Array {
    const chunk = this.chunks[Math.floor((slot - 1) / CHUNK)];
    if (!chunk) throw new RangeError(`there is no slot ${slot}`);
    return chunk;
  }
}

function placeOf(slot: number): number {
  return ((slot - 1) % CHUNK) * WIDTH;
}

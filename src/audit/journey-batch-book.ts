import type { Sums } from './journey-batch-tape.js';
import { type ClaimSlots, NO_SLOT } from './journey-claim-slots.js';
import { batchDigest, type DigestLine } from './journey-digest.js';
import type { Reading } from './journey-reading.js';
import { stateCode } from './journey-steps.rules.js';
import type { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { takeText } from './replay-keys.js';
import { NO_ROW, Rows } from './replay-rows.js';
import { lastDayOfMonth } from './replay-said.rules.js';

/** The columns of a batch. What it lacks of the budget is `uncommitted`; the rest of its cost is committed. */
const STATE = 0;
const CONTRACT = 1;
const MONTH = 2;
const LINES = 3;
const TOTAL = 4;
const VAT = 5;
const UNCOMMITTED = 6;
const DIGEST = 7; // two words
const EVENT = 9; // two words: of its submission, and of its approval from then on
const MAKER = 11; // two words
const ORDER = 13;
const FIRST_LINE = 14;
const DRAFTED = 15;
const WIDTH = 16;

const APPROVED = stateCode('batch', 'approved');

/** A batch as it is submitted. */
export interface SubmittedBatch {
  readonly state: number;
  readonly contract: number;
  readonly month: number;
  readonly sums: Sums;
  readonly vat: number;
  readonly uncommitted: number;
  readonly order: number;
}

/** A line that left a batch, and the digest of the batch before it did. */
interface Left extends DigestLine {
  readonly digestHigh: number;
  readonly digestLow: number;
}

/** Every batch, with what it holds and what has left it. */
export class BatchBook {
  private readonly known = new KeyMap('values');
  private readonly rows = new Rows(WIDTH);
  /** Lines that left batches under review, in their order. */
  private readonly left = new Map<number, Left[]>();

  constructor(
    private readonly reading: Reading,
    private readonly slots: ClaimSlots,
  ) {}

  /** `NO_ROW` when it is not known. */
  find(batch: Key): number {
    return Math.max(this.known.get(batch.high, batch.low), NO_ROW);
  }

  /** Keeps the batch that the event is about. */
  add(batch: SubmittedBatch): number {
    const { state, contract, month, vat, uncommitted, order } = batch;
    const { lines, total, digestHigh, digestLow } = batch.sums;
    const { subject, event, member } = this.reading.head;
    const sums = [lines, total, vat, uncommitted, digestHigh, digestLow];
    const row = this.rows.add(state, contract, month, ...sums, event.high, event.low, member.high, member.low, order);
    this.known.set(subject.high, subject.low, row);
    return row;
  }

  state(row: number): number {
    return this.rows.get(row, STATE);
  }

  setState(row: number, state: number): void {
    this.rows.set(row, STATE, state);
  }

  isApproved(row: number): boolean {
    return this.rows.get(row, STATE) === APPROVED;
  }

  contract(row: number): number {
    return this.rows.get(row, CONTRACT);
  }

  month(row: number): number {
    return this.rows.get(row, MONTH);
  }

  /** The day whose terms govern it: the last of its month. */
  governedOn(row: number): number {
    return lastDayOfMonth(this.rows.get(row, MONTH));
  }

  lineCount(row: number): number {
    return this.rows.get(row, LINES);
  }

  total(row: number): number {
    return this.rows.get(row, TOTAL);
  }

  vat(row: number): number {
    return this.rows.get(row, VAT);
  }

  uncommitted(row: number): number {
    return this.rows.get(row, UNCOMMITTED);
  }

  committed(row: number): number {
    return this.total(row) + this.vat(row) - this.uncommitted(row);
  }

  order(row: number): number {
    return this.rows.get(row, ORDER);
  }

  hasDigest(row: number, { digestHigh, digestLow }: Sums): boolean {
    return digestHigh === this.rows.get(row, DIGEST) && digestLow === this.rows.get(row, DIGEST + 1);
  }

  isMaker(row: number, member: Key): boolean {
    return member.is(this.rows.get(row, MAKER), this.rows.get(row, MAKER + 1));
  }

  /** Words of the event that submitted it; of one that is approved, of the event that approved it. */
  event(row: number): [high: number, low: number] {
    return [this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1)];
  }

  setApproval(row: number, { high, low }: Key): void {
    this.rows.set(row, EVENT, high);
    this.rows.set(row, EVENT + 1, low);
  }

  /** Adds what a document of it is for. */
  draft(row: number, netMinor: number): void {
    this.rows.addTo(row, DRAFTED, netMinor);
  }

  /** What all its documents are for, and what was approved. */
  drafted(row: number): [draftedMinor: number, totalMinor: number] {
    return [this.rows.get(row, DRAFTED), this.rows.get(row, TOTAL)];
  }

  /** Puts a claim, which stands in no chain, among its lines. */
  hold(row: number, slot: number): void {
    this.slots.setHolder(slot, row);
    this.rows.set(row, FIRST_LINE, this.slots.link(slot, this.rows.get(row, FIRST_LINE)));
  }

  /** The slots of its lines. */
  lines(row: number): number[] {
    const found: number[] = [];
    for (let slot = this.rows.get(row, FIRST_LINE); slot !== NO_SLOT; slot = this.slots.next(slot)) found.push(slot);
    return found;
  }

  /** A line leaves: from then on the batch is what the event says. */
  takeOut(row: number, slot: number, sums: Sums, vat: number, uncommitted: number): void {
    const left = this.left.get(row) ?? [];
    this.left.set(row, left);
    const [digestHigh, digestLow] = [this.rows.get(row, DIGEST), this.rows.get(row, DIGEST + 1)];
    left.push({ words: this.slots.words(slot), minor: this.total(row) - sums.total, digestHigh, digestLow });
    this.rows.set(row, FIRST_LINE, this.slots.unlink(slot, this.rows.get(row, FIRST_LINE)));
    const values = [sums.lines, sums.total, vat, uncommitted, sums.digestHigh, sums.digestLow];
    for (const [place, value] of values.entries()) this.rows.set(row, LINES + place, value);
  }

  /** It is decided: what left it is of no use any more. */
  close(row: number): void {
    this.left.delete(row);
  }

  /**
   * Judges the digest of the lines that it holds, and of those as they were submitted.
   *
   * @param prices by slot: what is not there costs nothing
   */
  judgeDigests(row: number, prices: ReadonlyMap<number, number>): void {
    const lines = this.lines(row).map((slot): DigestLine => ({
      words: this.slots.words(slot),
      minor: prices.get(slot) ?? 0,
    }));
    this.compare(lines, this.rows.get(row, DIGEST), this.rows.get(row, DIGEST + 1), 'approved');
    const left = this.left.get(row) ?? [];
    const [first] = left;
    if (first) this.compare([...lines, ...left], first.digestHigh, first.digestLow, 'submitted');
  }

  private compare(lines: readonly DigestLine[], high: number, low: number, when: string): void {
    const digest = batchDigest(lines);
    const { ids } = this.reading;
    takeText(ids, digest);
    if (ids.high === high && ids.low === low) return;
    this.reading.tell('digest_differs', `The digest of the ${lines.length} lines as they were ${when} is ${digest}.`);
  }
}

import type { BatchBook } from './journey-batch-book.js';
import { readSums, type Sums } from './journey-batch-tape.js';
import { QUERIED } from './journey-claim-slots.js';
import type { Claims } from './journey-claims.js';
import type { Contracts } from './journey-contracts.js';
import type { Chapter, ReadSaid, Reading } from './journey-reading.js';
import { stateCode } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { NO_ROW } from './replay-rows.js';
import type { TapeReader } from './segment.js';

const HELD = stateCode('claim', 'in a batch');

/** Claims that are queried or rejected: a line leaves its batch, which gets smaller and gives back what it needs no more. */
export class LineReviews implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'claim.queried': (tape) => this.review(tape),
    'claim.rejected': (tape) => this.review(tape),
  };

  private readonly key = new Key();

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly claims: Claims,
    private readonly book: BatchBook,
  ) {}

  /** It is about a line of a batch when it says sums, and else about a claim that waits for an answer. */
  private review(tape: TapeReader): void {
    const { head, money } = this.reading;
    const row = this.book.find(this.key.read(tape));
    const sums = tape.next() === 1 ? readSums(tape) : undefined;
    const vat = sums ? tape.next() : 0;
    const state = this.claims.stateOf(head.subject);
    if (this.reading.step('claim', state) === undefined) return;
    if ((state === HELD) !== (sums !== undefined)) {
      const is = state === HELD ? 'is' : 'is not';
      this.reading.tell('step_not_possible', `The claim ${head.subjectId()} ${is} in a batch.`);
      return;
    }
    const slot = this.claims.slotOf(head.subject);
    if (sums && (row === NO_ROW || this.claims.slots.holder(slot) !== row)) {
      this.reading.tell('claim_not_in_batch', `The claim ${head.subjectId()} is not in the batch that it names.`);
      return;
    }
    if (sums) this.takeOut(row, slot, sums, vat);
    else if (money.legs.length > 0) {
      this.reading.tell('posting_unexpected', 'For a claim that waits nothing is committed, and it moves budget.');
    }
    if (this.reading.type === 'claim.rejected') this.claims.end('rejected');
    else this.claims.slots.setHolder(slot, QUERIED);
  }

  private takeOut(row: number, slot: number, sums: Sums, vat: number): void {
    const [lines, total, had] = [this.book.lineCount(row), this.book.total(row), this.book.committed(row)];
    this.reading.causedBy(...this.book.event(row), 'the submission of its batch');
    if (sums.lines !== lines - 1 || sums.total > total) {
      this.reading.tell('lines_differ', `${lines} lines of ${total} become ${sums.lines} of ${sums.total}.`);
    }
    const cost = sums.total + vat;
    const committed = Math.min(cost, had);
    const given = this.reading.money.sum(0);
    if (given !== had - committed) {
      const now = `${had} was committed for a cost that is ${cost} now`;
      this.reading.tell('posting_differs', `${now}, and ${given} goes back.`);
    }
    this.contracts.charge(this.book.order(row), sums.total - total);
    this.book.takeOut(row, slot, sums, vat, cost - committed);
  }
}

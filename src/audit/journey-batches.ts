import type { BatchBook } from './journey-batch-book.js';
import { readSums, type Sums } from './journey-batch-tape.js';
import { NO_SLOT } from './journey-claim-slots.js';
import type { Claims } from './journey-claims.js';
import type { Contracts } from './journey-contracts.js';
import type { Chapter, ReadSaid, Reading } from './journey-reading.js';
import { stateCode } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { takeMonth } from './replay-keys.js';
import { NO_ROW } from './replay-rows.js';
import type { TapeReader } from './segment.js';

const UNDER_REVIEW = stateCode('batch', 'under review');

/** Batches: what they hold, what their digests bind, who decides about them, and what they take of the budget. */
export class Batches implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'batch.submitted': (tape) => this.submit(tape),
    'batch.approved': (tape) => this.approve(tape),
    'batch.rejected': (tape) => this.reject(tape),
  };

  private readonly key = new Key();
  private readonly claim = new Key();
  /** The batch of a contract and month that was submitted last. */
  private readonly latest = new KeyMap('values');

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly claims: Claims,
    private readonly book: BatchBook,
  ) {}

  private submit(tape: TapeReader): void {
    const contract = this.contracts.require(this.key.read(tape));
    if (!this.reading.money.isOf(this.key)) {
      this.reading.tell('other_contract', 'It commits the budget of another contract.');
    }
    const sums = readSums(tape);
    const [vat, month, version, committed, uncommitted] = [1, 2, 3, 4, 5].map(() => tape.next()) as Five;
    const hasOrder = tape.next() === 1;
    const order = this.contracts.findOrder(this.key.read(tape));
    const state = this.step();
    if (state === undefined) return;
    const row = this.book.add({ state, contract, month, sums, vat, uncommitted, order });
    const cost = sums.total + vat;
    if (committed + uncommitted !== cost || committed < 0 || uncommitted < 0) {
      this.reading.tell('commitment_differs', `It commits ${committed} and lacks ${uncommitted} of a cost of ${cost}.`);
    }
    this.hold(row);
    this.judgeTerms(row, version, hasOrder);
    this.contracts.charge(order, sums.total);
    this.judgeOnly(row);
  }

  private approve(tape: TapeReader): void {
    const { head, money } = this.reading;
    this.key.read(tape);
    const sums = readSums(tape);
    const vat = tape.next();
    const state = this.step();
    const row = state === undefined ? NO_ROW : this.book.find(head.subject);
    const prices = this.readPrices(tape, row);
    if (state === undefined) return;
    this.judgeDecision(row, sums);
    if (vat !== this.book.vat(row)) {
      this.reading.tell('total_differs', `It says VAT of ${vat}, and the batch ${this.book.vat(row)}.`);
    }
    const lacked = this.book.uncommitted(row);
    if (money.sum(1) !== lacked) {
      this.reading.tell('posting_differs', `The batch lacked ${lacked} of the budget, and ${money.sum(1)} is taken.`);
    }
    if (head.member.isNone || this.book.isMaker(row, head.member)) {
      this.reading.tell('maker_approves', 'It is approved by the person who submitted it, or by nobody.');
    }
    this.book.judgeDigests(row, prices);
    for (const slot of this.book.lines(row)) this.claims.approve(slot);
    this.contracts.approve(this.book.contract(row), this.book.total(row));
    this.book.setState(row, state);
    this.book.setApproval(row, head.event);
    this.book.close(row);
  }

  private reject(tape: TapeReader): void {
    this.key.read(tape);
    const sums = readSums(tape);
    const state = this.step();
    if (state === undefined) return;
    const row = this.book.find(this.reading.head.subject);
    this.judgeDecision(row, sums);
    const [committed, given] = [this.book.committed(row), this.reading.money.sum(0)];
    if (given !== committed) {
      this.reading.tell('posting_differs', `The batch had taken ${committed} of the budget, and ${given} goes back.`);
    }
    for (const slot of this.book.lines(row)) this.claims.open(slot);
    this.contracts.charge(this.book.order(row), -this.book.total(row));
    this.book.setState(row, state);
    this.book.close(row);
  }

  private step(): number | undefined {
    const row = this.book.find(this.reading.head.subject);
    return this.reading.step('batch', this.book.state(row));
  }

  /** A batch takes all claims of its contract that wait, of its month and those before. */
  private hold(row: number): void {
    const taken = this.claims.openOf(this.book.contract(row), this.book.month(row));
    const said = this.book.lineCount(row);
    if (taken.length !== said) {
      this.reading.tell('lines_differ', `It says ${said} lines, and ${taken.length} claims waited for it.`);
    }
    for (const slot of taken) {
      this.claims.close(slot);
      this.book.hold(row, slot);
    }
  }

  private judgeTerms(row: number, version: number, hasOrder: boolean): void {
    const terms = this.contracts.termsOn(this.book.contract(row), this.book.governedOn(row));
    if (!terms) return; // without a contract, which was told
    const [order, total, lacked] = [this.book.order(row), this.book.total(row), this.book.uncommitted(row)];
    if (terms.version !== version) {
      const governs = `${terms.version} governs its month`;
      this.reading.tell('version_differs', `It is submitted under version ${version}, and ${governs}.`);
    }
    if (!terms.flagsBudget && lacked > 0) {
      this.reading.tell('budget_exceeded', `It lacks ${lacked} of a budget that refuses what is beyond it.`);
    }
    if (terms.vatRecoverable && this.book.vat(row) > 0) {
      this.reading.tell('total_differs', `It costs VAT of ${this.book.vat(row)}, which its commissioner gets back.`);
    }
    if (hasOrder && order === NO_ROW) {
      this.reading.tell('order_missing', 'The purchase order that it names was not raised before.');
    }
    if (!terms.poRequired) return;
    if (!hasOrder) this.reading.tell('order_missing', 'Its contract needs a purchase order, and it names none.');
    const left = this.contracts.orderLeft(order);
    if (order !== NO_ROW && total > left) {
      this.reading.tell('order_exceeded', `${total} is charged to an order of which ${left} is left.`);
    }
  }

  /** One batch of a contract and month is under review at a time. */
  private judgeOnly(row: number): void {
    const { ids } = this.reading;
    takeMonth(ids, this.book.contract(row), this.book.month(row));
    const before = Math.max(this.latest.get(ids.high, ids.low), NO_ROW);
    this.latest.set(ids.high, ids.low, row);
    if (this.book.state(before) !== UNDER_REVIEW) return;
    this.reading.tell('second_batch', 'Another batch of its contract and month is under review.');
  }

  /** The decision is about the batch as it was last, and says so. */
  private judgeDecision(row: number, sums: Sums): void {
    this.reading.causedBy(...this.book.event(row), 'the submission of the batch');
    if (!this.contracts.isSame(this.book.contract(row), this.key) || !this.reading.money.isOf(this.key)) {
      this.reading.tell('other_contract', 'It is about another contract than the batch.');
    }
    const [lines, total] = [this.book.lineCount(row), this.book.total(row)];
    if (sums.lines !== lines || sums.total !== total) {
      const said = `${sums.lines} lines of ${sums.total}`;
      this.reading.tell('total_differs', `It says ${said}, and the batch had ${lines} of ${total}.`);
    }
    if (!this.book.hasDigest(row, sums)) {
      this.reading.tell('digest_differs', 'It is about another digest than the batch had.');
    }
  }

  /** The lines that an approval posts, by slot: each is of the batch, and once. Nothing is judged where there is no row. */
  private readPrices(tape: TapeReader, row: number): Map<number, number> {
    const prices = new Map<number, number>();
    const count = tape.next();
    for (let line = 0; line < count; line++) {
      const slot = this.claims.slotOf(this.claim.read(tape));
      const minor = tape.next();
      if (row === NO_ROW) continue;
      if (slot === NO_SLOT || this.claims.slots.holder(slot) !== row) {
        this.reading.tell('claim_not_in_batch', `It pays ${minor} for a claim that is not in the batch.`);
      } else if (prices.has(slot)) {
        this.reading.tell('claim_approved_twice', `It pays ${minor} for a claim that it pays for already.`);
      } else prices.set(slot, minor);
    }
    return prices;
  }
}

type Five = [number, number, number, number, number];

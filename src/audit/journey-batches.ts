import { NO_SLOT, QUERIED } from './journey-claim-slots.js';
import type { Claims } from './journey-claims.js';
import type { Contracts } from './journey-contracts.js';
import { batchDigest, type DigestLine } from './journey-digest.js';
import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { stateCode, stepTo } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { takeMonth, takeOrder, takeText } from './replay-keys.js';
import { NO_ROW, Rows } from './replay-rows.js';
import { lastDayOfMonth, monthOf, type Said } from './replay-said.rules.js';
import type { TapeReader, TapeWriter } from './segment.js';

function putSums(tape: TapeWriter, said: Said): void {
  tape.put(said.count('lineCount'));
  tape.put(said.minor('totalMinor'));
  takeText(tape.ids, said.sha256('digest'));
  tape.putKey();
}

/** About a line of a batch, or a claim that waits for the answer to a query: then it says no sums. */
const aboutLine: WriteSaid = (said, _event, tape) => {
  tape.putId(said.id('batchId'));
  const isLine = said.has('lineCount');
  tape.put(isLine ? 1 : 0);
  if (!isLine) return;
  putSums(tape, said);
  tape.put(said.minor('vatMinor'));
};

export const BATCH_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'batch.submitted': (said, _event, tape) => {
    const contractId = said.id('contractId');
    tape.putId(contractId);
    putSums(tape, said);
    tape.put(said.minor('vatMinor'));
    tape.put(monthOf(said.day('period')));
    tape.put(said.count('contractVersion'));
    tape.put(said.minor('committedMinor'));
    tape.put(said.minor('uncommittedMinor'));
    const order = said.has('purchaseOrderNumber') ? said.text('purchaseOrderNumber') : null;
    if (order !== null) takeOrder(tape.ids, contractId, order);
    tape.put(order === null ? 0 : 1);
    tape.put(order === null ? 0 : tape.ids.high);
    tape.put(order === null ? 0 : tape.ids.low);
  },
  'batch.approved': (said, { transfers }, tape) => {
    tape.putId(said.id('contractId'));
    putSums(tape, said);
    tape.put(said.minor('vatMinor'));
    const lines = transfers.filter(({ claimId }) => claimId !== null);
    tape.put(lines.length);
    for (const { claimId, amountMinor } of lines) {
      tape.putId(claimId);
      tape.put(amountMinor);
    }
  },
  'batch.rejected': (said, _event, tape) => {
    tape.putId(said.id('contractId'));
    putSums(tape, said);
  },
  'claim.queried': aboutLine,
  'claim.rejected': aboutLine,
};

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
const FIRST_LINE = 13;
const INVOICED = 14;
const ORDER = 15;
const WIDTH = 16;

const APPROVED = stateCode('batch', 'approved');

interface Sums {
  readonly lines: number;
  readonly total: number;
  readonly digestHigh: number;
  readonly digestLow: number;
}

/** A line that left a batch, and the digest of the batch before it did. */
interface Left extends DigestLine {
  readonly digestHigh: number;
  readonly digestLow: number;
}

/** Batches: what they hold, what their digests bind, who decides about them, and what they take of the budget. */
export class Batches implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'batch.submitted': (tape) => this.submit(tape),
    'batch.approved': (tape) => this.approve(tape),
    'batch.rejected': (tape) => this.reject(tape),
    'claim.queried': (tape) => this.review(tape),
    'claim.rejected': (tape) => this.review(tape),
  };

  private readonly key = new Key();
  private readonly claim = new Key();
  private readonly known = new KeyMap(4);
  private readonly rows = new Rows(WIDTH);
  /** The batch of a contract and month that was submitted last. */
  private readonly latest = new KeyMap(4);
  /** Lines that left batches under review, in their order. */
  private readonly left = new Map<number, Left[]>();

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly claims: Claims,
  ) {}

  /** `NO_ROW` when it is not known. */
  find(batch: Key): number {
    return Math.max(this.known.get(batch.high, batch.low), NO_ROW);
  }

  isApproved(row: number): boolean {
    return this.rows.get(row, STATE) === APPROVED;
  }

  contract(row: number): number {
    return this.rows.get(row, CONTRACT);
  }

  /** The day whose terms govern it: the last of its month. */
  governedOn(row: number): number {
    return lastDayOfMonth(this.rows.get(row, MONTH));
  }

  vat(row: number): number {
    return this.rows.get(row, VAT);
  }

  /** Words of the event that approved it. */
  approvedBy(row: number): [high: number, low: number] {
    return [this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1)];
  }

  /** Adds what a document makes owed; gives by how much that is more than the batch. */
  invoice(row: number, netMinor: number): number {
    return this.rows.addTo(row, INVOICED, netMinor) - this.rows.get(row, TOTAL);
  }

  private submit(tape: TapeReader): void {
    const { head, money } = this.reading;
    const contract = this.contracts.require(this.key.read(tape));
    if (!money.isOf(this.key)) this.reading.tell('other_contract', 'It commits the budget of another contract.');
    const sums = readSums(tape);
    const [vat, month, version, committed, uncommitted] = [
      tape.next(),
      tape.next(),
      tape.next(),
      tape.next(),
      tape.next(),
    ];
    const hasOrder = tape.next() === 1;
    const order = this.contracts.findOrder(this.key.read(tape));
    const state = this.reading.step('batch', this.stateOf(head.subject));
    if (state === undefined) return;
    const { lines, total, digestHigh, digestLow } = sums;
    const values = [state, contract, month, lines, total, vat, uncommitted, digestHigh, digestLow];
    const row = this.rows.add(...values, head.event.high, head.event.low, head.member.high, head.member.low);
    this.known.set(head.subject.high, head.subject.low, row);
    this.rows.set(row, ORDER, order);
    if (committed + uncommitted !== total + vat || committed < 0 || uncommitted < 0) {
      this.reading.tell(
        'commitment_differs',
        `It commits ${committed} and lacks ${uncommitted} of a cost of ${total + vat}.`,
      );
    }
    this.hold(row, sums);
    this.judgeTerms(row, version, hasOrder);
    this.contracts.charge(order, total);
    this.replaceLatest(row);
  }

  private approve(tape: TapeReader): void {
    const { head, money } = this.reading;
    this.key.read(tape);
    const sums = readSums(tape);
    const vat = tape.next();
    const row = this.find(head.subject);
    const prices = this.readPrices(tape, row);
    const state = this.reading.step('batch', this.stateOf(head.subject));
    if (state === undefined) return;
    this.judgeDecision(row, sums);
    if (vat !== this.rows.get(row, VAT))
      this.reading.tell('total_differs', `It says VAT of ${vat}, and the batch ${this.vat(row)}.`);
    const lacked = this.rows.get(row, UNCOMMITTED);
    if (money.sum(1) !== lacked) {
      this.reading.tell('posting_differs', `The batch lacked ${lacked} of the budget, and ${money.sum(1)} is taken.`);
    }
    if (head.member.isNone || head.member.is(this.rows.get(row, MAKER), this.rows.get(row, MAKER + 1))) {
      this.reading.tell('maker_approves', 'It is approved by the person who submitted it, or by nobody.');
    }
    this.judgeDigest(row, prices);
    this.contracts.approve(this.contract(row), this.rows.get(row, TOTAL));
    this.rows.set(row, STATE, state);
    this.rows.set(row, EVENT, head.event.high);
    this.rows.set(row, EVENT + 1, head.event.low);
  }

  private reject(tape: TapeReader): void {
    this.key.read(tape);
    const sums = readSums(tape);
    const row = this.find(this.reading.head.subject);
    const state = this.reading.step('batch', this.stateOf(this.reading.head.subject));
    if (state === undefined) return;
    this.judgeDecision(row, sums);
    const committed = this.committed(row);
    const given = this.reading.money.sum(0);
    if (given !== committed)
      this.reading.tell('posting_differs', `The batch had taken ${committed} of the budget, and ${given} goes back.`);
    for (const slot of this.linesOf(row)) this.claims.open(slot);
    this.contracts.charge(this.rows.get(row, ORDER), -this.rows.get(row, TOTAL));
    this.rows.set(row, STATE, state);
    this.left.delete(row);
  }

  /** A line is queried or rejected, or a claim that waits for an answer is rejected. */
  private review(tape: TapeReader): void {
    const { head } = this.reading;
    const row = this.find(this.key.read(tape));
    const sums = tape.next() === 1 ? readSums(tape) : undefined;
    const vat = sums ? tape.next() : 0;
    const state = this.claims.stateOf(head.subject);
    if (this.reading.step('claim', state) === undefined) return;
    const isHeld = state === stateCode('claim', 'in a batch');
    if (isHeld !== (sums !== undefined)) {
      this.reading.tell('step_not_possible', `The claim ${head.subjectId()} is ${isHeld ? '' : 'not '}in a batch.`);
      return;
    }
    const slot = this.claims.slotOf(head.subject);
    if (sums) {
      if (row === NO_ROW || this.claims.slots.holder(slot) !== row) {
        this.reading.tell('claim_not_in_batch', `The claim ${head.subjectId()} is not in the batch that it names.`);
        return;
      }
      this.takeOut(row, slot, sums, vat);
    } else if (this.reading.money.legs.length > 0) {
      this.reading.tell(
        'posting_unexpected',
        'Nothing was committed any more for a claim that waits, and it moves budget.',
      );
    }
    if (this.reading.type === 'claim.rejected') this.claims.end('rejected');
    else this.claims.slots.setHolder(slot, QUERIED);
  }

  private takeOut(row: number, slot: number, sums: Sums, vat: number): void {
    const before = {
      committed: this.committed(row),
      lines: this.rows.get(row, LINES),
      total: this.rows.get(row, TOTAL),
    };
    this.reading.causedBy(this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1), 'the submission of its batch');
    if (sums.lines !== before.lines - 1 || sums.total > before.total) {
      this.reading.tell(
        'lines_differ',
        `${before.lines} lines of ${before.total} become ${sums.lines} of ${sums.total}.`,
      );
    }
    const left = this.left.get(row) ?? [];
    this.left.set(row, left);
    const [digestHigh, digestLow] = [this.rows.get(row, DIGEST), this.rows.get(row, DIGEST + 1)];
    left.push({ words: this.claims.slots.words(slot), minor: before.total - sums.total, digestHigh, digestLow });
    this.rows.set(row, FIRST_LINE, this.claims.slots.unlink(slot, this.rows.get(row, FIRST_LINE)));
    this.contracts.charge(this.rows.get(row, ORDER), sums.total - before.total);
    const cost = sums.total + vat;
    const committed = Math.min(cost, before.committed);
    const given = this.reading.money.sum(0);
    if (given !== before.committed - committed) {
      this.reading.tell(
        'posting_differs',
        `${before.committed} was committed for a cost that is ${cost} now, and ${given} goes back.`,
      );
    }
    for (const [column, value] of [
      [LINES, sums.lines],
      [TOTAL, sums.total],
      [VAT, vat],
      [UNCOMMITTED, cost - committed],
      [DIGEST, sums.digestHigh],
      [DIGEST + 1, sums.digestLow],
    ] as const) {
      this.rows.set(row, column, value);
    }
  }

  /** A batch takes all claims of its contract that wait, of its month and those before. */
  private hold(row: number, { lines }: Sums): void {
    const taken = this.claims.openOf(this.contract(row), this.rows.get(row, MONTH));
    if (taken.length !== lines) {
      this.reading.tell('lines_differ', `It says ${lines} lines, and ${taken.length} claims waited for it.`);
    }
    let first = NO_SLOT;
    for (const slot of taken) {
      this.claims.close(slot);
      this.claims.slots.setHolder(slot, row);
      first = this.claims.slots.link(slot, first);
    }
    this.rows.set(row, FIRST_LINE, first);
  }

  private judgeTerms(row: number, version: number, hasOrder: boolean): void {
    const terms = this.contracts.termsOn(this.contract(row), this.governedOn(row));
    if (!terms) return; // without a contract, which was told
    const order = this.rows.get(row, ORDER);
    const total = this.rows.get(row, TOTAL);
    if (terms.version !== version) {
      this.reading.tell(
        'version_differs',
        `It is submitted under version ${version}, and ${terms.version} governs its month.`,
      );
    }
    if (!terms.flagsBudget && this.rows.get(row, UNCOMMITTED) > 0) {
      this.reading.tell(
        'budget_exceeded',
        `It lacks ${this.rows.get(row, UNCOMMITTED)} of a budget that refuses what is beyond it.`,
      );
    }
    if (terms.vatRecoverable && this.vat(row) > 0) {
      this.reading.tell('total_differs', `It costs VAT of ${this.vat(row)}, which its commissioner gets back.`);
    }
    if (hasOrder && order === NO_ROW)
      this.reading.tell('order_missing', 'The purchase order that it names was not raised before.');
    if (!terms.poRequired) return;
    if (!hasOrder) this.reading.tell('order_missing', 'Its contract needs a purchase order, and it names none.');
    else if (order !== NO_ROW && total > this.contracts.orderLeft(order)) {
      this.reading.tell(
        'order_exceeded',
        `${total} is charged to an order of which ${this.contracts.orderLeft(order)} is left.`,
      );
    }
  }

  /** One batch of a contract and month is under review at a time. */
  private replaceLatest(row: number): void {
    const { ids } = this.reading;
    takeMonth(ids, this.contract(row), this.rows.get(row, MONTH));
    const { high, low } = ids;
    const before = this.latest.get(high, low);
    if (before > NO_ROW && stepTo('batch', 'batch.approved', this.rows.get(before, STATE)) !== undefined) {
      this.reading.tell('second_batch', 'Another batch of its contract and month is under review.');
    }
    this.latest.set(high, low, row);
  }

  /** The decision is about the batch as it was last, and says so. */
  private judgeDecision(row: number, { lines, total, digestHigh, digestLow }: Sums): void {
    this.reading.causedBy(this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1), 'the submission of the batch');
    if (!this.contracts.isSame(this.contract(row), this.key) || !this.reading.money.isOf(this.key)) {
      this.reading.tell('other_contract', 'It is about another contract than the batch.');
    }
    const [hadLines, hadTotal] = [this.rows.get(row, LINES), this.rows.get(row, TOTAL)];
    if (lines !== hadLines || total !== hadTotal) {
      this.reading.tell(
        'total_differs',
        `It says ${lines} lines of ${total}, and the batch had ${hadLines} of ${hadTotal}.`,
      );
    }
    if (digestHigh !== this.rows.get(row, DIGEST) || digestLow !== this.rows.get(row, DIGEST + 1)) {
      this.reading.tell('digest_differs', 'It is about another digest than the batch had.');
    }
  }

  /** The lines that an approval posts, by slot: each is of the batch, and once. */
  private readPrices(tape: TapeReader, row: number): Map<number, number> {
    const prices = new Map<number, number>();
    const count = tape.next();
    for (let line = 0; line < count; line++) {
      const slot = this.claims.slotOf(this.claim.read(tape));
      const minor = tape.next();
      if (slot === NO_SLOT || row === NO_ROW || this.claims.slots.holder(slot) !== row) {
        this.reading.tell('claim_not_in_batch', `It pays ${minor} for a claim that is not in the batch.`);
      } else if (prices.has(slot)) {
        this.reading.tell('claim_approved_twice', `It pays ${minor} for a claim that it pays for already.`);
      } else prices.set(slot, minor);
    }
    return prices;
  }

  /** The digests are of the lines that the batch holds, at the prices that are posted; what is not posted costs nothing. */
  private judgeDigest(row: number, prices: ReadonlyMap<number, number>): void {
    const slots = this.linesOf(row);
    const lines: DigestLine[] = slots.map((slot) => ({
      words: this.claims.slots.words(slot),
      minor: prices.get(slot) ?? 0,
    }));
    this.compareDigest(lines, this.rows.get(row, DIGEST), this.rows.get(row, DIGEST + 1), 'approved');
    const left = this.left.get(row) ?? [];
    const [first] = left;
    if (first) this.compareDigest([...lines, ...left], first.digestHigh, first.digestLow, 'submitted');
    this.left.delete(row);
    for (const slot of slots) this.claims.approve(slot);
  }

  private compareDigest(lines: readonly DigestLine[], high: number, low: number, when: string): void {
    const digest = batchDigest(lines);
    takeText(this.reading.ids, digest);
    if (this.reading.ids.high === high && this.reading.ids.low === low) return;
    this.reading.tell('digest_differs', `The digest of the ${lines.length} lines as they were ${when} is ${digest}.`);
  }

  private linesOf(row: number): number[] {
    const found: number[] = [];
    for (let slot = this.rows.get(row, FIRST_LINE); slot !== NO_SLOT; slot = this.claims.slots.next(slot))
      found.push(slot);
    return found;
  }

  private committed(row: number): number {
    return this.rows.get(row, TOTAL) + this.rows.get(row, VAT) - this.rows.get(row, UNCOMMITTED);
  }

  private stateOf(batch: Key): number {
    const row = this.find(batch);
    return row === NO_ROW ? 0 : this.rows.get(row, STATE);
  }
}

function readSums(tape: TapeReader): Sums {
  const [lines, total, digestHigh, digestLow] = [tape.next(), tape.next(), tape.next(), tape.next()];
  return { lines, total, digestHigh, digestLow };
}

import type { BatchBook } from './journey-batch-book.js';
import type { Contracts } from './journey-contracts.js';
import { DOCUMENT_MODES } from './journey-contracts.js';
import { DOCUMENT_KINDS, DRAFTED, OWN, SELF_BILLED } from './journey-invoice-tape.js';
import type { Chapter, ReadSaid, Reading } from './journey-reading.js';
import { stateCode } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { NO_ROW, Rows } from './replay-rows.js';
import type { TapeReader } from './segment.js';

/** The columns of an invoice. */
const STATE = 0;
const BATCH = 1;
const CONTRACT = 2;
const SPLIT = 3; // two words
const KIND = 5;
const IS_TAXED = 6;
const NET = 7;
const VAT = 8;
const GROSS = 9;
const NUMBER = 10; // two words: of its own, which its provider gave
const PAYOUT = 12;
const NEXT = 13; // of the invoices of its payout
const GIVEN_BACK = 14; // to advances
const WIDTH = 15;

/** Documents: of an approved batch, permitted by whoever must, numbered without a gap, and owed once. */
export class Invoices implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'self_billing.proposed': () => this.stepAgreement(),
    'self_billing.accepted': () => this.stepAgreement(),
    'invoice.drafted': (tape) => this.draft(tape),
    'invoice.issue_authorised': (tape) => this.permit(tape, false),
    'invoice.own_number_given': (tape) => this.permit(tape, true),
    'invoice.issued': (tape) => this.issue(tape),
  };

  private readonly contract = new Key();
  private readonly batch = new Key();
  private readonly number = new Key();
  private readonly series = new Key();
  /** Of the document that the event says: the columns from `BATCH` to `GROSS`. */
  private readonly document = new Float64Array(GROSS + 1);
  private readonly known = new KeyMap('values');
  private readonly rows = new Rows(WIDTH);
  private readonly splits = new KeyMap('keys');
  private readonly numbers = new KeyMap('keys');
  private readonly counts = new KeyMap('values');
  private readonly agreements = new KeyMap('values');
  private readonly agreeing = new KeyMap('keys');
  /** Batches of which documents were drafted in this pass. */
  private readonly drafting = new Set<number>();

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly batches: BatchBook,
  ) {}

  /** All documents of a batch are drafted in one transaction, so that a pass has all of them or none. */
  atCheckpoint(size: number): void {
    for (const batch of this.drafting) {
      const [drafted, total] = this.batches.drafted(batch);
      if (drafted === total) continue;
      const what = `Up to ${size} events, the documents of a batch come to ${drafted}, and ${total} was approved.`;
      this.reading.tellOf('documents_differ', { index: size - 1 }, what);
    }
    this.drafting.clear();
  }

  /** The row of an invoice that is issued; `NO_ROW` of any other. */
  findIssued(invoice: Key): number {
    const row = this.find(invoice);
    return row !== NO_ROW && this.rows.get(row, STATE) === stateCode('invoice', 'issued') ? row : NO_ROW;
  }

  contractOf(row: number): number {
    return this.rows.get(row, CONTRACT);
  }

  gross(row: number): number {
    return this.rows.get(row, GROSS);
  }

  /** What advances have left of it. */
  open(row: number): number {
    return this.gross(row) - this.rows.get(row, GIVEN_BACK);
  }

  giveBack(row: number, minor: number): void {
    this.rows.addTo(row, GIVEN_BACK, minor);
  }

  /** Whether a payout pays it, or may still. */
  isInPayout(row: number): boolean {
    return this.rows.get(row, PAYOUT) !== NO_ROW;
  }

  /** Puts an invoice into a payout, before the one that is its first; gives the first from then on. */
  putInto(row: number, payout: number, first: number): number {
    this.rows.set(row, PAYOUT, payout);
    this.rows.set(row, NEXT, first);
    return row;
  }

  /** The next invoice of the same payout. */
  nextInPayout(row: number): number {
    return this.rows.get(row, NEXT);
  }

  /** The payout never left, or came back: its invoices, from the first, are owed again. */
  release(first: number): void {
    for (let row = first; row !== NO_ROW; row = this.rows.get(row, NEXT)) this.rows.set(row, PAYOUT, NO_ROW);
  }

  private readDocument(tape: TapeReader): void {
    this.contract.read(tape);
    this.batch.read(tape);
    for (let column = SPLIT; column <= GROSS; column++) this.document[column] = tape.next();
    this.document[BATCH] = this.batches.find(this.batch);
    this.document[CONTRACT] = this.contracts.require(this.contract);
  }

  private said(column: number): number {
    return this.document[column] ?? 0;
  }

  private draft(tape: TapeReader): void {
    this.readDocument(tape);
    const { head } = this.reading;
    const state = this.reading.step('invoice', this.stateOf(head.subject));
    if (state === undefined) return;
    const [batch, contract] = [this.said(BATCH), this.said(CONTRACT)];
    if (this.said(GROSS) !== this.said(NET) + this.said(VAT)) {
      this.reading.tell('total_differs', `Net and VAT are not ${this.said(GROSS)}.`);
    }
    if (!this.splits.add(this.said(SPLIT), this.said(SPLIT + 1))) {
      this.reading.tell('drafted_twice', 'This part of its batch has a document already.');
    }
    const row = this.rows.add(state, ...this.document.subarray(BATCH));
    this.known.set(head.subject.high, head.subject.low, row);
    if (batch === NO_ROW || !this.batches.isApproved(batch)) {
      this.reading.tell('batch_not_approved', 'The batch that it is of was not approved before.');
      return;
    }
    this.reading.causedBy(...this.batches.event(batch), 'the approval of its batch');
    if (this.batches.contract(batch) !== contract) {
      this.reading.tell('other_contract', 'Its batch is of another contract.');
    }
    const mode = DOCUMENT_MODES[this.said(KIND)];
    if (!this.contracts.everSaid(contract, this.batches.governedOn(batch), (terms) => terms.documentMode === mode)) {
      this.reading.tell(
        'other_document',
        `Its contract does not have it issued as ${DOCUMENT_KINDS[this.said(KIND)] ?? 'what it is'}.`,
      );
    }
    this.batches.draft(batch, this.said(NET));
    this.drafting.add(batch);
  }

  private permit(tape: TapeReader, isOwn: boolean): void {
    const gross = tape.next();
    const number = isOwn ? this.number.read(tape) : undefined;
    const { subject, provider } = this.reading.head;
    const state = this.reading.step('invoice', this.stateOf(subject));
    if (state === undefined) return;
    const row = this.find(subject);
    const drafted = this.rows.get(row, GROSS);
    if (!this.contracts.isOf(this.rows.get(row, CONTRACT), provider)) {
      this.reading.tell('other_provider', 'It is permitted by another provider.');
    }
    if (gross !== drafted) this.reading.tell('total_differs', `${gross} is permitted, and ${drafted} was drafted.`);
    if ((this.rows.get(row, KIND) === OWN) !== isOwn) {
      this.reading.tell('other_document', 'It is permitted as another kind of document than was drafted.');
    }
    this.rows.set(row, STATE, state);
    this.rows.set(row, NUMBER, number?.high ?? 0);
    this.rows.set(row, NUMBER + 1, number?.low ?? 0);
  }

  private issue(tape: TapeReader): void {
    const { head } = this.reading;
    this.readDocument(tape);
    this.number.read(tape);
    const hasSeries = tape.next() === 1;
    if (hasSeries) this.series.read(tape);
    const count = hasSeries ? tape.next() : 0;
    const before = this.stateOf(head.subject);
    const state = this.reading.step('invoice', before);
    if (state === undefined) return;
    const row = this.find(head.subject);
    if (!this.reading.money.isOf(this.contract))
      this.reading.tell('other_contract', 'It moves money of another contract.');
    for (let column = BATCH; column <= GROSS; column++) {
      const [drafted, said] = [this.rows.get(row, column), this.said(column)];
      if (drafted !== said)
        this.reading.tell('total_differs', `It is not what was drafted: ${said} in place of ${drafted}.`);
    }
    this.judgeNumber(hasSeries, count);
    this.judgePermit(row, before === stateCode('invoice', 'permitted'));
    this.judgeVat(row);
    this.contracts.invoice(this.rows.get(row, CONTRACT), this.said(NET), this.said(VAT));
    this.rows.set(row, STATE, state);
  }

  private judgeNumber(hasSeries: boolean, count: number): void {
    if (!this.numbers.add(this.number.high, this.number.low)) {
      this.reading.tell('number_repeated', 'Its provider has a document of this number already.');
    }
    if (hasSeries === (this.said(KIND) === OWN)) {
      this.reading.tell('number_gap', `Its number is ${hasSeries ? '' : 'not '}of a series.`);
    }
    if (!hasSeries) return;
    const { high, low } = this.series;
    const next = Math.max(this.counts.get(high, low), 0) + 1;
    if (count !== next)
      this.reading.tell('number_gap', `It is number ${count} of its series, and the next one is ${next}.`);
    this.counts.set(high, low, count);
  }

  /** Whoever must has said that the document may be issued: by an agreement, by leave, or by a number of its own. */
  private judgePermit(row: number, isPermitted: boolean): void {
    const { provider } = this.reading.head;
    const kind = this.rows.get(row, KIND);
    const day = this.batches.governedOn(this.rows.get(row, BATCH));
    if (kind === SELF_BILLED && !this.agreeing.has(provider.high, provider.low)) {
      this.reading.tell('not_permitted', 'Its provider has not accepted an agreement on self-billing before.');
    }
    const isStanding = () =>
      this.contracts.everSaid(this.rows.get(row, CONTRACT), day, (terms) => terms.standingAuthority);
    if (kind === DRAFTED && !isPermitted && !isStanding()) {
      this.reading.tell('not_permitted', 'Its provider has not let it be issued before.');
    }
    const isSame = this.number.is(this.rows.get(row, NUMBER), this.rows.get(row, NUMBER + 1));
    if (kind === OWN && !isSame) this.reading.tell('not_permitted', 'Its provider has not given this number before.');
  }

  /** VAT is got back, or is a cost like its line: then the budget bears what it did not bear at the approval. */
  private judgeVat(row: number): void {
    const { money } = this.reading;
    const [recovered, cost, taken] = [money.sum(1), money.sum(2), money.sum(3) - money.sum(4)];
    const [batch, contract, vat] = [this.rows.get(row, BATCH), this.rows.get(row, CONTRACT), this.said(VAT)];
    if (recovered + cost !== vat || (recovered > 0 && cost > 0)) {
      this.reading.tell('posting_differs', `It says VAT of ${vat}, and ${recovered} and ${cost} are posted.`);
      return;
    }
    const day = this.batches.governedOn(batch);
    const expected: number[] = [];
    if (cost === 0 && this.contracts.everSaid(contract, day, (terms) => terms.vatRecoverable)) expected.push(0);
    if (recovered === 0 && this.contracts.everSaid(contract, day, (terms) => !terms.vatRecoverable)) {
      expected.push(this.rows.get(row, IS_TAXED) === 1 ? vat - this.batches.vat(batch) : 0);
    }
    if (expected.includes(taken)) return;
    const instead =
      expected.length === 0 ? 'its contract does not treat VAT so' : `it should be ${expected.join(' or ')}`;
    this.reading.tell('budget_differs', `It takes ${taken} of the budget for VAT, and ${instead}.`);
  }

  private stepAgreement(): void {
    const { subject, provider } = this.reading.head;
    const state = this.reading.step('agreement', Math.max(this.agreements.get(subject.high, subject.low), 0));
    if (state === undefined) return;
    this.agreements.set(subject.high, subject.low, state);
    if (state === stateCode('agreement', 'accepted')) this.agreeing.add(provider.high, provider.low);
  }

  private find(invoice: Key): number {
    return Math.max(this.known.get(invoice.high, invoice.low), NO_ROW);
  }

  private stateOf(invoice: Key): number {
    const row = this.find(invoice);
    return row === NO_ROW ? 0 : this.rows.get(row, STATE);
  }
}

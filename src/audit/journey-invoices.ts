import type { Batches } from './journey-batches.js';
import type { Contracts } from './journey-contracts.js';
import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { stateCode } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { takeNumber, takeSeries, takeSplit } from './replay-keys.js';
import { NO_ROW, Rows } from './replay-rows.js';
import type { TapeReader } from './segment.js';

/** Kinds of documents, in the order of the contract's `documentMode`. */
const KINDS = ['self_billed_invoice', 'invoice', 'provider_invoice', 'grant_notice'];
const SELF_BILLED = 0;
const DRAFTED = 1;
const OWN = 2;

const permitted: WriteSaid = (said, { body }, tape) => {
  tape.putId(said.id('batchId'));
  tape.put(said.minor('grossMinor'));
  const isOwn = body.type === 'invoice.own_number_given';
  tape.put(isOwn ? 1 : 0);
  if (!isOwn) return;
  takeNumber(tape.ids, body.providerId ?? '', said.text('number'));
  tape.putKey();
};

export const INVOICE_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'self_billing.accepted': (said) => said.day('startsOn'),
  'invoice.issue_authorised': permitted,
  'invoice.own_number_given': permitted,
  'invoice.issued': (said, { body }, tape) => {
    const batchId = said.id('batchId');
    const kind = KINDS.indexOf(said.text('kind'));
    if (kind === -1) said.missing.push('kind');
    tape.putId(said.id('contractId'));
    tape.putId(batchId);
    tape.put(kind);
    tape.put(said.text('split') === 'taxed' ? 1 : 0);
    takeSplit(tape.ids, batchId, said.text('split'));
    tape.putKey();
    takeNumber(tape.ids, body.providerId ?? '', said.text('number'));
    tape.putKey();
    tape.put(said.minor('netMinor'));
    tape.put(said.minor('vatMinor'));
    tape.put(said.minor('grossMinor'));
    said.sha256('documentSha256');
    if (kind !== OWN) said.inside('file').sha256('fileSha256');
    const hasSeries = said.has('series');
    tape.put(hasSeries ? 1 : 0);
    if (!hasSeries) return;
    const series = said.inside('series');
    takeSeries(tape.ids, body.providerId ?? '', series.text('prefix'), series.count('year'));
    tape.putKey();
    tape.put(series.count('count'));
  },
};

/** The columns of an invoice. */
const STATE = 0;
const BATCH = 1;
const CONTRACT = 2;
const GROSS = 3;
const PAYOUT = 4;
const NEXT = 5; // of the invoices of its payout
const IS_OWN = 6; // its provider gave a number of its own, two words
const NUMBER = 7;
const WIDTH = 9;

/** Documents: of an approved batch, permitted by whoever must, numbered without a gap, and owed once. */
export class Invoices implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'self_billing.proposed': () => this.stepAgreement(),
    'self_billing.accepted': () => this.stepAgreement(),
    'invoice.issue_authorised': (tape) => this.permit(tape),
    'invoice.own_number_given': (tape) => this.permit(tape),
    'invoice.issued': (tape) => this.issue(tape),
  };

  private readonly key = new Key();
  private readonly contract = new Key();
  private readonly split = new Key();
  private readonly number = new Key();
  private readonly known = new KeyMap(4);
  private readonly rows = new Rows(WIDTH);
  private readonly splits = new KeyMap();
  private readonly numbers = new KeyMap();
  private readonly series = new KeyMap(4);
  private readonly agreements = new KeyMap(1);
  private readonly agreeing = new KeyMap();

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly batches: Batches,
  ) {}

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

  private permit(tape: TapeReader): void {
    const batch = this.batches.find(this.key.read(tape));
    const [gross, isOwn] = [tape.next(), tape.next()];
    const { high, low } = isOwn === 1 ? this.number.read(tape) : { high: 0, low: 0 };
    const { head } = this.reading;
    const state = this.reading.step('invoice', this.stateOf(head.subject));
    if (state === undefined) return;
    this.requireApproved(batch);
    const row = this.rows.add(state, batch, NO_ROW, gross, NO_ROW, NO_ROW, isOwn, high, low);
    this.known.set(head.subject.high, head.subject.low, row);
  }

  private issue(tape: TapeReader): void {
    const { head } = this.reading;
    const contract = this.contracts.require(this.contract.read(tape));
    const batch = this.batches.find(this.key.read(tape));
    const [kind, isTaxed] = [tape.next(), tape.next() === 1];
    this.split.read(tape);
    this.number.read(tape);
    const [net, vat, gross] = [tape.next(), tape.next(), tape.next()];
    if (tape.next() === 1) this.takeFromSeries(this.key.read(tape), tape.next());
    const state = this.reading.step('invoice', this.stateOf(head.subject));
    if (state === undefined) return;
    if (gross !== net + vat) this.reading.tell('total_differs', `Net ${net} and VAT ${vat} are not ${gross}.`);
    if (!this.reading.money.isOf(this.contract))
      this.reading.tell('other_contract', 'It moves money of another contract.');
    const permit = this.find(head.subject);
    this.judgeNumber();
    this.contracts.invoice(contract, net, vat);
    if (this.requireApproved(batch)) {
      this.reading.causedBy(...this.batches.approvedBy(batch), 'the approval of its batch');
      this.judgeBatch(batch, contract, net, permit);
      this.judgePermit(batch, contract, kind, permit);
      this.judgeVat(batch, contract, vat, isTaxed);
    }
    if (permit !== NO_ROW && this.rows.get(permit, GROSS) !== gross) {
      this.reading.tell('total_differs', `${this.rows.get(permit, GROSS)} was permitted, and ${gross} is issued.`);
    }
    const row = permit === NO_ROW ? this.rows.add() : permit;
    this.known.set(head.subject.high, head.subject.low, row);
    this.rows.set(row, STATE, state);
    this.rows.set(row, BATCH, batch);
    this.rows.set(row, CONTRACT, contract);
    this.rows.set(row, GROSS, gross);
  }

  private requireApproved(batch: number): boolean {
    const isApproved = batch !== NO_ROW && this.batches.isApproved(batch);
    if (!isApproved) this.reading.tell('batch_not_approved', 'The batch that it is of was not approved before.');
    return isApproved;
  }

  private judgeBatch(batch: number, contract: number, net: number, permit: number): void {
    if (this.batches.contract(batch) !== contract)
      this.reading.tell('other_contract', 'Its batch is of another contract.');
    if (permit !== NO_ROW && this.rows.get(permit, BATCH) !== batch) {
      this.reading.tell('total_differs', 'It was permitted for another batch.');
    }
    const beyond = this.batches.invoice(batch, net);
    if (beyond > 0)
      this.reading.tell(
        'invoiced_beyond_batch',
        `The documents of its batch come to ${beyond} more than was approved.`,
      );
    if (!this.splits.add(this.split.high, this.split.low)) {
      this.reading.tell('issued_twice', 'This part of its batch has a document already.');
    }
  }

  private judgeNumber(): void {
    if (!this.numbers.add(this.number.high, this.number.low)) {
      this.reading.tell('number_repeated', 'Its provider has a document of this number already.');
    }
  }

  private takeFromSeries(series: Key, count: number): void {
    const next = Math.max(this.series.get(series.high, series.low), 0) + 1;
    if (count !== next)
      this.reading.tell('number_gap', `It is number ${count} of its series, and the next one is ${next}.`);
    this.series.set(series.high, series.low, count);
  }

  /** Whoever must have said that the document may be issued: by an agreement, by leave, or by a number of its own. */
  private judgePermit(batch: number, contract: number, kind: number, permit: number): void {
    const day = this.batches.governedOn(batch);
    const { head } = this.reading;
    if (!this.contracts.everSaid(contract, day, ({ documentMode }) => documentMode === MODES[kind])) {
      this.reading.tell('other_document', `Its contract does not have it issued as ${KINDS[kind] ?? 'what it is'}.`);
    }
    const isPermitted = permit !== NO_ROW && (this.rows.get(permit, IS_OWN) === 1) === (kind === OWN);
    if (kind === SELF_BILLED && !this.agreeing.has(head.provider.high, head.provider.low)) {
      this.reading.tell('not_permitted', 'Its provider has not accepted an agreement on self-billing before.');
    }
    const standing = () => this.contracts.everSaid(contract, day, ({ standingAuthority }) => standingAuthority);
    if (kind === DRAFTED && !isPermitted && !standing()) {
      this.reading.tell('not_permitted', 'Its provider has not let it be issued before.');
    }
    if (kind !== OWN) return;
    const isSame = isPermitted && this.number.is(this.rows.get(permit, NUMBER), this.rows.get(permit, NUMBER + 1));
    if (!isSame) this.reading.tell('not_permitted', 'Its provider has not given this number before.');
  }

  /** VAT is got back, or is a cost like its line: then the budget bears what it did not bear at the approval. */
  private judgeVat(batch: number, contract: number, vat: number, isTaxed: boolean): void {
    const { money } = this.reading;
    const [recovered, cost, taken] = [money.sum(1), money.sum(2), money.sum(3) - money.sum(4)];
    if (recovered + cost !== vat || (recovered > 0 && cost > 0)) {
      this.reading.tell('posting_differs', `It says VAT of ${vat}, and ${recovered} and ${cost} are posted.`);
      return;
    }
    const day = this.batches.governedOn(batch);
    const expected: number[] = [];
    if (cost === 0 && this.contracts.everSaid(contract, day, (terms) => terms.vatRecoverable)) expected.push(0);
    if (recovered === 0 && this.contracts.everSaid(contract, day, (terms) => !terms.vatRecoverable)) {
      expected.push(isTaxed ? vat - this.batches.vat(batch) : 0);
    }
    if (expected.includes(taken)) return;
    const terms = expected.length === 0 ? 'its contract does not treat VAT so' : `${expected.join(' or ')} should be`;
    this.reading.tell('budget_differs', `It takes ${taken} of the budget for VAT, and ${terms}.`);
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

const MODES = ['self_billed', 'provider_issued', 'provider_own', 'grant_notice'];

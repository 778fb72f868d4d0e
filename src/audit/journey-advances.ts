import type { Contracts } from './journey-contracts.js';
import type { Invoices } from './journey-invoices.js';
import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { stateCode } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { takeCharge } from './replay-keys.js';
import { NO_ROW, Rows } from './replay-rows.js';
import { readAnyText, readBoundText } from './replay-said.rules.js';
import type { TapeReader } from './segment.js';

const DAY_MS = 86_400_000;
const DAY_ZERO_MS = Date.UTC(2000, 0, 1);
/** In London it is never more than an hour later than in UTC. */
const SUMMER_TIME_MS = 3_600_000;

const decided: WriteSaid = (said, _event, tape) => {
  tape.putId(said.id('contractId'));
  tape.put(said.minor('amountMinor'));
};

export const ADVANCE_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'advance.proposed': (said, _event, tape) => {
    tape.putId(said.id('contractId'));
    tape.put(said.minor('amountMinor'));
    tape.put(said.has('sharePercent') ? said.count('sharePercent') : 0);
    tape.put(said.has('instalmentMinor') ? said.minor('instalmentMinor') : 0);
    tape.put(said.day('recoverBy'));
    readBoundText(said, 'reason');
  },
  'advance.declined': (said, event, tape, tell) => {
    decided(said, event, tape, tell);
    readAnyText(said, 'reason');
  },
  'advance.withdrawn': decided,
  'advance.approved': decided,
  'advance.cancelled': decided,
  'advance.recovered': (said, { body }, tape) => {
    const invoiceId = said.id('invoiceId');
    tape.putId(said.id('contractId'));
    tape.put(said.minor('amountMinor'));
    tape.put(said.minor('remainingMinor'));
    tape.putId(invoiceId);
    takeCharge(tape.ids, body.subjectId, invoiceId, 'recovery');
    tape.putKey();
  },
};

/** The columns of an advance. */
const STATE = 0;
const CONTRACT = 1;
const AMOUNT = 2;
const SHARE = 3;
const INSTALMENT = 4;
const RECOVER_BY = 5;
const REMAINING = 6;
const PROPOSED = 7; // two words: the event
const PROPOSER = 9; // two words
const APPROVED = 11; // two words: the event
const MIRRORS = 13; // count and two words: of what was moved at the approval
const PAYOUT = 16;
const IS_PAID = 17;
const NEXT = 18; // of the advances of its payout
const WIDTH = 19;

/** Advances: agreed by two people, paid once, and taken back from invoices by the terms that were agreed. */
export class Advances implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'advance.proposed': (tape) => this.propose(tape),
    'advance.declined': (tape) => this.decide(tape),
    'advance.withdrawn': (tape) => this.decide(tape),
    'advance.approved': (tape) => this.approve(tape),
    'advance.cancelled': (tape) => this.cancel(tape),
    'advance.recovered': (tape) => this.recover(tape),
  };

  private readonly contract = new Key();
  private readonly invoice = new Key();
  private readonly pair = new Key();
  private readonly known = new KeyMap('values');
  private readonly rows = new Rows(WIDTH);
  private readonly pairs = new KeyMap('keys');

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly invoices: Invoices,
  ) {}

  contractOf(row: number): number {
    return this.rows.get(row, CONTRACT);
  }

  amount(row: number): number {
    return this.rows.get(row, AMOUNT);
  }

  /** The next advance of the same payout. */
  nextInPayout(row: number): number {
    return this.rows.get(row, NEXT);
  }

  /** Puts an advance into a payout, before the one that is its first, or tells why it cannot be; gives the first. */
  payIn(advance: Key, minor: number, payout: number, first: number): number {
    const row = this.find(advance);
    const isApproved = row !== NO_ROW && this.rows.get(row, STATE) === stateCode('advance', 'approved');
    const isFree = this.rows.get(row, PAYOUT) === NO_ROW && this.rows.get(row, AMOUNT) === minor;
    if (isApproved && isFree && this.contracts.isOf(this.contractOf(row), this.reading.head.provider)) {
      this.rows.set(row, PAYOUT, payout);
      this.rows.set(row, NEXT, first);
      return row;
    }
    this.reading.tell(
      'advance_not_payable',
      `It pays ${minor} for an advance that is not approved for that much and unpaid.`,
    );
    return first;
  }

  /** The payout of these advances, from the first, has reached the bank, or has come back from it. */
  setPaid(first: number, isPaid: boolean): void {
    for (let row = first; row !== NO_ROW; row = this.nextInPayout(row)) this.rows.set(row, IS_PAID, isPaid ? 1 : 0);
  }

  /** The payout never left, or came back: its advances, from the first, are owed again. */
  release(first: number): void {
    this.setPaid(first, false);
    for (let row = first; row !== NO_ROW; row = this.nextInPayout(row)) this.rows.set(row, PAYOUT, NO_ROW);
  }

  private propose(tape: TapeReader): void {
    const contract = this.contracts.find(this.contract.read(tape));
    const [amount, share, instalment, recoverBy] = [tape.next(), tape.next(), tape.next(), tape.next()];
    const { subject, event, member } = this.reading.head;
    const state = this.reading.step('advance', this.stateOf(subject));
    if (contract === NO_ROW)
      this.reading.tell('contract_missing', 'No contract was authorised before of the one that it names.');
    if (share > 0 === instalment > 0)
      this.reading.tell('terms_differ', 'It comes back by a share or by instalments, and by one of them alone.');
    if (state === undefined) return;
    const terms = [state, contract, amount, share, instalment, recoverBy, amount];
    const row = this.rows.add(...terms, event.high, event.low, member.high, member.low);
    this.known.set(subject.high, subject.low, row);
  }

  /** What every decision says again: gives the row, once it is possible. */
  private decide(tape: TapeReader): number {
    const contract = this.contracts.find(this.contract.read(tape));
    const amount = tape.next();
    const { subject } = this.reading.head;
    const state = this.reading.step('advance', this.stateOf(subject));
    if (state === undefined) return NO_ROW;
    const row = this.find(subject);
    const isCancelled = state === stateCode('advance', 'cancelled');
    const cause = isCancelled ? APPROVED : PROPOSED;
    this.reading.causedBy(this.rows.get(row, cause), this.rows.get(row, cause + 1), 'what was decided before it');
    if (contract !== this.contractOf(row)) this.reading.tell('other_contract', 'It was proposed on another contract.');
    const proposed = this.rows.get(row, AMOUNT);
    if (amount !== proposed) this.reading.tell('total_differs', `It is of ${amount}, and ${proposed} was proposed.`);
    this.rows.set(row, STATE, state);
    return row;
  }

  private approve(tape: TapeReader): void {
    const row = this.decide(tape);
    const { money, head } = this.reading;
    if (!money.isOf(this.contract)) this.reading.tell('other_contract', 'It moves money of another contract.');
    if (row === NO_ROW) return;
    this.contracts.require(this.contract);
    if (head.member.isNone || head.member.is(this.rows.get(row, PROPOSER), this.rows.get(row, PROPOSER + 1)))
      this.reading.tell('same_person', 'It is approved by the person who proposed it, or by nobody.');
    const { count, high, low } = money.standingSum;
    const kept = [head.event.high, head.event.low, count, high, low];
    for (const [place, value] of kept.entries()) this.rows.set(row, APPROVED + place, value);
    this.contracts.owe(this.contractOf(row), this.rows.get(row, AMOUNT));
  }

  private cancel(tape: TapeReader): void {
    const row = this.decide(tape);
    if (row === NO_ROW) return;
    const amount = this.rows.get(row, AMOUNT);
    const isUntouched = this.rows.get(row, PAYOUT) === NO_ROW && this.rows.get(row, REMAINING) === amount;
    if (!isUntouched) this.reading.tell('step_not_possible', 'It was paid or recovered before it was cancelled.');
    const { count, high, low } = this.reading.money.reversedSum;
    const moved = [0, 1, 2].map((place) => this.rows.get(row, MIRRORS + place));
    if (count !== moved[0] || high !== moved[1] || low !== moved[2])
      this.reading.tell('reversal_bent', 'It does not take back what the approval moved.');
    this.contracts.owe(this.contractOf(row), -amount);
  }

  private recover(tape: TapeReader): void {
    const contract = this.contracts.require(this.contract.read(tape));
    const [amount, remaining] = [tape.next(), tape.next()];
    const invoice = this.invoices.findIssued(this.invoice.read(tape));
    this.pair.read(tape);
    const { subject } = this.reading.head;
    if (!this.reading.money.isOf(this.contract))
      this.reading.tell('other_contract', 'It moves money of another contract.');
    if (this.reading.step('advance', this.stateOf(subject)) === undefined) return;
    const row = this.find(subject);
    this.reading.causedBy(this.rows.get(row, APPROVED), this.rows.get(row, APPROVED + 1), 'its approval');
    if (contract !== this.contractOf(row) || invoice === NO_ROW || this.invoices.contractOf(invoice) !== contract)
      this.reading.tell('invoice_not_payable', 'What gives it back is not an issued invoice of its contract.');
    else if (this.invoices.isInPayout(invoice))
      this.reading.tell('invoice_not_payable', 'What gives it back is in a payout already.');
    if (!this.pairs.add(this.pair.high, this.pair.low))
      this.reading.tell('recovered_twice', 'The same invoice has given back to it before.');
    if (this.rows.get(row, IS_PAID) === 0)
      this.reading.tell('step_not_possible', 'It is recovered before it has reached the provider.');
    this.judgeAmount(row, invoice, amount, remaining);
    this.rows.addTo(row, REMAINING, -amount);
    this.invoices.giveBack(invoice, amount);
    this.contracts.owe(contract, -amount);
  }

  /** The terms decide it: a share or an instalment, all of it after their last day, and never more than there is. */
  private judgeAmount(row: number, invoice: number, amount: number, remaining: number): void {
    const had = this.rows.get(row, REMAINING);
    const most = Math.min(had, this.invoices.open(invoice));
    const share = Math.floor((this.invoices.gross(invoice) * this.rows.get(row, SHARE)) / 100);
    const wanted = this.rows.get(row, INSTALMENT) || share;
    const latestDay = Math.floor((this.reading.head.recordedAt + SUMMER_TIME_MS - DAY_ZERO_MS) / DAY_MS);
    const isPast = latestDay > this.rows.get(row, RECOVER_BY);
    if (amount !== Math.min(wanted, most) && !(isPast && amount === most))
      this.reading.tell('recovery_differs', `It takes ${amount}, and by its terms ${Math.min(wanted, most)}.`);
    if (remaining !== had - amount)
      this.reading.tell('recovery_differs', `It leaves ${remaining} to recover, and ${had - amount} is left.`);
  }

  private find(advance: Key): number {
    return Math.max(this.known.get(advance.high, advance.low), NO_ROW);
  }

  private stateOf(advance: Key): number {
    const row = this.find(advance);
    return row === NO_ROW ? 0 : this.rows.get(row, STATE);
  }
}

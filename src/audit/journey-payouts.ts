import type { Advances } from './journey-advances.js';
import type { Contracts } from './journey-contracts.js';
import type { Invoices } from './journey-invoices.js';
import type { PaymentRuns } from './journey-payment-runs.js';
import type { PayoutAccounts } from './journey-payout-accounts.js';
import { PAYOUT_HAPPENINGS } from './journey-payout-tape.js';
import type { Chapter, KeySum, ReadSaid, Reading } from './journey-reading.js';
import { stateCode, stateName } from './journey-steps.rules.js';
import { Key } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { NO_ROW, Rows } from './replay-rows.js';
import type { TapeReader } from './segment.js';

/** The columns of a payout. */
const STATE = 0;
const AMOUNT = 1;
const EVENT = 2; // two words: of its request
const REFERENCE = 4; // two words
const ON_PLATFORM = 6;
const FIRST_INVOICE = 7;
const FIRST_SHARE = 8;
const MIRRORS = 9; // count and two words: the sum of what was moved at the request
const WAS_PAID = 12;
const HAS_ADVICE = 13;
const ENTERED_BY = 14; // two words
const FIRST_ADVANCE = 16;
const WIDTH = 17;

const SHARE = { contract: 0, high: 1, low: 2, minor: 3, next: 4 };

/** Payouts: of invoices and advances that are owed, once each, along one journey, and moved as they were asked for. */
export class Payouts implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'payout.requested': (tape) => this.request(tape),
    ...Object.fromEntries(PAYOUT_HAPPENINGS.map((type): [string, ReadSaid] => [type, (tape) => this.happen(tape)])),
    'payout.decided': () => this.note(),
    'payout.return_requested': () => this.note(),
    'payout.payment_entered': () => this.enter(),
    'remittance.issued': () => this.advise(),
  };

  private readonly key = new Key();
  private readonly run = new Key();
  private readonly account = new Key();
  private readonly reference = new Key();
  private readonly invoice = new Key();
  private readonly advance = new Key();
  private readonly entrant = new Key();
  private readonly known = new KeyMap('values');
  private readonly rows = new Rows(WIDTH);
  private readonly shares = new Rows(5);
  private readonly references = new KeyMap('keys');

  constructor(
    private readonly reading: Reading,
    private readonly contracts: Contracts,
    private readonly invoices: Invoices,
    private readonly advances: Advances,
    private readonly accounts: PayoutAccounts,
    private readonly runs: PaymentRuns,
  ) {}

  private request(tape: TapeReader): void {
    const { head, money } = this.reading;
    this.run.read(tape);
    const [onPlatform, amount] = [tape.next(), tape.next()];
    this.account.read(tape);
    this.reference.read(tape);
    const [count, listed] = [tape.next(), tape.next()];
    const state = this.reading.step('payout', this.stateOf(head.subject));
    const row = state === undefined ? NO_ROW : this.rows.add(state, amount, head.event.high, head.event.low);
    const first = this.readInvoices(tape, row, listed);
    const firstAdvance = this.readAdvances(tape, row);
    if (row === NO_ROW) return;
    this.rows.set(row, FIRST_ADVANCE, firstAdvance);
    this.known.set(head.subject.high, head.subject.low, row);
    const { high, low } = this.reference;
    const { count: mirrors, high: mirrorHigh, low: mirrorLow } = money.standingSum;
    const values = [high, low, onPlatform, first, this.keepShares(), mirrors, mirrorHigh, mirrorLow];
    for (const [place, value] of values.entries()) this.rows.set(row, REFERENCE + place, value);
    if (!this.references.add(high, low)) this.reading.tell('number_repeated', 'Another payout has its reference.');
    this.runs.request(this.run);
    if (onPlatform === 1) this.accounts.judge(this.account);
    else if (!this.account.isNone) this.accounts.judgeOutside(this.account);
    if (count === 0 && firstAdvance === NO_ROW) this.reading.tell('invoice_not_payable', 'It pays nothing.');
    else if (listed === count) this.judgeItems(row, amount);
  }

  /** Each invoice that is paid is issued, of the same provider, for that much, and paid by no other payout. */
  private readInvoices(tape: TapeReader, payout: number, listed: number): number {
    let first = NO_ROW;
    for (let place = 0; place < listed; place++) {
      const row = this.invoices.findIssued(this.invoice.read(tape));
      const minor = tape.next();
      if (payout === NO_ROW) continue;
      const wrong = this.whyNotPay(row, minor);
      if (wrong === undefined) first = this.invoices.putInto(row, payout, first);
      else this.reading.tell('invoice_not_payable', wrong);
    }
    return first;
  }

  private readAdvances(tape: TapeReader, payout: number): number {
    let first = NO_ROW;
    for (let left = tape.next(); left > 0; left--) {
      this.advance.read(tape);
      const minor = tape.next();
      if (payout !== NO_ROW) first = this.advances.payIn(this.advance, minor, payout, first);
    }
    return first;
  }

  private whyNotPay(row: number, minor: number): string | undefined {
    if (row === NO_ROW) return `It pays ${minor} for an invoice that was not issued before.`;
    const open = this.invoices.open(row);
    if (open !== minor) return `It pays ${minor} for an invoice of which ${open} is open.`;
    if (this.invoices.isInPayout(row)) return `It pays ${minor} for an invoice that another payout pays.`;
    const isOf = this.contracts.isOf(this.invoices.contractOf(row), this.reading.head.provider);
    return isOf ? undefined : `It pays ${minor} for an invoice of another provider.`;
  }

  /** What is moved on each contract is what its invoices and advances come to. */
  private judgeItems(row: number, amount: number): void {
    const sums = new Map<number, number>();
    const add = (contract: number, minor: number) => sums.set(contract, (sums.get(contract) ?? 0) + minor);
    const { invoices, advances } = this;
    for (let one = this.rows.get(row, FIRST_INVOICE); one !== NO_ROW; one = invoices.nextInPayout(one))
      add(invoices.contractOf(one), invoices.open(one));
    for (let one = this.rows.get(row, FIRST_ADVANCE); one !== NO_ROW; one = advances.nextInPayout(one))
      add(advances.contractOf(one), advances.amount(one));
    const total = [...sums.values()].reduce((sum, minor) => sum + minor, 0);
    if (total !== amount) this.reading.tell('total_differs', `It is of ${amount}, and what it pays comes to ${total}.`);
    for (let share = this.rows.get(row, FIRST_SHARE); share !== NO_ROW; share = this.shares.get(share, SHARE.next)) {
      const [contract, minor] = [this.shares.get(share, SHARE.contract), this.shares.get(share, SHARE.minor)];
      const invoiced = sums.get(contract) ?? 0;
      if (invoiced !== minor)
        this.reading.tell('shares_differ', `On a contract it moves ${minor}, and pays ${invoiced}.`);
    }
  }

  private happen(tape: TapeReader): void {
    const { head, money, type } = this.reading;
    const amount = tape.next();
    this.reference.read(tape);
    const isConfirmation = type === 'payout.paid' && tape.next() === 1;
    if (type === 'payout.paid') this.entrant.read(tape);
    const row = this.find(head.subject);
    const before = row === NO_ROW ? 0 : this.rows.get(row, STATE);
    const state = this.reading.step('payout', before);
    if (state === undefined) return;
    this.judgeSame(row, amount);
    const wasPaid = stateName('payout', before) === 'paid';
    if (type === 'payout.failed' && money.sum(0) !== (wasPaid ? amount : 0)) {
      const [was, moved] = [wasPaid ? 'was' : 'was not', money.sum(0)];
      this.reading.tell('posting_differs', `It ${was} paid before it failed, and ${moved} of ${amount} is moved back.`);
    }
    if (money.legs.length > 0) this.judgeShares(row);
    if (type === 'payout.refused' || type === 'payout.cancelled') this.judgeReversal(row, money.reversedSum);
    if (type === 'payout.paid') this.pay(row, before, isConfirmation);
    if (type === 'payout.failed' && wasPaid) this.credit(row, -1);
    this.rows.set(row, STATE, state);
    const ended = stateName('payout', state);
    if (ended === 'cancelled' || ended === 'returned') this.release(row);
  }

  private pay(row: number, before: number, isConfirmation: boolean): void {
    const isRequested = stateName('payout', before) === 'requested';
    const onPlatform = this.rows.get(row, ON_PLATFORM) === 1;
    if (isConfirmation === onPlatform || isConfirmation !== isRequested) {
      this.reading.tell(
        'step_not_possible',
        'What goes through the platform is paid by it, and the rest is confirmed by a person.',
      );
    }
    if (isConfirmation) this.judgeConfirmation(row);
    this.credit(row, 1);
    this.rows.set(row, WAS_PAID, 1);
  }

  /** Who confirms is another person than who entered what the bank did. */
  private judgeConfirmation(row: number): void {
    const { member } = this.reading.head;
    const [high, low] = [this.rows.get(row, ENTERED_BY), this.rows.get(row, ENTERED_BY + 1)];
    if (!this.entrant.is(high, low) || this.entrant.isNone) {
      this.reading.tell('entry_missing', 'What was paid was not entered before by the person whom it names.');
    }
    if (member.isNone || member.is(this.entrant.high, this.entrant.low)) {
      this.reading.tell('same_person', 'It is confirmed by the person who entered it, or by nobody.');
    }
  }

  private judgeSame(row: number, amount: number): void {
    this.reading.causedBy(this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1), 'the request of the payout');
    const asked = this.rows.get(row, AMOUNT);
    if (amount !== asked) this.reading.tell('total_differs', `It is of ${amount}, and ${asked} was asked for.`);
    if (!this.reference.is(this.rows.get(row, REFERENCE), this.rows.get(row, REFERENCE + 1))) {
      this.reading.tell('other_reference', 'It has another reference than was asked for.');
    }
  }

  /** Whatever moves moves on the same contracts, as much on each as was asked for. */
  private judgeShares(row: number): void {
    const { shares } = this.reading.money;
    let count = 0;
    for (let share = this.rows.get(row, FIRST_SHARE); share !== NO_ROW; share = this.shares.get(share, SHARE.next)) {
      count++;
      const [high, low] = [this.shares.get(share, SHARE.high), this.shares.get(share, SHARE.low)];
      const asked = this.shares.get(share, SHARE.minor);
      let moved = 0;
      for (let at = 0; at < shares.length; at += 3) {
        if (shares[at] === high && shares[at + 1] === low) moved = shares[at + 2] ?? 0;
      }
      if (moved !== asked)
        this.reading.tell('shares_differ', `On a contract it moves ${moved}, and ${asked} was asked for.`);
    }
    if (shares.length !== 3 * count)
      this.reading.tell('shares_differ', `It moves money of ${shares.length / 3} contracts, not ${count}.`);
  }

  /** All that the request moved is moved back, and nothing else. */
  private judgeReversal(row: number, { count, high, low }: KeySum): void {
    const [had, hadHigh, hadLow] = [0, 1, 2].map((place) => this.rows.get(row, MIRRORS + place));
    if (count === had && high === hadHigh && low === hadLow) return;
    this.reading.tell('reversal_bent', `It takes back ${count} transfers, which are not the ${had} of its request.`);
  }

  private credit(row: number, sign: 1 | -1): void {
    this.advances.setPaid(this.rows.get(row, FIRST_ADVANCE), sign === 1);
    for (let share = this.rows.get(row, FIRST_SHARE); share !== NO_ROW; share = this.shares.get(share, SHARE.next)) {
      const contract = this.shares.get(share, SHARE.contract);
      if (contract !== NO_ROW) this.contracts.pay(contract, sign * this.shares.get(share, SHARE.minor));
    }
  }

  private release(row: number): void {
    this.invoices.release(this.rows.get(row, FIRST_INVOICE));
    this.advances.release(this.rows.get(row, FIRST_ADVANCE));
    this.rows.set(row, FIRST_INVOICE, NO_ROW);
    this.rows.set(row, FIRST_ADVANCE, NO_ROW);
  }

  private keepShares(): number {
    const { shares } = this.reading.money;
    let first = NO_ROW;
    for (let at = 0; at < shares.length; at += 3) {
      const [high = 0, low = 0, minor = 0] = shares.slice(at, at + 3);
      this.key.high = high;
      this.key.low = low;
      first = this.shares.add(this.contracts.find(this.key), high, low, minor, first);
    }
    return first;
  }

  private note(): void {
    const row = this.find(this.reading.head.subject);
    if (this.reading.step('payout', this.stateOf(this.reading.head.subject)) === undefined) return;
    this.reading.causedBy(this.rows.get(row, EVENT), this.rows.get(row, EVENT + 1), 'the request of the payout');
  }

  private enter(): void {
    const { subject, member } = this.reading.head;
    const row = this.find(subject);
    if (this.reading.step('payout', this.stateOf(subject)) === undefined) return;
    if (this.rows.get(row, ON_PLATFORM) === 1)
      this.reading.tell('step_not_possible', 'It is paid by the platform, and nobody enters it.');
    this.rows.set(row, ENTERED_BY, member.high);
    this.rows.set(row, ENTERED_BY + 1, member.low);
  }

  private advise(): void {
    const row = this.find(this.reading.head.subject);
    if (row === NO_ROW || this.rows.get(row, WAS_PAID) === 0) {
      this.reading.tell('step_not_possible', `The payout ${this.reading.head.subjectId()} was not paid before.`);
      return;
    }
    if (this.rows.get(row, HAS_ADVICE) === 1)
      this.reading.tell('issued_twice', 'The payout has a remittance advice already.');
    this.rows.set(row, HAS_ADVICE, 1);
  }

  private find(payout: Key): number {
    return Math.max(this.known.get(payout.high, payout.low), NO_ROW);
  }

  private stateOf(payout: Key): number {
    const row = this.find(payout);
    return row === NO_ROW ? stateCode('payout', 'none') : this.rows.get(row, STATE);
  }
}

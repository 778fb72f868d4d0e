import { isBudgetChange } from './event-types.rules.js';
import type { Chapter, ReadSaid, Reading, WriteSaid } from './journey-reading.js';
import { Key } from './replay-head.js';
import { ABSENT, KeyMap } from './replay-key-map.js';
import { takeCard, takeOrder } from './replay-keys.js';
import { NO_ROW, Rows } from './replay-rows.js';
import { readAnyText } from './replay-said.rules.js';

export const DOCUMENT_MODES = ['self_billed', 'provider_issued', 'provider_own', 'grant_notice'] as const;

export const CONTRACT_WRITERS: Readonly<Record<string, WriteSaid>> = {
  'contract.authorised': (said, { body }, tape) => {
    const isBudget = isBudgetChange(said);
    tape.put(isBudget ? 1 : 0);
    if (isBudget) return readAnyText(said, 'reason');
    tape.put(said.count('version'));
    tape.put(said.day('effectiveFrom'));
    tape.put(said.flag('vatRecoverable') ? 1 : 0);
    tape.put(said.flag('standingAuthority') ? 1 : 0);
    tape.put(said.text('budgetRule') === 'flag' ? 1 : 0);
    tape.put(said.flag('poRequired') ? 1 : 0);
    tape.put(DOCUMENT_MODES.findIndex((mode) => mode === said.text('documentMode')));
    if (body.providerId === null) said.missing.push('providerId');
  },
  'purchase_order.raised': (said, { body }, tape) => {
    tape.put(said.minor('valueMinor'));
    tape.put(said.count('version'));
    takeOrder(tape.ids, body.subjectId, said.text('number'));
    tape.putKey();
  },
  'rate_card.published': (said, { body }, tape) => {
    tape.putId(said.id('contractId'));
    takeCard(tape.ids, body.subjectId, said.id('contractId'), said.id('serviceId'), said.text('chargeKind'));
    tape.putKey();
  },
};

/** The columns of a contract, and of a version of its terms. */
const CONTRACT = {
  providerHigh: 0,
  providerLow: 1,
  lastVersion: 2,
  approved: 3,
  owed: 4,
  paid: 5,
  openClaim: 6,
  high: 7,
  low: 8,
};
const VERSION = { number: 0, from: 1, vatRecoverable: 2, standing: 3, flags: 4, poRequired: 5, mode: 6, before: 7 };
const ORDER = { value: 0, version: 1, used: 2 };

/** What a version of a contract's terms says. */
export interface Terms {
  readonly version: number;
  readonly vatRecoverable: boolean;
  readonly standingAuthority: boolean;
  /** A batch beyond the budget is flagged, and not refused. */
  readonly flagsBudget: boolean;
  readonly poRequired: boolean;
  readonly documentMode: (typeof DOCUMENT_MODES)[number] | undefined;
}

/** Contracts with the versions of their terms, their orders and rate cards, and what was approved, owed and paid on each. */
export class Contracts implements Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>> = {
    'contract.authorised': (tape) => {
      const isBudget = tape.next() === 1;
      const row = this.find(this.reading.head.subject);
      if (!this.reading.money.isOf(this.reading.head.subject))
        this.reading.tell('other_contract', 'It moves the budget of another contract.');
      if (isBudget) this.require(this.reading.head.subject);
      else
        this.addVersion(row, [
          tape.next(),
          tape.next(),
          tape.next(),
          tape.next(),
          tape.next(),
          tape.next(),
          tape.next(),
        ]);
    },
    'purchase_order.raised': (tape) => {
      const [value, version] = [tape.next(), tape.next()];
      const { high, low } = this.key.read(tape);
      this.require(this.reading.head.subject);
      this.raise(high, low, value, version);
    },
    'rate_card.published': (tape) => {
      this.require(this.key.read(tape));
      const { high, low } = this.key.read(tape);
      if (!this.cards.add(high, low)) this.reading.tell('published_twice', 'The same rate card was published before.');
    },
  };

  private readonly key = new Key();
  private readonly known = new KeyMap('values');
  private readonly rows = new Rows(9);
  private readonly versions = new Rows(8);
  private readonly cards = new KeyMap('keys');
  private readonly orders = new KeyMap('values');
  private readonly orderRows = new Rows(3);

  constructor(private readonly reading: Reading) {}

  /** `NO_ROW` when it is not known. */
  find(contract: Key): number {
    return Math.max(this.known.get(contract.high, contract.low), NO_ROW);
  }

  /** The contract that an event cites: authorised before, and of the provider that the event concerns. */
  require(contract: Key): number {
    const row = this.find(contract);
    const { head } = this.reading;
    if (row === NO_ROW)
      this.reading.tell('contract_missing', 'No contract was authorised before of the one that it names.');
    else if (!this.isOf(row, head.provider)) {
      this.reading.tell('other_provider', 'The contract that it names is of another provider.');
    }
    return row;
  }

  isOf(row: number, provider: Key): boolean {
    return provider.is(this.rows.get(row, CONTRACT.providerHigh), this.rows.get(row, CONTRACT.providerLow));
  }

  isSame(row: number, contract: Key): boolean {
    return row !== NO_ROW && contract.is(this.rows.get(row, CONTRACT.high), this.rows.get(row, CONTRACT.low));
  }

  hasCard(card: Key): boolean {
    return this.cards.has(card.high, card.low);
  }

  /** The row of a purchase order; `NO_ROW` when none was raised. */
  findOrder(order: Key): number {
    return Math.max(this.orders.get(order.high, order.low), NO_ROW);
  }

  orderLeft(order: number): number {
    return this.orderRows.get(order, ORDER.value) - this.orderRows.get(order, ORDER.used);
  }

  /** Charges an order, or gives back where it is below zero. */
  charge(order: number, minor: number): void {
    if (order !== NO_ROW) this.orderRows.addTo(order, ORDER.used, minor);
  }

  /** The first claim of those that wait for a batch, in a chain that the claims keep. */
  openClaim(row: number): number {
    return this.rows.get(row, CONTRACT.openClaim);
  }

  setOpenClaim(row: number, slot: number): void {
    this.rows.set(row, CONTRACT.openClaim, slot);
  }

  approve(row: number, minor: number): void {
    this.rows.addTo(row, CONTRACT.approved, minor);
  }

  /** @param netMinor of what was approved; an invoice makes that much owed, and its VAT */
  invoice(row: number, netMinor: number, vatMinor: number): void {
    const left = this.rows.addTo(row, CONTRACT.approved, -netMinor);
    this.rows.addTo(row, CONTRACT.owed, netMinor + vatMinor);
    if (left < 0) this.reading.tell('owed_beyond_approved', `On its contract ${-left} more is owed than was approved.`);
  }

  /** An advance is owed too, and less where it is cancelled or recovered. */
  owe(row: number, minor: number): void {
    this.rows.addTo(row, CONTRACT.owed, minor);
  }

  /** What has reached the provider; below zero where it came back. */
  pay(row: number, minor: number): void {
    const paid = this.rows.addTo(row, CONTRACT.paid, minor);
    const beyond = paid - this.rows.get(row, CONTRACT.owed);
    if (beyond > 0) this.reading.tell('paid_beyond_owed', `On its contract ${beyond} more was paid than was owed.`);
  }

  /** The terms that govern a day, by the versions known now: the latest to take effect by then, else the first of all. */
  termsOn(row: number, day: number): Terms | undefined {
    return this.governing(this.versionsOf(row), day);
  }

  /**
   * Whether terms that govern a day say so, or did before a later version took their place: who reads terms and who amends
   * them may do so at the same time.
   */
  everSaid(row: number, day: number, says: (terms: Terms) => boolean): boolean {
    const versions = this.versionsOf(row);
    return versions.some((_, place) => {
      const terms = this.governing(versions.slice(0, place + 1), day);
      return terms !== undefined && says(terms);
    });
  }

  private addVersion(known: number, values: readonly number[]): void {
    const { head } = this.reading;
    const row = known === NO_ROW ? this.rows.add(head.provider.high, head.provider.low) : this.require(head.subject);
    if (known === NO_ROW) {
      this.known.set(head.subject.high, head.subject.low, row);
      this.rows.set(row, CONTRACT.high, head.subject.high);
      this.rows.set(row, CONTRACT.low, head.subject.low);
    }
    const before = this.rows.get(row, CONTRACT.lastVersion);
    const expected = before === NO_ROW ? 1 : this.versions.get(before, VERSION.number) + 1;
    const [number = 0] = values;
    if (number !== expected)
      this.reading.tell('version_differs', `It is version ${number}, and the next one is ${expected}.`);
    const version = this.versions.add(...values, before);
    this.rows.set(row, CONTRACT.lastVersion, version);
  }

  private raise(high: number, low: number, value: number, version: number): void {
    const known = this.orders.get(high, low);
    const row = known === ABSENT ? this.orderRows.add() : known;
    if (known === ABSENT) this.orders.set(high, low, row);
    const expected = this.orderRows.get(row, ORDER.version) + 1;
    if (version !== expected)
      this.reading.tell('version_differs', `It is version ${version}, and the next one is ${expected}.`);
    const used = this.orderRows.get(row, ORDER.used);
    if (value < used)
      this.reading.tell('order_exceeded', `The order is lowered to ${value}, and ${used} is charged to it.`);
    this.orderRows.set(row, ORDER.value, value);
    this.orderRows.set(row, ORDER.version, version);
  }

  /** In the order in which they were agreed. */
  private versionsOf(contract: number): number[] {
    const found: number[] = [];
    if (contract === NO_ROW) return found;
    let version = this.rows.get(contract, CONTRACT.lastVersion);
    for (; version !== NO_ROW; version = this.versions.get(version, VERSION.before)) found.push(version);
    return found.reverse();
  }

  private governing(versions: readonly number[], day: number): Terms | undefined {
    const from = (version: number) => this.versions.get(version, VERSION.from);
    let [best, first] = [NO_ROW, NO_ROW];
    for (const version of versions) {
      if (first === NO_ROW || from(version) <= from(first)) first = version;
      if (from(version) <= day && (best === NO_ROW || from(version) >= from(best))) best = version;
    }
    const version = best === NO_ROW ? first : best;
    if (version === NO_ROW) return undefined;
    const at = (column: number) => this.versions.get(version, column);
    return {
      version: at(VERSION.number),
      vatRecoverable: at(VERSION.vatRecoverable) === 1,
      standingAuthority: at(VERSION.standing) === 1,
      flagsBudget: at(VERSION.flags) === 1,
      poRequired: at(VERSION.poRequired) === 1,
      documentMode: DOCUMENT_MODES[at(VERSION.mode)],
    };
  }
}

import { accountCode, CHART } from '../ledger/rules.js';
import { EVENT_TYPES } from './event-types.rules.js';
import type { Reading } from './journey-reading.js';
import type { KnownAccount } from './replay-accounts.js';
import { uuidOf } from './replay-head.js';
import { KeyMap } from './replay-key-map.js';
import { dayOf } from './replay-said.rules.js';

/** What an account held: its normal side less the other. */
export interface AccountBalance {
  readonly account: KnownAccount;
  readonly balanceMinor: number;
}

/** As of which size of the log, and up to which day (days since 2000-01-01), balances are wanted. */
export interface BalancesAt {
  readonly size: number;
  readonly on?: number | undefined;
}

const STANDS = 1;
const REVERSED = 2;

/**
 * The accounts as the transfers make them. Floors are judged whenever a pass of the sealer ends: within a pass the log has an
 * order that need not be the one in which the database judged. So a decision is found to have broken a floor only where no
 * order of the pass explains it: with all that raised the account before it, and all facts that lowered it after it.
 */
export class Books {
  private readonly balances: Float64Array;
  private readonly wanted: Float64Array;
  /** In this pass: the balance before it, what raised it, and what decisions took of it. */
  private readonly before: Float64Array;
  private readonly raised: Float64Array;
  private readonly decided: Float64Array;
  private readonly touched: number[] = [];
  private readonly isTouched: Uint8Array;
  /** The decision that lowered an account last: its index and the words of its id. */
  private readonly lowering: Float64Array;
  private readonly mirrors = new KeyMap('values');

  constructor(
    private readonly reading: Reading,
    private readonly accounts: readonly (KnownAccount | undefined)[],
    private readonly at: BalancesAt | undefined,
  ) {
    const count = accounts.length;
    [this.balances, this.wanted, this.before] = [
      new Float64Array(count),
      new Float64Array(count),
      new Float64Array(count),
    ];
    [this.raised, this.decided, this.lowering] = [
      new Float64Array(count),
      new Float64Array(count),
      new Float64Array(5 * count),
    ];
    this.isTouched = new Uint8Array(count);
  }

  /** Books what the event that is being read moves. */
  read(): void {
    const { legs } = this.reading.money;
    if (legs.length === 0) return;
    const isDecision = EVENT_TYPES[this.reading.head.typeCode - 1]?.nature === 'decision';
    for (let at = 0; at < legs.length; at += 3) {
      this.book(legs[at] ?? 0, legs[at + 1] ?? 0, legs[at + 2] ?? 0, isDecision);
    }
    this.judgeReversals();
  }

  /** Every floor, at the end of a pass. */
  atCheckpoint(size: number): void {
    for (const account of this.touched) this.judgeFloor(account, size);
    this.touched.length = 0;
  }

  /** Each book in balance, at the end of the log. */
  finish(): void {
    const sums = { money: 0, budget: 0 };
    for (const [place, account] of this.accounts.entries()) {
      if (account) sums[account.book] += account.sign * (this.balances[place] ?? 0);
    }
    for (const [book, sum] of Object.entries(sums)) {
      if (sum !== 0)
        this.reading.tellOf('book_unbalanced', {}, `Debits of the ${book} book are ${sum} more than its credits.`);
    }
  }

  /** As they were asked for; at the end of the log, on all days, when nothing else was. */
  balancesAt(): AccountBalance[] {
    return this.accounts.flatMap((account, place) =>
      account ? [{ account, balanceMinor: (this.at ? this.wanted : this.balances)[place] ?? 0 }] : [],
    );
  }

  private book(account: number, day: number, change: number, isDecision: boolean): void {
    const known = this.accounts[account];
    if (!known) return;
    const minor = known.sign * change;
    if (this.isTouched[account] === 0) this.touch(account);
    const balance = (this.balances[account] ?? 0) + minor;
    this.balances[account] = balance;
    if (minor > 0) this.raised[account] = (this.raised[account] ?? 0) + minor;
    else if (isDecision && minor < 0) this.lower(account, -minor);
    if (!Number.isSafeInteger(balance)) {
      this.reading.tell('beyond_counting', `The account ${known.id} holds more than can be counted to the penny.`);
    }
    const { at } = this;
    if (!at || this.reading.head.index >= at.size || (at.on !== undefined && day > at.on)) return;
    this.wanted[account] = (this.wanted[account] ?? 0) + minor;
  }

  private touch(account: number): void {
    this.isTouched[account] = 1;
    this.touched.push(account);
    this.before[account] = this.balances[account] ?? 0;
    this.raised[account] = 0;
    this.decided[account] = 0;
  }

  private lower(account: number, minor: number): void {
    this.decided[account] = (this.decided[account] ?? 0) + minor;
    const { head } = this.reading;
    this.lowering.set([head.index, ...head.eventWords], 5 * account);
  }

  private judgeFloor(account: number, size: number): void {
    this.isTouched[account] = 0;
    const known = this.accounts[account];
    const [before = 0, raised = 0, decided = 0] = [this.before[account], this.raised[account], this.decided[account]];
    if (!known?.strict || decided === 0 || before + raised - decided >= 0) return;
    const [index = 0, ...words] = this.lowering.subarray(5 * account, 5 * account + 5);
    const of = known.contractId === null ? known.kind : `${known.kind} of the contract ${known.contractId}`;
    const had = `${of} held ${before}, and gained ${raised}`;
    const what = `Decisions took ${decided} of an account that must not be below zero: up to ${size} events, ${had}.`;
    this.reading.tellOf('floor_broken', { index, eventId: uuidOf(words) }, what);
  }

  /** A reversal is of one earlier transfer, in full, and once. */
  private judgeReversals(): void {
    const { standing, reversed } = this.reading.money;
    for (let at = 0; at < reversed.length; at += 2) {
      const [high = 0, low = 0] = [reversed[at], reversed[at + 1]];
      const state = this.mirrors.get(high, low);
      if (state === STANDS) this.mirrors.set(high, low, REVERSED);
      else if (state === REVERSED) this.reading.tell('reversed_twice', 'It takes back what was taken back before.');
      else this.reading.tell('reversal_bent', 'It takes back what no earlier transfer moved that way, in full.');
    }
    for (let at = 0; at < standing.length; at += 2) this.mirrors.set(standing[at] ?? 0, standing[at + 1] ?? 0, STANDS);
  }
}

/** Balances as the verdict has them. Its JSON is an interface. */
export interface BalanceSheet {
  /** Booked in the first so many events, and counting on this day or before; null is every day. */
  readonly size: number;
  readonly on: string | null;
  /** In the order of the chart; pence as digits, on the side on which the account grows. */
  readonly accounts: readonly { readonly account: string; readonly balanceMinor: string }[];
}

const KINDS = Object.keys(CHART);

export function balanceSheet(balances: readonly AccountBalance[], { size, on }: BalancesAt): BalanceSheet {
  const accounts = balances
    .map(({ account, balanceMinor }) => ({
      order: KINDS.indexOf(account.kind),
      account: accountCode(account),
      balanceMinor: String(balanceMinor),
    }))
    .toSorted((a, b) => a.order - b.order || (a.account < b.account ? -1 : 1))
    .map(({ account, balanceMinor }) => ({ account, balanceMinor }));
  return { size, on: on === undefined ? null : dayOf(on), accounts };
}

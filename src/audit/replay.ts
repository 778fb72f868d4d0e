import { EVENT_TYPES } from './event-types.rules.js';
import type { Finding, Findings } from './finding.js';
import { BatchBook } from './journey-batch-book.js';
import { Batches } from './journey-batches.js';
import { Claims } from './journey-claims.js';
import { Contracts } from './journey-contracts.js';
import { Delivery } from './journey-delivery.js';
import { Invoices } from './journey-invoices.js';
import { LineReviews } from './journey-line-reviews.js';
import { Advances } from './journey-advances.js';
import { PaymentRuns } from './journey-payment-runs.js';
import { PayoutAccounts } from './journey-payout-accounts.js';
import { Payouts } from './journey-payouts.js';
import { type Chapter, type ReadSaid, Reading } from './journey-reading.js';
import { knownAccounts } from './replay-accounts.js';
import { type AccountBalance, type BalancesAt, Books } from './replay-books.js';
import { KeyMap } from './replay-key-map.js';
import { readText } from './replay-head.js';
import { Statements } from './replay-statements.js';
import { IdHash } from './id-hash.js';
import type { BundleAccount, SequentialReplay, TapeReader } from './segment.js';

export interface ReplayOptions {
  /** In the bundle's order. */
  readonly accounts: readonly BundleAccount[];
  /** With the key of the tapes. */
  readonly ids: IdHash;
  readonly report: (finding: Finding) => void;
  /** As of when `balances` are wanted; at the end of the log unless given. */
  readonly balancesAt?: BalancesAt | undefined;
}

/** A type of event that this version does not know. */
export interface UnknownType {
  readonly type: string;
  /** Of the first event of it. */
  readonly firstIndex: number;
  events: number;
  /** Of those, how many moved money. */
  moving: number;
}

/** More types are not listed. */
const UNKNOWN_MAX = 100;

/** What a verifier knows before it begins. */
export interface ReplaySetting {
  readonly accounts: readonly BundleAccount[];
  readonly hashKey: readonly [number, number];
}

/** The replay of a bundle, whose tapes were hashed under the same key. */
export function sequentialReplay(setting: ReplaySetting, findings: Findings, balancesAt?: BalancesAt): Replay {
  const { accounts, hashKey } = setting;
  return new Replay({ accounts, ids: new IdHash(hashKey), report: (finding) => findings.add(finding), balancesAt });
}

/**
 * Goes through the log from its beginning, once: what each event moves, and whether it can have happened after those before
 * it. It holds about fifty bytes for an event, and no object.
 */
export class Replay implements SequentialReplay {
  private readonly reading: Reading;
  private readonly books: Books;
  private readonly statements: Statements;
  private readonly events = new KeyMap('keys');
  private readonly unknown = new Map<string, UnknownType>();
  private readonly chapters: readonly Chapter[];
  private readonly readers: readonly (ReadSaid | undefined)[];

  constructor({ accounts, ids, report, balancesAt }: ReplayOptions) {
    const known = knownAccounts(accounts, ids);
    this.reading = new Reading(ids, report);
    this.books = new Books(this.reading, known, balancesAt);
    this.statements = new Statements(this.reading, known, ids);
    this.chapters = [...chaptersOf(this.reading), this.statements];
    this.readers = EVENT_TYPES.map(({ name }) => readerOf(this.chapters, name));
  }

  take(tape: TapeReader): void {
    while (!tape.isAtEnd) {
      this.reading.read(tape);
      this.judgeOrder();
      this.books.read();
      this.statements.read();
      if (this.reading.head.typeCode === 0) this.countUnknown(readText(tape));
      else this.readers[this.reading.head.typeCode - 1]?.(tape);
    }
  }

  atCheckpoint(size: number): void {
    this.books.atCheckpoint(size);
    for (const chapter of this.chapters) chapter.atCheckpoint?.(size);
  }

  finish(): void {
    this.books.finish();
  }

  /** What every account held, on its normal side. */
  balances(): AccountBalance[] {
    return this.books.balancesAt();
  }

  /** How many statements were made again: those that name the checkpoint in which they are booked. */
  get statementCount(): number {
    return this.statements.count;
  }

  /**
   * The types of events that this version does not know. Nothing is wrong with them as far as it can tell: their transfers
   * are booked, and what they mean was not checked.
   */
  get notUnderstood(): readonly UnknownType[] {
    return [...this.unknown.values()];
  }

  private countUnknown(type: string): void {
    const { index } = this.reading.head;
    const { legs } = this.reading.money;
    let known = this.unknown.get(type);
    if (!known) {
      if (this.unknown.size >= UNKNOWN_MAX) return;
      known = { type, firstIndex: index, events: 0, moving: 0 };
      this.unknown.set(type, known);
    }
    known.events++;
    if (legs.length > 0) known.moving++;
  }

  /** An event stands once, and behind what led to it. */
  private judgeOrder(): void {
    const { event, cause } = this.reading.head;
    if (!cause.isNone && !this.events.has(cause.high, cause.low)) {
      this.reading.tell('cause_missing', 'The event that led to it does not stand before it.');
    }
    if (!this.events.add(event.high, event.low))
      this.reading.tell('event_repeated', 'An event of the same id stands before it.');
  }
}

function chaptersOf(reading: Reading): Chapter[] {
  const contracts = new Contracts(reading);
  const delivery = new Delivery(reading, contracts);
  const claims = new Claims(reading, contracts, delivery);
  const book = new BatchBook(reading, claims.slots);
  const batches = new Batches(reading, contracts, claims, book);
  const reviews = new LineReviews(reading, contracts, claims, book);
  const invoices = new Invoices(reading, contracts, book);
  const accounts = new PayoutAccounts(reading);
  const runs = new PaymentRuns(reading);
  const advances = new Advances(reading, contracts, invoices);
  const payouts = new Payouts(reading, contracts, invoices, advances, accounts, runs);
  return [contracts, delivery, claims, batches, reviews, invoices, advances, accounts, runs, payouts];
}

/** The chapter that knows the type; of most types one, and none where there is nothing to be judged. */
function readerOf(chapters: readonly Chapter[], name: string): ReadSaid | undefined {
  return chapters.find(({ reads }) => Object.hasOwn(reads, name))?.reads[name];
}

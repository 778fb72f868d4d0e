import { EVENT_TYPES } from './event-types.rules.js';
import type { Finding } from './finding.js';
import { possibleIn, stateName, stepTo, type Subject } from './journey-steps.rules.js';
import { EventHead, Key } from './replay-head.js';
import type { Tell } from './replay-postings.rules.js';
import type { Said } from './replay-said.rules.js';
import type { IdHash } from './id-hash.js';
import type { SegmentEvent, TapeReader, TapeWriter } from './segment.js';

/** A sum over keys in no order: two sets of transfers are the same when their sums are. */
export class KeySum {
  count = 0;
  high = 0;
  low = 0;

  reset(): void {
    this.count = this.high = this.low = 0;
  }

  add(high: number, low: number): void {
    this.count++;
    this.high = (this.high + high) | 0;
    this.low = (this.low + low) | 0;
  }
}

/** What the event that is being read has moved. There is one of these, and it is filled anew for each event. */
export class EventMoney {
  /** By account and day: three numbers each (account, day, debits less credits). */
  readonly legs: number[] = [];
  /** Keys of transfers that can be reversed, and of those that were: two numbers each. */
  readonly standing: number[] = [];
  readonly reversed: number[] = [];
  readonly standingSum = new KeySum();
  readonly reversedSum = new KeySum();
  /** By contract: three numbers each (its key, pence). */
  readonly shares: number[] = [];
  private readonly sums: number[] = [];

  read(tape: TapeReader): void {
    fill(this.legs, 3, tape);
    fill(this.standing, 2, tape);
    fill(this.reversed, 2, tape);
    fill(this.sums, 1, tape);
    fill(this.shares, 3, tape);
    summed(this.standing, this.standingSum);
    summed(this.reversed, this.reversedSum);
  }

  /** Pence of a flow of the event's type, by its place. */
  sum(flow: number): number {
    return this.sums[flow] ?? 0;
  }

  /** Whether all that was moved is of one contract. */
  isOf(contract: Key): boolean {
    for (let at = 0; at < this.shares.length; at += 3) {
      if (!contract.is(this.shares[at] ?? 0, this.shares[at + 1] ?? 0)) return false;
    }
    return true;
  }
}

/** Most events move nothing. */
function fill(numbers: number[], width: number, tape: TapeReader): void {
  const length = width * tape.next();
  while (numbers.length > length) numbers.pop(); // to set the length takes much longer
  for (let at = 0; at < length; at++) numbers[at] = tape.next();
}

function summed(keys: readonly number[], sum: KeySum): void {
  sum.reset();
  for (let at = 0; at < keys.length; at += 2) sum.add(keys[at] ?? 0, keys[at + 1] ?? 0);
}

/** Writes, in a worker, what the journey needs of the `data` of one type of event. The same is read in the same order. */
export type WriteSaid = (said: Said, event: SegmentEvent, tape: TapeWriter, tell: Tell) => void;

/** Reads what an event of one type says, and what it means for those before it. */
export type ReadSaid = (tape: TapeReader) => void;

/** A part of the journey: what it reads of each type of event, all of it, whatever it finds. */
export interface Chapter {
  readonly reads: Readonly<Record<string, ReadSaid>>;
  /** What must hold whenever a pass of the sealer has ended. */
  atCheckpoint?(size: number): void;
}

/** The event that is being read, for all parts of the journey, and where they tell what cannot be. */
export class Reading {
  readonly head = new EventHead();
  readonly money = new EventMoney();
  readonly key = new Key();

  constructor(
    readonly ids: IdHash,
    private readonly report: (finding: Finding) => void,
  ) {}

  read(tape: TapeReader): void {
    this.head.read(tape);
    this.money.read(tape);
  }

  get type(): string {
    return EVENT_TYPES[this.head.typeCode - 1]?.name ?? 'an unknown event';
  }

  tell(code: string, what: string): void {
    const { index } = this.head;
    this.report({ code, at: { index, eventId: this.head.eventId() }, what: `${this.type}: ${what}` });
  }

  /** Something that is not about one event. */
  tellOf(code: string, at: Finding['at'], what: string): void {
    this.report({ code, at, what });
  }

  /**
   * The state that this event leads to; tells it, and gives undefined, where it cannot happen in this one.
   *
   * @param which of the subjects, where it is not the one that the event is about
   */
  step(of: Subject, from: number, which?: string): number | undefined {
    const to = stepTo(of, this.type, from);
    if (to !== undefined) return to;
    const state = from === 0 ? 'is not known' : `is ${stateName(of, from)}`;
    const possible = possibleIn(of, this.type).map((one) => (one === 'none' ? 'not known' : one));
    this.tell(
      'step_not_possible',
      `The ${of} ${which ?? this.head.subjectId()} ${state}; this can be when it is ${possible.join(' or ')}.`,
    );
    return undefined;
  }

  /** The event names what led to it. */
  causedBy(high: number, low: number, what: string): void {
    if (!this.head.cause.is(high, low)) this.tell('other_cause', `The cause that it names is not ${what}.`);
  }
}

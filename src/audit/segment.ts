import type { Finding } from './finding.js';
import type { IdHash } from './id-hash.js';
import type { Said } from './replay-said.rules.js';
import type { Uuid } from './uuid.rules.js';

/**
 * A segment is what one worker verifies at a time: the events of one entry bundle (256, the last one fewer) and their
 * transfers. What stands alone is checked there: that an event is spelled and shaped as it must be, its leaf, and that its
 * transfers are those that it binds. What needs the events before it (balances, journeys) is written on a tape, in log
 * order, and read by the one thread that goes through the log from its beginning.
 */

/** What was hashed of an event, parsed: its shape is checked before anybody else reads it. `data` is not. */
export interface EventBody {
  readonly v: 1;
  readonly id: string;
  readonly commissionerId: string;
  readonly type: string;
  readonly subjectId: string;
  readonly actor: {
    readonly kind: 'person' | 'service' | 'system';
    readonly orgId: string;
    readonly memberId: string | null;
    readonly keyId: string | null;
  };
  readonly providerId: string | null;
  readonly referrerId: string | null;
  readonly causeId: string | null;
  readonly occurredAt: string;
  readonly recordedAt: string;
  /** As its writer made it: amounts are decimal strings, and nothing in it may be taken for granted. */
  readonly data: { readonly [name: string]: unknown };
  readonly transfers?: { readonly count: number; readonly totalMinor: string; readonly sha256: string };
}

/**
 * The same as the replay reads it: ids as numbers, and what it says by its name. It is filled anew for each event, and what
 * was read of it does not outlive that.
 */
export interface ReadBody {
  readonly type: string;
  readonly id: Uuid;
  readonly subjectId: Uuid;
  readonly orgId: Uuid;
  readonly memberId: Uuid | null;
  readonly providerId: Uuid | null;
  readonly referrerId: Uuid | null;
  readonly causeId: Uuid | null;
  /** Milliseconds since 1970. */
  readonly recordedAt: number;
  readonly said: Said;
  readonly transfers: EventBody['transfers'];
}

/** A transfer, whose leaf is bound by the event. Whatever an amount is, it is a whole number of at most 15 digits. */
export interface SegmentTransfer {
  readonly id: Uuid;
  /** Places in the list of accounts. */
  readonly debit: number;
  readonly credit: number;
  readonly amountMinor: number;
  /** Days since 2000-01-01. */
  readonly effectiveOn: number;
  readonly claimId: Uuid | null;
  readonly reversesId: Uuid | null;
}

/** An event that was found to be well formed, with what it moved, in order of the transfers' ids. */
export interface SegmentEvent {
  /** Of its leaf, from 0. */
  readonly index: number;
  /** The hash of its leaf: 32 bytes. */
  readonly leaf: Uint8Array;
  readonly body: ReadBody;
  readonly transfers: readonly SegmentTransfer[];
}

/** An account of the bundle. Its place in the list, which is in order of ids, is what transfers say. */
export interface BundleAccount {
  readonly id: string;
  readonly kind: string;
  readonly providerId: string | null;
  readonly contractId: string | null;
  readonly currency: string;
}

/**
 * The replay's part in a worker: reads one well-formed event, judges what can be judged of it alone, and writes on the tape
 * what the sequential part needs of it (first its index, because an event that is not well formed is not handed over).
 */
export type ReduceEvent = (event: SegmentEvent, tape: TapeWriter, report: (finding: Finding) => void) => void;

/** The replay's sequential part: the tape of the events up to the next checkpoint, then that checkpoint, and so on. */
export interface SequentialReplay {
  /** Reads until the tape `isAtEnd`. */
  take(tape: TapeReader): void;
  /** Everything that must hold whenever a pass of the sealer has ended. */
  atCheckpoint(size: number): void;
  /** What must hold at the end of the log, which ends at a checkpoint. */
  finish(): void;
}

const WORDS_AT_FIRST = 4_096;

/**
 * Numbers that one thread writes and another reads in the same order. An id is two words of a keyed hash (`IdHash`): equal
 * ids give equal words, and nobody can choose two ids that meet.
 */
export class TapeWriter {
  private words: Float64Array<ArrayBuffer> = new Float64Array(WORDS_AT_FIRST);
  private length = 0;

  constructor(readonly ids: IdHash) {}

  put(word: number): void {
    if (this.length === this.words.length) this.grow();
    this.words[this.length++] = word;
  }

  /** Two words; zeros for none. */
  putId(id: Uuid | null): void {
    if (id === null) {
      this.put(0);
      this.put(0);
      return;
    }
    this.ids.takeUuid(id);
    this.putKey();
  }

  /** What `ids` has just taken: two words. */
  putKey(): void {
    this.put(this.ids.high);
    this.put(this.ids.low);
  }

  /** How many numbers were written. */
  get end(): number {
    return this.length;
  }

  /**
   * Gives the tape away, with whatever stands behind its end, and begins a new one.
   *
   * @param empty a tape that has been read: to write on it again saves asking for memory
   */
  handOver(empty?: Float64Array<ArrayBuffer>): Float64Array<ArrayBuffer> {
    const written = this.words;
    this.words = empty ?? new Float64Array(WORDS_AT_FIRST);
    this.length = 0;
    return written;
  }

  private grow(): void {
    const wider = new Float64Array(2 * this.words.length);
    wider.set(this.words);
    this.words = wider;
  }
}

/** Reads a part of a tape; whoever reads knows what was written. */
export class TapeReader {
  constructor(
    private readonly words: Float64Array,
    private at: number,
    private readonly end: number,
  ) {}

  get isAtEnd(): boolean {
    return this.at >= this.end;
  }

  next(): number {
    return this.words[this.at++] ?? 0;
  }
}

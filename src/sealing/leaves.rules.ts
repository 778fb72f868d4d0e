/** New events of one log, in the order of their numbers: columns instead of rows, because they come by the million. */
export interface EventRun {
  readonly logId: string;
  /** Their leaf hashes, one behind another. */
  readonly hashes: Buffer;
  /** Their ids, as PostgreSQL writes an array: `{id,id}`. */
  readonly ids: string;
  /** Their numbers, which grow, as PostgreSQL writes an array. */
  readonly seqs: string;
}

/** Whose leaves some are: the ids as PostgreSQL writes an array, the first number and the last. */
export interface LeafEvents {
  readonly ids: string;
  readonly minSeq: string;
  readonly maxSeq: string;
}

/** Of a leaf hash, which is a SHA-256. */
const HASH_BYTES = 32;

/** An id and the comma behind it. */
const ID_WIDTH = 37;

/** Leaves to append to one log: those of its events, or the entries of the platform's log, which are no events. */
export class Leaves {
  readonly count: number;

  private constructor(
    private readonly hashes: Buffer,
    private readonly ids: string | null,
    private readonly seqs: readonly string[],
  ) {
    this.count = hashes.length / HASH_BYTES;
  }

  /** Runs of one log, one behind another. */
  static ofEvents(runs: readonly EventRun[]): Leaves {
    return new Leaves(
      Buffer.concat(runs.map(({ hashes }) => hashes)),
      runs.map(({ ids }) => ids.slice(1, -1)).join(','),
      runs.flatMap(({ seqs }) => seqs.slice(1, -1).split(',')),
    );
  }

  static ofEntries(hashes: readonly Uint8Array[]): Leaves {
    return new Leaves(Buffer.concat(hashes), null, []);
  }

  hashAt(n: number): Buffer {
    return this.hashes.subarray(n * HASH_BYTES, (n + 1) * HASH_BYTES);
  }

  /** Whose leaves those are from one up to another; null when they are no events'. */
  eventsOf(from: number, to: number): LeafEvents | null {
    const [minSeq, maxSeq] = [this.seqs[from], this.seqs[to - 1]];
    if (this.ids === null || minSeq === undefined || maxSeq === undefined) return null;
    return { ids: `{${this.ids.slice(from * ID_WIDTH, to * ID_WIDTH - 1)}}`, minSeq, maxSeq };
  }
}

/** The leaves of each log, in the order of its runs. */
export function byLog(runs: readonly EventRun[]): Map<string, Leaves> {
  const logs = new Map<string, EventRun[]>();
  for (const run of runs) {
    const log = logs.get(run.logId);
    if (log) log.push(run);
    else logs.set(run.logId, [run]);
  }
  return new Map([...logs].map(([logId, own]) => [logId, Leaves.ofEvents(own)]));
}

/** When the oldest of these ids was made, in Unix milliseconds: they are UUIDs of version 7 (RFC 9562 section 5.7). */
export function oldestMs({ ids }: Pick<EventRun, 'ids'>): number {
  let oldest = ids.slice(1, 14);
  for (let at = 1 + ID_WIDTH; at < ids.length; at += ID_WIDTH) {
    const minted = ids.slice(at, at + 13);
    if (minted < oldest) oldest = minted;
  }
  return mintedAtMs(oldest);
}

/** The Unix milliseconds with which a UUID of version 7 begins. */
export function mintedAtMs(id: string): number {
  return Number.parseInt(id.slice(0, 8) + id.slice(9, 13), 16);
}

import {
  ENTRY_LENGTH_BYTES,
  entryEnds,
  HASH_BYTES,
  MalformedError,
  type NoteVerifier,
  parseVerifierKey,
  tilePath,
  TileTree,
} from '../transparency/index.js';
import { AccountList } from './account-list.js';
import { BundleFile, type SegmentSpans } from './bundle-file.js';
import { EventReader } from './event-reader.js';
import { type Finding, Findings } from './finding.js';
import { SEGMENT_EVENTS, segmentMembers } from './layout.js';
import { LineReader } from './line-reader.js';
import { eventReducer } from './replay-reducer.js';
import { readSealedSizes, type Sealed } from './sealed-sizes.js';
import { IdHash } from './id-hash.js';
import { type BundleAccount, type ReadBody, type ReduceEvent, TapeWriter } from './segment.js';
import { TransferCheck } from './transfer-check.js';

/** What is the same for all segments of a bundle. */
export interface SegmentSetting {
  readonly path: string;
  readonly commissionerId: string;
  readonly origin: string;
  /** Of the keys that may sign checkpoints of this log. */
  readonly verifierKeys: readonly string[];
  readonly accounts: readonly BundleAccount[];
  readonly hashKey: readonly [number, number];
}

export interface SegmentJob {
  readonly n: number;
  readonly width: number;
  readonly spans: SegmentSpans;
  /** Sizes within the segment at which the root is wanted, beside those of its checkpoints. */
  readonly alsoAt: readonly number[];
  /** A tape that has been read, to be written on again. */
  readonly emptyTape?: Float64Array<ArrayBuffer> | undefined;
}

/** A place in the segment at which the log had a root. */
export interface Cut {
  readonly size: number;
  /** Up to where the tape says what the replay needs of the events so far. */
  readonly tapeEnd: number;
  /** Hashes of the perfect subtrees of the segment's events up to here, largest first: each byte is a character. */
  readonly frontier: string;
  /** Of the checkpoint of this size, in Base64; null where there is none. */
  readonly sealedRoot: string | null;
}

/** What is small is text: a view of bytes would take the memory that it is a view of along to another thread. */
export interface SegmentResult {
  readonly n: number;
  readonly tape: Float64Array<ArrayBuffer>;
  readonly tapeEnd: number;
  readonly cuts: readonly Cut[];
  /** Hashes of the perfect subtrees of all events of the segment: of a full one, its root. */
  readonly frontier: string;
  readonly transferCount: number;
  readonly checkpointCount: number;
  readonly signedCount: number;
  readonly findings: readonly Finding[];
  readonly findingCount: number;
}

/** Verifies segments, one after the other, each alone. */
export class SegmentCheck {
  private readonly file: BundleFile;
  private readonly verifiers: readonly NoteVerifier[];
  private readonly tape: TapeWriter;
  private readonly reader: EventReader;
  private readonly reduce: ReduceEvent;
  private readonly checkpointLines: LineReader;
  private readonly transfers: TransferCheck;
  private bundle = Buffer.alloc(0);
  private readonly tile = Buffer.alloc(SEGMENT_EVENTS * HASH_BYTES);
  private readonly tree = new TileTree();

  constructor(private readonly setting: SegmentSetting) {
    this.file = BundleFile.open(setting.path);
    this.verifiers = setting.verifierKeys.map(parseVerifierKey);
    this.checkpointLines = new LineReader(this.file);
    this.transfers = new TransferCheck(new LineReader(this.file), new AccountList(setting.accounts));
    const ids = new IdHash(setting.hashKey);
    this.tape = new TapeWriter(ids);
    this.reader = new EventReader(setting.commissionerId);
    this.reduce = eventReducer(setting.commissionerId, setting.accounts, ids);
  }

  /** @throws UnreadableError when the file changes under it */
  verify(job: SegmentJob): SegmentResult {
    const findings = new Findings();
    const report = (finding: Finding) => findings.add(finding);
    const first = job.n * SEGMENT_EVENTS;
    const [entriesMember, transfersMember, member] = segmentMembers(job.n, job.width);
    const sealed = readSealedSizes(
      this.checkpointLines.lines(job.spans.checkpoints),
      { member, origin: this.setting.origin, first: first + 1, last: first + job.width },
      this.verifiers,
      report,
    );
    const { transfers } = this;
    transfers.begin(job.spans.transfers, transfersMember, report);
    const ends = this.entryEnds(job, entriesMember, report);
    const log = this.go(job, ends, transfers, sealed, report);
    transfers.finish();
    return {
      n: job.n,
      ...log,
      transferCount: transfers.count,
      checkpointCount: sealed.length,
      signedCount: sealed.filter(({ isSigned }) => isSigned).length,
      findings: findings.kept,
      findingCount: findings.count,
    };
  }

  close(): void {
    this.file.close();
  }

  private entryEnds({ spans, width }: SegmentJob, member: string, report: (finding: Finding) => void): number[] {
    try {
      if (spans.entries.length > this.bundle.length) this.bundle = Buffer.alloc(2 * spans.entries.length);
      const ends = entryEnds(this.file.read(spans.entries, this.bundle));
      if (ends.length === width) return ends;
      throw new MalformedError(`it has ${ends.length} events, not ${width}`);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      report({ code: 'entries_malformed', at: { member }, what: `The events cannot be read: ${error.message}.` });
      return [];
    }
  }

  /** Event by event: its leaf, what it says, what it moves, and what the replay is told of it. */
  private go(
    job: SegmentJob,
    ends: readonly number[],
    transfers: TransferCheck,
    sealed: readonly Sealed[],
    report: (finding: Finding) => void,
  ): Pick<SegmentResult, 'cuts' | 'tape' | 'tapeEnd' | 'frontier'> {
    const first = job.n * SEGMENT_EVENTS;
    const roots = new Map(sealed.map(({ size, root }) => [size, root]));
    const sizes = new Set([...roots.keys(), ...job.alsoAt]);
    const { tree } = this;
    tree.clear();
    const cuts: Cut[] = [];
    let from = ENTRY_LENGTH_BYTES;
    for (let offset = 0; offset < ends.length; offset++) {
      const [index, end] = [first + offset, ends[offset] ?? from];
      const leaf = tree.append(this.bundle, from, end);
      this.event(index, this.reader.read(this.bundle, from, end), leaf, transfers, report);
      from = end + ENTRY_LENGTH_BYTES;
      const size = index + 1;
      if (!sizes.has(size)) continue;
      cuts.push({ size, tapeEnd: this.tape.end, frontier: tree.frontier(), sealedRoot: roots.get(size) ?? null });
    }
    this.compareTile(job, report);
    const tapeEnd = this.tape.end;
    const tape = this.tape.handOver(job.emptyTape);
    return { cuts, tape, tapeEnd, frontier: tree.frontier() };
  }

  private event(
    index: number,
    body: ReadBody | string,
    leaf: Buffer,
    transfers: TransferCheck,
    report: (finding: Finding) => void,
  ): void {
    if (typeof body === 'string') {
      report({
        code: 'event_malformed',
        at: { index },
        what: `The event at ${index} cannot be taken for one: ${body}.`,
      });
      transfers.take(index, null);
      return;
    }
    const moved = transfers.take(index, body);
    if (moved) this.reduce({ index, leaf, body, transfers: moved }, this.tape, report);
  }

  private compareTile({ n, width, spans }: SegmentJob, report: (finding: Finding) => void) {
    const tile = this.file.read(spans.tile, this.tile);
    for (let offset = 0; offset < this.tree.size; offset++) {
      const [at, end] = [offset * HASH_BYTES, (offset + 1) * HASH_BYTES];
      const isWhole = end <= tile.length; // a tile may have been shortened
      if (isWhole && tile.compare(this.tree.leaf(offset), 0, HASH_BYTES, at, end) === 0) continue;
      const member = tilePath({ level: 0, n, width });
      const index = n * SEGMENT_EVENTS + offset;
      const what = `The event at ${index} does not have the hash that stands for it in ${member}.`;
      report({ code: 'leaf_differs', at: { index, member: segmentMembers(n, width)[0] }, what });
    }
  }
}

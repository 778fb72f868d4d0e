import { randomBytes } from 'node:crypto';
import { type Checkpoint, entriesPath, MalformedError, parseEntryBundle } from '../transparency/index.js';
import { readAccounts } from './account-list.js';
import { type ReadAnchor, readAnchor } from './anchor-check.js';
import { BundleFile, type BundleIndex, indexBundle, type Span, StructureError } from './bundle-file.js';
import { type TrustedKeys, trustedKeys } from './bundle-keys.js';
import { readEventBody } from './event-body.js';
import { type Finding, Findings } from './finding.js';
import { compareHeld, type HeldCheckpoint, type HeldNote, readHeld } from './held-checkpoints.js';
import { SEGMENT_EVENTS, segmentCount, segmentWidth } from './layout.js';
import { LineReader } from './line-reader.js';
import { LogCheck } from './log-check.js';
import { isSameLog } from './manifest.js';
import { sequentialReplay } from './replay.js';
import { type BalancesAt, type BalanceSheet, balanceSheet } from './replay-books.js';
import { whyNotSigned } from './sealed-sizes.js';
import { type BundleAccount, TapeReader } from './segment.js';
import type { SegmentJob, SegmentResult } from './segment-check.js';
import { verifySegments } from './segment-pool.js';
import { UnreadableError } from './unreadable.js';
import type { BundleVerdict, ProvedLog, Verdict } from './verdict.js';

export interface VerifyOptions {
  /** Checkpoints that were received before, of this log or of the platform's. */
  readonly held?: readonly HeldNote[] | undefined;
  /** Verifier keys that count, instead of those that the bundle brings. */
  readonly pins?: readonly string[] | undefined;
  /** As of when balances are wanted beside the verdict. */
  readonly balancesAt?: BalancesAt | undefined;
}

export type Progress = (verified: number, size: number) => void;

/** Verifies on this thread, with so many others for the segments. Throws for no file, whatever is in it. */
export async function verifyHere(
  path: string,
  options: VerifyOptions,
  threads: number,
  onProgress?: Progress,
): Promise<Verdict> {
  let file: BundleFile | undefined;
  try {
    file = BundleFile.open(path);
    return await new BundleVerifier(path, file, indexBundle(file), { ...options, threads, onProgress }).verdict();
  } catch (error) {
    if (error instanceof StructureError) return { outcome: 'tampered', findings: [error.finding], findingCount: 1 };
    if (!(error instanceof UnreadableError)) throw error;
    return { outcome: 'unreadable', message: error.message, mend: error.mend };
  } finally {
    file?.close();
  }
}

/** What the events came to, one after the other. */
interface Replayed {
  readonly log: LogCheck;
  readonly notUnderstood: BundleVerdict['notUnderstood'];
  readonly statements: number;
  readonly balances: BalanceSheet | undefined;
}

/** One verification, in the order in which a bundle is read. */
class BundleVerifier {
  private readonly findings = new Findings();
  private readonly report = (finding: Finding) => this.findings.add(finding);
  private readonly keys: TrustedKeys;
  private transferCount = 0;
  private checkpointCount = 0;
  private signedCount = 0;

  constructor(
    private readonly path: string,
    private readonly file: BundleFile,
    private readonly index: BundleIndex,
    private readonly options: VerifyOptions & { threads: number; onProgress: Progress | undefined },
  ) {
    this.keys = trustedKeys(this.text(index.head.keys), options.pins ?? [], this.report);
  }

  async verdict(): Promise<BundleVerdict> {
    const { manifest, head } = this.index;
    const { origin, commissionerId, size, madeAt } = manifest;
    const held = (this.options.held ?? []).map((note) =>
      readHeld(note, manifest, (log) => this.keys.of(log).verifiers),
    );
    this.checkOrigin();
    const { accounts } = readAccounts(new LineReader(this.file).lines(head.accounts), commissionerId, this.report);
    const anchor = this.anchor();
    this.checkWitnesses(anchor);
    const { log, notUnderstood, statements, balances } = await this.replayed(accounts, held, anchor);
    const root = log.rootAt(size);
    this.checkSignature(root);
    this.compareAnchor(anchor, log);
    const heldResults = held.map((one) => compareHeld(one, manifest, log.rootAt(one.size), anchor, this.report));
    return {
      outcome: this.findings.count === 0 ? 'proved' : 'tampered',
      log: { origin, size, root: base64(root), commissionerId, madeAt: madeAt.toISOString() },
      counts: {
        events: size,
        transfers: this.transferCount,
        accounts: accounts.length,
        checkpoints: this.checkpointCount,
        signedCheckpoints: this.signedCount,
        statements,
      },
      keys: { isPinned: this.keys.isPinned, ofLog: this.keys.of(origin).texts },
      held: heldResults,
      anchor: anchor && {
        platform: provedLog(anchor.platform),
        index: anchor.index,
        size: anchor.entry.size,
      },
      witnesses: anchor?.witnesses ?? [],
      notUnderstood,
      ...(balances && { balances }),
      findings: withEvents(this.findings.kept, this.file, this.index),
      findingCount: this.findings.count,
    };
  }

  private checkOrigin(): void {
    const { origin, commissionerId } = this.index.manifest;
    if (origin.endsWith(`/${commissionerId}`)) return;
    const what = `The log ${origin} is not named after the commissioner ${commissionerId}.`;
    this.report({ code: 'origin_differs', at: { member: 'bundle.json' }, what });
  }

  private anchor(): ReadAnchor | null {
    const spans = this.index.anchor;
    if (!spans) return null;
    const texts = {
      checkpoint: this.text(spans['platform/checkpoint']),
      entry: this.text(spans['platform/entry']),
      proof: this.text(spans['platform/proof']),
    };
    return readAnchor(texts, this.index.manifest, this.keys, this.report);
  }

  /** Whoever gives the key of a witness wants its word. */
  private checkWitnesses(anchor: ReadAnchor | null): void {
    for (const { name } of this.keys.witnesses) {
      if (anchor?.witnesses.some((one) => one.name === name)) continue;
      const what = `The witness ${name} has not signed the checkpoint of the platform's log.`;
      this.report({ code: 'witness_missing', at: { member: 'platform/checkpoint' }, what });
    }
  }

  /** Every event, in the order of the log. */
  private async replayed(
    accounts: readonly BundleAccount[],
    held: readonly HeldCheckpoint[],
    anchor: ReadAnchor | null,
  ): Promise<Replayed> {
    const { size, commissionerId, origin } = this.index.manifest;
    const { balancesAt } = this.options;
    if (balancesAt && balancesAt.size > size) throw beyondEnd(balancesAt.size, size);
    const heldSizes = held.filter((one) => isSameLog(one.origin, origin)).map((one) => one.size);
    const wanted = new Set([size, ...heldSizes, ...(anchor ? [anchor.entry.size] : [])]);
    const hashKey = [randomBytes(4).readInt32BE(), randomBytes(4).readInt32BE()] as const;
    const verifierKeys = this.keys.of(origin).texts;
    const setting = { path: this.path, commissionerId, origin, verifierKeys, accounts, hashKey };
    const log = new LogCheck(size, this.report);
    const replay = sequentialReplay(setting, this.findings, balancesAt);
    let lastSealed = 0;
    const emptyTapes: Float64Array<ArrayBuffer>[] = [];
    for await (const result of verifySegments(setting, this.jobs(wanted, emptyTapes), this.options.threads)) {
      this.add(result);
      let read = 0;
      for (const cut of result.cuts) {
        replay.take(new TapeReader(result.tape, read, cut.tapeEnd));
        read = cut.tapeEnd;
        log.cut(cut, wanted.has(cut.size));
        if (cut.sealedRoot === null) continue;
        replay.atCheckpoint(cut.size);
        lastSealed = cut.size;
      }
      replay.take(new TapeReader(result.tape, read, result.tapeEnd));
      emptyTapes.push(result.tape);
      log.segment(result);
      this.options.onProgress?.(Math.min(size, (result.n + 1) * SEGMENT_EVENTS), size);
    }
    replay.finish();
    log.finish(this.file, this.index);
    if (lastSealed !== size) {
      const what = `The list of checkpoints ends at ${lastSealed} events, and the bundle at ${size}.`;
      this.report({ code: 'checkpoints_incomplete', at: { member: 'checkpoint' }, what });
    }
    const { notUnderstood, statementCount: statements } = replay;
    return { log, notUnderstood, statements, balances: balancesAt && balanceSheet(replay.balances(), balancesAt) };
  }

  private *jobs(wanted: ReadonlySet<number>, emptyTapes: Float64Array<ArrayBuffer>[]): Generator<SegmentJob> {
    const { size } = this.index.manifest;
    const sizes = [...wanted].filter((one) => one <= size);
    for (let n = 0; n < segmentCount(size); n++) {
      const alsoAt = sizes.filter((one) => Math.floor((one - 1) / SEGMENT_EVENTS) === n);
      yield { n, width: segmentWidth(n, size), spans: this.index.segment(n), alsoAt, emptyTape: emptyTapes.pop() };
    }
  }

  private add(result: SegmentResult): void {
    this.findings.add(...result.findings);
    this.findings.count += result.findingCount - result.findings.length;
    this.transferCount += result.transferCount;
    this.checkpointCount += result.checkpointCount;
    this.signedCount += result.signedCount;
  }

  /** The checkpoint on top: signed, over exactly these events. */
  private checkSignature(root: Buffer | undefined): void {
    const { origin, size } = this.index.manifest;
    const note = this.text(this.index.head.checkpoint);
    const wrong = whyNotSigned(note, { size, root: base64(root) }, origin, this.keys.of(origin).verifiers);
    if (wrong === undefined) return;
    const what = `The checkpoint does not speak for these events: ${wrong}.`;
    this.report({ code: 'checkpoint_differs', at: { member: 'checkpoint' }, what });
  }

  private compareAnchor(anchor: ReadAnchor | null, log: LogCheck): void {
    if (!anchor || log.rootAt(anchor.entry.size)?.equals(anchor.entry.root)) return;
    const what = `The platform's log has another root for the first ${anchor.entry.size} events than they have.`;
    this.report({ code: 'anchor_differs', at: { member: 'platform/entry' }, what });
  }

  private text(span: Span): string {
    return this.file.read(span).toString('utf8');
  }
}

function beyondEnd(wanted: number, size: number): UnreadableError {
  return new UnreadableError(
    `The bundle has ${size} events, and balances are wanted as of ${wanted}.`,
    'Give the size of a checkpoint up to the end of the bundle.',
  );
}

/** The findings with the ids of their events, as far as the bundle has one where a finding points. */
function withEvents(findings: readonly Finding[], file: BundleFile, index: BundleIndex): Finding[] {
  const { size, commissionerId } = index.manifest;
  return findings.map((finding) => {
    const { at } = finding;
    if (at.index === undefined || at.index >= size) return finding;
    const n = Math.floor(at.index / SEGMENT_EVENTS);
    const member = at.member ?? entriesPath(n, segmentWidth(n, size));
    const eventId =
      at.eventId ?? eventIdAt(file.read(index.segment(n).entries), at.index % SEGMENT_EVENTS, commissionerId);
    return { ...finding, at: { ...at, member, ...(eventId !== undefined && { eventId }) } };
  });
}

function eventIdAt(bundle: Buffer, offset: number, commissionerId: string): string | undefined {
  try {
    const entry = parseEntryBundle(bundle)[offset];
    const body = entry && readEventBody(entry, commissionerId);
    return typeof body === 'object' ? body.id : undefined;
  } catch (error) {
    if (error instanceof MalformedError) return undefined;
    throw error;
  }
}

function provedLog({ origin, size, root }: Checkpoint): ProvedLog {
  return { origin, size, root: base64(root) };
}

function base64(bytes: Uint8Array | undefined): string {
  return bytes ? Buffer.from(bytes).toString('base64') : '';
}

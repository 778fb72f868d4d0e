import { Injectable } from '@nestjs/common';
import { type Finding, Findings } from '../audit/index.js';
import { checkInvariants, type Invariant, stateInvariant, stateTables } from '../ledger/index.js';
import type { Scope } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { sqlState } from '../platform/constraints.js';
import { Database } from '../platform/database.js';
import { CheckpointStore, LogKeys } from '../sealing/index.js';
import { leafHash, MalformedError, parseCheckpoint } from '../transparency/index.js';
import {
  findCursor,
  findEventsOutside,
  findLogIds,
  findWrongAnchors,
  readEntries,
  readEventLeaves,
  type LiveCursor,
  type LiveEntry,
  type LiveLeaf,
  type LiveReader,
  type LiveTile,
} from './live-log.queries.js';
import { LiveLogCheck, type HeldMark } from './live-log.service.js';
import type { BrokenSentence, LiveLogVerdict, LiveVerdict } from './live-verdict.rules.js';

/** Reads under a scope, on one snapshot; a test reads what nobody has committed. */
export type LiveRead = <T>(scope: Scope, work: (reader: LiveReader) => Promise<T>) => Promise<T>;

export interface LiveOptions {
  /** Signed checkpoints that were received before. */
  readonly held?: readonly { readonly name: string; readonly text: string }[];
  /** Of one commissioner alone, and the platform's log; of all unless given. */
  readonly commissionerId?: string;
  readonly onProgress?: (what: string, done: number, of: number) => void;
  readonly read?: LiveRead;
}

const SEALER = { side: 'sealer', orgId: null } as const;
const AUTH = { side: 'auth', orgId: null } as const;
/** A class of SQLSTATE: what is stored cannot be read as what it should be. */
const DATA_EXCEPTION = '22';
const EXAMPLES_MAX = 5;
const FINDINGS_MAX = 100;

interface Work {
  readonly read: LiveRead;
  readonly cursor: LiveCursor;
  readonly held: readonly (HeldMark & { readonly logId: string })[];
  readonly onProgress: NonNullable<LiveOptions['onProgress']>;
}

/**
 * Proves a running database: that every sealed event is what was sealed, that tiles, heads, checkpoints and signatures are
 * of them and go on from what is published, and that every table is what the journal says. It reads, under the scopes that
 * the product itself has, and holds a page at a time.
 */
@Injectable()
export class LiveVerifier {
  constructor(
    private readonly database: Database,
    private readonly keys: LogKeys,
    private readonly store: CheckpointStore,
    private readonly clock: Clock,
  ) {}

  async verify(options: LiveOptions = {}): Promise<LiveVerdict> {
    const { read = (scope, work) => this.database.read(scope, work), onProgress = () => undefined } = options;
    const checkedAt = this.clock.now();
    const logs = await this.logs({ ...options, read, onProgress });
    const sentences = await this.sentences(read, options.commissionerId, onProgress);
    const isProved = logs.every(({ findingCount }) => findingCount === 0) && sentences.length === 0;
    return { outcome: isProved ? 'proved' : 'tampered', checkedAt: checkedAt.toISOString(), logs, broken: sentences };
  }

  /** The log of each commissioner, and that of the platform last. */
  async logs(options: LiveOptions & Pick<Work, 'read' | 'onProgress'>): Promise<LiveLogVerdict[]> {
    const { read, onProgress, commissionerId } = options;
    const [cursor, known] = await read(SEALER, async (reader) => [await findCursor(reader), await findLogIds(reader)]);
    if (!cursor) return [noCursor()];
    const held = (options.held ?? []).map((one) => this.heldMark(one));
    const work = { read, cursor, onProgress, held: held.flatMap((mark) => ('logId' in mark ? mark : [])) };
    const all = [...new Set([...known, ...work.held.map(({ logId }) => logId)])].sort();
    const others = all.filter((id) => id !== cursor.platformLogId);
    const wanted = commissionerId === undefined ? others : others.filter((id) => id === commissionerId);
    const verdicts: LiveLogVerdict[] = [];
    for (const logId of wanted) verdicts.push(await this.commissionerLog(logId, work));
    const platform = await this.platformLog(work, known.includes(cursor.platformLogId), known.length > 0);
    const unreadable = held.flatMap((mark) => ('logId' in mark ? [] : mark));
    return [...verdicts, withFindings(platform, unreadable)];
  }

  /** The sentences that are broken, with whose books they are broken in. */
  async sentences(
    read: LiveRead,
    commissionerId: string | undefined,
    onProgress: Work['onProgress'],
  ): Promise<BrokenSentence[]> {
    const organisations = await read(AUTH, (reader) =>
      reader.query<{ id: string; kind: Scope['side']; home: string }>(
        `select id, kind, case kind when 'commissioner' then id else registered_by end as home from organisation order by code`,
      ),
    );
    const own = organisations.filter(({ home }) => commissionerId === undefined || home === commissionerId);
    const broken = new Map<string, BrokenSentence>();
    for (const [done, { id, kind }] of own.entries()) {
      const query = (sql: string) => queried(read({ side: kind, orgId: id }, (reader) => reader.query(sql)));
      const findings = await (kind === 'commissioner' ? checkInvariants(query) : checkInvariants(query, ownPeople()));
      for (const { sentence, violations } of findings) {
        if (violations.length === 0) continue;
        const known = broken.get(sentence);
        const examples = [...(known?.examples ?? []), ...violations].slice(0, EXAMPLES_MAX);
        broken.set(sentence, { sentence, violations: (known?.violations ?? 0) + violations.length, examples });
      }
      onProgress('books', done + 1, own.length);
    }
    return [...broken.values()];
  }

  private async commissionerLog(logId: string, work: Work): Promise<LiveLogVerdict> {
    const verdict = await this.log(logId, work, (tile) => this.eventsOf(logId, tile, work.read));
    const outside = await work.read(SEALER, (reader) => findEventsOutside(reader, logId));
    return withFindings(
      verdict,
      outside.map((eventId) => ({
        code: 'event_outside',
        at: { eventId },
        what: 'The event is in no tile, although the sealer has passed it.',
      })),
    );
  }

  private async platformLog(work: Work, isKnown: boolean, isExpected: boolean): Promise<LiveLogVerdict> {
    const { platformLogId, isAheadOfCluster } = work.cursor;
    const more: Finding[] = [];
    if (isAheadOfCluster)
      more.push({ code: 'cursor_ahead', at: {}, what: 'The sealer would pass over events that are still to come.' });
    for (const { what, id } of await work.read(SEALER, (reader) => findWrongAnchors(reader, platformLogId)))
      more.push({ code: 'anchor_differs', at: {}, what: `The platform's log and the ${what} ${id} do not agree.` });
    if (!isKnown) {
      if (isExpected) more.push({ code: 'head_missing', at: {}, what: "The platform's log is missing." });
      return withFindings(emptyVerdict(platformLogId, this.keys.originOf(platformLogId)), more);
    }
    const verdict = await this.log(platformLogId, work, (tile) => this.entriesOf(tile, work.read, more));
    return withFindings(verdict, more);
  }

  private async log(
    logId: string,
    work: Work,
    leavesOf: (tile: LiveTile) => Promise<(LiveLeaf | undefined)[]>,
  ): Promise<LiveLogVerdict> {
    const findings = new Findings(FINDINGS_MAX);
    const origin = this.keys.originOf(logId);
    const published = await this.published(logId);
    if (published === 'unreadable')
      findings.add({ code: 'published_unreadable', at: {}, what: 'What is published is no checkpoint of this log.' });
    const mark = published === 'unreadable' ? null : published;
    const held = [...work.held.filter((one) => one.logId === logId), ...(mark ? [mark] : [])];
    const check = new LiveLogCheck(
      { logId, origin, leavesOf, held, open: (note) => this.keys.open(logId, note) },
      work.cursor,
      (read) => work.read(SEALER, read),
      (finding) => findings.add(finding),
      (leaves, size) => work.onProgress(origin, leaves, size),
    );
    const { size, root, signedSize } = await check.run();
    return {
      logId,
      origin,
      size,
      root: root.toString('base64'),
      signedSize,
      publishedSize: mark?.size ?? null,
      findings: findings.kept,
      findingCount: findings.count,
    };
  }

  private async eventsOf(logId: string, { eventIds }: LiveTile, read: LiveRead): Promise<(LiveLeaf | undefined)[]> {
    const ids = eventIds ?? [];
    const leaves = await read({ side: 'commissioner', orgId: logId }, (reader) => readEventLeaves(reader, logId, ids));
    return ids.map((id) => leaves.get(id));
  }

  /** Each entry is a checkpoint of a commissioner, and one that is kept. */
  private async entriesOf(
    { n, hashes }: LiveTile,
    read: LiveRead,
    findings: Finding[],
  ): Promise<(LiveLeaf | undefined)[]> {
    const [first, count] = [n * 256, hashes.length / 32];
    const entries = new Map(
      (await read(SEALER, (reader) => readEntries(reader, first, count))).map((one) => [one.n, one]),
    );
    return Array.from({ length: count }, (_, place) => {
      const entry = entries.get(first + place);
      if (!entry) return undefined;
      if (!isOfItsCheckpoint(entry) && findings.length < FINDINGS_MAX)
        findings.push({
          code: 'entry_differs',
          at: { index: entry.n },
          what: 'The entry is no checkpoint that is kept.',
        });
      return { leafHash: leafHash(entry.entry), seq: null, xid: null };
    });
  }

  /** What the store outside of the database says of a log; null where there is no store, or it does not answer. */
  private async published(logId: string): Promise<HeldMark | 'unreadable' | null> {
    if (!this.store.isConfigured) return null;
    const published = await this.store.read(logId).catch(() => null);
    if (published === null) return null;
    const mark = this.keys.open(logId, published.note);
    return mark ? { name: 'What is published', ...mark } : 'unreadable';
  }

  private heldMark({ name, text }: { name: string; text: string }): (HeldMark & { logId: string }) | Finding {
    const logId = /^\S*\/([0-9a-f-]{36})\n/.exec(text)?.[1];
    const mark = logId === undefined ? undefined : this.keys.open(logId, text);
    if (logId !== undefined && mark) return { name, logId, ...mark };
    return {
      code: 'held_unreadable',
      at: {},
      what: `${name} is no checkpoint that a key of this instance has signed.`,
    };
  }
}

/** What is not even of its form breaks a sentence; a database that does not answer does not. */
async function queried(rows: Promise<Record<string, unknown>[]>): Promise<Record<string, unknown>[]> {
  try {
    return await rows;
  } catch (error) {
    if (!sqlState(error)?.startsWith(DATA_EXCEPTION)) throw error;
    return [{ unreadable: (error as Error).message }];
  }
}

/** Each provider and referrer sees its own people, and nobody else does. */
function ownPeople(): Invariant[] {
  const members = stateTables().get('member');
  return members && 'told' in members ? [stateInvariant(members)] : [];
}

function isOfItsCheckpoint({ entry, commissionerId, size, root }: LiveEntry): boolean {
  try {
    const said = parseCheckpoint(entry.toString('utf8'));
    const isOwn = said.origin.endsWith(`/${commissionerId}`) && said.size === size;
    return isOwn && root !== null && Buffer.compare(said.root, root) === 0;
  } catch (error) {
    if (error instanceof MalformedError) return false;
    throw error;
  }
}

function emptyVerdict(logId: string, origin: string): LiveLogVerdict {
  return { logId, origin, size: 0, root: '', signedSize: 0, publishedSize: null, findings: [], findingCount: 0 };
}

function noCursor(): LiveLogVerdict {
  const finding = { code: 'cursor_missing', at: {}, what: 'It is not known how far anything is sealed.' };
  return withFindings(emptyVerdict('', ''), [finding]);
}

function withFindings(verdict: LiveLogVerdict, more: readonly Finding[]): LiveLogVerdict {
  const findings = [...verdict.findings, ...more].slice(0, FINDINGS_MAX);
  return { ...verdict, findings, findingCount: verdict.findingCount + more.length };
}

import { Injectable } from '@nestjs/common';
import { type Finding, Findings, type HeldNote, UnreadableError } from '../audit/index.js';
import { checkInvariants, type Invariant, stateInvariant, stateTables } from '../ledger/index.js';
import type { Scope } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { sqlState } from '../platform/constraints.js';
import { Database } from '../platform/database.js';
import { CheckpointStore, LogKeys } from '../sealing/index.js';
import {
  HASH_BYTES,
  leafHash,
  MalformedError,
  parseCheckpoint,
  parseTlogProof,
  TILE_WIDTH,
} from '../transparency/index.js';
import {
  countUnsalted,
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
import { LiveLogCheck, type HeldMark, type LogToCheck } from './live-log.service.js';
import { LiveReplay } from './live-replay.service.js';
import type { BrokenSentence, LiveLogVerdict, LiveVerdict } from './live-verdict.rules.js';

/** Reads under a scope, on one snapshot; a test reads what nobody has committed. */
export type LiveRead = <T>(scope: Scope, work: (reader: LiveReader) => Promise<T>) => Promise<T>;

export interface LiveOptions {
  /** Signed checkpoints that were received before. */
  readonly held?: readonly HeldNote[];
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
    private readonly replay: LiveReplay,
    private readonly clock: Clock,
  ) {}

  /** @throws UnreadableError when what is held is no checkpoint */
  async verify(options: LiveOptions = {}): Promise<LiveVerdict> {
    const { read = (scope, work) => this.database.read(scope, work), onProgress = () => undefined } = options;
    const checkedAt = this.clock.now();
    const logs = await this.replayed(await this.logs({ ...options, read, onProgress }), onProgress);
    const sentences = await this.sentences(read, options.commissionerId, onProgress);
    const isProved = logs.every(({ findingCount }) => findingCount === 0) && sentences.length === 0;
    const outcome = isProved ? 'proved' : 'tampered';
    let unsaltedTexts = 0; // what is not proved may not be readable
    for (const { logId } of isProved ? logs.slice(0, -1) : [])
      unsaltedTexts += await read({ side: 'commissioner', orgId: logId }, (reader) => countUnsalted(reader, logId));
    return { outcome, checkedAt: checkedAt.toISOString(), logs, broken: sentences, unsaltedTexts };
  }

  /** What was decided, decided again from the first event on, as whoever takes a bundle away does it. */
  private async replayed(logs: readonly LiveLogVerdict[], onProgress: Work['onProgress']): Promise<LiveLogVerdict[]> {
    const replayed: LiveLogVerdict[] = [];
    for (const log of logs.slice(0, -1)) {
      const { logId, origin, signedSize } = log;
      const told = (events: number, size: number) => onProgress(`${origin}, replayed`, events, size);
      const found = signedSize > 0 ? await this.replay.findingsOf(logId, told) : { findings: [], count: 0 };
      replayed.push(withFindings(log, found.findings, found.count));
    }
    return [...replayed, ...logs.slice(-1)];
  }

  /** The log of each commissioner, and that of the platform last. */
  async logs(options: LiveOptions & Pick<Work, 'read' | 'onProgress'>): Promise<LiveLogVerdict[]> {
    const { read, onProgress, commissionerId } = options;
    const [cursor, known] = await read(SEALER, async (reader) => [await findCursor(reader), await findLogIds(reader)]);
    if (!cursor) return [noCursor()];
    const held = (options.held ?? []).map(heldMark);
    const work = { read, cursor, onProgress, held };
    const all = [...new Set([...known, ...held.map(({ logId }) => logId)])].sort();
    const others = all.filter((id) => id !== cursor.platformLogId);
    const wanted = commissionerId === undefined ? others : others.filter((id) => id === commissionerId);
    const verdicts: LiveLogVerdict[] = [];
    for (const logId of wanted) verdicts.push(await this.commissionerLog(logId, work));
    return [...verdicts, await this.platformLog(work, known.includes(cursor.platformLogId), known.length > 0)];
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
    const verdict = await this.log(logId, work, (tiles) => this.eventsOf(logId, tiles, work.read));
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
    const verdict = await this.log(platformLogId, work, (tiles) => this.entriesOf(tiles, work.read, more));
    return withFindings(verdict, more);
  }

  private async log(logId: string, work: Work, leavesOf: LogToCheck['leavesOf']): Promise<LiveLogVerdict> {
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

  private async eventsOf(
    logId: string,
    tiles: readonly LiveTile[],
    read: LiveRead,
  ): Promise<(LiveLeaf | undefined)[][]> {
    const ids = tiles.flatMap(({ eventIds }) => eventIds ?? []);
    const leaves = await read({ side: 'commissioner', orgId: logId }, (reader) => readEventLeaves(reader, logId, ids));
    return tiles.map(({ eventIds }) => (eventIds ?? []).map((id) => leaves.get(id)));
  }

  /** Each entry is a checkpoint of a commissioner, and one that is kept. */
  private async entriesOf(
    tiles: readonly LiveTile[],
    read: LiveRead,
    findings: Finding[],
  ): Promise<(LiveLeaf | undefined)[][]> {
    const first = (tiles[0]?.n ?? 0) * TILE_WIDTH;
    const rows = await read(SEALER, (reader) => readEntries(reader, first, tiles.length * TILE_WIDTH));
    const entries = new Map(rows.map((one) => [one.n, one]));
    const leafOf = (n: number): LiveLeaf | undefined => {
      const entry = entries.get(n);
      if (!entry) return undefined;
      if (!isOfItsCheckpoint(entry) && findings.length < FINDINGS_MAX)
        findings.push({ code: 'entry_differs', at: { index: n }, what: 'The entry is no checkpoint that is kept.' });
      return { leafHash: leafHash(entry.entry), seq: null, xid: null };
    };
    return tiles.map(({ n, hashes }) =>
      Array.from({ length: hashes.length / HASH_BYTES }, (_, place) => leafOf(n * TILE_WIDTH + place)),
    );
  }

  /** What the store outside of the database says of a log; null where there is no store, or it does not answer. */
  private async published(logId: string): Promise<HeldMark | 'unreadable' | null> {
    if (!this.store.isConfigured) return null;
    const published = await this.store.read(logId).catch(() => null);
    if (published === null) return null;
    const mark = this.keys.open(logId, published.note);
    return mark ? { name: 'What is published', ...mark } : 'unreadable';
  }
}

const PROOF = 'c2sp.org/tlog-proof@v1\n';

/** What was given out counts, whoever has signed it: it is not this database that brings it. */
function heldMark({ name, text }: HeldNote): HeldMark & { readonly logId: string } {
  try {
    const note = text.startsWith(PROOF) ? parseTlogProof(text).checkpoint : text;
    const { origin, size, root } = parseCheckpoint(note.slice(0, note.lastIndexOf('\n\n') + 1));
    return { name, logId: origin.slice(origin.lastIndexOf('/') + 1), size, root };
  } catch (error) {
    if (!(error instanceof MalformedError)) throw error;
    throw new UnreadableError(
      `${name} is no checkpoint: ${error.message}.`,
      'Give a signed checkpoint as it was received: its lines, an empty line, and its signatures.',
    );
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

function withFindings(verdict: LiveLogVerdict, more: readonly Finding[], count = more.length): LiveLogVerdict {
  const findings = [...verdict.findings, ...more].slice(0, FINDINGS_MAX);
  return { ...verdict, findings, findingCount: verdict.findingCount + count };
}

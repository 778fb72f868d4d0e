import { Injectable } from '@nestjs/common';
import type { Scope } from '../platform/actor.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { isUuid } from '../platform/ids.js';
import { SealedEvents } from '../sealing/index.js';
import { findByReference, type Match } from './lookup.queries.js';
import { spellingsOf } from './lookup.rules.js';
import {
  findNeighbours,
  findRoot,
  readEvents,
  readProgress,
  readThings,
  readTransfers,
  type TraceRoot,
} from './trace.queries.js';
import {
  neighboursMax,
  TRACE_KINDS,
  TRACE_LINKS,
  traceOf,
  TraceWalk,
  type RecordedEvent,
  type Trace,
  type TraceKind,
  type TraceParts,
  type TraceThing,
} from './trace.rules.js';

/** Where to read on among the neighbours of the root: those of one kind, after one of them. */
export interface TracePlace {
  readonly kind: TraceKind;
  readonly after: string;
}

/** What a trace is put together from, before it is known what is sealed. */
interface RecordedParts extends Omit<TraceParts, 'events'> {
  readonly events: readonly RecordedEvent[];
}

/** Something that can be followed. */
export type FoundThing = Omit<TraceThing, 'recordedIn'>;

const OF_A_KIND_MAX = 20;

/**
 * Follows one thing to everything that it came from and led to, from a payout down to the referral and back. All under the
 * policies of whoever asks: a provider sees its own, a referrer its referrals and how they go.
 */
@Injectable()
export class TraceService {
  constructor(
    private readonly database: Database,
    private readonly seals: SealedEvents,
  ) {}

  /** @throws not_found */
  async trace(scope: Scope, id: string, place: TracePlace | null = null): Promise<Trace> {
    const trace = await this.find(scope, id, place);
    if (!trace) throw notFound();
    return trace;
  }

  /** Null when there is no such thing to see. */
  async find(scope: Scope, id: string, place: TracePlace | null = null): Promise<Trace | null> {
    const found = await this.database.read(scope, async (reader) => {
      const root = await findRoot(reader, id, scope.side);
      if (!root) return null;
      const from = new TraceWalk(root, 'from');
      const to = new TraceWalk(root, 'to');
      if (scope.side !== 'referrer') {
        await this.walk(reader, root, from, 'from', place);
        await this.walk(reader, root, to, 'to', place);
      }
      return { root, parts: await this.gather(reader, root, from, to) };
    });
    if (!found) return null;
    const { root, parts } = found;
    const sealed = await this.seals.find(root.commissionerId, parts.events);
    return traceOf({
      ...parts,
      events: parts.events.map((event) => ({ ...event, sealed: sealed.get(event.id) ?? null })),
    });
  }

  /**
   * What is known by a reference, a number or an id, in whatever case and spacing it was typed: a referral's reference, an
   * invoice's number, the reference of a payment. At most 20 of a kind, what follows from the rest first.
   */
  search(scope: Scope, typed: string): Promise<FoundThing[]> {
    return this.database.read(scope, async (reader) => {
      const text = typed.trim().toLowerCase();
      const root = isUuid(text) ? await findRoot(reader, text, scope.side) : undefined;
      const matches = root ? [root] : await findByReference(reader, scope.side, spellingsOf(typed), OF_A_KIND_MAX);
      return describe(reader, matches);
    });
  }

  private async walk(
    reader: Reader,
    root: TraceRoot,
    walk: TraceWalk,
    direction: 'from' | 'to',
    place: TracePlace | null,
  ): Promise<void> {
    const links = direction === 'to' ? TRACE_LINKS : [...TRACE_LINKS].reverse();
    for (const link of links) {
      const ids = walk.frontier(link);
      if (ids.length === 0) continue;
      const far = direction === 'from' ? link.from : link.to;
      const here = place !== null && place.kind === far && ids.length === 1 && ids[0] === root.id;
      const asked = { ids, limit: neighboursMax(ids.length), after: here ? place.after : null };
      walk.add(link, await findNeighbours(reader, root.commissionerId, link.name, direction, asked));
    }
  }

  private async gather(reader: Reader, root: TraceRoot, from: TraceWalk, to: TraceWalk): Promise<RecordedParts> {
    const { commissionerId } = root;
    const found = new Map([...from.found(), ...to.found()].map(({ id, kind }) => [id, kind]));
    const things: TraceThing[] = [];
    for (const kind of TRACE_KINDS) {
      const ids = [...found].filter(([, one]) => one === kind).map(([id]) => id);
      if (ids.length > 0) things.push(...(await readThings(reader, commissionerId, kind, ids)));
    }
    const subjectIds = things.map(({ id }) => id);
    const events = await readEvents(
      reader,
      commissionerId,
      subjectIds,
      things.flatMap(({ recordedIn }) => recordedIn ?? []),
    );
    const claimIds = things.filter(({ kind }) => kind === 'claim').map(({ id }) => id);
    const onlyReferral = things.length === 1 && root.kind === 'referral';
    const transfers = onlyReferral
      ? []
      : await readTransfers(
          reader,
          commissionerId,
          events.map(({ id }) => id),
          claimIds,
        );
    const outcomes = root.kind === 'referral' ? await readProgress(reader, root.id) : null;
    return { rootId: root.id, from, to, things, events, transfers, outcomes };
  }
}

async function describe(reader: Reader, matches: readonly Match[]): Promise<FoundThing[]> {
  const found: FoundThing[] = [];
  for (const kind of [...TRACE_KINDS].reverse()) {
    const own = matches.filter((match) => match.kind === kind);
    for (const commissionerId of new Set(own.map((match) => match.commissionerId))) {
      const ids = own.filter((match) => match.commissionerId === commissionerId).map(({ id }) => id);
      const things = await readThings(reader, commissionerId, kind, ids);
      found.push(...things.map(({ recordedIn: _event, ...thing }) => thing));
    }
  }
  return found;
}

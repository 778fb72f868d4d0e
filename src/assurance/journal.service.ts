import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import { Database, type Reader } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { SealedEvents, type Sealed } from '../sealing/index.js';
import type { JournalQuery } from './assurance.schemas.js';
import {
  findEvent,
  readJournal,
  readMoves,
  type JournalEvent,
  type JournalFilter,
  type JournalRow,
  type Move,
} from './journal.queries.js';
import { readKinds } from './trace.queries.js';
import type { TraceKind } from './trace.rules.js';

export type { JournalEvent, JournalFilter };

export interface JournalPage {
  readonly items: readonly JournalEvent[];
  readonly next: string | null;
}

/** An event with who did it, what it moved, and what it is about. */
export type JournalEntry = JournalRow & {
  readonly moves: readonly Move[];
  /** What kind of thing it happened to; null of what cannot be followed. */
  readonly subjectKind: TraceKind | null;
};

/** Events beside each other, the newest first, and where there are more. */
export interface JournalWindow {
  readonly items: readonly JournalEntry[];
  /** The sequence number to look beyond for newer ones; null when these are the newest. */
  readonly newer: string | null;
  /** The sequence number to look beyond for older ones; null when these are the oldest. */
  readonly older: string | null;
}

/** What is asked for: what came before one sequence number, or after one; the newest when neither is given. */
export interface JournalBrowse extends JournalFilter {
  readonly before?: string | undefined;
  readonly after?: string | undefined;
  readonly limit: number;
}

/** The journal as it is stored, to be read event by event. */
@Injectable()
export class JournalService {
  constructor(
    private readonly database: Database,
    private readonly seals: SealedEvents,
  ) {}

  /** Events that the actor may see, in the order of the log. */
  page(actor: Actor, { after = '0', limit, ...filter }: JournalQuery): Promise<JournalPage> {
    return this.database.read(actor, async (reader) => {
      const rows = await readJournal(reader, { direction: 'forward', seq: after }, filter, limit + 1);
      const items = rows.slice(0, limit).map(({ actorSide: _side, ...event }): JournalEvent => event);
      return { items, next: rows.length > limit ? String(items.at(-1)?.seq) : null };
    });
  }

  /** Events that the actor may see, the newest first, with what they moved. */
  browse(actor: Actor, { before, after, limit, ...filter }: JournalBrowse): Promise<JournalWindow> {
    return this.database.read(actor, async (reader) => {
      const direction = after === undefined ? 'back' : 'forward';
      const rows = await readJournal(reader, { direction, seq: after ?? before ?? null }, filter, limit + 1);
      const more = rows.length > limit;
      const shown = direction === 'back' ? rows.slice(0, limit) : rows.slice(0, limit).reverse();
      const [first, last] = [shown[0], shown.at(-1)];
      const beyond = {
        newer: direction === 'back' ? before !== undefined : more,
        older: direction === 'back' ? more : true,
      };
      return {
        items: await withContext(reader, actor.side, shown),
        newer: first && beyond.newer ? String(first.seq) : null,
        older: last && beyond.older ? String(last.seq) : null,
      };
    });
  }

  /** One event, and where it is sealed: null until a signed checkpoint covers it. @throws not_found */
  async get(actor: Actor, id: string): Promise<JournalEntry & { readonly sealed: Sealed | null }> {
    const { event, entry } = await this.database.read(actor, async (reader) => {
      const found = await findEvent(reader, id);
      if (!found) throw notFound();
      const [described] = await withContext(reader, actor.side, [found]);
      return { event: found, entry: described as JournalEntry };
    });
    const sealed = await this.seals.find(String(event.body.commissionerId), [event]);
    return { ...entry, sealed: sealed.get(id) ?? null };
  }
}

async function withContext(reader: Reader, side: string, events: readonly JournalRow[]): Promise<JournalEntry[]> {
  const ids = events.map(({ id }) => id);
  const subjectIds = [...new Set(events.map(({ subjectId }) => subjectId))];
  const moves = await readMoves(reader, ids);
  const kinds = await readKinds(reader, subjectIds, side);
  return events.map((event) => ({
    ...event,
    moves: moves.filter(({ eventId }) => eventId === event.id),
    subjectKind: kinds.get(event.subjectId) ?? null,
  }));
}

import type { AccountKind } from '../ledger/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { Sealed } from '../sealing/index.js';

export const TRACE_KINDS = [
  'referral',
  'milestone',
  'attendance',
  'session',
  'claim',
  'batch',
  'invoice',
  'payout',
] as const;
/** What can be traced, in the order in which one leads to the next. */
export type TraceKind = (typeof TRACE_KINDS)[number];

/** A thing with what it is known by. No names: references are opaque. */
export interface TraceThing {
  readonly id: string;
  readonly kind: TraceKind;
  readonly reference: string | null;
  readonly state: string;
  /** What it is worth in pence, where it is worth anything: net of VAT up to the invoice, gross from there on. */
  readonly amountMinor: bigint | null;
  readonly occurredAt: Date;
  /** The event that recorded it together with something else, where it may have none of its own: a session's roll. */
  readonly recordedIn: string | null;
}

/** An event as it was recorded. */
export interface RecordedEvent {
  readonly id: string;
  readonly seq: bigint;
  readonly type: string;
  readonly subjectId: string;
  readonly occurredAt: Date;
  readonly recordedAt: Date;
  readonly actorKind: 'person' | 'service' | 'system';
  /** On whose side the actor stands: never who it is. */
  readonly actorSide: 'commissioner' | 'provider' | 'referrer';
  /** RFC 6962 section 2.1, in lower-case hexadecimal. */
  readonly leafHash: string;
}

export interface TraceEvent extends RecordedEvent {
  /** Where it stands in the log, and its proof; null until a signed checkpoint covers it. */
  readonly sealed: Sealed | null;
}

export interface TraceTransfer {
  readonly id: string;
  readonly eventId: string;
  readonly debit: AccountKind;
  readonly credit: AccountKind;
  readonly amountMinor: bigint;
  readonly effectiveOn: IsoDate;
  readonly claimId: string | null;
  readonly reversesId: string | null;
}

/** How far a referral has come, for the organisation that made it. */
export interface ReferralOutcomes {
  readonly planned: number | null;
  readonly attended: number;
  readonly didNotAttend: number;
  readonly cancelled: number;
  readonly lastAttendedOn: IsoDate | null;
}

/** `from`: what the root came from. `to`: what it led to. */
export type Direction = 'root' | 'from' | 'to';

export interface TraceEdge {
  /** The earlier of the two. */
  readonly from: string;
  readonly to: string;
  /** What passes over it in pence, where that is known for this pair alone. */
  readonly amountMinor: bigint | null;
}

/** What was left out because there is much of it, and where to read on. */
export interface TraceCut {
  readonly nodeId: string;
  readonly kind: TraceKind;
  readonly notShown: number;
  readonly next: string;
}

export interface TraceNode extends Omit<TraceThing, 'recordedIn'> {
  readonly direction: Direction;
  /** Of the event that began it; null where the one who asks may not see it. */
  readonly actor: { readonly kind: TraceEvent['actorKind']; readonly side: TraceEvent['actorSide'] } | null;
  readonly events: readonly TraceEvent[];
  readonly transfers: readonly TraceTransfer[];
  readonly outcomes: ReferralOutcomes | null;
}

export interface Trace {
  readonly root: string;
  readonly nodes: readonly TraceNode[];
  readonly edges: readonly TraceEdge[];
  readonly cut: readonly TraceCut[];
}

/** One step between two kinds: `from` leads to `to`. */
export interface TraceLink<Name extends string = string> {
  readonly name: Name;
  readonly from: TraceKind;
  readonly to: TraceKind;
  /**
   * What a claim for one attendance has to do with the session: shown beside it, and not followed, for it would lead to
   * everybody else who came.
   */
  readonly beside: boolean;
}

function link<Name extends string>(name: Name, from: TraceKind, to: TraceKind, beside = false): TraceLink<Name> {
  return { name, from, to, beside };
}

/** Every step, the earlier kinds first: followed in this order to what came of a thing, and backwards to its origins. */
export const TRACE_LINKS = [
  link('referral_attendance', 'referral', 'attendance'),
  link('referral_milestone', 'referral', 'milestone'),
  link('attendance_session', 'attendance', 'session'),
  link('referral_claim', 'referral', 'claim'),
  link('milestone_claim', 'milestone', 'claim'),
  link('attendance_claim', 'attendance', 'claim'),
  link('session_claim', 'session', 'claim'),
  link('session_beside_claim', 'session', 'claim', true),
  link('claim_batch', 'claim', 'batch'),
  link('batch_invoice', 'batch', 'invoice'),
  link('invoice_payout', 'invoice', 'payout'),
] as const satisfies readonly TraceLink[];

/** A neighbour that was found over a link, and how many of its kind were left out beside it. */
export interface Neighbour {
  readonly near: string;
  readonly far: string;
  readonly amountMinor: bigint | null;
  /** How many there are of `near`, with this one. */
  readonly total: number;
}

/** Most of one kind that one thing shows, and most of one kind in a whole trace. */
const OF_ONE_MAX = 200;
const OF_KIND_MAX = 1_000;

/** How many neighbours each of so many things may show, so that all of them show some. */
export function neighboursMax(thingCount: number): number {
  return Math.max(1, Math.min(OF_ONE_MAX, Math.floor(OF_KIND_MAX / Math.max(1, thingCount))));
}

/** What has been found so far on the way in one direction: ids by kind, the edges, and what was left out. */
export class TraceWalk {
  readonly edges: TraceEdge[] = [];
  readonly cut: TraceCut[] = [];
  private readonly kindOf = new Map<string, TraceKind>();
  private readonly followed = new Set<string>();

  constructor(
    private readonly root: Pick<TraceThing, 'id' | 'kind'>,
    private readonly direction: 'from' | 'to',
  ) {
    this.kindOf.set(root.id, root.kind);
    this.followed.add(root.id);
  }

  /** The things to ask for their neighbours over a link. What stands beside is followed from the root only. */
  frontier({ from, to, beside }: TraceLink): string[] {
    const near = this.direction === 'from' ? to : from;
    const found = [...this.kindOf].filter(([id, kind]) => kind === near && this.followed.has(id)).map(([id]) => id);
    return beside && this.direction === 'to' ? found.filter((id) => id === this.root.id) : found;
  }

  add({ from, to, beside }: TraceLink, neighbours: readonly Neighbour[]): void {
    const far = this.direction === 'from' ? from : to;
    const shown = new Map<string, Neighbour[]>();
    for (const neighbour of neighbours) {
      const { near, far: id, amountMinor } = neighbour;
      this.kindOf.set(id, far);
      if (!(beside && this.direction === 'from')) this.followed.add(id);
      this.edges.push(
        this.direction === 'from' ? { from: id, to: near, amountMinor } : { from: near, to: id, amountMinor },
      );
      const known = shown.get(near);
      if (known) known.push(neighbour);
      else shown.set(near, [neighbour]);
    }
    for (const [nodeId, some] of shown) {
      const last = some.at(-1);
      if (!last || last.total === some.length) continue;
      const next = `/v1/trace/${nodeId}?kind=${far}&after=${last.far}`;
      this.cut.push({ nodeId, kind: far, notShown: last.total - some.length, next });
    }
  }

  /** All that was found, the root with it. */
  found(): { id: string; kind: TraceKind }[] {
    return [...this.kindOf].map(([id, kind]) => ({ id, kind }));
  }
}

export interface TraceParts {
  readonly rootId: string;
  readonly from: TraceWalk;
  readonly to: TraceWalk;
  readonly things: readonly TraceThing[];
  readonly events: readonly TraceEvent[];
  readonly transfers: readonly TraceTransfer[];
  readonly outcomes: ReferralOutcomes | null;
}

/**
 * Puts together what was found: each thing once, with its events in the order of the journal and what they moved. A
 * transfer for a claim stands with the claim, every other with the things of its event.
 */
export function traceOf({ rootId, from, to, things, events, transfers, outcomes }: TraceParts): Trace {
  const upstream = new Set(from.found().map(({ id }) => id));
  const bySubject = grouped(events, ({ subjectId }) => subjectId);
  const eventById = new Map(events.map((event) => [event.id, event]));
  const byClaim = grouped(transfers, ({ claimId }) => claimId ?? '');
  const byEvent = grouped(
    transfers.filter(({ claimId }) => claimId === null),
    ({ eventId }) => eventId,
  );
  const nodes = things.map(({ recordedIn, ...thing }): TraceNode => {
    const shared = recordedIn === null ? undefined : eventById.get(recordedIn);
    const own = bySubject.get(thing.id) ?? (shared ? [shared] : []);
    const [first] = own;
    const moved = own.flatMap((event) => byEvent.get(event.id) ?? []);
    return {
      ...thing,
      direction: thing.id === rootId ? 'root' : upstream.has(thing.id) ? 'from' : 'to',
      actor: first ? { kind: first.actorKind, side: first.actorSide } : null,
      events: own,
      transfers: thing.kind === 'claim' ? (byClaim.get(thing.id) ?? []) : moved,
      outcomes: thing.id === rootId ? outcomes : null,
    };
  });
  const order = (node: TraceNode) => TRACE_KINDS.indexOf(node.kind);
  const known = new Set(things.map(({ id }) => id));
  return {
    root: rootId,
    nodes: nodes.sort((a, b) => order(a) - order(b) || (a.id < b.id ? -1 : 1)),
    edges: edgesOf(from, to).filter((edge) => known.has(edge.from) && known.has(edge.to)),
    cut: [...from.cut, ...to.cut],
  };
}

function edgesOf(from: TraceWalk, to: TraceWalk): TraceEdge[] {
  const edges = new Map<string, TraceEdge>();
  for (const edge of [...from.edges, ...to.edges]) edges.set(`${edge.from} ${edge.to}`, edge);
  return [...edges.values()];
}

function grouped<T>(values: readonly T[], key: (value: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const value of values) {
    const group = groups.get(key(value));
    if (group) group.push(value);
    else groups.set(key(value), [value]);
  }
  return groups;
}

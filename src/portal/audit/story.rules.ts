import { londonDay } from '../../platform/clock.js';
import type { Trace, TraceEvent, TraceKind, TraceNode, TraceTransfer } from '../../assurance/index.js';

/** Something that happened, or the same that happened to many things. */
export interface StoryItem {
  readonly type: string;
  /** In the order of the journal; more than one where the same happened to many things. */
  readonly happenings: readonly Happening[];
  /** Whether it happened to the thing that is followed. */
  readonly here: boolean;
  /** How many of such things there are where not all are shown; else null. */
  readonly outOf: number | null;
  /** What all of it is worth; null where it is about nothing that has a price, or not all of it is shown. */
  readonly amountMinor: bigint | null;
  readonly moves: readonly { debit: string; credit: string; amountMinor: bigint; isReversal: boolean }[];
  /** Whether more was moved, for claims that are not followed here. */
  readonly movesArePart: boolean;
}

export interface Happening {
  readonly event: TraceEvent;
  readonly node: TraceNode;
}

/** The way of money, step by step. */
const STEPS: readonly TraceKind[] = [
  'referral',
  'milestone',
  'attendance',
  'session',
  'claim',
  'batch',
  'invoice',
  'payout',
];

/** What was tried moved nothing, whatever it was about. */
const WORTHLESS = 'command.refused';

/** The same event of this many things and more is told once. */
const TOLD_ONCE_FROM = 4;

/**
 * What happened, in the order of the journal, each event once: with the thing that it is about, or a thing that it recorded with it.
 * What happened to many things alike is one line, at the time of the first.
 */
export function storyOf(trace: Trace): StoryItem[] {
  const happenings = happeningsOf(trace);
  const moved = movesByEvent(trace);
  const alike = new Map<string, Happening[]>();
  for (const one of happenings) {
    const key = one.node.id === trace.root ? one.event.id : one.event.type;
    const known = alike.get(key);
    if (known) known.push(one);
    else alike.set(key, [one]);
  }
  const groups = [...alike.values()].flatMap((group) =>
    group.length < TOLD_ONCE_FROM ? group.map((one) => [one]) : [group],
  );
  return groups.map((group) => itemOf(group, trace, moved)).sort((a, b) => inOrder(a.happenings[0], b.happenings[0]));
}

function happeningsOf({ nodes }: Trace): Happening[] {
  const found = new Map<string, Happening>();
  for (const node of nodes) {
    for (const event of node.events) {
      if (event.subjectId === node.id || !found.has(event.id)) found.set(event.id, { event, node });
    }
  }
  return [...found.values()].sort(inOrder);
}

function itemOf(
  happenings: readonly Happening[],
  { root, cut, nodes }: Trace,
  moved: ReadonlyMap<string, TraceTransfer[]>,
): StoryItem {
  const [first] = happenings as readonly [Happening, ...Happening[]];
  const things = new Map(happenings.map(({ node }) => [node.id, node]));
  const amounts = [...things.values()].flatMap(({ amountMinor }) => amountMinor ?? []);
  const { kind } = first.node;
  const notShown = cut.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.notShown, 0);
  const transfers = happenings.flatMap(({ event }) => moved.get(event.id) ?? []);
  const rootKind = nodes.find((node) => node.id === root)?.kind ?? kind;
  const ofOtherClaimsToo = STEPS.indexOf(rootKind) < STEPS.indexOf('batch') || cut.some((one) => one.kind === 'claim');
  const isPart = notShown > 0 && happenings.length > 1;
  const hasWorth = amounts.length > 0 && !isPart && first.event.type !== WORTHLESS;
  return {
    type: first.event.type,
    happenings,
    here: first.node.id === root,
    outOf: isPart ? nodes.filter((node) => node.kind === kind).length + notShown : null,
    amountMinor: hasWorth ? amounts.reduce((sum, amount) => sum + amount, 0n) : null,
    moves: transfers.map(({ debit, credit, amountMinor, reversesId }) => {
      return { debit, credit, amountMinor, isReversal: reversesId !== null };
    }),
    movesArePart: ofOtherClaimsToo && transfers.some(({ claimId }) => claimId !== null) && kind === 'batch',
  };
}

/** What events moved stands with the claims that it was moved for, or with the event's own thing: each transfer once. */
function movesByEvent({ nodes }: Trace): Map<string, TraceTransfer[]> {
  const transfers = new Map(nodes.flatMap((node) => node.transfers.map((one) => [one.id, one] as const)));
  const byEvent = new Map<string, TraceTransfer[]>();
  for (const transfer of transfers.values()) {
    const known = byEvent.get(transfer.eventId);
    if (known) known.push(transfer);
    else byEvent.set(transfer.eventId, [transfer]);
  }
  return byEvent;
}

/** In the order of the journal, which is that in which things became known. */
function inOrder(a: Happening | undefined, b: Happening | undefined): number {
  return a && b ? Number(a.event.seq - b.event.seq) : 0;
}

/** From when to when something took place, where that was on other days than it became known. */
export function tookPlace({ happenings }: StoryItem): { readonly from: Date; readonly to: Date } | null {
  const isLate = happenings.some(
    ({ event: { occurredAt, recordedAt } }) =>
      occurredAt.getTime() !== recordedAt.getTime() && londonDay(occurredAt) !== londonDay(recordedAt),
  );
  if (!isLate) return null;
  const times = happenings.map(({ event }) => event.occurredAt).toSorted((a, b) => a.getTime() - b.getTime());
  const [from, to] = [times[0], times.at(-1)];
  return from && to ? { from, to } : null;
}

/** One step of the way that money takes. */
export interface Stage {
  readonly kind: TraceKind;
  readonly direction: 'from' | 'here' | 'to';
  /** Things of the kind, shown or not. */
  readonly count: number;
  /** Whether there may be more, because what leads to them is not all shown. */
  readonly atLeast: boolean;
  /** What they come to; null where that is not all known. */
  readonly amountMinor: bigint | null;
  /** The only one, where there is one. */
  readonly only: TraceNode | null;
}

/** The way from the referral to the payment, as far as there is anything. Sessions stand for who came to them. */
export function stagesOf({ root, nodes, cut }: Trace): Stage[] {
  const here = nodes.find(({ id }) => id === root);
  if (!here) return [];
  const at = STEPS.indexOf(here.kind);
  const cutKinds = cut.map(({ kind }) => STEPS.indexOf(kind));
  const hasSessions = nodes.some(({ kind }) => kind === 'session');
  return STEPS.flatMap((kind, step): Stage[] => {
    const own = kind === here.kind ? [here] : nodes.filter((node) => node.kind === kind);
    if (own.length === 0 || (kind === 'attendance' && hasSessions && kind !== here.kind)) return [];
    const notShown = cut.filter((one) => one.kind === kind).reduce((sum, one) => sum + one.notShown, 0);
    const beyond = cutKinds.some((cutAt) => (at > step ? cutAt > step && cutAt < at : cutAt < step && cutAt > at));
    const amounts = own.flatMap(({ amountMinor }) => amountMinor ?? []);
    const isWhole = notShown === 0 && !beyond && amounts.length === own.length;
    const [only] = own;
    return [
      {
        kind,
        direction: step === at ? 'here' : step < at ? 'from' : 'to',
        count: own.length + notShown,
        atLeast: beyond,
        amountMinor: isWhole ? amounts.reduce((sum, amount) => sum + amount, 0n) : null,
        only: own.length === 1 && notShown === 0 && only ? only : null,
      },
    ];
  });
}

import { formatPounds } from '../money/index.js';
import { londonTime } from '../platform/clock.js';
import type { Trace, TraceEvent, TraceNode, TraceTransfer } from './trace.rules.js';

const HASH_SHOWN = 12;

/** A thing as it is to be drawn: its own lines, the first of them its title, and what hangs below it. */
interface Branch {
  readonly lines: readonly string[];
  readonly below: readonly Branch[];
}

/**
 * A trace as a tree for a terminal, line by line: the thing itself with its events and what they moved, then what it came
 * from down to the referral, then what it led to. What stands in two places is shown in full at the first.
 */
export function traceTree(trace: Trace): string[] {
  const nodes = new Map(trace.nodes.map((node) => [node.id, node]));
  const root = nodes.get(trace.root);
  if (!root) return [];
  const shown = new Set([root.id]);
  const lines = linesOf(root);
  for (const direction of ['from', 'to'] as const) {
    const below = branchesOf(root.id, { trace, nodes, next: neighboursOf(trace, direction), shown });
    if (below.length === 0) continue;
    lines.push('', direction === 'from' ? 'It came from' : 'It led to', ...drawn(below));
  }
  return lines;
}

interface Growing {
  readonly trace: Trace;
  readonly nodes: ReadonlyMap<string, TraceNode>;
  /** The ids beside each id, in one direction. */
  readonly next: ReadonlyMap<string, readonly string[]>;
  readonly shown: Set<string>;
}

function branchesOf(id: string, growing: Growing): Branch[] {
  const { trace, nodes, next, shown } = growing;
  const children = (next.get(id) ?? []).flatMap((child) => nodes.get(child) ?? []);
  const branches = children.map((child): Branch => {
    if (shown.has(child.id)) return { lines: [`${titleOf(child)}  (see above)`], below: [] };
    shown.add(child.id);
    return { lines: linesOf(child), below: branchesOf(child.id, growing) };
  });
  const kinds = new Set(children.map(({ kind }) => kind));
  const notes = trace.cut
    .filter(({ nodeId, kind }) => nodeId === id && kinds.has(kind))
    .map(({ kind, notShown, next: path }): Branch => ({
      lines: [`… and ${notShown} more: ${kind}, ${path}`],
      below: [],
    }));
  return [...branches, ...notes];
}

function neighboursOf({ edges }: Trace, direction: 'from' | 'to'): Map<string, string[]> {
  const next = new Map<string, string[]>();
  for (const edge of edges) {
    const [near, far] = direction === 'from' ? [edge.to, edge.from] : [edge.from, edge.to];
    next.set(near, [...(next.get(near) ?? []), far]);
  }
  return next;
}

function drawn(branches: readonly Branch[]): string[] {
  return branches.flatMap(({ lines, below }, index) => {
    const isLast = index === branches.length - 1;
    const [title = '', ...details] = lines;
    const stem = below.length > 0 ? '│' : ' ';
    const under = [...details.map((detail) => `${stem}${detail}`), ...drawn(below)];
    return [`${isLast ? '└─' : '├─'} ${title}`, ...under.map((line) => `${isLast ? '   ' : '│  '}${line}`)];
  });
}

/** Title, then each event with what it moved; last what other events moved for it, such as the approval of a claim. */
function linesOf(node: TraceNode): string[] {
  const own = new Set(node.events.map(({ id }) => id));
  const events = node.events.flatMap((event) => [
    `  ${londonTime(event.occurredAt)}  ${event.type} ${byWhom(event)}  ${markOf(event)}`,
    ...node.transfers.filter(({ eventId }) => eventId === event.id).map(moveOf),
  ]);
  return [titleOf(node), ...events, ...node.transfers.filter(({ eventId }) => !own.has(eventId)).map(moveOf)];
}

function titleOf({ kind, id, reference, state, amountMinor }: TraceNode): string {
  const amount = amountMinor === null ? [] : [formatPounds(amountMinor)];
  return [kind, reference ?? id, state.replaceAll('_', ' '), ...amount].join('  ');
}

function byWhom({ actorKind, actorSide }: TraceNode['events'][number]): string {
  return actorKind === 'person' ? `by the ${actorSide}` : `by the ${actorSide}'s ${actorKind}`;
}

/** With its number in the log a proof can be asked for; with the hash its leaf can be compared. */
function markOf({ sealed, leafHash }: TraceEvent): string {
  const mark = sealed ? `sealed #${sealed.leafIndex}` : 'not sealed yet';
  return `${mark}  ${leafHash.slice(0, HASH_SHOWN)}`;
}

function moveOf({ debit, credit, amountMinor, effectiveOn, reversesId }: TraceTransfer): string {
  const back = reversesId === null ? '' : ', moved back';
  return `    ${formatPounds(amountMinor)}  debit ${debit}, credit ${credit}, effective ${effectiveOn}${back}`;
}

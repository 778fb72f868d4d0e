import { formatPounds } from '../../money/index.js';
import { londonTime } from '../../platform/clock.js';
import type { Books } from './figures.js';
import type { Stage } from './stage.js';

const STEPS = ['payout', 'invoice', 'batch', 'claim', 'attendance', 'session', 'referral'] as const;

/** Somebody came, and was paid for as the card says. */
const PLAIN = new Set(['unit_price', 'covered']);

interface Node {
  id: string;
  kind: string;
  reference: string | null;
  state: string;
  amountMinor: string | null;
  events: { type: string; occurredAt: string; sealed: { leafIndex: number } | null }[];
  transfers: { debit: string; credit: string; amountMinor: string }[];
}

/** Follows one charge from the payout that paid it back to the referral; writes it, and gives it in one line. */
export async function traceOnePenny(stage: Stage, books: Books): Promise<string> {
  const payout = books.payouts.find(({ rail, state }) => rail === 'stripe' && state === 'paid');
  if (!payout) throw new Error('No payout was paid, so there is nothing to trace');
  const finance = await stage.as(payout.commissioner, 'finance');
  const { items } = await finance.get<{ items: { invoiceId: string }[] }>(`/v1/payouts/${payout.id}`);
  const invoice = books.documents.find(({ id }) => id === items[0]?.invoiceId);
  const [claim] = books.claims
    .filter(({ batchId, fact }) => batchId === invoice?.batchId && fact.kind === 'attendance')
    .filter(({ reasons, yourReference }) => yourReference !== null && reasons.every(({ code }) => PLAIN.has(code)))
    .sort((one, other) => ((one.yourReference ?? '') < (other.yourReference ?? '') ? -1 : 1));
  if (!claim) throw new Error(`Nothing was claimed for the payout ${payout.reference}`);
  const { nodes } = await finance.get<{ nodes: Node[] }>(`/v1/trace/${claim.id}`);
  const chain = STEPS.map((kind) => nodes.find((node) => node.kind === kind));
  const missing = STEPS.filter((_, index) => chain[index] === undefined);
  if (missing.length > 0) throw new Error(`The trace of claim ${claim.id} has no ${missing.join(', no ')}`);
  const steps = chain.filter((node) => node !== undefined);
  stage.write('trace.txt', `${steps.map(described).join('\n')}\n`);
  return steps.map(titleOf).join(' ← ');
}

function titleOf({ kind, reference, amountMinor }: Node): string {
  return [kind, reference, amountMinor === null ? null : formatPounds(BigInt(amountMinor))].filter(Boolean).join(' ');
}

function described(node: Node): string {
  const events = node.events.map(
    ({ type, occurredAt, sealed }) =>
      `    ${londonTime(new Date(occurredAt))}  ${type}  ${sealed ? `sealed #${sealed.leafIndex}` : 'not sealed yet'}`,
  );
  const moved = node.transfers.map(
    ({ debit, credit, amountMinor }) => `    ${formatPounds(BigInt(amountMinor))}  debit ${debit}, credit ${credit}`,
  );
  return [`${titleOf(node)}  (${node.state.replaceAll('_', ' ')})`, ...events, ...moved].join('\n');
}

import { hash } from 'node:crypto';
import type { Finding } from '../../src/audit/finding.js';
import type { BalancesAt } from '../../src/audit/replay-books.js';
import { readBody } from '../../src/audit/event-reader.js';
import { eventReducer } from '../../src/audit/replay-reducer.js';
import { Replay } from '../../src/audit/replay.js';
import { IdHash } from '../../src/audit/id-hash.js';
import { type BundleAccount, type SegmentEvent, TapeReader, TapeWriter } from '../../src/audit/segment.js';
import { Uuid } from '../../src/audit/uuid.rules.js';
import { type Account, accountId, CURRENCY } from '../../src/ledger/rules.js';
import { dayOfTransfer, type Journal, type JournalEvent } from './journal.js';

const KEY = [0x0f1e2d3c, 0x4b5a6978] as const;

export interface Replayed {
  readonly findings: Finding[];
  readonly replay: Replay;
  /** Each code that was found, once, in alphabetical order. */
  readonly codes: string[];
}

/** Replays a journal as a verifier would: each event through a worker's part, and its tape through the sequential one. */
export function replayJournal(
  journal: Pick<Journal, 'events' | 'cuts' | 'commissionerId'>,
  balancesAt?: BalancesAt,
): Replayed {
  const { events, cuts, commissionerId } = journal;
  const accounts = accountsOf(commissionerId, events);
  const places = new Map(accounts.map(({ id }, place) => [id, place]));
  const placeOf = (account: Account) => places.get(idOf(commissionerId, account)) ?? -1;
  const segment = events.map(({ body, leaf, transfers }, index): SegmentEvent => ({
    index,
    leaf,
    body: readBody(body),
    transfers: transfers
      .map((one) => ({
        ...one,
        debit: placeOf(one.debit),
        credit: placeOf(one.credit),
        effectiveOn: dayOfTransfer(one),
      }))
      .toSorted((a, b) => (a.id < b.id ? -1 : 1))
      .map((one) => ({ ...one, ...idsOf(one) })),
  }));
  return replaySegment(commissionerId, accounts, segment, cuts, balancesAt);
}

/** The ids of a transfer as the replay has them. */
export function idsOf(transfer: Record<'claimId' | 'reversesId', string | null> & { readonly id: string }) {
  const [claimId, reversesId] = [transfer.claimId, transfer.reversesId].map((id) => (id === null ? null : Uuid.of(id)));
  return { id: Uuid.of(transfer.id), claimId: claimId ?? null, reversesId: reversesId ?? null };
}

/** Replays events that are at hand, with what they moved. The log ends at a checkpoint. */
export function replaySegment(
  commissionerId: string,
  accounts: readonly BundleAccount[],
  events: readonly SegmentEvent[],
  cuts: readonly number[] = [],
  balancesAt?: BalancesAt,
): Replayed {
  const findings: Finding[] = [];
  const report = (finding: Finding) => findings.push(finding);
  const writer = new TapeWriter(new IdHash(KEY));
  const reduce = eventReducer(commissionerId, accounts, new IdHash(KEY));
  const replay = new Replay({ accounts, ids: new IdHash(KEY), report, balancesAt });
  const sealed = new Set([...cuts, events.length]);
  for (const event of events) {
    reduce(event, writer, report);
    const size = event.index + 1;
    if (!sealed.has(size)) continue;
    const { end } = writer;
    replay.take(new TapeReader(writer.handOver(), 0, end));
    replay.atCheckpoint(size);
  }
  replay.finish();
  return { findings, replay, codes: [...new Set(findings.map(({ code }) => code))].toSorted() };
}

function accountsOf(commissionerId: string, events: readonly JournalEvent[]): BundleAccount[] {
  const known = new Map<string, BundleAccount>();
  for (const { debit, credit } of events.flatMap(({ transfers }) => transfers)) {
    for (const account of [debit, credit]) {
      const id = idOf(commissionerId, account);
      known.set(id, { id, ...account, currency: CURRENCY });
    }
  }
  return [...known.values()].toSorted((a, b) => (a.id < b.id ? -1 : 1));
}

function idOf(commissionerId: string, account: Account): string {
  return accountId(commissionerId, account, (bytes) => hash('sha256', bytes, 'buffer'));
}

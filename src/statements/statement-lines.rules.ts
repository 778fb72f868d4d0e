import type { AccountKind } from '../ledger/index.js';
import type { IsoDate } from '../platform/clock.js';
import type { StatementEntry, StatementLineKind, StatementProvider } from './statement.document.js';

/**
 * The accounts whose balances make a statement: `owed` and `in_transit`, less `advance` and `recoverable`, of each contract
 * of each provider. Money on `rail` has left the platform and not arrived: it is in transit still, and counted there. What
 * moves between these four (a payout requested, an advance recovered) changes where money stands and not what is owed.
 */
export const STATEMENT_ACCOUNTS = [
  'owed',
  'in_transit',
  'advance',
  'recoverable',
] as const satisfies readonly AccountKind[];
export type StatementAccount = (typeof STATEMENT_ACCOUNTS)[number];

/** A transfer with one side inside the statement's accounts, as the ledger has it. */
export interface CrossingTransfer {
  readonly effectiveOn: IsoDate;
  readonly eventId: string;
  readonly contractId: string;
  /** The account inside the statement, and the one outside it; undefined of one that is not known. */
  readonly insideKind: AccountKind;
  readonly outsideKind: AccountKind | undefined;
  /** What is owed grows by it. Signed. */
  readonly effectMinor: bigint;
  readonly isReversal: boolean;
  /** Of the event; null where a number or a reference names it. */
  readonly subjectId: string | null;
  readonly isGrant: boolean;
  /** Of the invoice or the credit note that the event is about. */
  readonly number: string | null;
  /** Of the payout, as the bank statement and the remittance advice show it. */
  readonly paymentReference: string | null;
}

export interface StatementContract {
  readonly code: string;
  readonly provider: StatementProvider;
}

/** What a line of the statement is called. What no posting of the chart explains is an adjustment: shown, never dropped. */
export function lineKindOf(transfer: CrossingTransfer): StatementLineKind {
  const grows = transfer.effectMinor > 0n;
  switch (transfer.outsideKind) {
    case 'accrued':
    case 'vat_input':
    case 'activity': {
      // The reversal of an invoice is that invoice taken back, not a credit note.
      const charge = grows !== transfer.isReversal;
      return charge ? (transfer.isGrant ? 'grant_notice' : 'invoice') : 'credit_note';
    }
    case 'rail':
      return grows ? 'payout_returned' : 'payout';
    case 'bank':
      if (transfer.insideKind === 'recoverable') return 'repayment';
      return grows ? 'payout_returned' : 'payment_outside';
    default:
      return 'adjustment';
  }
}

/** What people know the line by: the document's number, the payment's reference, or the id of what it is about. */
export function referenceOf({ number, paymentReference, subjectId }: CrossingTransfer): string {
  return number ?? paymentReference ?? subjectId ?? '';
}

/**
 * The lines of one event: its transfers added up by contract and kind, so that net and VAT of an invoice are one line, and
 * what cancels out is none.
 */
export function entriesOfEvent(
  transfers: readonly CrossingTransfer[],
  contracts: ReadonlyMap<string, StatementContract>,
): StatementEntry[] {
  const [first, second] = transfers;
  // Most events have one transfer on a statement, and a statement has a million of them.
  if (first && !second) return first.effectMinor === 0n ? [] : [entryOf(first, contracts, undefined)];
  const lines = new Map<string, StatementEntry>();
  for (const transfer of transfers) {
    const key = `${lineKindOf(transfer)} ${transfer.contractId}`;
    lines.set(key, entryOf(transfer, contracts, lines.get(key)));
  }
  return [...lines.values()].filter(({ effectMinor }) => effectMinor !== 0n);
}

const NO_PROVIDER: StatementProvider = { code: '', name: '' };

/** The line of a transfer, with what stands on the line already. */
function entryOf(
  transfer: CrossingTransfer,
  contracts: ReadonlyMap<string, StatementContract>,
  before: StatementEntry | undefined,
): StatementEntry {
  const { effectiveOn, effectMinor, eventId } = transfer;
  const kind = lineKindOf(transfer);
  const contract = contracts.get(transfer.contractId);
  return {
    effectiveOn,
    kind,
    reference: referenceOf(transfer),
    provider: contract?.provider ?? NO_PROVIDER,
    contract: contract?.code ?? '',
    effectMinor: (before?.effectMinor ?? 0n) + effectMinor,
    vatMinor: (before?.vatMinor ?? 0n) + (isVat(transfer, kind) ? effectMinor : 0n),
    eventId,
  };
}

/** VAT comes from `vat_input`, or straight from the cost where the commissioner does not get it back; net from `accrued`. */
function isVat({ outsideKind }: CrossingTransfer, kind: StatementLineKind): boolean {
  return outsideKind === 'vat_input' || (outsideKind === 'activity' && kind === 'invoice');
}

export interface DayOfLines {
  readonly day: IsoDate;
  readonly count: number;
}

export interface DayRange {
  readonly from: IsoDate;
  readonly to: IsoDate;
}

/**
 * Cuts days, given in order, into ranges of at most so many transfers, so that a statement is read and sorted some days at
 * a time. A day with more is a range of its own.
 */
export function dayRanges(days: readonly DayOfLines[], countMax: number): DayRange[] {
  const ranges: (DayRange & { count: number })[] = [];
  for (const { day, count } of days) {
    const last = ranges.at(-1);
    if (last && last.count + count <= countMax)
      ranges[ranges.length - 1] = { from: last.from, to: day, count: last.count + count };
    else ranges.push({ from: day, to: day, count });
  }
  return ranges.map(({ from, to }) => ({ from, to }));
}

import type { EventType, Flow } from './event-types.rules.js';
import type { KnownAccount } from './replay-accounts.js';
import { dayOf } from './replay-said.rules.js';
import type { ReadBody, SegmentTransfer } from './segment.js';

/** What an event moved on one contract. */
export interface Share {
  readonly contractHigh: number;
  readonly contractLow: number;
  /** By each flow of its type. */
  readonly minors: number[];
}

/** What an event moved, sorted by what its type posts. */
export interface Moved {
  /** In the order of the type's flows. */
  readonly sums: readonly number[];
  readonly shares: readonly Share[];
}

/** Where a fault is told: a code of its own, and a sentence that names the figures. */
export type Tell = (code: string, what: string) => void;

type Accounts = readonly (KnownAccount | undefined)[];

/** Beyond this a sum of pence is no longer exact, and no commissioner has moved so much. */
const COUNTED_MAX = Number.MAX_SAFE_INTEGER;

/**
 * Sorts the transfers of an event into what its type may post, and tells what does not belong there: another pair of
 * accounts, another contract, another claim, a line that reverses or should, another provider, another day.
 */
export function sortTransfers(
  type: EventType,
  body: ReadBody,
  transfers: readonly SegmentTransfer[],
  accounts: Accounts,
  tell: Tell,
): Moved {
  const sums = type.flows.map(() => 0);
  const shares: Share[] = [];
  for (const transfer of transfers) {
    const debit = accounts[transfer.debit];
    const credit = accounts[transfer.credit];
    if (!debit || !credit) continue; // of no kind: told with the list of accounts
    const place = type.flows.findIndex((flow) => flow.debit === debit.kind && flow.credit === credit.kind);
    const flow = type.flows[place];
    if (flow) {
      tellLine(flow, body, transfer, tell);
      sums[place] = (sums[place] ?? 0) + transfer.amountMinor;
      addShare(shares, debit.contractId === null ? credit : debit, place, transfer.amountMinor);
    } else {
      const { id, amountMinor } = transfer;
      const allowed = type.flows.map((one) => `${one.debit} to ${one.credit}`).join(', ');
      const instead = allowed === '' ? 'is nothing' : `goes from ${allowed}`;
      const line = `The transfer ${id.toString()} of ${amountMinor} from ${debit.kind} to ${credit.kind}`;
      tell('posting_unexpected', `${line} does not belong to it: what it posts ${instead}.`);
    }
  }
  tellContracts(type, shares, sums, tell);
  return { sums, shares };
}

/** Tells where what was moved is not what the event says. */
export function tellSums(
  { flows }: EventType,
  { sums }: Moved,
  said: (flow: Flow) => number | undefined,
  tell: Tell,
): void {
  for (const [place, flow] of flows.entries()) {
    const [moved = 0, expected] = [sums[place], said(flow)];
    if (moved > COUNTED_MAX) tell('beyond_counting', `It moves ${moved} pence, which nobody can count exactly.`);
    if (expected === undefined || expected === moved) continue;
    tell(
      'posting_differs',
      `It says ${expected} for ${flow.debit} to ${flow.credit}, and its transfers come to ${moved}.`,
    );
  }
}

/** Both sides of the provider and the contract that the event concerns, whatever it is. */
export function tellSides(transfer: SegmentTransfer, body: ReadBody, accounts: Accounts, tell: Tell): void {
  const debit = accounts[transfer.debit];
  const credit = accounts[transfer.credit];
  if (!debit || !credit) return;
  const providerId = debit.providerId ?? credit.providerId;
  if (providerId !== (credit.providerId ?? debit.providerId)) {
    tell('two_providers', `The transfer ${transfer.id.toString()} joins accounts of two providers.`);
  } else if (providerId !== null && !(debit.provider ?? credit.provider)?.is(body.providerId)) {
    tell(
      'other_provider',
      `The transfer ${transfer.id.toString()} is of the provider ${providerId}, and the event of another.`,
    );
  } else if (debit.contractId !== null && credit.contractId !== null && debit.contractId !== credit.contractId) {
    tell('two_contracts', `The transfer ${transfer.id.toString()} joins accounts of two contracts.`);
  }
}

/** Money counts on the day that the event says, or on which it was recorded; a posting is not dated back unseen. */
export function tellDays(transfers: readonly SegmentTransfer[], days: readonly number[], tell: Tell): void {
  const other = transfers.find(({ effectiveOn }) => !days.includes(effectiveOn));
  if (!other) return;
  const day = dayOf(other.effectiveOn);
  tell(
    'effective_day_differs',
    `The transfer ${other.id.toString()} counts on ${day}, and by its event on ${dayOf(days[0] ?? 0)}.`,
  );
}

function tellLine(flow: Flow, body: ReadBody, { id, claimId, reversesId }: SegmentTransfer, tell: Tell): void {
  if ((reversesId !== null) !== (flow.reverses ?? false)) {
    const which = reversesId === null ? 'reverses nothing' : `reverses ${reversesId.toString()}`;
    tell('reversal_unexpected', `The transfer ${id.toString()} ${which}.`);
  }
  const isNamed =
    flow.by === 'claim' ? claimId !== null : flow.by === 'its_claim' ? body.subjectId.is(claimId) : claimId === null;
  if (!isNamed)
    tell(
      'posting_unexpected',
      `The transfer ${id.toString()} names ${claimId?.toString() ?? 'no claim'}, and should not.`,
    );
}

function addShare(shares: Share[], account: KnownAccount, flow: number, minor: number): void {
  const { contractId, contractHigh, contractLow } = account;
  if (contractId === null) return;
  let share = shares.find((one) => one.contractHigh === contractHigh && one.contractLow === contractLow);
  if (!share) {
    share = { contractHigh, contractLow, minors: [] };
    shares.push(share);
  }
  share.minors[flow] = (share.minors[flow] ?? 0) + minor;
}

/** One contract, or the same amount of each contract on each of the ways that money went. */
function tellContracts({ flows }: EventType, shares: readonly Share[], sums: readonly number[], tell: Tell): void {
  const divided = flows.flatMap(({ by }, place) => (by === 'contract' && (sums[place] ?? 0) > 0 ? [place] : []));
  if (shares.length > 1 && !flows.some(({ by }) => by === 'contract')) {
    tell('two_contracts', `It is about one contract, and its transfers are of ${shares.length}.`);
  }
  for (const { minors } of shares) {
    const amounts = new Set(divided.map((place) => minors[place] ?? 0));
    if (amounts.size > 1) tell('shares_differ', `Of one contract it moves ${[...amounts].join(' and ')}.`);
  }
}

import { sumMinor, vatTotals, type Minor, type VatTreatment } from '../money/index.js';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';

export const BATCH_STATES = ['submitted', 'approved', 'rejected'] as const;
/** Submitted means under review. */
export type BatchState = (typeof BATCH_STATES)[number];

export const LINE_STATES = ['submitted', 'in_review', 'approved', 'queried', 'rejected', 'withdrawn'] as const;
/** Where a claim stands, as people see it. */
export type LineState = (typeof LINE_STATES)[number];

/** A claim has its own state until a batch holds it, and then that of its batch. A rejected batch holds nothing. */
export function lineState(
  claimState: 'submitted' | 'queried' | 'rejected' | 'withdrawn',
  batchState: BatchState | null,
): LineState {
  if (claimState !== 'submitted' || batchState === null || batchState === 'rejected') return claimState;
  return batchState === 'approved' ? 'approved' : 'in_review';
}

/** `2026-10` → `2026-10-01`. */
export function firstDayOf(month: string): IsoDate {
  return `${month}-01`;
}

/** The last day of the month that begins on this day: the terms and the purchase order of that day govern a batch. */
export function lastDayOf(period: IsoDate): IsoDate {
  const day = new Date(`${period}T00:00:00Z`);
  day.setUTCMonth(day.getUTCMonth() + 1, 0);
  return day.toISOString().slice(0, 10);
}

/** By when what is approved and invoiced on a day is paid: so many calendar days after it. */
export function payableBy(day: IsoDate, paymentDays: number): IsoDate {
  const by = new Date(`${day}T00:00:00Z`);
  by.setUTCDate(by.getUTCDate() + paymentDays);
  return by.toISOString().slice(0, 10);
}

/** The day whose purchase order a batch is charged to: the last of its month on which the contract runs. */
export function chargedOn(period: IsoDate, contract: { startsOn: IsoDate; endsOn: IsoDate }): IsoDate {
  const last = lastDayOf(period);
  if (last > contract.endsOn) return contract.endsOn;
  return last < contract.startsOn ? contract.startsOn : last;
}

/**
 * How far a month of a contract is claimed: its provider said that all of it is, or that there was nothing; else nobody can
 * add to it any more without a second person, or its claim day is past and late claims may still come, or not even that.
 */
export type MonthStanding = 'declared' | 'nil' | 'closed' | 'late' | 'open';

export interface ClaimDays {
  readonly declaredAt: Date | null;
  readonly isNil: boolean;
  /** The day by which the month is claimed, and the last on which a late claim needs nobody's leave. */
  readonly claimBy: IsoDate;
  readonly lastClaimDay: IsoDate;
}

/** Where a month stands on a day, for whoever puts its claims to approval. */
export function standingOfMonth(
  { declaredAt, isNil, claimBy, lastClaimDay }: ClaimDays,
  today: IsoDate,
): MonthStanding {
  if (declaredAt !== null) return 'declared';
  if (isNil) return 'nil';
  if (today > lastClaimDay) return 'closed';
  return today > claimBy ? 'late' : 'open';
}

/** Whether nothing more is to be expected of the month. */
export function isMonthComplete(standing: MonthStanding): boolean {
  return standing === 'declared' || standing === 'nil' || standing === 'closed';
}

/** Names a batch to people and accounts payable: contract, month, and a count within them. */
export function batchCode(contractCode: string, period: IsoDate, count: number): string {
  return `${contractCode}-${period.slice(0, 7).replace('-', '')}-${count}`;
}

export interface ChargedLine {
  readonly netMinor: Minor;
  readonly vat: VatTreatment;
}

/**
 * VAT that the budget bears beside the net prices: none where the commissioner gets it back, else what the invoice will
 * print, worked out once for each rate.
 */
export function irrecoverableVat(vatRecoverable: boolean, lines: readonly ChargedLine[]): Minor {
  if (vatRecoverable) return 0n;
  return sumMinor(vatTotals(lines.map(({ netMinor, vat }) => ({ ...vat, netMinor }))).map(({ vatMinor }) => vatMinor));
}

export interface Commitment {
  /** Taken from the budget. */
  readonly committedMinor: Minor;
  /** What the budget lacks; nothing is approved while any is left. */
  readonly uncommittedMinor: Minor;
}

/** How much of a cost the budget covers. */
export function commitmentOf(costMinor: Minor, leftMinor: Minor): Commitment {
  const available = leftMinor < 0n ? 0n : leftMinor;
  const committedMinor = costMinor < available ? costMinor : available;
  return { committedMinor, uncommittedMinor: costMinor - committedMinor };
}

/** What a batch has taken from the budget. */
export function committedOf(batch: { totalMinor: Minor; vatMinor: Minor; uncommittedMinor: Minor }): Minor {
  return batch.totalMinor + batch.vatMinor - batch.uncommittedMinor;
}

/** What goes back to the budget when a batch gets smaller: first it lacks less, then it needs less. */
export function releaseTo(costMinor: Minor, before: Commitment): Commitment & { readonly releasedMinor: Minor } {
  const committedMinor = costMinor < before.committedMinor ? costMinor : before.committedMinor;
  return {
    committedMinor,
    uncommittedMinor: costMinor - committedMinor,
    releasedMinor: before.committedMinor - committedMinor,
  };
}

export interface BatchToApprove {
  readonly state: BatchState;
  readonly madeBy: string | null;
  /** Lower-case hexadecimal, of the lines as they are now. */
  readonly digest: string;
  readonly lineCount: number;
  readonly totalMinor: Minor;
  readonly flaggedCount: number;
}

type Approver = Pick<Actor, 'memberId' | 'approvalLimitMinor'>;

type StandingRefusal =
  | { readonly code: 'decided'; readonly figures: { readonly state: BatchState } }
  | { readonly code: 'own'; readonly figures: Record<string, never> }
  | { readonly code: 'empty'; readonly figures: Record<string, never> }
  | { readonly code: 'above_limit'; readonly figures: { readonly totalMinor: Minor; readonly limitMinor: Minor } };

export type ApprovalRefusal =
  | StandingRefusal
  | { readonly code: 'changed'; readonly figures: { digest: string; lineCount: number; totalMinor: Minor } }
  | { readonly code: 'flagged'; readonly figures: { readonly flaggedCount: number } };

export type ApprovalObstacle = StandingRefusal | { readonly code: 'over_budget'; readonly figures: Shortfall };

/**
 * Why this person cannot approve the batch as they saw it; undefined when nothing stands against it.
 */
export function whyNotApprove(
  batch: BatchToApprove,
  approver: Approver,
  seen: { readonly digest: string; readonly acceptsFlagged: boolean },
): ApprovalRefusal | undefined {
  const { digest, lineCount, totalMinor, flaggedCount } = batch;
  const standing = standingRefusals(batch, approver);
  const first = standing.find(({ code }) => code === 'decided' || code === 'own');
  if (first) return first;
  if (seen.digest !== digest) return { code: 'changed', figures: { digest, lineCount, totalMinor } };
  if (standing[0]) return standing[0];
  if (flaggedCount > 0 && !seen.acceptsFlagged) return { code: 'flagged', figures: { flaggedCount } };
  return undefined;
}

/**
 * All that stands against this person's approval whatever they write, the budget included: said before they try. What is
 * decided is not to be approved at all, so nothing else is said of it.
 *
 * @param leftMinor what is left to commit of the contract's budget
 */
export function obstaclesToApproval(
  batch: Omit<BatchToApprove, 'digest' | 'flaggedCount'> & { readonly uncommittedMinor: Minor },
  approver: Approver,
  leftMinor: Minor,
): ApprovalObstacle[] {
  const standing = standingRefusals(batch, approver);
  if (batch.state !== 'submitted') return standing;
  const over = shortfallOf(batch.uncommittedMinor, leftMinor);
  return over === undefined ? standing : [...standing, { code: 'over_budget', figures: over }];
}

export interface Shortfall {
  readonly leftMinor: Minor;
  readonly askedMinor: Minor;
  readonly shortfallMinor: Minor;
}

/** How the budget falls short of what a batch still lacks; undefined when it covers it. */
export function shortfallOf(uncommittedMinor: Minor, leftMinor: Minor): Shortfall | undefined {
  if (uncommittedMinor === 0n || leftMinor >= uncommittedMinor) return undefined;
  return { leftMinor, askedMinor: uncommittedMinor, shortfallMinor: uncommittedMinor - leftMinor };
}

/** Somebody who may approve up to an amount is held to it on the net total; null is no limit. */
export function isAboveLimit(totalMinor: Minor, limitMinor: Minor | null): limitMinor is Minor {
  return limitMinor !== null && totalMinor > limitMinor;
}

function standingRefusals(
  { state, madeBy, lineCount, totalMinor }: Pick<BatchToApprove, 'state' | 'madeBy' | 'lineCount' | 'totalMinor'>,
  { memberId, approvalLimitMinor: limitMinor }: Approver,
): StandingRefusal[] {
  if (state !== 'submitted') return [{ code: 'decided', figures: { state } }];
  const refusals: StandingRefusal[] = [];
  if (madeBy !== null && madeBy === memberId) refusals.push({ code: 'own', figures: {} });
  if (lineCount === 0) refusals.push({ code: 'empty', figures: {} });
  if (isAboveLimit(totalMinor, limitMinor)) {
    refusals.push({ code: 'above_limit', figures: { totalMinor, limitMinor } });
  }
  return refusals;
}

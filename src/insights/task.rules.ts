import type { IsoDate } from '../platform/clock.js';
import type { Role } from '../platform/actor.js';

/**
 * What a person can do something about, by kind, with what its `ids` are of. The words, and the pages to go to, are those of
 * whoever shows it.
 */
export const TASK_SUBJECTS = {
  // A referrer.
  referrals_declined: 'referral',
  referrals_overdue: 'referral',
  // A coordinator.
  referrals_to_accept: 'referral',
  delivery_to_claim: 'session',
  month_to_send: 'contract',
  nil_to_declare: 'contract',
  queries_to_answer: 'query',
  claim_files_to_correct: 'claim_file',
  payment_due: 'invoice',
  // A treasurer, who sees what is due as well. Changes of accounts are for finance and contract managers to confirm, too.
  payout_account_to_open: 'contract',
  payout_account_to_complete: 'payout_account',
  account_changes_to_confirm: 'payout_account_change',
  payout_account_changing: 'payout_account_change',
  invoices_waiting: 'invoice',
  remittances_new: 'payout',
  // A contract manager.
  claims_to_submit: 'contract',
  contracts_ending: 'contract',
  budgets_nearly_used: 'contract',
  orders_nearly_used: 'contract',
  services_without_card: 'service',
  // An approver.
  batches_to_approve: 'batch',
  batches_above_limit: 'batch',
  // Finance.
  invoices_to_pay: 'invoice',
  payees_waiting: 'invoice',
  funds_short: 'invoice',
  payment_runs_open: 'payment_run',
  payment_runs_planned: 'payment_run',
  outside_payments_to_enter: 'payout',
  outside_payments_to_confirm: 'payout',
  payouts_to_decide: 'payout',
  rail_notices_parked: 'rail_notice',
  // An auditor.
  balances_breached: 'event',
  // An admin.
  invitations_open: 'invitation',
} as const satisfies Record<string, string>;

export type TaskKind = keyof typeof TASK_SUBJECTS;
export const TASK_KINDS = Object.keys(TASK_SUBJECTS) as readonly TaskKind[];

/** Which term or rule makes a task what it is, with the figures that a sentence about it needs. */
export type Because =
  /** The contract pays so many calendar days after an invoice of this day. */
  | { readonly term: 'payment_days'; readonly days: number; readonly since: IsoDate }
  /** Nothing has said when it is due. */
  | { readonly term: 'no_due_day' }
  /** A month is claimed by this working day of the next, and late claims for so many days after it. */
  | { readonly term: 'claim_day'; readonly workingDay: number; readonly lateWindowDays: number }
  /** A batch is decided in so many working days. */
  | { readonly term: 'decide_days'; readonly workingDays: number }
  /** What an invoice, a payee or a payout waits for, as a code of its own module. */
  | { readonly term: 'waits_for'; readonly code: string }
  /** More than this share of it is used. */
  | { readonly term: 'used_percent'; readonly percent: number }
  /** Within so many days: coming, or since it happened. */
  | { readonly term: 'within_days'; readonly days: number }
  /** More than this person may approve at once. */
  | { readonly term: 'approval_limit'; readonly limitMinor: bigint };

export interface Task {
  readonly kind: TaskKind;
  /** Whose role lets them do it. */
  readonly role: Role;
  /** How many things; at least 1. */
  readonly count: number;
  /** What they come to, in pence; net before an invoice, gross from there on. Null where it is not about money. */
  readonly amountMinor: bigint | null;
  /** By when the first of them is to be done, or is due. */
  readonly day: IsoDate | null;
  /** How many of them are past their day. */
  readonly lateCount: number;
  /** The first day of the month that it is about. */
  readonly period: IsoDate | null;
  readonly commissionerId: string | null;
  readonly contractId: string | null;
  /** Of what `TASK_SUBJECTS` says, the most urgent first, at most `IDS_MAX` of them. */
  readonly ids: readonly string[];
  readonly because: Because | null;
}

export const IDS_MAX = 20;

/** One thing to do, or several about one thing. */
export interface Item {
  readonly id: string;
  /** 1 unless given. */
  readonly count?: number;
  readonly amountMinor?: bigint;
  readonly day?: IsoDate | null;
}

type Circumstances = Partial<Pick<Task, 'period' | 'commissionerId' | 'contractId' | 'because'>>;

/** A task of some things, by their day; none of no things. */
export function taskOf(
  kind: TaskKind,
  role: Role,
  items: readonly Item[],
  today: IsoDate,
  circumstances: Circumstances = {},
): Task[] {
  const sorted = items.toSorted(byDay);
  const [first] = sorted;
  if (!first) return [];
  const amounts = sorted.map(({ amountMinor }) => amountMinor).filter((amount) => amount !== undefined);
  return [
    {
      kind,
      role,
      count: countOf(items),
      amountMinor: amounts.length === 0 ? null : amounts.reduce((sum, amount) => sum + amount, 0n),
      day: first.day ?? null,
      lateCount: countOf(items.filter(({ day }) => isPast(day, today))),
      period: null,
      commissionerId: null,
      contractId: null,
      because: null,
      ...circumstances,
      ids: [...new Set(sorted.map(({ id }) => id))].slice(0, IDS_MAX),
    },
  ];
}

/** One task for each value of a key, in the order in which the keys first come. */
export function tasksBy<I extends Item>(
  items: readonly I[],
  keyOf: (item: I) => string,
  taskOfGroup: (group: readonly I[], first: I) => Task[],
): Task[] {
  const groups = new Map<string, I[]>();
  for (const item of items) {
    const key = keyOf(item);
    groups.set(key, [...(groups.get(key) ?? []), item]);
  }
  return [...groups.values()].flatMap((group) => (group[0] ? taskOfGroup(group, group[0]) : []));
}

/** What is past its day, or has the nearest, first; then in the order of the kinds. */
export function inOrder(tasks: readonly Task[]): Task[] {
  const place = new Map(TASK_KINDS.map((kind, index) => [kind, index]));
  return tasks.toSorted((a, b) => byDay(a, b) || (place.get(a.kind) ?? 0) - (place.get(b.kind) ?? 0));
}

const NEVER = '9999-12-31';

function byDay(a: { readonly day?: IsoDate | null }, b: { readonly day?: IsoDate | null }): number {
  const [one, other] = [a.day ?? NEVER, b.day ?? NEVER];
  return one < other ? -1 : Number(one > other);
}

function countOf(items: readonly Item[]): number {
  return items.reduce((sum, { count = 1 }) => sum + count, 0);
}

function isPast(day: IsoDate | null | undefined, today: IsoDate): boolean {
  return day !== undefined && day !== null && day < today;
}

/** From here on a budget or an order is worth a look. */
export const NEARLY_USED_PERCENT = 80;

/** Whether more than that share of a total is used; of no total any use is too much. */
export function isNearlyUsed(usedMinor: bigint, totalMinor: bigint): boolean {
  return usedMinor * 100n > totalMinor * BigInt(NEARLY_USED_PERCENT);
}

/** A day so many days later; earlier with a number below zero. */
export function daysAfter(day: IsoDate, days: number): IsoDate {
  const date = new Date(`${day}T00:00:00Z`);
  date.setUTCDate(date.getUTCDate() + days);
  return date.toISOString().slice(0, 10);
}

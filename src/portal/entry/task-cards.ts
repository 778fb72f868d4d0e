import type { Because, Task, TaskKind } from '../../insights/index.js';
import type { Translate } from '../../words/index.js';

/** A thing to do as the home page shows it. */
export interface TaskCard {
  readonly title: string;
  readonly text: string;
  readonly figure: string | null;
  readonly href: string;
  readonly attention: boolean;
}

/** Where each is done: a list, or the one thing where there is but one. */
const PLACES: Readonly<Record<TaskKind, (task: Task) => string>> = {
  referrals_declined: () => '/referrals?state=declined',
  referrals_overdue: () => '/referrals?state=made',
  referrals_to_accept: () => '/referrals?state=made',
  delivery_to_claim: () => '/claims/new',
  month_to_send: () => '/claims/month',
  nil_to_declare: () => '/claims/nil',
  queries_to_answer: only('/queries'),
  claim_files_to_correct: only('/claims/files', '/claims'),
  payment_due: () => '/money',
  payout_account_to_open: () => '/payout-accounts',
  payout_account_to_complete: only('/payout-accounts'),
  account_changes_to_confirm: () => '/payout-accounts',
  payout_account_changing: () => '/payout-accounts',
  invoices_waiting: only('/invoices'),
  remittances_new: only('/payouts'),
  claims_to_submit: ({ period }) => (period === null ? '/batches/new' : `/batches/new?month=${period.slice(0, 7)}`),
  contracts_ending: only('/contracts'),
  budgets_nearly_used: only('/contracts'),
  orders_nearly_used: only('/contracts'),
  services_without_card: ({ contractId }) => (contractId === null ? '/contracts' : `/contracts/${contractId}`),
  batches_to_approve: only('/batches'),
  batches_above_limit: only('/batches'),
  invoices_to_pay: () => '/payment-runs/new',
  payees_waiting: () => '/payments',
  funds_short: () => '/payments',
  payment_runs_open: only('/payment-runs'),
  payment_runs_planned: only('/payment-runs'),
  outside_payments_to_enter: () => '/payments/outside',
  outside_payments_to_confirm: () => '/payments/outside',
  payouts_to_decide: () => '/payments/attention',
  rail_notices_parked: () => '/payments/attention',
  balances_breached: () => '/checks',
  invitations_open: () => '/people',
};

/**
 * A task in words: how many, how much, by when, and because of what; of which contract, where it is of one. `codes` has the
 * contracts that tasks are about, by their ids.
 */
export function cardOf(t: Translate, task: Task, codes: ReadonlyMap<string, string>): TaskCard {
  const { kind, count, amountMinor, day, period, lateCount, because, contractId } = task;
  const contract = contractId === null ? undefined : codes.get(contractId);
  const params = {
    count,
    amount: amountMinor === null ? '' : t.money(amountMinor),
    day: day === null ? '' : t.day(day),
    month: period === null ? '' : t.month(period),
  };
  const sentences = [
    contract === undefined ? '' : t('tasks.contract', { contract }),
    day === null ? '' : t('tasks.day', params),
    lateCount > 0 ? t('tasks.late', { count: lateCount }) : '',
    because === null ? '' : reasonOf(t, because),
  ];
  return {
    title: t(`tasks.kinds.${kind}`, params),
    text: sentences.filter((sentence) => sentence !== '').join(' '),
    figure: amountMinor === null ? null : t.money(amountMinor),
    href: PLACES[kind](task),
    attention: lateCount > 0,
  };
}

function reasonOf(t: Translate, because: Because): string {
  switch (because.term) {
    case 'payment_days':
      return t('tasks.because.payment_days', { count: because.days, since: t.day(because.since) });
    case 'claim_day':
      return t('tasks.because.claim_day', { workingDay: because.workingDay, count: because.lateWindowDays });
    case 'decide_days':
      return t('tasks.because.decide_days', { count: because.workingDays });
    case 'waits_for':
      return t.has(`tasks.waits.${because.code}`) ? t(`tasks.waits.${because.code}`) : '';
    case 'used_percent':
      return t('tasks.because.used_percent', { percent: because.percent });
    case 'within_days':
      return t('tasks.because.within_days', { count: because.days });
    case 'approval_limit':
      return t('tasks.because.approval_limit', { limit: t.money(because.limitMinor) });
    default:
      return t('tasks.because.no_due_day');
  }
}

function only(folder: string, list: string = folder): (task: Task) => string {
  return ({ ids, count }) => (count === 1 && ids[0] !== undefined ? `${folder}/${ids[0]}` : list);
}

import { Injectable } from '@nestjs/common';
import {
  ClaimMonths,
  CompletionDeclarations,
  periodOf,
  UnclaimedDelivery,
  type ClaimMonth,
  type MonthToSend,
  type UnclaimedSession,
} from '../delivery/index.js';
import type { Actor, Role } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { whyNotPayInto } from '../payouts/index.js';
import { readContractsOn, type ContractNow } from './contracts-now.queries.js';
import {
  readAccounts,
  readFailedFiles,
  readOpenQueries,
  readRemittances,
  readUnpaid,
  readWaitingInvoices,
  type AccountNow,
} from './provider-tasks.queries.js';
import { readWaitingReferrals } from './referral-tasks.queries.js';
import { daysAfter, taskOf, tasksBy, type Because, type Task } from './task.rules.js';

/** How long a remittance advice counts as new. */
const NEW_DAYS = 14;

/** What the people of a provider have to do. */
@Injectable()
export class ProviderTasks {
  constructor(
    private readonly database: Database,
    private readonly months: ClaimMonths,
    private readonly delivery: UnclaimedDelivery,
    private readonly completions: CompletionDeclarations,
  ) {}

  async ofCoordinator(actor: Actor, today: IsoDate): Promise<Task[]> {
    const sessions = await this.delivery.list(actor);
    const months = await this.completions.preview(actor, daysAfter(periodOf(today), -1).slice(0, 7));
    return this.database.read(actor, async (reader) => [
      ...(await this.ofReferralsAndClaims(reader, today)),
      ...(await this.unclaimed(reader, sessions, today)),
      ...(await this.toSend(reader, months, today)),
      ...(await this.nilDue(reader, today)),
    ]);
  }

  private async ofReferralsAndClaims(reader: Reader, today: IsoDate): Promise<Task[]> {
    const waiting = await readWaitingReferrals(reader);
    const referrals = waiting.map(({ id, respondBy }) => ({ id, day: respondBy }));
    return [
      ...taskOf('referrals_to_accept', 'coordinator', referrals, today),
      ...taskOf('queries_to_answer', 'coordinator', await readOpenQueries(reader), today),
      ...tasksBy(
        await readFailedFiles(reader),
        ({ contractId }) => contractId,
        (files, { contractId }) => taskOf('claim_files_to_correct', 'coordinator', files, today, { contractId }),
      ),
    ];
  }

  async ofTreasurer(reader: Reader, today: IsoDate): Promise<Task[]> {
    const contracts = await readContractsOn(reader, today);
    const accounts = await readAccounts(reader);
    const since = daysAfter(today, -NEW_DAYS);
    return [
      ...accountTasks(contracts, accounts, today),
      ...tasksBy(
        await readWaitingInvoices(reader),
        ({ waitsFor }) => waitsFor,
        (group, { waitsFor: code }) =>
          taskOf('invoices_waiting', 'treasurer', group, today, { because: { term: 'waits_for', code } }),
      ),
      ...taskOf('remittances_new', 'treasurer', await readRemittances(reader, since), today, {
        because: { term: 'within_days', days: NEW_DAYS },
      }),
    ];
  }

  /** What is due, contract by contract and day by day, and because of what. */
  async due(reader: Reader, role: Role, today: IsoDate): Promise<Task[]> {
    return tasksBy(
      await readUnpaid(reader),
      ({ contractId, issuedOn, day }) => `${contractId} ${issuedOn} ${day}`,
      (group, { commissionerId, contractId, issuedOn, days }) => {
        const because: Because =
          days === null ? { term: 'no_due_day' } : { term: 'payment_days', days, since: issuedOn };
        return taskOf('payment_due', role, group, today, { commissionerId, contractId, because });
      },
    );
  }

  private async unclaimed(reader: Reader, sessions: readonly UnclaimedSession[], today: IsoDate): Promise<Task[]> {
    const worth = sessions.filter(({ netMinor, indicativeMinor }) => netMinor > 0n || indicativeMinor > 0n);
    const months = new Map(worth.map(({ contractId, period }) => [`${contractId} ${period}`, { contractId, period }]));
    const tasks: Task[] = [];
    for (const { contractId, period } of months.values()) {
      const month = await this.months.get(reader, contractId, period);
      const items = worth
        .filter((session) => session.contractId === contractId && session.period === period)
        .map(({ sessionId: id, netMinor: amountMinor }) => ({ id, amountMinor, day: month.lastClaimDay }));
      tasks.push(...taskOf('delivery_to_claim', 'coordinator', items, today, ofMonth(month)));
    }
    return tasks;
  }

  private async toSend(reader: Reader, months: readonly MonthToSend[], today: IsoDate): Promise<Task[]> {
    const tasks: Task[] = [];
    for (const { contractId, period, newCount: count, totalMinor: amountMinor, claimBy: day } of months) {
      if (count === 0) continue;
      const month = await this.months.get(reader, contractId, period);
      const item = { id: contractId, count, amountMinor, day };
      tasks.push(...taskOf('month_to_send', 'coordinator', [item], today, ofMonth(month)));
    }
    return tasks;
  }

  private async nilDue(reader: Reader, today: IsoDate): Promise<Task[]> {
    const due = await this.months.nilDue(reader, today);
    return tasksBy(
      due.map((month) => ({ ...month, id: month.contractId, day: month.lastClaimDay })),
      ({ contractId }) => contractId,
      (months, first) => taskOf('nil_to_declare', 'coordinator', months, today, ofMonth(first)),
    );
  }
}

function ofMonth({ period, commissionerId, contractId, claimDay, lateWindowDays }: ClaimMonth) {
  const because = { term: 'claim_day', workingDay: claimDay, lateWindowDays } as const;
  return { period, commissionerId, contractId, because };
}

/** Accounts that keep the provider from being paid, and those of which the platform still asks something. */
function accountTasks(contracts: readonly ContractNow[], accounts: readonly AccountNow[], today: IsoDate): Task[] {
  const onPlatform = contracts.filter(({ isInForce, rail }) => isInForce && rail === 'stripe');
  return tasksBy(
    onPlatform,
    ({ commissionerId }) => commissionerId,
    (group, { commissionerId }) => {
      const account = accounts.find((one) => one.commissionerId === commissionerId && one.rail === 'stripe');
      const code = whyNotPayInto('stripe', account ?? null, false);
      if (!account) {
        const because = { term: 'waits_for', code: code ?? 'not_onboarded' } as const;
        return taskOf('payout_account_to_open', 'treasurer', group.map(bare), today, { commissionerId, because });
      }
      if (code === undefined && account.requirementCount === 0) return [];
      const because = { term: 'waits_for', code: code ?? 'requirements' } as const;
      return taskOf('payout_account_to_complete', 'treasurer', [bare(account)], today, { commissionerId, because });
    },
  );
}

function bare({ id }: { readonly id: string }): { readonly id: string } {
  return { id };
}

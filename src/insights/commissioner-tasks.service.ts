import { Injectable } from '@nestjs/common';
import { BatchesService, whyNotApprove } from '../batches/index.js';
import { periodOf, workingDayAfter } from '../delivery/index.js';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { ContractsService, readOrders } from '../pricing/index.js';
import {
  readContractsWithOrders,
  readOpenClaims,
  readServicesWithoutCard,
  readUnderReview,
  type BatchUnderReview,
} from './commissioner-tasks.queries.js';
import { readBudgets, readContractsOn, type ContractNow } from './contracts-now.queries.js';
import { readWaitingInvoices } from './provider-tasks.queries.js';
import { daysAfter, isNearlyUsed, NEARLY_USED_PERCENT, taskOf, type Item, type Task } from './task.rules.js';

/** How long before its end a contract is worth a thought. */
const ENDING_DAYS = 60;

const NEARLY_USED = { because: { term: 'used_percent', percent: NEARLY_USED_PERCENT } } as const;

interface DecidedBy extends Item {
  readonly amountMinor: bigint;
  readonly day: IsoDate;
  readonly decideDays: number;
}

/** What the people of a commissioner who agree and approve have to do. Those who pay have tasks of their own. */
@Injectable()
export class CommissionerTasks {
  constructor(
    private readonly contracts: ContractsService,
    private readonly batches: BatchesService,
  ) {}

  async ofContractManager(reader: Reader, today: IsoDate): Promise<Task[]> {
    const role = 'contract_manager';
    const inForce = (await readContractsOn(reader, today)).filter((contract) => contract.isInForce);
    const latest = daysAfter(today, ENDING_DAYS);
    const ending = inForce.filter(({ endsOn }) => endsOn <= latest).map(({ id, endsOn }) => ({ id, day: endsOn }));
    const providerIds = [...new Set(inForce.map(({ providerId }) => providerId))];
    const unagreed = (await readWaitingInvoices(reader)).filter(({ waitsFor }) => waitsFor === 'agreement');
    return [
      ...(await readOpenClaims(reader, periodOf(today))).flatMap(({ period, contractId, count, amountMinor }) =>
        taskOf('claims_to_submit', role, [{ id: contractId, count, amountMinor }], today, { period, contractId }),
      ),
      ...taskOf('contracts_ending', role, ending, today, { because: { term: 'within_days', days: ENDING_DAYS } }),
      ...taskOf('budgets_nearly_used', role, await this.usedBudgets(reader, inForce), today, NEARLY_USED),
      ...taskOf('orders_nearly_used', role, await this.usedOrders(reader, today), today, NEARLY_USED),
      ...taskOf('services_without_card', role, await readServicesWithoutCard(reader, today, providerIds), today),
      ...taskOf('invoices_waiting', role, unagreed, today, { because: { term: 'waits_for', code: 'agreement' } }),
    ];
  }

  /** Batches that this person may approve, and those that only somebody with a higher limit may. Their own are neither. */
  async ofApprover(reader: Reader, approver: Actor, today: IsoDate): Promise<Task[]> {
    const bankHolidays = await this.contracts.bankHolidays(reader);
    const [own, above]: [DecidedBy[], DecidedBy[]] = [[], []];
    for (const batch of await readUnderReview(reader)) {
      const refusal = whyNotReviewed(batch, approver);
      if (refusal !== undefined && refusal !== 'above_limit') continue;
      const { decideDays } = await this.batches.termsOf(reader, batch);
      const day = workingDayAfter(batch.submittedOn, decideDays, bankHolidays);
      const item = { id: batch.id, amountMinor: batch.totalMinor, day, decideDays };
      (refusal === undefined ? own : above).push(item);
    }
    const first = own.toSorted((a, b) => (a.day < b.day ? -1 : 1))[0];
    const workingDays = first?.decideDays ?? 0;
    const limitMinor = approver.approvalLimitMinor ?? 0n;
    return [
      ...taskOf('batches_to_approve', 'approver', own, today, { because: { term: 'decide_days', workingDays } }),
      ...taskOf('batches_above_limit', 'approver', above, today, { because: { term: 'approval_limit', limitMinor } }),
    ];
  }

  private async usedBudgets(reader: Reader, contracts: readonly ContractNow[]): Promise<Item[]> {
    const budgets = await readBudgets(reader);
    return contracts.flatMap(({ id }): Item[] => {
      const budget = budgets.get(id);
      if (!budget) return [];
      const usedMinor = budget.committedMinor + budget.spentMinor;
      return isNearlyUsed(usedMinor, budget.authorisedMinor) ? [{ id, amountMinor: budget.budgetMinor }] : [];
    });
  }

  /** Orders that are not over. */
  private async usedOrders(reader: Reader, today: IsoDate): Promise<Item[]> {
    const used: Item[] = [];
    for (const id of await readContractsWithOrders(reader)) {
      const orders = await readOrders(reader, id);
      const open = orders.filter(({ endsOn }) => endsOn >= today);
      const scarce = open.filter(({ usedMinor, valueMinor }) => isNearlyUsed(usedMinor, valueMinor));
      used.push(...scarce.map(({ leftMinor }) => ({ id, amountMinor: leftMinor })));
    }
    return used;
  }
}

/** Why the person could not approve the batch as it is now, whatever its flags. */
function whyNotReviewed(batch: BatchUnderReview, approver: Actor) {
  const seen = { digest: batch.digest, acceptsFlagged: true };
  return whyNotApprove({ ...batch, flaggedCount: 0 }, approver, seen)?.code;
}

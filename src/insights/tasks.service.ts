import { Injectable } from '@nestjs/common';
import type { Actor, Role } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { isOverdue } from '../referrals/index.js';
import { AccountChangeTasks } from './account-change-tasks.service.js';
import { readBreaches, readOpenInvitations } from './commissioner-tasks.queries.js';
import { CommissionerTasks } from './commissioner-tasks.service.js';
import { FinanceTasks } from './finance-tasks.service.js';
import { ProviderTasks } from './provider-tasks.service.js';
import { readDeclinedSince, readWaitingReferrals } from './referral-tasks.queries.js';
import { daysAfter, inOrder, taskOf, type Task } from './task.rules.js';

/** How long a declined referral is worth another thought. */
const DECLINED_DAYS = 30;

/** What needs doing now, for the home page of each person: counts, sums and ids of what their roles let them act upon. */
@Injectable()
export class TasksService {
  constructor(
    private readonly database: Database,
    private readonly provider: ProviderTasks,
    private readonly commissioner: CommissionerTasks,
    private readonly finance: FinanceTasks,
    private readonly changes: AccountChangeTasks,
    private readonly clock: Clock,
  ) {}

  /** The most urgent first; none for a program, which has no roles. */
  async of(actor: Actor, today: IsoDate): Promise<Task[]> {
    const isRole = (side: Actor['side'], role: Role) => actor.side === side && actor.roles.includes(role);
    const toPay = isRole('commissioner', 'finance') ? await this.finance.of(actor, today) : [];
    const toClaim = isRole('provider', 'coordinator') ? await this.provider.ofCoordinator(actor, today) : [];
    const others = await this.database.read(actor, (reader) => this.read(reader, actor, today));
    return inOrder([...toPay, ...toClaim, ...others]);
  }

  private async read(reader: Reader, actor: Actor, today: IsoDate): Promise<Task[]> {
    const tasks: Task[] = [];
    for (const work of this.workOf(actor)) tasks.push(...(await work(reader, today)));
    return tasks;
  }

  /** Roles count only on the side that has them. */
  private workOf(actor: Actor): ((reader: Reader, today: IsoDate) => Promise<Task[]>)[] {
    const { side, roles } = actor;
    const { provider, commissioner, changes } = this;
    const work = [(reader: Reader, today: IsoDate) => changes.of(reader, actor, today)];
    if (side === 'referrer' && roles.includes('referrer')) work.push(ofReferrer);
    if (side === 'provider') {
      if (roles.includes('treasurer')) work.push(provider.ofTreasurer.bind(provider));
      const owed = (['treasurer', 'coordinator'] as const).find((role) => roles.includes(role));
      if (owed) work.push((reader: Reader, today: IsoDate) => provider.due(reader, owed, today));
    }
    if (side === 'commissioner') {
      if (roles.includes('contract_manager')) work.push(commissioner.ofContractManager.bind(commissioner));
      if (roles.includes('approver'))
        work.push((reader: Reader, today: IsoDate) => commissioner.ofApprover(reader, actor, today));
      if (roles.includes('auditor')) work.push(ofAuditor);
    }
    if (roles.includes('admin')) {
      const now = this.clock.now();
      work.push(async (reader: Reader, today: IsoDate) =>
        taskOf('invitations_open', 'admin', await readOpenInvitations(reader, now), today),
      );
    }
    return work;
  }
}

/** Facts, such as money that a bank took back, may take an account below its floor; decisions cannot. */
async function ofAuditor(reader: Reader, today: IsoDate): Promise<Task[]> {
  return taskOf('balances_breached', 'auditor', await readBreaches(reader), today);
}

async function ofReferrer(reader: Reader, today: IsoDate): Promise<Task[]> {
  const waiting = await readWaitingReferrals(reader);
  const overdue = waiting.filter((referral) => isOverdue(referral, today));
  const declined = await readDeclinedSince(reader, daysAfter(today, -DECLINED_DAYS));
  return [
    ...taskOf(
      'referrals_overdue',
      'referrer',
      overdue.map(({ id, respondBy }) => ({ id, day: respondBy })),
      today,
    ),
    ...taskOf(
      'referrals_declined',
      'referrer',
      declined.map((id) => ({ id })),
      today,
      { because: { term: 'within_days', days: DECLINED_DAYS } },
    ),
  ];
}

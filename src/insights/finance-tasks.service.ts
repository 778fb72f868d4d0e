import { Injectable } from '@nestjs/common';
import type { Actor } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import { payableSums, PaymentRunsService, type PayablePreview } from '../payouts/index.js';
import { readOpenPayouts, readOpenRuns, readParkedNotices } from './commissioner-tasks.queries.js';
import { taskOf, tasksBy, type Task } from './task.rules.js';

const ROLE = 'finance';

/** What those who pay have to do. */
@Injectable()
export class FinanceTasks {
  constructor(
    private readonly database: Database,
    private readonly runs: PaymentRunsService,
  ) {}

  async of(actor: Actor, today: IsoDate): Promise<Task[]> {
    const payable = payableTasks(await this.runs.preview(actor), today);
    return this.database.read(actor, async (reader) => [
      ...payable,
      ...(await runTasks(reader, today)),
      ...(await payoutTasks(reader, actor.memberId, today)),
      ...taskOf('rail_notices_parked', ROLE, await readParkedNotices(reader), today),
    ]);
  }
}

/** What a run would pay now, what it would let wait, and by how much the funds are short. */
export function payableTasks(
  { groups, fundsMinor }: Pick<PayablePreview, 'groups' | 'fundsMinor'>,
  today: IsoDate,
): Task[] {
  const items = groups.flatMap(({ invoices, waits }) =>
    invoices.map(({ id, amountMinor, dueOn: day }) => ({ id, amountMinor, day, waits })),
  );
  const paid = items.filter(({ waits }) => waits === null);
  const unfunded = items.filter(({ waits }) => waits === 'insufficient_funds');
  const waiting = items.filter(({ waits }) => waits !== null && waits !== 'insufficient_funds');
  return [
    ...taskOf('invoices_to_pay', ROLE, paid, today),
    ...taskOf('funds_short', ROLE, unfunded, today).map((task) => ({
      ...task,
      amountMinor: payableSums(groups, fundsMinor).shortMinor,
    })),
    ...tasksBy(
      waiting,
      ({ waits }) => waits ?? '',
      (group, { waits }) =>
        taskOf('payees_waiting', ROLE, group, today, { because: { term: 'waits_for', code: waits ?? '' } }),
    ),
  ];
}

async function runTasks(reader: Reader, today: IsoDate): Promise<Task[]> {
  const runs = await readOpenRuns(reader);
  const begun = runs.filter(({ day }) => day <= today).map(({ id }) => ({ id }));
  const planned = runs.filter(({ day }) => day > today);
  return [...taskOf('payment_runs_open', ROLE, begun, today), ...taskOf('payment_runs_planned', ROLE, planned, today)];
}

/** Whoever entered a payment that was made outside does not confirm it. */
async function payoutTasks(reader: Reader, memberId: string | null, today: IsoDate): Promise<Task[]> {
  const payouts = await readOpenPayouts(reader);
  const outside = payouts.filter(({ state }) => state === 'requested');
  const unentered = outside.filter(({ enteredBy }) => enteredBy === null);
  const entered = outside.filter(({ enteredBy }) => enteredBy !== null && enteredBy !== memberId);
  return [
    ...taskOf('outside_payments_to_enter', ROLE, unentered, today),
    ...taskOf('outside_payments_to_confirm', ROLE, entered, today),
    ...tasksBy(
      payouts.filter(({ state }) => state !== 'requested'),
      ({ state }) => state,
      (group, { state: code }) =>
        taskOf('payouts_to_decide', ROLE, group, today, { because: { term: 'waits_for', code } }),
    ),
  ];
}

import { Injectable } from '@nestjs/common';
import { whyNotConfirm } from '../payouts/index.js';
import type { Actor, Role } from '../platform/actor.js';
import type { IsoDate } from '../platform/clock.js';
import type { Reader } from '../platform/database.js';
import { readOpenChanges } from './provider-tasks.queries.js';
import { taskOf, tasksBy, type Task } from './task.rules.js';

/** Who may have to confirm a change of where money goes, on each side. */
const CONFIRMS = {
  provider: ['treasurer', 'admin'],
  commissioner: ['finance', 'contract_manager'],
} as const satisfies Record<string, readonly Role[]>;

/** What a change of where money goes asks of the people on both sides. */
@Injectable()
export class AccountChangeTasks {
  /** None for a person with no role that confirms. */
  async of(reader: Reader, actor: Actor, today: IsoDate): Promise<Task[]> {
    const { side, memberId, roles } = actor;
    if (side !== 'provider' && side !== 'commissioner') return [];
    const role = CONFIRMS[side].find((one) => roles.includes(one));
    if (role === undefined) return [];
    const changes = await readOpenChanges(reader);
    const isToConfirm = (change: (typeof changes)[number]) => whyNotConfirm(change, { memberId, side }) === undefined;
    const pending = side === 'provider' ? changes.filter((change) => !isToConfirm(change)) : [];
    return [
      ...taskOf(
        'account_changes_to_confirm',
        role,
        changes.filter(isToConfirm).map(({ id }) => ({ id })),
        today,
      ),
      ...tasksBy(
        pending.map(({ appliesOn: day, ...change }) => ({ ...change, day })),
        ({ id }) => id,
        (group, { state: code, commissionerId }) => {
          const because = { term: 'waits_for', code } as const;
          return taskOf('payout_account_changing', role, group, today, { commissionerId, because });
        },
      ),
    ];
  }
}

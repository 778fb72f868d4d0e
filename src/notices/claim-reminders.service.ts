import { Injectable } from '@nestjs/common';
import {
  ClaimMonths,
  lastDayOfMonth,
  UnclaimedDelivery,
  workingDayAfter,
  type ClaimMonth,
  type UnclaimedSession,
} from '../delivery/index.js';
import { systemActor } from '../platform/actor.js';
import { Clock, type IsoDate } from '../platform/clock.js';
import { Database, type Reader } from '../platform/database.js';
import type { TopicData } from '../platform/events.js';
import { ContractsService } from '../pricing/index.js';
import { isPostTime, reminderDay } from './notice.rules.js';
import { NoticeWriter, type Writing } from './notice-writer.service.js';

const AUTH = { side: 'auth', orgId: null } as const;
const ROLES = ['coordinator', 'treasurer'] as const;

/** $1 day. */
const NOT_LOOKED_AT = `
select o.id as "commissionerId", o.id from organisation o where o.kind = 'commissioner' and not exists
  (select from claim_reminder_day d where d.commissioner_id = o.id and d.day = $1)`;

/** Reminds providers of months that nobody has claimed, some days before they have to be. */
@Injectable()
export class ClaimReminders {
  constructor(
    private readonly database: Database,
    private readonly contracts: ContractsService,
    private readonly months: ClaimMonths,
    private readonly delivery: UnclaimedDelivery,
    private readonly writer: NoticeWriter,
    private readonly clock: Clock,
  ) {}

  /** Commissioners for which nobody has looked today. None before the morning. */
  async findDue(reader: Reader): Promise<TopicData[]> {
    return isPostTime(this.clock.now()) ? reader.query(NOT_LOOKED_AT, [this.clock.today()]) : [];
  }

  /** Writes today's reminders about the contracts of a commissioner. It may run twice, also at the same time. */
  async remind(commissionerId: string): Promise<void> {
    const today = this.clock.today();
    const actor = systemActor(commissionerId, `claim-reminders-${today}`);
    const sessions = await this.delivery.list(actor);
    const reminders = await this.database.read(actor, (reader) => this.remindersOf(reader, sessions, today));
    await this.database.transaction(AUTH, async (tx) => {
      for (const reminder of reminders) await this.writer.write(tx, reminder);
      await tx.execute('insert into claim_reminder_day values ($1, $2) on conflict do nothing', [
        commissionerId,
        today,
      ]);
    });
  }

  private async remindersOf(reader: Reader, sessions: readonly UnclaimedSession[], today: IsoDate): Promise<Writing[]> {
    const bankHolidays = await this.contracts.bankHolidays(reader);
    const reminders: Writing[] = [];
    for (const month of await this.openMonths(reader, sessions, today)) {
      const by = reminderDayOf(month, today, bankHolidays);
      if (by === undefined) continue;
      const { contractId, commissionerId, period, lastClaimDay: lastDay, unclaimed } = month;
      const { code: contract, providerId } = await this.contracts.get(reader, contractId, period);
      reminders.push({
        content: { kind: 'claim_due', data: { contractId, contract, period, by, lastDay, unclaimed } },
        subject: `${contractId} ${period} ${by}`,
        recipients: [{ organisationId: providerId, roles: ROLES }],
        commissionerId,
      });
    }
    return reminders;
  }

  /** Months with delivery that would earn something and is not claimed, and months of which nothing was heard. */
  private async openMonths(
    reader: Reader,
    sessions: readonly UnclaimedSession[],
    today: IsoDate,
  ): Promise<OpenMonth[]> {
    const months = new Map<string, OpenMonth>();
    for (const { contractId, period, netMinor, indicativeMinor, lacksMinutes } of sessions) {
      if (netMinor === 0n && indicativeMinor === 0n && !lacksMinutes) continue;
      const key = `${contractId} ${period}`;
      const month = months.get(key) ?? { ...(await this.months.get(reader, contractId, period)), unclaimed: 0 };
      months.set(key, { ...month, unclaimed: month.unclaimed + 1 });
    }
    const silent = await this.months.nilDue(reader, today);
    return [...months.values(), ...silent.map((month) => ({ ...month, unclaimed: 0 }))];
  }
}

interface OpenMonth extends ClaimMonth {
  /** Sessions. */
  readonly unclaimed: number;
}

function reminderDayOf(month: ClaimMonth, today: IsoDate, bankHolidays: ReadonlySet<IsoDate>): IsoDate | undefined {
  const monthEnds = lastDayOfMonth(month.period);
  if (today <= monthEnds) return undefined;
  const claimBy = workingDayAfter(monthEnds, month.claimDay, bankHolidays);
  return reminderDay(today, { claimBy, lastDay: month.lastClaimDay });
}

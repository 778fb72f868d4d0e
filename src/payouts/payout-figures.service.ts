import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import { Database } from '../platform/database.js';
import { Metrics } from '../platform/metrics.js';

const RELAY = { side: 'relay', orgId: null } as const;

const MOVING = `
select state, count(*)::int as value from payout
where state in ('requested', 'sent', 'unknown', 'failed') group by 1`;

const OVERDUE = `
select coalesce(extract(epoch from $1 - min(next_try_at)), 0)::float8 as value from payout
where state in ('requested', 'sent', 'unknown', 'failed') and next_try_at <= $1`;

const WEBHOOKS = `
select state, count(*)::int as value from webhook_event where state = 'received' group by 1
union all select state, count(*)::int from webhook_event where state = 'parked' group by 1`;

/** How payments stand in the whole instance, for whoever watches it: counts and ages, of nobody in particular. */
@Injectable()
export class PayoutFigures implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly metrics: Metrics,
  ) {}

  onModuleInit(): void {
    this.metrics.gauge({
      name: 'wellpaid_payouts_moving',
      help: 'Payouts that are neither paid nor over, by state; unknown: the rail has not said what became of it.',
      labels: ['state'],
      read: () => this.byState(MOVING),
    });
    this.metrics.gauge({
      name: 'wellpaid_payout_step_overdue_seconds',
      help: 'For how long the next step of a payout has been due; above minutes, workers do not keep up or are not there.',
      read: async () => {
        const [row] = await this.rows<{ value: number }>(OVERDUE, [this.clock.now()]);
        return [{ value: row?.value ?? 0 }];
      },
    });
    this.metrics.gauge({
      name: 'wellpaid_webhook_events',
      help: 'Webhooks of the rail that wait (received) or fit nothing that is known (parked).',
      labels: ['state'],
      read: () => this.byState(WEBHOOKS),
    });
  }

  private async byState(sql: string): Promise<{ labels: { state: string }; value: number }[]> {
    const rows = await this.rows<{ state: string; value: number }>(sql);
    return rows.map(({ state, value }) => ({ labels: { state }, value }));
  }

  private rows<Row>(sql: string, parameters: unknown[] = []): Promise<Row[]> {
    return this.database.read(RELAY, (reader) => reader.query<Row>(sql, parameters));
  }
}

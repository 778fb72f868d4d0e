import { Injectable, type OnModuleInit } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import type { TopicData } from '../platform/events.js';
import { Jobs } from '../platform/jobs.js';
import { DUE_CHANGES } from './payout-account-changes.queries.js';
import { PayoutAccountChangesService } from './payout-account-changes.service.js';

/** Applies changes of payout accounts when their hold is over: nothing rings for that but the clock. */
@Injectable()
export class PayoutAccountChangesWorker implements OnModuleInit {
  constructor(
    private readonly changes: PayoutAccountChangesService,
    private readonly jobs: Jobs,
    private readonly clock: Clock,
  ) {}

  onModuleInit(): void {
    this.jobs.define({
      name: 'payout-account-change',
      on: [],
      due: (reader) => reader.query<TopicData>(DUE_CHANGES, [this.clock.now()]),
      run: ({ commissionerId, id }) => this.changes.apply(commissionerId, id),
    });
  }
}

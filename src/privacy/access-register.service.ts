import { Injectable, type OnModuleInit } from '@nestjs/common';
import type { Scope } from '../platform/actor.js';
import { Database } from '../platform/database.js';
import { Jobs } from '../platform/jobs.js';
import { forgetAccess, readAccessLog, type AccessEntry, type AccessFilter } from './access-log.queries.js';

export interface AccessPage {
  readonly items: readonly AccessEntry[];
  /** The number to read on before; null at the end. */
  readonly next: string | null;
}

const RELAY = { side: 'relay', orgId: null } as const;
const DAY_MS = 24 * 3_600_000;
const FORGET_BATCH = 500;

/** The log of who read of which person, to be read by those who are accountable; and forgotten after 24 months. */
@Injectable()
export class AccessRegister implements OnModuleInit {
  constructor(
    private readonly database: Database,
    private readonly jobs: Jobs,
  ) {}

  onModuleInit(): void {
    this.jobs.every({ name: 'forget old reads', everyMs: DAY_MS, run: () => this.forget() });
  }

  /** A commissioner reads of everybody who read in its books; a provider of its own people and programs. */
  page(
    scope: Scope,
    filter: AccessFilter,
    { before, limit }: { readonly before?: string | undefined; readonly limit: number },
  ): Promise<AccessPage> {
    return this.database.read(scope, async (reader) => {
      const rows = await readAccessLog(reader, scope.side, filter, before, limit + 1);
      const items = rows.slice(0, limit);
      return { items, next: rows.length > limit ? String(items.at(-1)?.seq) : null };
    });
  }

  /** Deletes what is older than 24 months by the database's own clock, in small transactions. Gives how many rows. */
  async forget(): Promise<number> {
    let total = 0;
    for (let forgotten = FORGET_BATCH; forgotten === FORGET_BATCH; total += forgotten) {
      forgotten = await this.database.transaction(RELAY, (tx) => forgetAccess(tx, FORGET_BATCH));
    }
    return total;
  }
}

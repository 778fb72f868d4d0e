import pg from 'pg';
import { Commands, LedgerService } from '../../src/ledger/index.js';
import type { Actor, Scope } from '../../src/platform/actor.js';
import { Clock } from '../../src/platform/clock.js';
import { connect } from '../../src/platform/data-source.js';
import { Database } from '../../src/platform/database.js';
import { newId } from '../../src/platform/ids.js';
import { testDatabase } from './database.js';

/** Stands still until a test moves it. */
export class StillClock extends Clock {
  at = new Date('2026-11-25T10:00:00.123Z');

  now(): Date {
    return this.at;
  }
}

/** A database of a test's own, the ledger on it as the application sees it, and a superuser to look and to tamper. */
export interface LedgerStage {
  readonly database: Database;
  readonly ledger: LedgerService;
  readonly commands: Commands;
  readonly clock: StillClock;
  /** Runs a statement as the superuser, whom no policy and no grant binds. */
  admin<Row = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  close(): Promise<void>;
}

export async function ledgerStage(): Promise<LedgerStage> {
  const own = await testDatabase();
  const database = new Database(await connect(own.appUrl, [], 10));
  const client = new pg.Client({ connectionString: own.adminUrl });
  await client.connect();
  const clock = new StillClock();
  const ledger = new LedgerService(clock);
  return {
    database,
    ledger,
    commands: new Commands(database, ledger),
    clock,
    admin: async <Row>(sql: string, parameters: unknown[] = []) => {
      const { rows } = await client.query(sql, parameters);
      return rows as Row[];
    },
    close: async () => {
      await database.onApplicationShutdown();
      await client.end();
      await own.drop();
    },
  };
}

/** Somebody who acts for an organisation, standing on that side of the database. */
export function actorOf(side: Scope['side'], orgId: string, more: Partial<Actor> = {}): Actor {
  return {
    kind: 'person',
    side,
    orgId,
    memberId: newId(),
    keyId: newId(),
    roles: [],
    scopes: [],
    approvalLimitMinor: null,
    correlationId: newId(),
    ...more,
  };
}

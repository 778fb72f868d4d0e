import { Injectable, type OnApplicationShutdown } from '@nestjs/common';
import pg from 'pg';
import { QueryFailedError, type DataSource, type EntityManager, type QueryRunner } from 'typeorm';
import type { Scope } from './actor.js';
import { domainErrorOf, sqlState } from './constraints.js';
import { isUuid } from './ids.js';
import { isStalePlan, type Isolation, type PreparingClient } from './preparing-client.js';
import { Surrounding } from './surroundings.js';

export type { Scope, Side } from './actor.js';

declare const reads: unique symbol;
declare const writes: unique symbol;

type Finders = Pick<EntityManager, 'find' | 'findBy' | 'findOne' | 'findOneBy' | 'countBy' | 'existsBy'>;

/** A handle that can only read: repeatable read, read only. */
export type Reader = Finders & {
  /** Rows of a statement; `bigint` columns arrive as bigint, `date` columns as `YYYY-MM-DD`. */
  query<Row = Record<string, unknown>>(sql: string, parameters?: unknown[]): Promise<Row[]>;
  readonly [reads]: true;
};

/** A handle inside a transaction that can write. `save` is not on it: it selects first, then guesses. */
export type Tx = Reader &
  Pick<EntityManager, 'insert' | 'update' | 'delete'> & {
    /** Runs a statement and gives the number of rows that it changed. */
    execute(sql: string, parameters?: unknown[]): Promise<number>;
    /**
     * Sends a statement whose answer nobody needs, and does not wait. What comes next is done after it, and fails as it did:
     * wait for something before you take it as done.
     */
    send(sql: string, parameters?: unknown[]): void;
    readonly [writes]: true;
  };

const RETRYABLE = new Set(['40001', '40P01']); // serialization_failure, deadlock_detected
const ATTEMPTS_MAX = 3;
const SIDE = /^[a-z]+$/;
const NESTED = 'Nested transaction: pass the Tx that you already have.';

interface OpenTransaction {
  afterCommit: (() => void)[];
  /** The failed statement after which PostgreSQL takes no other, until a savepoint is rolled back to. */
  abortedBy: unknown;
  /** Why nothing of it can be kept, whatever is rolled back to: it did not begin, or what was sent did not arrive. */
  lostBy: unknown;
  /** Settled once the last statement is that nobody waits for. */
  sent: Promise<unknown>;
  /** The connection is somebody else's. */
  isOver: boolean;
}

const open = new Surrounding<OpenTransaction>();

/** A call to the network inside a transaction would hold its locks for as long as the network likes. */
export function assertOutsideTransaction(): void {
  if (open.find()) throw new Error('Network call inside a transaction: store the fact, let a worker call.');
}

/** Runs `wake` once the current transaction has committed, and not if it does not. */
export function afterCommit(wake: () => void): void {
  const transaction = open.find();
  if (!transaction) throw new Error('afterCommit outside a transaction');
  if (!transaction.afterCommit.includes(wake)) transaction.afterCommit.push(wake);
}

/** The only class that holds a DataSource. */
@Injectable()
export class Database implements OnApplicationShutdown {
  constructor(private readonly dataSource: DataSource) {}

  /**
   * Runs `work` in one transaction under the role of the scope's side. Deadlocks and serialisation failures are retried
   * whole, three times. A constraint failure becomes the domain error that its name stands for.
   *
   * @param isolation REPEATABLE READ for work that must see one snapshot and say which
   */
  transaction<T>(scope: Scope, work: (tx: Tx) => Promise<T>, isolation: Isolation = 'READ COMMITTED'): Promise<T> {
    return this.attempts(scope, false, () => this.attempt(scope, isolation, false, work));
  }

  /** Runs `work` on one snapshot that cannot write. */
  read<T>(scope: Scope, work: (reader: Reader) => Promise<T>): Promise<T> {
    return this.attempts(scope, true, () => this.attempt(scope, 'REPEATABLE READ', true, work));
  }

  /** The rows of one statement that cannot write, in one round trip. */
  lookUp<Row>(scope: Scope, sql: string, parameters: unknown[]): Promise<Row[]> {
    return this.attempts(scope, true, () => this.ask<Row>(scope, sql, parameters));
  }

  /** Whether the database answers. */
  async ping(): Promise<void> {
    await this.dataSource.query('select 1');
  }

  /** What the database is, and how many milliseconds it took to answer. */
  async describe(): Promise<{ version: string; answeredInMs: number }> {
    const asked = performance.now();
    const [row] = (await this.dataSource.query("select current_setting('server_version') as version")) as {
      version: string;
    }[];
    return { version: row?.version ?? '', answeredInMs: Math.round(performance.now() - asked) };
  }

  async onApplicationShutdown(): Promise<void> {
    if (this.dataSource.isInitialized) await this.dataSource.destroy();
  }

  private async attempts<T>(scope: Scope, readOnly: boolean, attempt: () => Promise<T>): Promise<T> {
    if (scope.orgId !== null && !isUuid(scope.orgId)) throw new Error('The organisation of a scope must be a UUID');
    if (!SIDE.test(scope.side)) throw new Error('The side of a scope must be a word');
    for (let attempts = 1; ; attempts++) {
      try {
        return await attempt();
      } catch (error) {
        // Who reads may have passed on what was read.
        const isRetryable = isStalePlan(error) || (!readOnly && RETRYABLE.has(sqlState(error) ?? ''));
        if (attempts < ATTEMPTS_MAX && isRetryable) continue;
        throw domainErrorOf(error) ?? error;
      }
    }
  }

  private async ask<Row>(scope: Scope, sql: string, parameters: unknown[]): Promise<Row[]> {
    if (open.find()) throw new Error(NESTED);
    const runner = this.dataSource.createQueryRunner();
    try {
      const client = (await runner.connect()) as PreparingClient;
      const begun = client.begin(scope, 'REPEATABLE READ', true);
      const asked = client.ask(sql, parameters);
      const outcomes = await Promise.allSettled([begun, asked, client.rollback()]);
      for (const outcome of outcomes) {
        if (outcome.status === 'fulfilled') continue;
        // As of a transaction: such a connection is not used again.
        if (outcomes[2].status === 'rejected' || isStalePlan(outcome.reason)) void client.end();
        throw new QueryFailedError(sql, parameters, outcome.reason as Error);
      }
      return (await asked).rows as Row[];
    } finally {
      await runner.release();
    }
  }

  private async attempt<T>(
    scope: Scope,
    isolation: Isolation,
    readOnly: boolean,
    work: (tx: Tx) => Promise<T>,
  ): Promise<T> {
    if (open.find()) throw new Error(NESTED);
    const runner = this.dataSource.createQueryRunner();
    const transaction: OpenTransaction = {
      afterCommit: [],
      abortedBy: undefined,
      lostBy: undefined,
      sent: Promise.resolve(),
      isOver: false,
    };
    try {
      const client = (await runner.connect()) as PreparingClient;
      try {
        Object.assign(runner, { isTransactionActive: true }); // TypeORM locks rows only in one that it knows of
        // Not waited for: the first statements go with it.
        transaction.sent = client.begin(scope, isolation, readOnly).catch((error: Error) => {
          transaction.lostBy = new QueryFailedError('begin', [], error);
        });
        const result = await open.run(transaction, () => work(writable(runner, client, transaction)));
        await transaction.sent;
        transaction.isOver = true;
        const failure = transaction.lostBy ?? transaction.abortedBy;
        if (failure !== undefined) throw failure;
        await client.commit();
        for (const wake of transaction.afterCommit) wake();
        return result;
      } catch (error) {
        transaction.isOver = true;
        const isRolledBack = await client.rollback().then(
          () => true,
          () => false,
        );
        // Nor is a connection used again whose statements are not known any more as they were.
        if (!isRolledBack || isStalePlan(error)) void client.end();
        throw error;
      }
    } finally {
      await runner.release();
    }
  }
}

function writable(runner: QueryRunner, client: PreparingClient, transaction: OpenTransaction): Tx {
  const { manager } = runner;
  const ask = (sql: string, parameters?: unknown[]) =>
    client.ask(sql, parameters).catch((error: Error) => {
      throw new QueryFailedError(sql, parameters, error);
    });
  const facade = {
    query: async (sql: string, parameters?: unknown[]) => (await ask(sql, parameters)).rows as unknown[],
    execute: async (sql: string, parameters?: unknown[]) => (await ask(sql, parameters)).rowCount ?? 0,
    find: manager.find.bind(manager),
    findBy: manager.findBy.bind(manager),
    findOne: manager.findOne.bind(manager),
    findOneBy: manager.findOneBy.bind(manager),
    countBy: manager.countBy.bind(manager),
    existsBy: manager.existsBy.bind(manager),
    insert: manager.insert.bind(manager),
    update: manager.update.bind(manager),
    delete: manager.delete.bind(manager),
  };
  const watched = Object.entries(facade).map(([name, call]) => [name, watch(call as Statement, transaction)]);
  const tx = Object.fromEntries(watched) as Omit<Tx, 'send'>;
  const send = (sql: string, parameters?: unknown[]) => {
    transaction.sent = tx.execute(sql, parameters).catch((error: unknown) => {
      // What PostgreSQL has refused it says again to whoever waits next. What did not reach it, it knows nothing of.
      if (!isOfServer(error)) transaction.lostBy ??= error;
    });
  };
  return { ...tx, send };
}

type Statement = (...parameters: unknown[]) => Promise<unknown>;

/** Notes whether the transaction stands: only a rollback to a savepoint succeeds after a failure. */
function watch(statement: Statement, transaction: OpenTransaction): Statement {
  return async (...parameters) => {
    if (transaction.isOver) throw new Error('A statement after the end of its transaction: wait for each.');
    try {
      const result = await statement(...parameters);
      if (transaction.lostBy !== undefined) throw transaction.lostBy;
      transaction.abortedBy = undefined;
      return result;
    } catch (error) {
      // Whatever was sent behind a statement that failed is refused because of it.
      const cause = transaction.lostBy ?? transaction.abortedBy ?? error;
      if (sqlState(error) !== undefined) transaction.abortedBy = cause;
      throw cause;
    }
  };
}

/** Whether PostgreSQL itself refused: after that it takes nothing in the transaction. */
function isOfServer(error: unknown): boolean {
  return error instanceof QueryFailedError && error.driverError instanceof pg.DatabaseError;
}

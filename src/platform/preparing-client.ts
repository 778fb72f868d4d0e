import pg from 'pg';
import type { Scope } from './actor.js';

export type Isolation = 'READ COMMITTED' | 'REPEATABLE READ';

/** A text is worth a plan once it has come so often: many are sent once, with as many parameters as there were things. */
const USES_BEFORE_NAMING = 3;
/** Texts that are counted; all are forgotten when there are more, and those that come again are named anew. */
const COUNTED_MAX = 2_000;
/** A plan takes some ten to fifty kilobytes in each connection's server process. */
const HELD_MAX = 200;
/** Tables grow: a plan that was right for an empty one is made anew before it hurts. */
const PLANS_KEPT_MS = { first: 500, most: 15_000 };

/** As PostgreSQL says it after each statement: not idle, and none failed. */
const IN_TRANSACTION = 'T';

/** One statement, for only one can be prepared: whatever has a semicolon may be several. */
const PLANNED = /^\s*(?:select|insert|update|delete|with)\b[^;]*$/i;

interface Counted {
  uses: number;
  name: string | undefined;
}

/** Names of statements, the same for all connections of the process; a name never comes to stand for another text. */
export class StatementNames {
  private readonly byRole = new Map<string, Map<string, Counted>>();
  private counted = 0;
  private given = 0;

  /**
   * The name to prepare a statement under; undefined for one that is not worth it.
   *
   * @param role PostgreSQL plans row-level security for one role, and plans anew for another: each has a statement of its own
   */
  nameOf(role: string, text: string): string | undefined {
    const known = this.byRole.get(role)?.get(text);
    if (known === undefined) {
      this.count(role, text);
      return undefined;
    }
    if (known.name === undefined && ++known.uses > USES_BEFORE_NAMING && PLANNED.test(text)) {
      known.name = `wp_${++this.given}`;
    }
    return known.name;
  }

  private count(role: string, text: string): void {
    if (++this.counted > COUNTED_MAX) {
      this.byRole.clear();
      this.counted = 1;
    }
    const texts = this.byRole.get(role) ?? new Map<string, Counted>();
    texts.set(text, { uses: 1, name: undefined });
    this.byRole.set(role, texts);
  }
}

/**
 * How long plans are kept: half a second at first, then twice as long each time, up to fifteen seconds. A table of a new
 * database is empty when the first statement is planned, and has ten thousand rows after that many seconds.
 */
export class PlanAge {
  private keptMs = PLANS_KEPT_MS.first;

  /** @param since as `nowMs` is, on a clock that only goes forward */
  constructor(private since: number) {}

  /** Whether plans are to be forgotten now; what is made from here on has an age of its own. */
  isOver(nowMs: number): boolean {
    if (nowMs - this.since <= this.keptMs) return false;
    this.since = nowMs;
    this.keptMs = Math.min(this.keptMs * 2, PLANS_KEPT_MS.most);
    return true;
  }
}

const names = new StatementNames();

/** As pg keeps them, and does not say so in its types. */
interface WhatPgKeeps {
  readonly stream: { cork(): void; uncork(): void };
  readonly parsedStatements: Record<string, string>;
}

/**
 * A connection of the application's pool. It keeps the plans of statements that come again and again, and does not wait for
 * one answer before it sends the next statement: what is sent in one turn of the loop leaves in one piece.
 */
export class PreparingClient extends pg.Client {
  private role = '';
  /** Names of what this connection prepared, the one that was used last at the end. */
  private readonly held = new Set<string>();
  private readonly planAge = new PlanAge(performance.now());

  /**
   * Begins a transaction under the role of a side and for an organisation, in one round trip. Statements may be sent behind
   * it at once: if it fails they run outside of a transaction, as the login role, which may do nothing.
   */
  begin({ side, orgId }: Scope, isolation: Isolation, readOnly: boolean): Promise<unknown> {
    this.forgetPlans();
    this.role = side;
    const org = orgId ?? '';
    const entry = readOnly
      ? // Once a snapshot is taken, nothing makes a writer of it.
        `select set_config('role', 'wp_${side}', true), set_config('app.org', '${org}', true)`
      : `set local role wp_${side}; set local app.org = '${org}'`;
    return this.ask(`begin isolation level ${isolation}${readOnly ? ' read only' : ''}; ${entry}`);
  }

  /**
   * @throws Error where PostgreSQL keeps nothing and calls it done: it rolls back when a statement failed, and only warns when
   *   there is no transaction
   */
  async commit(): Promise<void> {
    this.role = '';
    const status = this.getTransactionStatus();
    if (status !== IN_TRANSACTION) throw new Error(`There is no transaction to commit: its status is ${status}`);
    const { command } = await this.ask('COMMIT');
    if (command !== 'COMMIT') throw new Error(`PostgreSQL answered ${command} to COMMIT`);
  }

  async rollback(): Promise<void> {
    this.role = '';
    await this.ask('ROLLBACK');
  }

  ask(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Record<string, unknown>>> {
    return this.query(...([text, values] as never[]));
  }

  /** As of pg, whose many forms cannot be declared again: TypeORM calls it. */
  override query(...given: never[]): never {
    const { stream } = this.kept;
    stream.cork();
    process.nextTick(() => stream.uncork());
    const [text, values, ...rest] = given as unknown[];
    const name = typeof text === 'string' ? names.nameOf(this.role, text) : undefined;
    const ask = super.query.bind(this) as unknown as (...asked: unknown[]) => never;
    if (name === undefined) return ask(...given);
    this.held.delete(name);
    this.held.add(name);
    return Array.isArray(values) ? ask({ name, text, values }, ...rest) : ask({ name, text }, values, ...rest);
  }

  /** Between transactions, for a failed one would not hear it. */
  private forgetPlans(): void {
    if (this.planAge.isOver(performance.now())) this.ask('discard plans').catch(() => undefined);
    for (const name of this.held) {
      if (this.held.size <= HELD_MAX) return;
      this.held.delete(name);
      delete this.kept.parsedStatements[name];
      // It is not there if it was never prepared, because the transaction had failed before.
      this.ask(`deallocate ${name}`).catch(() => undefined);
    }
  }

  private get kept(): WhatPgKeeps {
    return this.connection as unknown as WhatPgKeeps;
  }
}

/** What PostgreSQL says of a prepared statement whose answer has other columns since a migration, or that is gone. */
export function isStalePlan(error: unknown): boolean {
  const failure = error as { driverError?: object } | null;
  const { code, routine } = (failure?.driverError ?? failure ?? {}) as { code?: string; routine?: string };
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}

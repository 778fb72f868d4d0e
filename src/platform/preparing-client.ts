import pg from 'pg';
import type { Scope } from './actor.js';

export type Isolation = 'READ COMMITTED' | 'REPEATABLE READ';

/** A text is worth a plan once it has come so often: many are sent once, with as many parameters as there were things. */
const USES_BEFORE_NAMING = 3;
/** A plan takes some ten to fifty kilobytes in each connection's server process. */
const NAMES_MAX = 256;
const COUNTED_MAX = 2_000;
/** Tables grow: a plan that was right for an empty one is made anew before it hurts. */
const PLANS_KEPT_MS = 15_000;

const PLANNED = /^\s*(select|insert|update|delete|with)\b/i;

/** Names of statements, the same for all connections of the process; a name never comes to stand for another text. */
export class StatementNames {
  private readonly uses = new Map<string, Map<string, number>>();
  private readonly names = new Map<string, Map<string, string>>();
  private counted = 0;
  private given = 0;

  /**
   * The name to prepare a statement under; undefined for one that is not worth it.
   *
   * @param role PostgreSQL plans row-level security for one role: each has a statement of its own
   */
  nameOf(role: string, text: string): string | undefined {
    const named = this.names.get(role)?.get(text);
    if (named !== undefined || this.given >= NAMES_MAX) return named;
    const uses = placed(this.uses, role);
    const count = (uses.get(text) ?? 0) + 1;
    if (count <= USES_BEFORE_NAMING || !PLANNED.test(text)) {
      if (!uses.has(text) && ++this.counted > COUNTED_MAX) this.forgetCounts();
      placed(this.uses, role).set(text, count);
      return undefined;
    }
    uses.delete(text);
    const name = `wp_${++this.given}`;
    placed(this.names, role).set(text, name);
    return name;
  }

  private forgetCounts(): void {
    this.uses.clear();
    this.counted = 1;
  }
}

function placed<Value>(maps: Map<string, Map<string, Value>>, key: string): Map<string, Value> {
  const known = maps.get(key);
  if (known) return known;
  const made = new Map<string, Value>();
  maps.set(key, made);
  return made;
}

const names = new StatementNames();

/**
 * A connection of the application's pool. It keeps the plans of statements that come again and again, and does not wait for
 * one answer before it sends the next statement: what is sent in one turn of the loop leaves in one piece.
 */
export class PreparingClient extends pg.Client {
  private role = '';
  private plansSince = performance.now();

  /**
   * Begins a transaction under the role of a side and for an organisation, in one round trip. Statements may be sent behind
   * it at once: if it fails they run outside of a transaction, as the login role, which may do nothing.
   */
  begin({ side, orgId }: Scope, isolation: Isolation, readOnly: boolean): Promise<unknown> {
    const now = performance.now();
    if (now - this.plansSince > PLANS_KEPT_MS) {
      this.plansSince = now;
      this.ask('discard plans').catch(() => undefined);
    }
    this.role = side;
    const org = orgId ?? '';
    const entry = readOnly
      ? // Once a snapshot is taken, nothing makes a writer of it.
        `select set_config('role', 'wp_${side}', true), set_config('app.org', '${org}', true)`
      : `set local role wp_${side}; set local app.org = '${org}'`;
    return this.ask(`begin isolation level ${isolation}${readOnly ? ' read only' : ''}; ${entry}`);
  }

  ask(text: string, values?: readonly unknown[]): Promise<pg.QueryResult<Record<string, unknown>>> {
    return this.query(...([text, values] as never[]));
  }

  /** As of pg, whose many forms cannot be declared again: TypeORM calls it. */
  override query(...given: never[]): never {
    const { stream } = this.connection as unknown as { stream: { cork(): void; uncork(): void } };
    stream.cork();
    process.nextTick(() => stream.uncork());
    const [text, values, ...rest] = given as unknown[];
    const name = typeof text === 'string' ? names.nameOf(this.role, text) : undefined;
    if (name === undefined) return send.apply(this, given) as never;
    return (
      Array.isArray(values)
        ? send.call(this, { name, text, values }, ...rest)
        : send.call(this, { name, text }, values, ...rest)
    ) as never;
  }
}

const { query: send } = pg.Client.prototype as unknown as {
  query: (this: pg.Client, ...given: unknown[]) => unknown;
};

/** What PostgreSQL says of a prepared statement whose answer has other columns since a migration, or that is gone. */
export function isStalePlan(error: unknown): boolean {
  const failure = error as { driverError?: object } | null;
  const { code, routine } = (failure?.driverError ?? failure ?? {}) as { code?: string; routine?: string };
  return code === '26000' || (code === '0A000' && routine === 'RevalidateCachedQuery');
}

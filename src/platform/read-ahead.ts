import type { Scope } from './actor.js';
import type { Database, Reader } from './database.js';

/** What a cursor reads, and how long it may be held open. */
export interface CursorQuery {
  readonly sql: string;
  readonly parameters: readonly unknown[];
  /** Rows that are read, and held, at a time. */
  readonly pageMax: number;
  /** Settings of PostgreSQL for its plan, in its own transaction. */
  readonly planner?: Readonly<Record<string, string>>;
}

/** A transaction does not wait longer for whoever takes its rows. */
const PATIENCE_MS = 500;
/** Nor is it open for longer once its first page is there: an old snapshot keeps the database from tidying up. */
const OPEN_MAX_MS = 10_000;

/**
 * Reads rows through a cursor on one snapshot, a page ahead of whoever takes them, so that the database works while they
 * are written out. The value at the end says whether all rows were given: a reader who dawdles holds no transaction, and
 * asks anew for what comes after the last row that it has.
 */
export async function* readAhead<Row>(
  database: Database,
  scope: Scope,
  query: CursorQuery,
): AsyncGenerator<Row[], boolean> {
  const desk = new Desk<Row[]>();
  const reading = database
    .read(scope, (reader) => layPages(reader, query, desk))
    .then(
      (isWhole) => desk.end(isWhole),
      (error: unknown) => desk.fail(error),
    );
  try {
    for (;;) {
      const page = await desk.take();
      if (page === undefined) return desk.isWhole();
      yield page;
    }
  } finally {
    desk.leave();
    await reading;
  }
}

async function layPages<Row>(
  reader: Reader,
  { sql, parameters, pageMax, planner }: CursorQuery,
  desk: Desk<Row[]>,
): Promise<boolean> {
  // All rows will be read: a plan that is quick with the first of them is not what is wanted.
  const settings = { cursor_tuple_fraction: '1', ...planner };
  await reader.query('select set_config(key, value, true) from jsonb_each_text($1)', [JSON.stringify(settings)]);
  await reader.query(`declare pages no scroll cursor for ${sql}`, [...parameters]);
  let openUntil = Infinity;
  for (;;) {
    const page = await reader.query<Row>(`fetch ${pageMax} from pages`);
    if (openUntil === Infinity) openUntil = performance.now() + OPEN_MAX_MS;
    const isLast = page.length < pageMax;
    if (page.length > 0 && !(await desk.lay(page, PATIENCE_MS))) return false;
    if (isLast) return true;
    if (performance.now() > openUntil) return false;
  }
}

/** One thing lies between two who work at their own pace. */
class Desk<Thing> {
  private thing: Thing | undefined;
  private ended: { readonly isWhole: boolean } | { readonly error: unknown } | undefined;
  private isLeft = false;
  private wakeGiver: () => void = () => undefined;
  private wakeTaker: () => void = () => undefined;

  /** Lays it down once there is room; false when nobody makes room in time. */
  async lay(thing: Thing, patienceMs: number): Promise<boolean> {
    if (this.thing !== undefined && !this.isLeft) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, patienceMs);
        this.wakeGiver = () => {
          clearTimeout(timer);
          resolve();
        };
      });
    }
    if (this.thing !== undefined || this.isLeft) return false;
    this.thing = thing;
    this.wakeTaker();
    return true;
  }

  /** Undefined when nothing more will come. */
  async take(): Promise<Thing | undefined> {
    if (this.thing === undefined && this.ended === undefined) {
      await new Promise<void>((resolve) => {
        this.wakeTaker = resolve;
      });
    }
    const { thing } = this;
    this.thing = undefined;
    this.wakeGiver();
    return thing;
  }

  end(isWhole: boolean): void {
    this.ended = { isWhole };
    this.wakeTaker();
  }

  fail(error: unknown): void {
    this.ended = { error };
    this.wakeTaker();
  }

  leave(): void {
    this.isLeft = true;
    this.wakeGiver();
  }

  /** Throws what broke the giver off. */
  isWhole(): boolean {
    if (this.ended !== undefined && 'error' in this.ended) throw this.ended.error;
    return this.ended?.isWhole ?? false;
  }
}

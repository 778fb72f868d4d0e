import { type Invariant, registerInvariant } from './invariants.queries.js';

/**
 * How a column of a state table is judged: from its name, the condition under which row `s` of the table and row `t` of
 * what the journal tells do not agree about it.
 */
export type Judgement = (column: string) => string;

/**
 * A table whose rows follow from the journal. Its statement folds the events and compares both ways: a row of which no
 * event tells, an event that has left no row, and columns that differ are each a violation.
 */
export interface StateTable {
  readonly table: string;
  readonly sentence: string;
  /** Beside `commissioner_id`. */
  readonly key: readonly string[];
  /**
   * What the journal tells: one row for each key, with the columns of the key, `commissioner_id`, and whatever the
   * judgements name. See `eventsOf`.
   */
  readonly told: string;
  readonly columns: Readonly<Record<string, Judgement>>;
  /** Columns that another sentence holds to the journal, each with that sentence. */
  readonly bound?: Readonly<Record<string, string>>;
  /** Columns of which the journal says nothing, each with the reason why it need not. */
  readonly untold?: Readonly<Record<string, string>>;
  /** Of which rows `s` no event tells yet. */
  readonly pending?: string;
  /** The rows `s`, with `commissioner_id`, where they are not simply those of the table that the reader sees. */
  readonly rows?: string;
}

/** A table that other sentences hold to the journal, column by column. */
export type BoundTable = Pick<StateTable, 'table' | 'bound' | 'untold'>;

const tables = new Map<string, StateTable | BoundTable>();

/** Adds a table to those that are held to the journal, and its sentence to what must be true. */
export function registerStateTable(state: StateTable | BoundTable): void {
  tables.set(state.table, state);
  if ('told' in state) registerInvariant(stateInvariant(state));
}

/** Every table that was registered, by name. */
export function stateTables(): ReadonlyMap<string, StateTable | BoundTable> {
  return tables;
}

/** Of one commissioner's books where the reader has a scope, of all where it has none. */
export function mine(column: string): string {
  return `(app.org() is null or ${column} = app.org())`;
}

/**
 * Events of some types as rows: `event_id`, `seq`, `type`, the columns of the journal, `member_id` of the actor, and `data`.
 * A body is read once for each event, however many of its parts are asked for.
 */
export function eventsOf(...types: string[]): string {
  return `
select e.commissioner_id, e.id as event_id, e.seq, e.type, e.subject_id, e.provider_id, e.referrer_id, e.actor_org_id,
       e.cause_id, e.occurred_at, (b.said->'actor'->>'memberId')::uuid as member_id, b.said->'data' as data
from ledger.event e cross join lateral (select convert_from(e.body, 'UTF8')::jsonb as said offset 0) b
where e.type in (${types.map((type) => `'${type}'`).join(', ')})`;
}

/** Of the events of one group the value that the latest gives, of those that a condition picks; null of none. */
export function latest(expression: string, condition = 'true'): string {
  return `(array_agg(${expression} order by seq desc) filter (where ${condition}))[1]`;
}

/** The column is the value of an expression over `t`. */
export function as(expression: string): Judgement {
  return (column) => `s.${column} is distinct from ${expression}`;
}

/** The column is what the event's data say under a name. */
export function said(name: string, type = 'text'): Judgement {
  return as(type === 'text' ? `t.data->>'${name}'` : `(t.data->>'${name}')::${type}`);
}

/** The column is bytes that the event's data spell in hexadecimal. */
export function saidBytes(name: string): Judgement {
  return as(`decode(t.data->>'${name}', 'hex')`);
}

/** The event's data hold, under a name, the SHA-256 of the column's text; null of null. */
export function saidHash(name: string): Judgement {
  return (column) => `${sha256Of(`s.${column}`)} is distinct from t.data->>'${name}'`;
}

/** The event's data hold the SHA-256 of the column as RFC 8785 spells it. */
export function saidHashOfJson(name: string): Judgement {
  return (column) => `${sha256Of(`ledger.canonical_json(to_jsonb(s.${column}))`)} is distinct from t.data->>'${name}'`;
}

/** Only of events whose data have the name: those from before it was said are not asked about it. */
export function since(name: string, judgement: Judgement): Judgement {
  return (column) => `(t.data ? '${name}' and ${judgement(column)})`;
}

/** SHA-256 of a text, in lower-case hexadecimal. */
export function sha256Of(text: string): string {
  return `encode(sha256(convert_to(${text}, 'UTF8')), 'hex')`;
}

/** The sentence of a table with the statement that finds what breaks it: `differs` names the columns. */
export function stateInvariant({ table, sentence, key, told, columns, pending, rows }: StateTable): Invariant {
  const keys = ['commissioner_id', ...key];
  const faults = Object.entries(columns).map(([column, judge]) => ({ column, fault: judge(column) }));
  const sql = `
with t as materialized (${told}),
s as (${rows ?? `select * from ${table}`})
select ${keys.map((column) => `coalesce(s.${column}, t.${column}) as ${column}`).join(', ')},
  case when t.commissioner_id is null then 'no event tells of it' when s.commissioner_id is null then 'it has no row' end
    as missing,
  array_remove(array[${faults.map(({ column, fault }) => `case when ${fault} then '${column}' end`).join(', ')}]::text[],
    null) as differs
from s full join t on ${keys.map((column) => `s.${column} = t.${column}`).join(' and ')}
where case when t.commissioner_id is null then ${pending === undefined ? 'true' : `not (${pending})`}
           when s.commissioner_id is null then true
           else ${faults.map(({ fault }) => `(${fault})`).join(' or ')} end`;
  return { sentence, sql };
}

import { randomUUID } from 'node:crypto';
import { sqlState } from '../../src/platform/constraints.js';
import type { Tx } from '../../src/platform/database.js';
import type { TestApp } from './app.js';
import type { OrganisationSide } from './route-world.js';
import { TABLES } from './table-catalogue.js';

export interface TenantTable {
  /** With its schema. */
  name: string;
  columns: string[];
  /** Columns that a statement may write: not generated ones. */
  written: string[];
  primaryKey: string[];
}

/** A side and an organisation that do something to a table, through the application's own way in. */
export interface Attempt {
  side: OrganisationSide;
  orgId: string | null;
  table: TenantTable;
  act: 'read' | 'change' | 'move' | 'copy' | 'intrude' | 'remove';
}

/** The column that says whose a row is, where it is not the side's own `…_id`. */
const OWNER_COLUMN: Record<string, string> = {
  'public.member': 'organisation_id',
  'public.api_key': 'organisation_id',
  'public.invitation': 'invited_by',
  'public.draft': 'organisation_id',
  'public.idempotency': 'actor_org_id',
};

/** Rights that the database refuses: insufficient privilege, or a row that a policy does not let in. */
const REFUSED = '42501';
/** What a copied row runs into where no policy stood in its way: its own key, or a rule of its table. */
const LET_IN = /^(23|WP|P0|22|428C9)/;

export async function tenantTables(app: TestApp): Promise<TenantTable[]> {
  const { rows } = await app.admin.query<TenantTable>(
    `select n.nspname || '.' || c.relname as name,
            array_agg(a.attname::text order by a.attnum) as columns,
            array_agg(a.attname::text order by a.attnum) filter (where a.attgenerated = '' and a.attidentity = '') as written,
            array_agg(a.attname::text) filter (where a.attnum = any (i.indkey)) as "primaryKey"
     from pg_class c join pg_namespace n on n.oid = c.relnamespace
     join pg_attribute a on a.attrelid = c.oid and a.attnum > 0 and not a.attisdropped
     join pg_index i on i.indrelid = c.oid and i.indisprimary
     where n.nspname || '.' || c.relname = any ($1) group by 1 order by 1`,
    [[...TABLES.T, ...Object.keys(OWNER_COLUMN)]],
  );
  return rows;
}

/** What is wrong with what the database let somebody see or do; undefined when nothing is. Nothing is committed. */
export async function tryScope(app: TestApp, attempt: Attempt): Promise<string | undefined> {
  const { side, orgId, table, act } = attempt;
  const owner = OWNER_COLUMN[table.name] ?? `${side}_id`;
  const wrong = (what: string) => `${side} ${orgId} ${what} ${table.name}`;
  const outcome = await rolledBack(app, attempt, async (tx) => {
    if (act === 'read') return readAll(app, tx, attempt, owner);
    if (act === 'change' || act === 'remove') {
      const verb = act === 'remove' ? `delete from ${table.name}` : `update ${table.name} set ${selfSet(table)}`;
      const others = table.columns.includes(owner)
        ? `where ${owner} is distinct from $1`
        : 'where $1::uuid is not null';
      return (await tx.execute(`${verb} ${others}`, [orgId])) === 0 ? undefined : `could ${act} rows of others in`;
    }
    if (act === 'intrude') return intrude(app, tx, attempt, owner);
    return act === 'copy' ? copyForeign(app, tx, attempt, owner) : moveOwn(app, tx, attempt, owner);
  });
  return outcome === undefined ? undefined : wrong(outcome);
}

async function rolledBack(
  app: TestApp,
  { side, orgId }: Attempt,
  work: (tx: Tx) => Promise<string | undefined>,
): Promise<string | undefined> {
  class Undo extends Error {
    constructor(readonly outcome: string | undefined) {
      super('undone');
    }
  }
  try {
    await app.database.transaction({ side, orgId }, async (tx) => {
      // Listed services are seen on a day: without one nobody would see any.
      await tx.query(`select set_config('app.day', $1, true)`, [app.clock.today()]);
      throw new Undo(await work(tx));
    });
  } catch (error) {
    if (error instanceof Undo) return error.outcome;
    if (sqlState(error) === REFUSED) return undefined;
    throw error;
  }
  throw new Error('Nothing was undone');
}

async function readAll(app: TestApp, tx: Tx, attempt: Attempt, owner: string): Promise<string | undefined> {
  const { table, orgId } = attempt;
  const key = table.primaryKey.join(', ');
  const seen = await tx.query<{ row: string }>(`select row(${key})::text as row from ${table.name} order by 1`);
  const condition = isDirectory(attempt) ? SHOWN_TO_REFERRER : table.columns.includes(owner) && `${owner} = $1`;
  const { rows } =
    condition === false
      ? { rows: [] }
      : await app.admin.query<{ row: string }>(
          `select row(${key})::text as row from ${table.name} where ${condition} order by 1`,
          [orgId],
        );
  const due = rows.map(({ row }) => row);
  const got = seen.map(({ row }) => row);
  if (got.some((row) => !due.includes(row))) return 'sees rows of others in';
  return due.every((row) => got.includes(row)) ? undefined : 'misses rows of its own in';
}

/** A referrer sees what the commissioner that registered it shows to anybody. The contracts of the stage are in force. */
const SHOWN_TO_REFERRER = 'listed and commissioner_id = (select registered_by from organisation where id = $1)';

function isDirectory({ side, table }: Attempt): boolean {
  return side === 'referrer' && table.name === 'public.service_listing';
}

/** Inserts a row of somebody else as it is: only a policy or a missing right may stop it. */
async function copyForeign(
  app: TestApp,
  tx: Tx,
  { table, orgId }: Attempt,
  owner: string,
): Promise<string | undefined> {
  if (!table.columns.includes(owner)) return undefined;
  const row = await anyRow(app, table, `${owner} is distinct from $1`, orgId);
  if (!row) return undefined;
  return letIn(() => insertRow(tx, table, row), 'could insert a row for others into');
}

/** Writes a row that names itself into the books of a commissioner that it has nothing to do with. */
async function intrude(
  app: TestApp,
  tx: Tx,
  { side, table, orgId }: Attempt,
  owner: string,
): Promise<string | undefined> {
  if (side === 'commissioner' || !table.columns.includes('commissioner_id') || !table.columns.includes(owner)) {
    return undefined;
  }
  const row = await anyRow(app, table, `${owner} = $1`, orgId);
  const { rows } = await app.admin.query<{ id: string }>(
    `select o.id from organisation o where o.kind = 'commissioner'
       and o.id is distinct from (select registered_by from organisation where id = $1)
       and not exists (select from contract c where c.commissioner_id = o.id and c.provider_id = $1) limit 1`,
    [orgId],
  );
  if (!row || !rows[0]) return undefined;
  const moved = { ...(JSON.parse(row) as object), id: randomUUID(), commissioner_id: rows[0].id, actor_org_id: orgId };
  try {
    await insertRow(tx, table, JSON.stringify(moved));
    return 'could write into the books of a stranger in';
  } catch (error) {
    if (LET_IN.test(sqlState(error) ?? '') || sqlState(error) === REFUSED) return undefined;
    throw error;
  }
}

async function insertRow(tx: Tx, table: TenantTable, row: string): Promise<void> {
  const list = (await insertable(tx, table)).join(', ');
  await tx.execute(
    `insert into ${table.name} (${list}) select ${list} from jsonb_populate_record(null::${table.name}, $1::jsonb)`,
    [row],
  );
}

/** Gives a row of its own to somebody else. */
async function moveOwn(app: TestApp, tx: Tx, { table, orgId }: Attempt, owner: string): Promise<string | undefined> {
  if (!table.columns.includes(owner) || !(await anyRow(app, table, `${owner} = $1`, orgId))) return undefined;
  return letIn(async () => {
    const moved = await tx.execute(`update ${table.name} set ${owner} = gen_random_uuid() where ${owner} = $1`, [
      orgId,
    ]);
    if (moved === 0) throw Object.assign(new Error('No row was moved'), { code: REFUSED });
  }, 'could give away rows of');
}

async function letIn(write: () => Promise<void>, problem: string): Promise<string | undefined> {
  try {
    await write();
  } catch (error) {
    const state = sqlState(error) ?? '';
    if (state === REFUSED) return undefined;
    if (!LET_IN.test(state)) throw error;
  }
  return problem;
}

/** The columns that the current role may insert; none when it may insert nothing. */
async function insertable(tx: Tx, { name, written }: TenantTable): Promise<string[]> {
  const rows = await tx.query<{ column: string }>(
    `select c as column from unnest($2::text[]) c where has_column_privilege($1, c, 'insert')`,
    [name, written],
  );
  if (rows.length === 0) throw Object.assign(new Error('May insert nothing'), { code: REFUSED });
  return rows.map(({ column }) => column);
}

async function anyRow(
  app: TestApp,
  { name }: TenantTable,
  condition: string,
  orgId: string | null,
): Promise<string | undefined> {
  const { rows } = await app.admin.query<{ row: string }>(
    `select to_jsonb(t)::text as row from ${name} t where ${condition} limit 1`,
    [orgId],
  );
  return rows[0]?.row;
}

function selfSet({ written }: TenantTable): string {
  const column = written.at(-1) ?? '';
  return `${column} = ${column}`;
}

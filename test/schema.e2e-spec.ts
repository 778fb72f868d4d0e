import pg from 'pg';
import { ENTITIES } from '../src/entities.js';
import { connect } from '../src/platform/data-source.js';
import { testDatabase, type TestDatabase } from './support/database.js';
import { FOREIGN, TABLES, WITHOUT_POLICY } from './support/table-catalogue.js';

const OURS = `n.nspname in ('public', 'ledger', 'app')`;

describe('the schema', () => {
  let database: TestDatabase;
  let admin: pg.Client;
  const rows = async <Row extends pg.QueryResultRow>(sql: string, parameters: unknown[] = []): Promise<Row[]> =>
    (await admin.query<Row>(sql, parameters)).rows;

  beforeAll(async () => {
    database = await testDatabase();
    admin = new pg.Client({ connectionString: database.adminUrl });
    await admin.connect();
  });
  afterAll(async () => {
    await admin.end();
    await database.drop();
  });

  const nakedTables = () =>
    rows<{ name: string }>(
      `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and ${OURS}
         and not (c.relrowsecurity and c.relforcerowsecurity and exists (select from pg_policy p where p.polrelid = c.oid))
       order by 1`,
    );

  it('knows every table', async () => {
    const found = await rows<{ name: string }>(
      `select n.nspname || '.' || c.relname as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind in ('r', 'p') and ${OURS} order by 1`,
    );
    const known = [...TABLES.T, ...TABLES.R, ...TABLES.P, ...FOREIGN].sort();
    expect(found.map(({ name }) => name)).toEqual(known);
  });

  it('forces row-level security with a policy on every table, or says why not', async () => {
    const naked = (await nakedTables()).map(({ name }) => name).filter((name) => !FOREIGN.includes(name));
    expect(naked).toEqual(Object.keys(WITHOUT_POLICY));
  });

  it('notices a table that somebody left naked', async () => {
    await admin.query('create table public.forgotten (id int)');
    await admin.query('alter table public.claim no force row level security');
    expect((await nakedTables()).map(({ name }) => name)).toEqual(
      expect.arrayContaining(['public.claim', 'public.forgotten']),
    );
    await admin.query('drop table public.forgotten');
    await admin.query('alter table public.claim force row level security');
  });

  it('leads every primary key and unique index of a tenant table with the commissioner', async () => {
    const wrong = await rows<{ index: string }>(
      `select i.indexrelid::regclass::text as index from pg_index i join pg_class c on c.oid = i.indrelid
       join pg_namespace n on n.oid = c.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum = i.indkey[0]
       where i.indisunique and n.nspname || '.' || c.relname = any ($1) and a.attname <> 'commissioner_id' order by 1`,
      [TABLES.T],
    );
    expect(wrong.map(({ index }) => index)).toEqual(UNIQUE_ACROSS_TENANTS);
  });

  it('leads every foreign key between tenant tables with the commissioner, since foreign keys bypass policies', async () => {
    const wrong = await rows<{ name: string }>(
      `select con.conname as name from pg_constraint con
       join pg_class c on c.oid = con.conrelid join pg_namespace n on n.oid = c.relnamespace
       join pg_class f on f.oid = con.confrelid join pg_namespace fn on fn.oid = f.relnamespace
       join pg_attribute a on a.attrelid = c.oid and a.attnum = con.conkey[1]
       where con.contype = 'f' and n.nspname || '.' || c.relname = any ($1) and fn.nspname || '.' || f.relname = any ($1)
         and a.attname <> 'commissioner_id' order by 1`,
      [TABLES.T],
    );
    expect(wrong).toEqual([]);
  });

  it('gives each side policies of one equality, checked on the way in as well', async () => {
    const wrong = await rows<{ policy: string }>(
      `select p.tablename || ': ' || p.policyname as policy from pg_policies p
       where p.policyname in ('commissioner', 'provider', 'referrer') and p.schemaname in ('public', 'ledger')
         and (p.qual is null or p.qual ~* ' or ' or (p.cmd in ('ALL', 'INSERT') and p.with_check is null)) order by 1`,
    );
    expect(wrong).toEqual([]);
  });

  it('lets no role of the application own a table, bypass security or be superuser', async () => {
    const wrong = await rows<{ role: string }>(
      `select r.rolname as role from pg_roles r where r.rolname like 'wp\\_%'
       and (r.rolsuper or r.rolbypassrls or r.rolcreaterole or r.rolcreatedb
            or (r.rolname not in ('wp_owner', 'wp_ledger') and exists (select from pg_class c where c.relowner = r.oid)))`,
    );
    expect(wrong).toEqual([]);
    const [login] = await rows<{ inherits: boolean; owner: boolean }>(
      `select rolinherit as inherits, pg_has_role('wp_app', 'wp_owner', 'member') or pg_has_role('wp_app', 'wp_ledger', 'member')
       as owner from pg_roles where rolname = 'wp_app'`,
    );
    expect(login).toEqual({ inherits: false, owner: false });
  });

  it('pins the search path of every function that runs with its owner’s rights', async () => {
    const wrong = await rows<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${OURS} and p.prosecdef and not exists (select from unnest(p.proconfig) c where c like 'search_path=%')`,
    );
    expect(wrong).toEqual([]);
    const open = await rows<{ name: string }>(
      `select p.oid::regprocedure::text as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where ${OURS} and p.prosecdef and has_function_privilege('public', p.oid, 'execute') and not exists
         (select from pg_depend d where d.objid = p.oid and d.deptype = 'e')`,
    );
    expect(open).toEqual([]);
  });

  it('keeps no view that reads with its owner’s rights', async () => {
    const views = await rows<{ name: string }>(
      `select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
       where c.relkind = 'v' and ${OURS} and not coalesce('security_invoker=true' = any (c.reloptions), false)`,
    );
    expect(views).toEqual([]);
  });

  it('describes in each entity exactly the columns of its table', async () => {
    const dataSource = await connect(database.appUrl, ENTITIES, 2);
    try {
      for (const entity of dataSource.entityMetadatas) {
        const columns = await rows<{ name: string; nullable: boolean; type: string }>(
          `select a.attname as name, not a.attnotnull as nullable, format_type(a.atttypid, null) as type from pg_attribute a
           where a.attrelid = $1::regclass and a.attnum > 0 and not a.attisdropped order by 1`,
          [`${entity.schema ?? 'public'}.${entity.tableName}`],
        );
        const described = entity.columns
          .map((column) => ({
            name: column.databaseName,
            nullable: column.isNullable,
            type: `${LONG_NAME[String(column.type)] ?? String(column.type)}${column.isArray ? '[]' : ''}`,
          }))
          .sort((a, b) => (a.name < b.name ? -1 : 1));
        expect({ table: entity.tableName, columns: described }).toEqual({ table: entity.tableName, columns });
      }
    } finally {
      await dataSource.destroy();
    }
  });
});

/** Unique whoever's it is: an idempotency key that a payment rail sees, so that no two attempts can share one. */
const UNIQUE_ACROSS_TENANTS = ['payout_attempt_key'];

const LONG_NAME: Record<string, string> = { timestamptz: 'timestamp with time zone', int: 'integer' };

import { agreement, type Agreement } from '../../test/support/agreement.js';
import { startTestApp, type TestApp } from '../../test/support/app.js';
import { FULL_LISTING, list } from '../../test/support/listings.js';
import { FOREIGN, TABLES } from '../../test/support/table-catalogue.js';
import { commissioner, registered, type Party } from '../../test/support/world.js';
import { sqlState } from '../platform/constraints.js';
import type { Reader } from '../platform/database.js';

const REFUSED = '42501';
const SEEN = ['public.organisation', 'public.service_listing'];
const ROWS = 'select service_id::text as id from service_listing order by 1';

describe('the side of the database that anybody reads from', () => {
  let app: TestApp;
  let north: Party;
  let singers: Party;
  let farm: Party;
  let shown: Agreement;
  let hidden: Agreement;

  beforeAll(async () => {
    app = await startTestApp();
    north = await commissioner(app, 'NORTH');
    singers = await registered(app, north, 'provider', 'SINGERS');
    farm = await registered(app, north, 'provider', 'FARM');
    await registered(app, north, 'referrer', 'LINKS');
    shown = await agreement(north, singers);
    hidden = await agreement(north, farm);
    await list(north, shown.serviceId, FULL_LISTING);
    await list(north, hidden.serviceId, FULL_LISTING);
    await (await north.as('contract_manager')).api.post(`/v1/services/${hidden.serviceId}/listing/unlist`);
  });
  afterAll(() => app.close());

  const asNobody = <T>(work: (reader: Reader) => Promise<T>, orgId: string | null = north.id, day = '2026-10-29') =>
    app.database.read({ side: 'public', orgId }, async (reader) => {
      await reader.query(`select set_config('app.day', $1, true)`, [day]);
      return work(reader);
    });
  const stateOf = (sql: string) =>
    asNobody((reader) => reader.query(sql)).then(
      () => undefined,
      (error: unknown) => sqlState(error),
    );

  it('sees listed services of the commissioner and the day that the transaction names', async () => {
    const rows = (reader: Reader) => reader.query<{ id: string }>(ROWS);
    expect(await asNobody(rows)).toEqual([{ id: shown.serviceId }]);
    expect(await asNobody(rows, north.id, '2027-04-01')).toEqual([]);
    expect(await asNobody(rows, north.id, '')).toEqual([]);
    expect(await asNobody(rows, null)).toEqual([]);
    expect(await asNobody(rows, singers.id)).toEqual([]);
  });

  it('sees the names of commissioners, and of providers with something to show', async () => {
    const names = await asNobody((reader) =>
      reader.query<{ code: string }>('select code from organisation order by code'),
    );
    expect(names.map(({ code }) => code)).toEqual(['NORTH', 'SINGERS']);
    for (const column of ['address', 'postcode', 'charity_number', 'legal_form', 'registered_by']) {
      expect([column, await stateOf(`select ${column} from organisation`)]).toEqual([column, REFUSED]);
    }
    expect(await stateOf('select changed_by from service_listing')).toBe(REFUSED);
  });

  it('reads no other table, and writes nowhere', async () => {
    const tables = [...TABLES.T, ...TABLES.R, ...TABLES.P, ...FOREIGN];
    for (const table of tables.filter((name) => !SEEN.includes(name))) {
      expect([table, await stateOf(`select 1 from ${table}`)]).toEqual([table, REFUSED]);
    }
    const { rows } = await app.admin.query<{ right: string }>(
      `select table_schema || '.' || table_name || ' ' || privilege_type as right from information_schema.table_privileges
       where grantee = 'wp_public' union
       select table_schema || '.' || table_name || ' ' || privilege_type from information_schema.column_privileges
       where grantee = 'wp_public' order by 1`,
    );
    expect(rows.map(({ right }) => right)).toEqual(['public.organisation SELECT', 'public.service_listing SELECT']);
  });

  it('calls no function of the product but what tells it what it may see', async () => {
    const { rows } = await app.admin.query<{ name: string }>(
      `select n.nspname || '.' || p.proname as name from pg_proc p join pg_namespace n on n.oid = p.pronamespace
       where n.nspname in ('public', 'ledger', 'app') and has_schema_privilege('wp_public', n.oid, 'usage')
         and has_function_privilege('wp_public', p.oid, 'execute') and p.prorettype <> 'trigger'::regtype
         and not exists (select from pg_depend d where d.objid = p.oid and d.deptype = 'e') order by 1`,
    );
    expect(rows.map(({ name }) => name)).toEqual(['app.day', 'app.org', 'app.orgs', 'public.listed_services']);
  });

  it('lets a provider write what its entry says, and not whether it is shown or checked', async () => {
    const scope = { side: 'provider', orgId: farm.id } as const;
    const attempt = (sql: string) =>
      app.database
        .transaction(scope, (tx) => tx.execute(sql))
        .then(
          () => undefined,
          (error: unknown) => sqlState(error),
        );
    for (const set of ['listed = true', `assured_on = '2026-10-29'`, 'provider_id = gen_random_uuid()']) {
      expect([set, await attempt(`update service_listing set ${set}`)]).toEqual([set, REFUSED]);
    }
    expect(await attempt('delete from service_listing')).toBe(REFUSED);
    expect(await attempt(`update service_listing set summary = 'Dig with others.'`)).toBeUndefined();
    const { rows } = await app.admin.query<{ summary: string }>('select summary from service_listing order by summary');
    expect(rows.map(({ summary }) => summary)).toEqual(['Dig with others.', FULL_LISTING.summary]);
  });
});

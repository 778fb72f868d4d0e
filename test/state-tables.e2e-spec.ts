import { checkInvariants, stateTables } from '../src/ledger/index.js';
import { startTestApp, type TestApp } from './support/app.js';
import { NOT_TOLD } from './support/state-catalogue.js';
import { TABLES } from './support/table-catalogue.js';

/** Columns that every table has, and that its key or its policy names. */
const qualified = (table: string) => (table.includes('.') ? table : `public.${table}`);

describe('what is held to the journal', () => {
  let app: TestApp;
  const columnsOf = new Map<string, string[]>();
  const known = new Map<string, string[]>();

  beforeAll(async () => {
    app = await startTestApp();
    const { rows } = await app.admin.query<{ name: string; columns: string[] }>(
      `select table_schema || '.' || table_name as name, array_agg(column_name::text order by column_name) as columns
       from information_schema.columns where table_schema in ('public', 'ledger') group by 1`,
    );
    for (const { name, columns } of rows) columnsOf.set(name, columns);
    for (const [table, state] of stateTables()) {
      const key = 'told' in state ? ['commissioner_id', ...state.key, ...Object.keys(state.columns)] : [];
      const all = new Set([...key, ...Object.keys(state.bound ?? {}), ...Object.keys(state.untold ?? {})]);
      known.set(qualified(table), [...all].sort());
    }
  });
  afterAll(() => app.close());

  it('is every table, but for those of which the journal says nothing, each with the reason', () => {
    const all = [...TABLES.T, ...TABLES.R, ...TABLES.P].sort();
    expect([...known.keys(), ...Object.keys(NOT_TOLD)].sort()).toEqual(all);
  });

  it('is every column of them: derived again, bound by another sentence, or untold for a reason', () => {
    const ofOrganisations = new Set(['public.organisation', 'public.vat_registration', 'public.member']);
    for (const [table, columns] of known) {
      const wanted = ofOrganisations.has(table) ? columns.filter((column) => column !== 'commissioner_id') : columns;
      expect([table, wanted]).toEqual([table, columnsOf.get(table)]);
    }
  });

  it('names for a bound column a sentence that is checked', async () => {
    const findings = await checkInvariants(async (sql) => (await app.admin.query<Record<string, unknown>>(sql)).rows);
    expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
    const sentences = new Set(findings.map(({ sentence }) => sentence));
    const named = [...stateTables().values()].flatMap(({ bound = {} }) => Object.values(bound));
    expect(named.filter((sentence) => !sentences.has(sentence))).toEqual([]);
  });

  it('is judged under the scope of a commissioner', async () => {
    const { id } = { id: '00000000-0000-8000-8000-000000000000' };
    const findings = await app.database.read({ side: 'commissioner', orgId: id }, (reader) =>
      checkInvariants((sql) => reader.query(sql)),
    );
    expect(findings.filter(({ violations }) => violations.length > 0)).toEqual([]);
  });
});

import fc from 'fast-check';
import type { TestApp } from './support/app.js';
import { openRouteStage, type RouteStage } from './support/route-stage.js';
import type { IsolationWorld, OrganisationSide } from './support/route-world.js';
import { changesBetween } from './support/route-tenants.js';
import { tenantTables, tryScope, type Attempt, type TenantTable } from './support/tenant-scopes.js';

const RUNS = 60;
const ACTS: Attempt['act'][] = ['read', 'move', 'copy'];
const SIDES: OrganisationSide[] = ['commissioner', 'provider', 'referrer'];

describe('isolation of tenants, in the database', () => {
  let stage: RouteStage;
  let app: TestApp;
  let world: IsolationWorld;
  let tables: TenantTable[];

  beforeAll(async () => {
    stage = await openRouteStage();
    app = stage.app;
    world = stage.world;
    tables = await tenantTables(app);
  });
  afterAll(() => stage.close());

  const attempts = () =>
    fc.record({
      side: fc.constantFrom(...SIDES),
      orgId: fc.constantFrom(...world.parties.map(({ id }) => id)),
      table: fc.constantFrom(...tables),
      act: fc.constantFrom('read', 'change', 'move', 'copy', 'remove'),
    }) as fc.Arbitrary<Attempt>;

  it('shows each side the rows that name it and lets it write no other, however scopes are interleaved', async () => {
    // What building the world rang for has been done, so that only the attempts can change anything.
    await app.jobs.sweep();
    await app.jobs.settle();
    const before = await everyRow();
    await fc.assert(
      fc.asyncProperty(fc.array(attempts(), { minLength: 2, maxLength: 8 }), async (together) => {
        const wrong = await Promise.all(together.map((attempt) => tryScope(app, attempt)));
        expect(wrong.filter((one) => one !== undefined)).toEqual([]);
      }),
      { numRuns: RUNS, endOnFailure: true },
    );
    expect(changesBetween(before, await everyRow())).toEqual([]);
  });

  it('shows every table to every side and organisation as its policies say', async () => {
    expect(await everyScope(ACTS)).toEqual([]);
  }, 120_000);

  it('lets nobody write into the books of a commissioner that it has nothing to do with', async () => {
    expect(await everyScope(['intrude'])).toEqual([]);
  });

  it('reads nothing in a transaction that names no organisation', async () => {
    for (const side of SIDES) {
      for (const table of tables) {
        expect(await tryScope(app, { side, orgId: null, table, act: 'read' })).toBeUndefined();
      }
    }
  });

  it.each([
    [
      'a policy that lets everybody in',
      'public.contract',
      'alter policy commissioner on contract using (true)',
      'alter policy commissioner on contract using (commissioner_id = (select app.org()))',
    ],
    [
      'a policy that is gone',
      'public.referral',
      'drop policy referrer on referral',
      'create policy referrer on referral to wp_referrer using (referrer_id = (select app.org())) with check (referrer_id = (select app.org()))',
    ],
    [
      'security that is off',
      'public.service',
      'alter table service disable row level security',
      'alter table service enable row level security',
    ],
    [
      'a check that was forgotten',
      'public.rate_card',
      'alter policy commissioner on rate_card with check (true)',
      'alter policy commissioner on rate_card with check (commissioner_id = (select app.org()))',
    ],
  ])('notices %s', async (_what, table, plant, mend) => {
    await app.admin.query(plant);
    try {
      expect((await everyScope(ACTS, [table])).length).toBeGreaterThan(0);
    } finally {
      await app.admin.query(mend);
    }
    expect(await everyScope(ACTS, [table])).toEqual([]);
  });

  it('gives a referral’s progress, and the contract it would fall under, to those whom it concerns alone', async () => {
    const { rows } = await app.admin.query<{ id: string }>('select id from referral where provider_id = $1', [
      world.choir.id,
    ]);
    for (const outsider of [world.farm, world.kitchen, world.south, world.southReferrer]) {
      const scope = { side: outsider.organisation.kind, orgId: outsider.id };
      await app.database.read(scope, async (reader) => {
        for (const { id } of rows) expect(await reader.query('select * from referral_progress($1)', [id])).toEqual([]);
        const { commissioner, provider, agreement } = world.northChoir;
        const asked = [commissioner.id, provider.id, agreement.serviceCode, null, '2026-10-01'];
        const target = await reader.query('select * from referral_target($1, $2, $3, $4, $5)', asked);
        expect(target).toEqual([]);
      });
    }
  });

  async function everyScope(acts: Attempt['act'][], names?: string[]): Promise<string[]> {
    const wrong: string[] = [];
    for (const table of tables.filter(({ name }) => names?.includes(name) ?? true)) {
      for (const party of world.parties) {
        for (const act of acts) {
          const problem = await tryScope(app, { side: party.organisation.kind, orgId: party.id, table, act });
          if (problem !== undefined) wrong.push(problem);
        }
      }
    }
    return wrong;
  }

  async function everyRow(): Promise<Set<string>> {
    const found = new Set<string>();
    for (const { name } of tables) {
      const { rows } = await app.admin.query<{ row: string }>(`select to_jsonb(t)::text as row from ${name} t`);
      for (const { row } of rows) found.add(`${name} ${row}`);
    }
    return found;
  }
});

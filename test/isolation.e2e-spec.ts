import type { TestApp } from './support/app.js';
import { permits } from './support/route-attack.js';
import { attempt, learn, type Attack, type Campaign } from './support/route-campaign.js';
import { catalogueOf } from './support/route-catalogue.js';
import { objectsOf, type Holder } from './support/route-tenants.js';
import { openRouteStage, type RouteStage } from './support/route-stage.js';
import { callersOf, type IsolationWorld } from './support/route-world.js';
import type { Party } from './support/world.js';

const LONG_MS = 240_000;

describe('isolation of tenants, over every route', () => {
  let stage: RouteStage;
  let app: TestApp;
  let campaign: Campaign;
  let attacks: Attack[];

  beforeAll(async () => {
    stage = await openRouteStage();
    const { world } = stage;
    app = stage.app;
    const callers = new Map();
    for (const party of world.parties) callers.set(party.id, await callersOf(party));
    // The last that each has: a request that ends a member or a key ends these.
    for (const party of world.parties) await party.another('admin');
    await app.jobs.settle();
    campaign = { app, world, callers, catalogue: await catalogueOf(app), shapes: new Map(), told: new Map() };
    attacks = attacksIn(world);
  }, LONG_MS);
  afterAll(() => stage.close());

  const canAsk = async () => {
    const wrong: string[] = [];
    for (const route of campaign.catalogue.routes) {
      for (const holder of ownersIn(campaign.world)) {
        const callers = campaign.callers.get(holder.organisation.id) ?? [];
        const permitted = callers.filter((one) => route.permit !== undefined && permits(route.permit, one));
        // A role may see some of what another of the same permit sees: one who can ask is enough.
        let faults: string[] = [];
        for (const caller of permitted) {
          faults = await learn(campaign, route, caller, await objectsOf(app, holder));
          if (faults.length === 0) break;
        }
        wrong.push(...faults);
      }
    }
    expect(wrong).toEqual([]);
  };
  it('can make a request of every route that its validation accepts, for those whom it permits', canAsk, LONG_MS);

  const keepsOut = async () => {
    const wrong = new Set<string>();
    let tries = 0;
    for (const attack of attacks) {
      const report = await attempt(campaign, attack, campaign.catalogue.routes);
      for (const one of report.wrong) wrong.add(one);
      tries += report.tries;
    }
    expect([...wrong]).toEqual([]);
    expect(tries).toBeGreaterThan(50 * campaign.catalogue.routes.length);
  };
  it('answers nobody, no role and no scope with what is another’s, and changes nothing of it', keepsOut, LONG_MS);

  it('keeps the answer of an Idempotency-Key from whoever else uses the same key', async () => {
    const { north, south, kitchen } = campaign.world;
    const request = { providerId: kitchen.id, code: 'SAME-KEY', name: 'Kitchen garden' };
    const send = async (by: Party) => {
      const { api } = await by.as('contract_manager');
      const headers = { 'idempotency-key': 'the-same-key-for-both' };
      return (await api.post<{ id: string; commissionerId: string }>('/v1/services', request, { headers })).body;
    };
    const [first, second, again] = [await send(north), await send(south), await send(north)];
    expect(second.commissionerId).toBe(south.id);
    expect(second.id).not.toBe(first.id);
    expect(again).toEqual(first);
  });

  it('notices a policy that lets everybody in', async () => {
    const routes = campaign.catalogue.routes.filter(({ path }) => path.startsWith('/v1/contracts'));
    const [attack] = attacks;
    if (!attack) throw new Error('There is no attack');
    const open = async (condition: string) => {
      for (const table of ['contract', 'contract_version']) {
        await app.admin.query(`alter policy commissioner on ${table} using (${condition})`);
      }
    };
    await open('true');
    try {
      const { wrong } = await attempt(campaign, attack, routes);
      expect(wrong).toContainEqual(expect.stringMatching(/GET \/v1\/contracts by SOUTH .*shows KESTREL/));
    } finally {
      await open('commissioner_id = (select app.org())');
    }
    expect((await attempt(campaign, attack, routes)).wrong).toEqual([]);
  });
});

function ownersIn({ north, choir, northReferrer, northChoir }: IsolationWorld): Holder[] {
  return [
    { dealing: northChoir, organisation: north, referrer: null },
    { dealing: northChoir, organisation: choir, referrer: null },
    { dealing: northChoir, organisation: northReferrer, referrer: northReferrer },
  ];
}

/** Between commissioners, between providers of one commissioner, and between referrers. */
function attacksIn(world: IsolationWorld): Attack[] {
  const { north, south, choir, farm, kitchen, northReferrer, southReferrer } = world;
  const { northChoir, northFarm, northKitchen, southKitchen } = world;
  const attack = (own: Holder, victim: Holder, whole = false): Attack => {
    return { attacker: own.organisation, own, victim, whole };
  };
  const of = (dealing: Holder['dealing'], organisation: Party, referrer: Party | null = null): Holder => {
    return { dealing, organisation, referrer };
  };
  return [
    attack(of(southKitchen, south), of(northChoir, north, northReferrer), true),
    attack(of(southKitchen, south), of(northKitchen, kitchen)),
    attack(of(northChoir, north), of(southKitchen, south)),
    attack(of(northFarm, farm), of(northChoir, choir), true),
    attack(of(northFarm, farm), of(southKitchen, south)),
    attack(of(northKitchen, kitchen), of(northChoir, north)),
    attack(of(northChoir, choir), of(southKitchen, kitchen)),
    attack(of(northChoir, northReferrer, northReferrer), of(northChoir, choir), true),
    attack(of(northChoir, northReferrer, northReferrer), of(southKitchen, southReferrer, southReferrer)),
    attack(of(southKitchen, southReferrer, southReferrer), of(northChoir, northReferrer, northReferrer)),
  ];
}

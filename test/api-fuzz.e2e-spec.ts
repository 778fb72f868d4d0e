import fc from 'fast-check';
import { oddRequests } from './support/fuzz-requests.js';
import { inTurns, permits, send } from './support/route-attack.js';
import { learn, type Campaign } from './support/route-campaign.js';
import { catalogueOf, type Route } from './support/route-catalogue.js';
import { codesOfEveryOperation, wrongOfProblem } from './support/route-problems.js';
import { requestOf } from './support/route-request.js';
import { openRouteStage, type RouteStage } from './support/route-stage.js';
import { objectsOf, type Holder } from './support/route-tenants.js';
import { callersOf, type Caller } from './support/route-world.js';

const REQUESTS_OF_A_ROUTE = 12;

describe('odd requests', () => {
  let stage: RouteStage;
  let campaign: Campaign;
  let callers: { caller: Caller; holder: Holder }[];

  beforeAll(async () => {
    stage = await openRouteStage();
    const { app, world } = stage;
    callers = [];
    for (const organisation of [world.choir, world.north, world.northReferrer]) {
      const referrer = organisation === world.northReferrer ? organisation : null;
      const holder = { dealing: world.northChoir, organisation, referrer };
      for (const caller of await callersOf(organisation)) callers.push({ caller, holder });
      // The last that each has: a request that ends a member or a key ends these.
      await organisation.another('admin');
    }
    const catalogue = await catalogueOf(app);
    campaign = { app, world, catalogue, callers: new Map(), shapes: new Map(), told: new Map() };
  }, 300_000);
  afterAll(() => stage.close());

  it('never break the server, and never show its insides', async () => {
    const everywhere = codesOfEveryOperation();
    const seed = Math.trunc(Math.random() * 2 ** 31);
    const wrong: string[] = [];
    let tries = 0;
    await inTurns(campaign.catalogue.routes, 4, async (route) => {
      for (const request of await oddRequestsOf(route, seed)) {
        const answer = await send(stage.app.url, request.request, request.key);
        tries++;
        const problem = wrongOfProblem(route, answer, everywhere);
        if (problem === undefined) continue;
        wrong.push(
          `${route.name}: ${problem} for ${request.request.path.slice(0, 300)} ${request.request.body?.slice(0, 600)}`,
        );
      }
    });
    expect({ seed, wrong }).toEqual({ seed, wrong: [] });
    expect(tries).toBeGreaterThan(campaign.catalogue.routes.length * REQUESTS_OF_A_ROUTE * 0.8);
    expect(({} as { polluted?: boolean }).polluted).toBeUndefined();
  }, 300_000);

  async function oddRequestsOf(route: Route, seed: number) {
    const found = callers.find(({ caller }) => route.permit !== undefined && permits(route.permit, caller));
    if (!found) return [];
    const { caller, holder } = found;
    const objects = await objectsOf(stage.app, holder);
    await learn(campaign, route, caller, objects);
    const [shape] = campaign.shapes.get(`${caller.side} ${route.name}`) ?? [];
    const request = requestOf(route, campaign.catalogue.schemas, () => objects, shape);
    const sampled = fc.sample(oddRequests(route, request), { seed, numRuns: REQUESTS_OF_A_ROUTE });
    return sampled.map((odd) => ({ request: odd, key: caller.key }));
  }
});

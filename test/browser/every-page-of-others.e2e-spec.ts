import { SandboxSignIn } from '../../src/sign-in/index.js';
import { openRouteStage, type RouteStage } from '../support/route-stage.js';
import { pagesOf } from '../support/page-routes.js';
import { openSession } from '../support/visitors.js';
import { describeInChromium } from './support/chromium.js';
import { ELSEWHERE, lookAtEvery, pathOf, personaOf, poison, POISONED, type Persona } from './support/every-page.js';
import { objectsOf } from '../support/route-tenants.js';

const LONG_MS = 600_000;

describeInChromium('every page of everybody else, with hostile text in every field', (browser) => {
  let stage: RouteStage;

  beforeAll(async () => {
    stage = await openRouteStage();
    expect(await poison(stage.app)).toEqual(expect.arrayContaining(POISONED));
  }, LONG_MS);
  afterAll(() => stage.close());

  const look = async (persona: Persona, pagesMin: number) => {
    const visited = await lookAtEvery(browser(), stage.app, persona);
    expect(persona.unfilled).toEqual([]);
    expect(visited.length).toBeGreaterThan(pagesMin);
    expect(visited.filter(({ faults }) => faults.length > 0)).toEqual([]);
  };

  it(
    'of a provider',
    async () => {
      const { app, world } = stage;
      await look(await personaOf(stage, world.choir, (memberId) => openSession(app, memberId)), 40);
    },
    LONG_MS,
  );

  it(
    'of a referrer',
    async () => {
      const { app, world } = stage;
      await look(await personaOf(stage, world.northReferrer, (memberId) => openSession(app, memberId)), 10);
    },
    LONG_MS,
  );

  it('of the public', async () => look(await personaOfRoutes(stage, 'public', undefined), 10), LONG_MS);

  it(
    'of whoever runs the instance',
    async () => {
      const visitor = { browserToken: 'b'.repeat(43), ip: '127.0.0.1', correlationId: 'operator' };
      const { token } = await stage.app.nest.get(SandboxSignIn).becomeOperator(visitor);
      await look(await personaOfRoutes(stage, 'operator', token), 3);
    },
    LONG_MS,
  );
});

async function personaOfRoutes(
  stage: RouteStage,
  permit: 'public' | 'operator',
  token: string | undefined,
): Promise<Persona> {
  const { app, world } = stage;
  const objects = await objectsOf(app, { dealing: world.northChoir, organisation: world.north, referrer: null });
  const routes = pagesOf(app).filter(
    ({ name, method, spec }) => method === 'GET' && spec.permit === permit && !ELSEWHERE.test(name),
  );
  const filled = routes.map((route) => ({ route, path: pathOf(route, objects, world.north.code) }));
  const paths = filled.flatMap(({ path }) => (path === undefined ? [] : [path]));
  const unfilled = filled.filter(({ path }) => path === undefined).map(({ route }) => route.name);
  return { name: permit, token, paths, unfilled };
}

import { openSession } from '../support/visitors.js';
import { openRouteStage, type RouteStage } from '../support/route-stage.js';
import { describeInChromium } from './support/chromium.js';
import { lookAtEvery, personaOf, poison, POISONED } from './support/every-page.js';

const LONG_MS = 600_000;

describeInChromium('every page of a commissioner, with hostile text in every field', (browser) => {
  let stage: RouteStage;

  beforeAll(async () => {
    stage = await openRouteStage();
    expect(await poison(stage.app)).toEqual(expect.arrayContaining(POISONED));
  }, LONG_MS);
  afterAll(() => stage.close());

  it(
    'is accessible and fits, with and without scripts, at 1280, 390 and 320 pixels',
    async () => {
      const { app, world } = stage;
      const persona = await personaOf(stage, world.north, (memberId) => openSession(app, memberId));
      const visited = await lookAtEvery(browser(), app, persona);
      expect(persona.unfilled).toEqual([]);
      expect(visited.length).toBeGreaterThan(40);
      expect(visited.filter(({ faults }) => faults.length > 0)).toEqual([]);
    },
    LONG_MS,
  );
});

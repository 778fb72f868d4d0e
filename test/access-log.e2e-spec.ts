import { randomUUID } from 'node:crypto';
import { rolesOf } from '../src/organisations/member.rules.js';
import { personaOf } from './browser/support/every-page.js';
import type { TestApp } from './support/app.js';
import { permits } from './support/route-attack.js';
import { learn, type Campaign } from './support/route-campaign.js';
import { catalogueOf } from './support/route-catalogue.js';
import { pagesOf } from './support/page-routes.js';
import { requestOf } from './support/route-request.js';
import { openRouteStage, type RouteStage } from './support/route-stage.js';
import { objectsOf, type Holder } from './support/route-tenants.js';
import { loggedReads, Revealing } from './support/revealed.js';
import { callersOf } from './support/route-world.js';
import { openSession, visitorWith } from './support/visitors.js';

const LONG_MS = 240_000;
/** The log itself names whom others looked at, by opaque ids. To log who reads it would fill it with itself. */
const THE_LOG = new Set(['GET /v1/access-log', 'GET /access-log']);

/** Every route and every page is asked for what it shows; what reveals a person is declared, and each answer is logged. */
describe('reads of persons', () => {
  let stage: RouteStage;
  let app: TestApp;
  let holders: Holder[];
  let revealing: Revealing;

  beforeAll(async () => {
    stage = await openRouteStage();
    app = stage.app;
    const { north, choir, northReferrer, northChoir } = stage.world;
    holders = [
      { dealing: northChoir, organisation: north, referrer: null },
      { dealing: northChoir, organisation: choir, referrer: null },
      { dealing: northChoir, organisation: northReferrer, referrer: northReferrer },
    ];
    revealing = await Revealing.in(app);
  }, LONG_MS);
  afterAll(() => stage.close());

  it(
    'over the API are declared and logged, one by one',
    async () => {
      const campaign = await campaignOf();
      const wrong: string[] = [];
      const revealed = new Set<string>();
      for (const holder of holders) {
        const callers = await callersOf(holder.organisation);
        const objects = await objectsOf(app, holder);
        for (const route of campaign.catalogue.routes) {
          if ((route.method !== 'GET' && route.sensitive === undefined) || THE_LOG.has(route.name)) continue;
          const caller = callers.find((one) => route.permit !== undefined && permits(route.permit, one));
          if (!caller) continue;
          await learn(campaign, route, caller, objects);
          for (const shape of campaign.shapes.get(`${caller.side} ${route.name}`) ?? []) {
            const request = requestOf(route, campaign.catalogue.schemas, () => objects, shape);
            const correlationId = randomUUID();
            const headers = {
              authorization: `Bearer ${caller.key}`,
              'x-correlation-id': correlationId,
              ...(request.body !== undefined && { 'content-type': request.contentType ?? '' }),
            };
            const init = { method: route.method, headers, ...(request.body !== undefined && { body: request.body }) };
            const answer = await fetch(app.url + request.path, init);
            const shown = answer.ok ? revealing.in(await answer.text(), '') : [];
            if (shown.length > 0) revealed.add(route.name);
            const fault = await faultOf(correlationId, route.sensitive, shown, holder.organisation.id);
            if (fault !== undefined) wrong.push(`${holder.organisation.code}: ${route.name} ${fault}`);
          }
        }
      }
      expect(wrong).toEqual([]);
      expect(revealed.size).toBeGreaterThan(12);
    },
    LONG_MS,
  );

  it(
    'on pages are declared and logged, one by one',
    async () => {
      const wrong: string[] = [];
      let revealed = 0;
      for (const { organisation, referrer } of holders) {
        const party = referrer ?? organisation;
        const persona = await personaOf(stage, party, (memberId) => openSession(app, memberId));
        const visitor = visitorWith(app, persona.token);
        const { memberId } = await party.as(...rolesOf(party.organisation.kind));
        for (const path of persona.paths.filter((one) => !one.endsWith('/progress'))) {
          const correlationId = randomUUID();
          const answer = await visitor.get(path, { 'x-correlation-id': correlationId });
          const route = routeOf(path);
          if (route === undefined || THE_LOG.has(route.name)) continue;
          const shown = answer.status === 200 ? revealing.in(answer.text, '') : [];
          if (shown.length > 0) revealed++;
          const fault = await faultOf(correlationId, route.spec.sensitive, shown, party.id, memberId);
          if (fault !== undefined) wrong.push(`${party.code}: ${route.name} ${fault}`);
        }
      }
      expect(wrong).toEqual([]);
      expect(revealed).toBeGreaterThan(20);
    },
    LONG_MS,
  );

  const campaignOf = async (): Promise<Campaign> => {
    const { world } = stage;
    return { app, world, catalogue: await catalogueOf(app), callers: new Map(), shapes: new Map(), told: new Map() };
  };

  const routeOf = (path: string) => {
    const [plain = ''] = path.split('?');
    const matching = pagesOf(app).filter(
      ({ method, pattern }) => method === 'GET' && new RegExp(`^${pattern.replace(/:\w+/g, '[^/]+')}$`).test(plain),
    );
    return matching.toSorted((one, other) => one.pattern.split(':').length - other.pattern.split(':').length)[0];
  };

  /** What is wrong with what was logged of an answer; undefined when nothing is. */
  const faultOf = async (
    correlationId: string,
    declared: string | undefined,
    shown: readonly { id: string; personId: string }[],
    orgId: string,
    memberId?: string,
  ): Promise<string | undefined> => {
    const rows = await loggedReads(app, correlationId);
    if (declared === undefined) return shown.length > 0 ? 'reveals persons, and declares nothing' : undefined;
    if (shown.length === 0) return undefined;
    if (rows.length === 0) return 'reveals persons, and leaves no row';
    if (rows.some((row) => row.kind !== declared || row.actorOrgId !== orgId)) return 'is logged as something else';
    if (memberId !== undefined && rows.some((row) => row.memberId !== memberId)) return 'is logged of somebody else';
    if (rows.some(({ referralIds, personIds }) => referralIds.length + personIds.length === 0)) return undefined;
    const logged = new Set(rows.flatMap(({ referralIds, personIds }) => [...referralIds, ...personIds]));
    const missing = shown.filter(({ id, personId }) => !logged.has(id) && !logged.has(personId));
    return missing.length > 0 ? `reveals ${missing.length} referrals that its row does not name` : undefined;
  };
});

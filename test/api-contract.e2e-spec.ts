import { errorCatalogue } from '../src/platform/errors.js';
import { ANY, hasPlace, withField, withText } from './support/fuzz-places.js';
import { inTurns, permits, send } from './support/route-attack.js';
import { learn, type Campaign } from './support/route-campaign.js';
import { catalogueOf, type Route } from './support/route-catalogue.js';
import { codesOfEveryOperation, wrongOfProblem } from './support/route-problems.js';
import { requestOf, type RouteRequest } from './support/route-request.js';
import { openRouteStage, type RouteStage } from './support/route-stage.js';
import { objectsOf } from './support/route-tenants.js';
import { callersOf, type Caller } from './support/route-world.js';

describe('the contract of the API', () => {
  let stage: RouteStage;
  let campaign: Campaign;
  let callers: Caller[];
  const everywhere = codesOfEveryOperation();

  beforeAll(async () => {
    stage = await openRouteStage();
    const { app, world } = stage;
    const catalogue = await catalogueOf(app);
    callers = (await Promise.all([world.north, world.choir, world.northReferrer].map(callersOf))).flat();
    // The last that each has: a request that ends a member or a key ends these.
    for (const party of [world.north, world.choir, world.northReferrer]) await party.another('admin');
    campaign = { app, world, catalogue, callers: new Map(), shapes: new Map(), told: new Map() };
  }, 120_000);
  afterAll(() => stage.close());

  const routesThat = (condition: (route: Route) => boolean) =>
    campaign.catalogue.routes.filter(condition).map(({ name }) => name);

  it('describes every handler, and every handler declares who may call it', () => {
    expect(campaign.catalogue.routes.length).toBeGreaterThan(40);
    expect(campaign.catalogue.undocumented).toEqual([]);
    expect(routesThat(({ permit }) => permit === undefined)).toEqual([]);
  });

  it('says of every operation what it is for, what it takes and what it answers', () => {
    expect(routesThat(({ summary }) => (summary ?? '').length < 8)).toEqual([]);
    expect(routesThat(({ unnamed }) => unnamed)).toEqual([]);
    expect(routesThat(({ body }) => body?.undescribed ?? false)).toEqual([]);
    const silent = ({ success: { status, contentType, schema } }: Route) =>
      status !== 204 && (contentType === undefined || schema === undefined);
    expect(routesThat(silent)).toEqual([]);
  });

  it('documents only codes that exist, and the refusals of the guard wherever a key is needed', () => {
    const known = new Set(errorCatalogue().map(({ code }) => code));
    expect(routesThat(({ errors }) => [...errors.values()].flat().some((code) => !known.has(code)))).toEqual([]);
    const guarded = ({ permit, errors }: Route) =>
      permit !== 'public' &&
      !(errors.get(401)?.includes('request.not_signed_in') && errors.get(403)?.includes('request.not_permitted'));
    expect(routesThat(guarded)).toEqual([]);
  });

  it('keeps programs from approving, paying, confirming, and from bank details, members and keys', () => {
    const personal =
      /approve|confirm|decide|issue|own-number|withdraw$|\/(payment-runs|payouts|payout-accounts|outside-payments|funds|keys|members|invitations|self-billing-agreements|budget-changes)\b/;
    const open = campaign.catalogue.routes.filter(
      ({ method, path, permit }) =>
        method !== 'GET' && personal.test(path) && permit !== 'public' && permit?.scope !== undefined,
    );
    expect(open.map(({ name }) => name)).toEqual(['POST /v1/claims/{id}/withdraw']);
  });

  it('refuses what has the wrong shape, with a problem that it documents', async () => {
    const wrong: string[] = [];
    await inTurns(campaign.catalogue.routes, 4, async (route) => {
      const caller = callers.find((one) => route.permit !== undefined && permits(route.permit, one));
      if (!caller) return;
      const objects = await objectsOf(stage.app, {
        dealing: stage.world.northChoir,
        organisation: stage.world.parties.find(({ id }) => id === caller.orgId) ?? stage.world.north,
        referrer: caller.side === 'referrer' ? stage.world.northReferrer : null,
      });
      await learn(campaign, route, caller, objects);
      const shape = campaign.shapes.get(`${caller.side} ${route.name}`)?.[0];
      if (!shape) return;
      const request = requestOf(route, campaign.catalogue.schemas, () => objects, shape);
      for (const { what, bent, refused } of bentRequests(route, request)) {
        const answer = await send(stage.app.url, bent, caller.key);
        const problem =
          wrongOfProblem(route, answer, everywhere) ??
          (refused.includes(answer.status) ? undefined : `answers ${answer.status}`);
        if (problem !== undefined) wrong.push(`${route.name} with ${what}: ${problem}`);
      }
    });
    expect(wrong).toEqual([]);
  }, 120_000);

  it('answers a path that it does not have, and a method that a path does not have, with a problem', async () => {
    for (const [method, path] of [
      ['GET', '/v1/nothing'],
      ['PUT', '/v1/contracts'],
      ['GET', '/v1/contracts/%ZZ'],
    ] as const) {
      const answer = await send(stage.app.url, { method, path, contentType: undefined, body: undefined, named: [] });
      expect([400, 404]).toContain(answer.status);
      expect(answer.contentType).toContain('application/problem+json');
    }
  });
});

interface Bent {
  what: string;
  bent: RouteRequest;
  refused: number[];
}

/** The request of a route with one thing wrong at a time. */
function bentRequests(route: Route, request: RouteRequest): Bent[] {
  const bent: Bent[] = [
    {
      what: 'an unknown parameter',
      bent: { ...request, path: withParameter(request.path) },
      refused: unknownIn(route),
    },
    ...request.named
      .filter(({ reference: { place, by } }) => place === 'path' && by === 'id')
      .flatMap(({ value }) => [
        { what: 'an id that is no id', bent: renamed(request, value, 'no-id'), refused: [400] },
        { what: 'a huge id', bent: renamed(request, value, 'a'.repeat(2_000)), refused: [400, 404, 414] },
      ]),
  ];
  if (route.body?.contentType !== 'application/json' || request.body === undefined) return bent;
  const body = JSON.parse(request.body) as unknown;
  const withBody = (value: unknown): RouteRequest => ({ ...request, body: JSON.stringify(value) });
  return [
    ...bent,
    { what: 'an unknown field', bent: withBody(withField(body)), refused: [400] },
    { what: 'a list as the body', bent: withBody([body]), refused: [400] },
    { what: 'no object as the body', bent: withBody('text'), refused: [400] },
    { what: 'text that is no JSON', bent: { ...request, body: '{"a":' }, refused: [400] },
    { what: 'a prototype', bent: { ...request, body: withPrototype(request.body) }, refused: [400] },
    { what: 'another type of content', bent: { ...request, contentType: 'text/plain' }, refused: [400, 415] },
    { what: 'too much', bent: withBody({ ...(body as object), filler: 'x'.repeat(2_000_000) }), refused: [413] },
    ...ANY.filter(({ kind }) => hasPlace(body, kind)).map(({ kind, value }) => ({
      what: `${JSON.stringify(value)?.slice(0, 20)} for ${kind}`,
      bent: withBody(withText(body, kind, value)),
      refused: [400],
    })),
  ];
}

/** A route without a query takes no notice of one. */
function unknownIn(route: Route): number[] {
  return route.parameters.some((one) => one.in === 'query') ? [400] : [200, 201, 204, 400, 403, 404, 409, 422, 503];
}

function withParameter(path: string): string {
  return `${path}${path.includes('?') ? '&' : '?'}unheardOf=1`;
}

function renamed(request: RouteRequest, id: string, other: string): RouteRequest {
  return { ...request, path: request.path.replace(id, other) };
}

function withPrototype(body: string): string {
  const rest = body.trim().slice(1);
  return `{"__proto__":{"polluted":true}${rest === '}' ? '' : ','}${rest}`;
}

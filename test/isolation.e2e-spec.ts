import { startTestApp, type TestApp } from './support/app.js';
import {
  inTurns,
  leakIn,
  permits,
  send,
  wrongAtGuard,
  wrongOfAnswer,
  type RouteAnswer,
} from './support/route-attack.js';
import { catalogueOf, type Route, type RouteCatalogue } from './support/route-catalogue.js';
import { referencesOf, requestOf, type Objects, type Reference, type RouteRequest } from './support/route-request.js';
import {
  changesBetween,
  foreignRows,
  foreignTo,
  objectsOf,
  type Foreign,
  type Holder,
} from './support/route-tenants.js';
import { callersOf, isolationWorld, type Caller, type IsolationWorld } from './support/route-world.js';
import type { Party } from './support/world.js';

const WIDTH = 6;
const LONG_MS = 240_000;

/** Somebody who tries everything on somebody else's things. */
interface Attack {
  attacker: Party;
  own: Holder;
  victim: Holder;
  /** Whether programs with one scope each try as well, and nobody: once for each side of the database. */
  whole: boolean;
}

describe('isolation of tenants, over every route', () => {
  let app: TestApp;
  let world: IsolationWorld;
  let catalogue: RouteCatalogue;
  const callers = new Map<string, Caller[]>();
  const attacks: Attack[] = [];

  beforeAll(async () => {
    app = await startTestApp();
    world = await isolationWorld(app);
    catalogue = await catalogueOf(app);
    for (const party of world.parties) callers.set(party.id, await callersOf(party));
    // The last that each has: a test that ends a member or a key ends these.
    for (const party of world.parties) await party.another('admin');
    await app.jobs.settle();
    attacks.push(...attacksIn(world));
  }, LONG_MS);
  afterAll(() => app.close());

  it(
    'can make a request of every route that its validation accepts, for those whom it permits',
    async () => {
      const wrong: string[] = [];
      for (const route of catalogue.routes) {
        for (const { side, holder } of ownersIn(world)) {
          const caller = (callers.get(holder.organisation.id) ?? []).find(
            (one) => one.side === side && route.permit !== undefined && permits(route.permit, one),
          );
          if (!caller) continue;
          const objects = await objectsOf(app, holder);
          const request = requestOf(route, catalogue.schemas, () => objects);
          const unused = referencesOf(route, catalogue.schemas).filter(
            (one) =>
              !request.named.some(({ reference }) => reference.field === one.field) && !isAlternative(one, request),
          );
          for (const { field } of unused) wrong.push(`${route.name} by ${caller.name}: names no ${field}`);
          const answer = await send(app.url, request, caller.key);
          const bad = [401, 404, 500].includes(answer.status) || isRefusedShape(answer);
          if (bad) wrong.push(`${route.name} by ${caller.name}: ${answer.status} ${answer.text.slice(0, 300)}`);
        }
      }
      expect(wrong).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'answers nobody, no role and no scope with what is somebody else’s, and changes nothing of it',
    async () => {
      const wrong = new Set<string>();
      for (const attack of attacks) {
        for (const one of await attempt(attack, catalogue.routes)) wrong.add(one);
      }
      expect([...wrong]).toEqual([]);
    },
    LONG_MS,
  );

  it(
    'notices a policy that lets everybody in',
    async () => {
      const contracts = catalogue.routes.filter(({ path }) => path.startsWith('/v1/contracts'));
      const [attack] = attacks;
      if (!attack) throw new Error('There is no attack');
      await app.admin.query('alter policy commissioner on contract using (true)');
      await app.admin.query('alter policy commissioner on contract_version using (true)');
      try {
        expect(await attempt(attack, contracts)).toContainEqual(expect.stringMatching(/GET \/v1\/contracts .*KESTREL/));
      } finally {
        await app.admin.query('alter policy commissioner on contract using (commissioner_id = (select app.org()))');
        await app.admin.query(
          'alter policy commissioner on contract_version using (commissioner_id = (select app.org()))',
        );
      }
      expect(await attempt(attack, contracts)).toEqual([]);
    },
    LONG_MS,
  );

  async function attempt({ attacker, own, victim, whole }: Attack, routes: Route[]): Promise<string[]> {
    const wrong: string[] = [];
    const foreign = await foreignTo(app, world, attacker);
    const before = await foreignRows(app, world, attacker);
    const mine = await objectsOf(app, own);
    const theirs = await objectsOf(app, victim);
    await inTurns(routes, WIDTH, async (route) => {
      const requests = variantsOf(route, catalogue, mine, theirs);
      const all = callers.get(attacker.id) ?? [];
      for (const caller of whole ? [undefined, ...all] : all.filter(({ scopes }) => scopes.length !== 1)) {
        wrong.push(...(await tryRoute(app.url, route, requests, caller, foreign)));
      }
    });
    await app.jobs.settle();
    const changes = changesBetween(before, await foreignRows(app, world, attacker));
    return [...wrong, ...changes.map((change) => `changed by ${attacker.code}: ${change}`)];
  }
});

interface Variant {
  request: RouteRequest;
  /** What it names of somebody else's. */
  foreign: RouteRequest['named'];
}

/** A route with all that it names taken from another, and with each one alone among the caller's own. */
function variantsOf(route: Route, { schemas }: RouteCatalogue, mine: Objects, theirs: Objects): Variant[] {
  const references = referencesOf(route, schemas);
  const all = requestOf(route, schemas, () => either(theirs, mine));
  const each = references.map((one) =>
    requestOf(route, schemas, (it) => (isSame(it, one) ? either(theirs, mine) : either(mine, theirs))),
  );
  const variants = [all, ...(references.length > 1 ? each : [])].map((request) => ({
    request,
    foreign: request.named.filter(({ reference, value }) => lookUp(mine, reference) !== value),
  }));
  return variants.filter(({ foreign }, at) => at === 0 || foreign.length > 0);
}

async function tryRoute(
  url: string,
  route: Route,
  variants: Variant[],
  caller: Caller | undefined,
  foreign: Foreign,
): Promise<string[]> {
  const wrong: string[] = [];
  for (const variant of variants) {
    const answer = await send(url, variant.request, caller?.key);
    const inside = route.permit === 'public' || (caller && route.permit && permits(route.permit, caller));
    const problem =
      wrongAtGuard(route, caller, answer) ??
      (inside
        ? wrongOfAnswer(variant.request, variant.foreign, foreign, answer)
        : leakIn(variant.request, foreign, answer));
    if (problem !== undefined) {
      const named = variant.foreign.map(({ reference }) => reference.field).join(', ');
      wrong.push(
        `${route.name} by ${caller?.name ?? 'nobody'} naming foreign ${named || 'nothing'}: ${answer.status} ${problem}`,
      );
    }
    if (!inside) break;
  }
  return wrong;
}

function either(first: Objects, second: Objects): Objects {
  return { id: (kind) => first.id(kind) ?? second.id(kind), code: (kind) => first.code(kind) ?? second.code(kind) };
}

function lookUp(objects: Objects, { by, kind }: Reference): string | undefined {
  return by === 'id' ? objects.id(kind) : objects.code(kind);
}

function isSame(one: Reference, other: Reference): boolean {
  return one.field === other.field && one.place === other.place;
}

/** `contractCode` where the request says `contractId`. */
function isAlternative({ field }: Reference, { named }: RouteRequest): boolean {
  return named.some(({ reference }) => reference.field === field.replace(/Code$/, 'Id'));
}

function isRefusedShape({ status, json }: RouteAnswer): boolean {
  return status === 400 && json?.code === 'request.invalid';
}

function ownersIn({ north, choir, northReferrer, northChoir }: IsolationWorld) {
  return [
    { side: 'commissioner', holder: { dealing: northChoir, organisation: north, referrer: null } },
    { side: 'provider', holder: { dealing: northChoir, organisation: choir, referrer: null } },
    { side: 'referrer', holder: { dealing: northChoir, organisation: northReferrer, referrer: northReferrer } },
  ];
}

function attacksIn(world: IsolationWorld): Attack[] {
  const { north, south, choir, farm, kitchen, northReferrer, southReferrer } = world;
  const { northChoir, northFarm, northKitchen, southKitchen } = world;
  const attack = (own: Holder, victim: Holder, whole = false): Attack => {
    return { attacker: own.organisation, own, victim, whole };
  };
  const of = (dealing: Holder['dealing'], organisation: Party, referrer: Party | null = null): Holder => ({
    dealing,
    organisation,
    referrer,
  });
  return [
    attack(of(southKitchen, south), of(northChoir, north, northReferrer), true),
    attack(of(southKitchen, south), of(northKitchen, kitchen)),
    attack(of(northChoir, north), of(southKitchen, south)),
    attack(of(northFarm, farm), of(northChoir, choir), true),
    attack(of(northKitchen, kitchen), of(northChoir, north)),
    attack(of(northChoir, choir), of(southKitchen, kitchen)),
    attack(of(northChoir, northReferrer, northReferrer), of(northChoir, choir), true),
    attack(of(northChoir, northReferrer, northReferrer), of(southKitchen, southReferrer, southReferrer)),
    attack(of(southKitchen, southReferrer, southReferrer), of(northChoir, northReferrer, northReferrer)),
  ];
}

import { randomUUID } from 'node:crypto';
import type { TestApp } from './app.js';
import { inTurns, leakIn, permits, send, wrongAtGuard, wrongOfAnswer, type RouteAnswer } from './route-attack.js';
import type { Route, RouteCatalogue } from './route-catalogue.js';
import type { Schemas } from './route-schema.js';
import {
  branchesOf,
  CannotFill,
  referencesOf,
  requestOf,
  type Objects,
  type Reference,
  type RouteRequest,
  type Shape,
} from './route-request.js';
import { changesBetween, foreignRows, foreignTo, objectsOf, type Foreign, type Holder } from './route-tenants.js';
import type { Caller, IsolationWorld } from './route-world.js';
import type { Party } from './world.js';

const WIDTH = 6;
/** For those whom the guard stops anyhow. */
const ANY_SHAPE: Shape = { branch: 0, without: [] };

/** Somebody who tries everything on somebody else's things. */
export interface Attack {
  attacker: Party;
  own: Holder;
  victim: Holder;
  /** Whether every role and every scope tries, and nobody: once for each side of the database. */
  whole: boolean;
}

export interface Campaign {
  app: TestApp;
  world: IsolationWorld;
  catalogue: RouteCatalogue;
  /** By organisation. */
  callers: ReadonlyMap<string, Caller[]>;
  /** The shapes in which each side can ask a route, by `side route`; learned by `learn`. */
  shapes: Map<string, Shape[]>;
  /** What each organisation has named in commands: their refusals are journalled, and shown to it again. */
  told: Map<string, Set<string>>;
}

export interface Report {
  tries: number;
  /** What was wrong, a line each. */
  wrong: string[];
}

/** Every route with everything it names taken from the victim, by every caller of the attacker. */
export async function attempt(campaign: Campaign, attack: Attack, routes: readonly Route[]): Promise<Report> {
  const { app, world, catalogue, callers } = campaign;
  const { attacker, own, victim, whole } = attack;
  const foreign = await foreignTo(app, world, attacker);
  const before = await foreignRows(app, attacker);
  const mine = await objectsOf(app, own);
  const theirs = await objectsOf(app, victim);
  const all = callers.get(attacker.id) ?? [];
  const report: Report = { tries: 0, wrong: [] };
  const told = campaign.told.get(attacker.id) ?? new Set();
  campaign.told.set(attacker.id, told);
  const tryOne = async (route: Route) => {
    const shapes = campaign.shapes.get(`${attacker.organisation.kind} ${route.name}`) ?? [ANY_SHAPE];
    const variants = fillable(report, () => variantsOf(route, catalogue.schemas, shapes, mine, theirs));
    const permitted = all.find((caller) => route.permit !== undefined && permits(route.permit, caller));
    for (const caller of whole ? [undefined, ...all] : permitted ? [permitted] : []) {
      await tryRoute(app.url, route, variants, caller, { foreign, told }, report);
    }
  };
  // Reads come first: they see nothing yet of what the attacker itself has named in commands.
  await inTurns(
    routes.filter(({ method }) => method === 'GET'),
    WIDTH,
    tryOne,
  );
  await inTurns(
    routes.filter(({ method }) => method !== 'GET'),
    WIDTH,
    tryOne,
  );
  await app.jobs.settle();
  const changes = changesBetween(before, await foreignRows(app, attacker));
  report.wrong.push(...changes.map((change) => `changed by ${attacker.code}: ${change}`));
  return report;
}

/**
 * Finds the shapes in which a route can be asked, by asking it about the caller's own things: with everything that it can
 * name, else without one or two of what is optional. The answer may be a refusal, but nothing is missing and the request
 * has the right shape. Without this a harness whose requests are all malformed would find nothing.
 */
export async function learn(campaign: Campaign, route: Route, caller: Caller, objects: Objects): Promise<string[]> {
  const { schemas } = campaign.catalogue;
  const wrong: string[] = [];
  const learned: Shape[] = [];
  for (let branch = 0; branch < branchesOf(route, schemas); branch++) {
    const references = referencesOf(route, schemas, branch);
    const optional = references.filter((one) => one.optional).map(({ field }) => field);
    const pairs = optional.flatMap((one, at) => optional.slice(at + 1).map((other) => [one, other]));
    let first: string | undefined;
    for (const group of [[[]], optional.map((one) => [one]), pairs]) {
      const fitting: Shape[] = [];
      for (const without of group) {
        const problem = await tryShape(campaign, route, caller, objects, { branch, without });
        if (problem === undefined) fitting.push({ branch, without });
        first ??= problem;
      }
      learned.push(...fitting);
      if (fitting.length > 0) break;
    }
    if (!learned.some((one) => one.branch === branch)) wrong.push(`${route.name} by ${caller.name}: ${first}`);
    const named = learned.flatMap((shape) => requestOf(route, schemas, () => objects, shape).named);
    for (const { field } of references) {
      if (!named.some(({ reference }) => reference.field === field)) wrong.push(`${route.name}: never names ${field}`);
    }
  }
  campaign.shapes.set(`${caller.side} ${route.name}`, learned);
  return wrong;
}

async function tryShape(
  { app, catalogue }: Campaign,
  route: Route,
  caller: Caller,
  objects: Objects,
  shape: Shape,
): Promise<string | undefined> {
  let request: RouteRequest;
  try {
    request = requestOf(route, catalogue.schemas, () => objects, shape);
  } catch (error) {
    if (error instanceof CannotFill) return error.message;
    throw error;
  }
  const { status, json, text } = await send(app.url, request, caller.key);
  const misshapen = status === 400 && json?.code === 'request.invalid';
  const bad = misshapen || status === 401 || status === 404 || status >= 500;
  return bad ? `${status} ${text.slice(0, 400)} for ${request.path} ${request.body ?? ''}` : undefined;
}

interface Variant {
  request: RouteRequest;
  /** What it names of somebody else's. */
  foreign: RouteRequest['named'];
}

/** A route with all that it names taken from another, and with each one alone among the caller's own. */
function variantsOf(route: Route, schemas: Schemas, shapes: Shape[], mine: Objects, theirs: Objects): Variant[] {
  const variants: Variant[] = [];
  for (const shape of shapes) {
    const references = referencesOf(route, schemas, shape.branch).filter(({ field }) => !shape.without.includes(field));
    const all = requestOf(route, schemas, () => either(theirs, mine), shape);
    const each = references.map((one) =>
      requestOf(route, schemas, (it) => (isSame(it, one) ? either(theirs, mine) : either(mine, theirs)), shape),
    );
    for (const request of [all, ...(references.length > 1 ? each : [])]) {
      const foreign = request.named.filter(({ reference, value }) => lookUp(mine, reference) !== value);
      if (variants.length === 0 || foreign.length > 0) variants.push({ request, foreign });
    }
  }
  return variants;
}

function fillable(report: Report, fill: () => Variant[]): Variant[] {
  try {
    return fill();
  } catch (error) {
    if (!(error instanceof CannotFill)) throw error;
    report.wrong.push(error.message);
    return [];
  }
}

async function tryRoute(
  url: string,
  route: Route,
  variants: Variant[],
  caller: Caller | undefined,
  { foreign, told }: { foreign: Foreign; told: Set<string> },
  report: Report,
): Promise<void> {
  const inside = route.permit === 'public' || (caller && route.permit && permits(route.permit, caller));
  for (const variant of inside ? variants : variants.slice(0, 1)) {
    const answer = await send(url, variant.request, caller?.key);
    report.tries++;
    if (route.method !== 'GET') for (const { value } of variant.request.named) told.add(value);
    const problem =
      wrongAtGuard(route, caller, answer) ??
      (inside && !isForAnybody(route)
        ? wrongOfAnswer(variant.request, variant.foreign, foreign, answer, told)
        : leakIn(variant.request, foreign, answer, told));
    if (problem === undefined || (await isLikeNothing(url, variant, caller, answer))) continue;
    const named = variant.foreign.map(({ reference }) => reference.field).join(', ') || 'nothing';
    const who = caller?.name ?? 'nobody';
    report.wrong.push(`${route.name} by ${who} naming foreign ${named}: ${answer.status} ${problem}`);
  }
}

/** What is public names what is public: it gives away too much only where it shows what is not. */
function isForAnybody({ method, permit }: Route): boolean {
  return method === 'GET' && permit === 'public';
}

/** Whether the answer is that to an id which nobody has: then it tells nothing. */
async function isLikeNothing(
  url: string,
  { request, foreign }: Variant,
  caller: Caller | undefined,
  answer: RouteAnswer,
): Promise<boolean> {
  const ids = foreign.filter(({ reference }) => reference.by === 'id').map(({ value }) => value);
  if (answer.status < 400 || answer.status >= 500 || ids.length === 0) return false;
  const nobodys = (text: string) => ids.reduce((it, id) => it.replaceAll(id, randomUUID()), text);
  const body = request.body === undefined ? undefined : nobodys(request.body);
  const nothing = await send(url, { ...request, path: nobodys(request.path), body }, caller?.key);
  return nothing.status === answer.status && nothing.json?.detail === answer.json?.detail;
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

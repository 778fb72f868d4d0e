import { resolve, exampleOf, type JsonSchema, type Schemas } from './route-schema.js';
import type { Route } from './route-catalogue.js';

/** Where the ids of a request come from, kind by kind: a contract's, a batch's. */
export interface Objects {
  /** The id of such a thing; undefined when there is none. */
  id(kind: string): string | undefined;
  /** The code that names such a thing in requests. */
  code(kind: string): string | undefined;
}

/** One place of a route that names something that belongs to somebody. */
export interface Reference {
  place: 'path' | 'query' | 'body';
  field: string;
  kind: string;
  by: 'id' | 'code';
}

export interface RouteRequest {
  method: string;
  path: string;
  contentType: string | undefined;
  body: string | undefined;
  /** What the request names, in the order of the route's references. */
  named: { reference: Reference; value: string }[];
}

/** A route names something that the harness has none of, or cannot tell the kind of. */
export class CannotFill extends Error {
  constructor(route: Route, reference: Reference) {
    super(`${route.name}: nothing of kind "${reference.kind}" for ${reference.place} "${reference.field}"`);
  }
}

/** Values of fields whose rules are not in their schema. */
const SAMPLES: Record<string, unknown> = {
  postcode: 'E1 6AN',
  vatNumber: '999999973',
  email: 'somebody@example.org',
  token: 'wp_i_00000000_AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA',
  effectiveFrom: '2026-09-01',
  startsOn: '2026-04-01',
  endsOn: '2027-03-31',
  category: 'E',
  reason: 'welfare',
  terms: { basis: 'attendance', priceMinor: '3200' },
};

const CODED: Record<string, string> = {
  service: 'service',
  serviceCode: 'service',
  contract: 'contract',
  contractCode: 'contract',
};

/** The places of a route that name something, whoever it belongs to. */
export function referencesOf(route: Route, schemas: Schemas): Reference[] {
  const parameters = route.parameters.flatMap(({ name, in: place, schema }): Reference[] => {
    if (place === 'path') return [{ place, field: name, kind: kindInPath(route.path, name), by: 'id' }];
    return referenceOf(name, schema, place);
  });
  return [...parameters, ...(route.body ? inBody(route.body.schema, schemas) : [])];
}

function referenceOf(field: string, schema: JsonSchema, place: 'query' | 'body'): Reference[] {
  const coded = CODED[field];
  if (coded !== undefined) return [{ place, field, kind: coded, by: 'code' }];
  const one = schema.type === 'array' ? (schema.items ?? {}) : schema;
  const kind = /^(\w+?)Ids?$/.exec(field)?.[1];
  return kind !== undefined && one.format === 'uuid' ? [{ place, field, kind: kindOf(kind), by: 'id' }] : [];
}

function inBody(schema: JsonSchema, schemas: Schemas): Reference[] {
  const found = new Map<string, Reference>();
  const visit = (at: JsonSchema): void => {
    const it = resolve(at, schemas);
    for (const branch of [...(it.oneOf ?? []), ...(it.anyOf ?? [])]) visit(branch);
    if (it.items) visit(it.items);
    for (const [field, property] of Object.entries(it.properties ?? {})) {
      const inner = resolve(property, schemas);
      const references = referenceOf(field, inner, 'body');
      for (const reference of references) found.set(field, reference);
      if (references.length === 0) visit(inner);
    }
  };
  visit(schema);
  return [...found.values()];
}

/** `/v1/claim-files/{id}/failures.csv` names a claim file; `{claimId}` names a claim wherever it stands. */
function kindInPath(path: string, parameter: string): string {
  const named = /^(\w+)Id$/.exec(parameter)?.[1];
  if (named !== undefined) return kindOf(named);
  const noun = new RegExp(`([a-z-]+)/\\{${parameter}\\}`).exec(path)?.[1] ?? '';
  return kindOf(
    noun
      .replace(/(ch|s|x)es$/, '$1')
      .replace(/ies$/, 'y')
      .replace(/(?<!s)s$/, ''),
  );
}

function kindOf(word: string): string {
  return word.replaceAll('-', '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Makes a request of a route that its validation accepts, naming the things that `objectsFor` gives for each reference.
 *
 * @throws CannotFill when there is no such thing
 */
export function requestOf(route: Route, schemas: Schemas, objectsFor: (reference: Reference) => Objects): RouteRequest {
  const named: RouteRequest['named'] = [];
  const references = referencesOf(route, schemas);
  const valueFor = (field: string, place: Reference['place']): string | undefined => {
    const reference = references.find((one) => one.field === field && one.place === place);
    if (!reference) return undefined;
    const objects = objectsFor(reference);
    const value = reference.by === 'id' ? objects.id(reference.kind) : objects.code(reference.kind);
    if (value === undefined) throw new CannotFill(route, reference);
    named.push({ reference, value });
    return value;
  };
  let path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => valueFor(name, 'path') ?? '');
  const query = new URLSearchParams();
  for (const { name, in: place, required, schema } of route.parameters) {
    if (place !== 'query') continue;
    const value = valueFor(name, 'query') ?? (required ? plain(name, schema, schemas) : undefined);
    if (value !== undefined) query.set(name, value);
  }
  if (query.size > 0) path += `?${query.toString()}`;
  return { method: route.method, path, named, ...bodyOf(route, schemas, valueFor) };
}

function plain(name: string, schema: JsonSchema, schemas: Schemas): string {
  return String(sampleOf(name, schema) ?? exampleOf(schema, schemas, () => undefined));
}

function sampleOf(field: string, { enum: choices }: JsonSchema): unknown {
  const sample = SAMPLES[field];
  return choices === undefined || choices.includes(sample) ? sample : undefined;
}

function bodyOf(
  route: Route,
  schemas: Schemas,
  valueFor: (field: string, place: 'body') => string | undefined,
): Pick<RouteRequest, 'contentType' | 'body'> {
  if (!route.body) return { contentType: undefined, body: undefined };
  const { contentType, schema, file } = route.body;
  if (file !== undefined) return { contentType, body: file };
  const value = exampleOf(schema, schemas, (field, property, required, siblings) => {
    const byId = field.replace(/Code$/, 'Id');
    if (!required && byId !== field && siblings.includes(byId)) return undefined;
    const named = valueFor(field, 'body');
    if (named !== undefined) return property.type === 'array' ? [named] : named;
    return sampleOf(field, property);
  });
  return { contentType, body: JSON.stringify(value) };
}

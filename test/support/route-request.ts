import { alternativeOf, exampleOf, resolve, type JsonSchema, type Schemas } from './route-schema.js';
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
  optional: boolean;
}

/** One of the ways in which a route can be asked: an alternative of its body, and what it leaves off. */
export interface Shape {
  branch: number;
  without: readonly string[];
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
  date: '2026-10-07',
  effectiveFrom: '2026-09-01',
  from: '2026-10-01',
  to: '2026-10-28',
  period: '2026-10',
  month: '2026-10',
  startsOn: '2026-04-01',
  endsOn: '2027-03-31',
  category: 'E',
  reason: 'welfare',
  opensAt: '14:00',
  closesAt: '15:30',
  sortCode: '12-34-56',
  accountNumber: '12345678',
  terms: { basis: 'attendance', priceMinor: '3200' },
};

/** Parts of paths that are the same for everybody. */
const WORDS: Record<string, string> = { code: 'not_found' };

/** Fields that name something by a code and do not say so in their name. */
const CODED: Record<string, string> = { service: 'service', contract: 'contract', referral: 'referral' };

const FILE_COLUMNS: ReadonlySet<string> = new Set(['referral', 'service']);

/** The most alternatives that a body has anywhere: a request can be made for each. */
export function branchesOf(route: Route, schemas: Schemas): number {
  const count = (at: JsonSchema, depth: number): number => {
    const it = resolve(at, schemas);
    const choices = it.oneOf ?? it.anyOf ?? [];
    const inner = [
      ...choices,
      ...Object.entries(it.properties ?? {}).flatMap(([name, one]) => (SAMPLES[name] ? [] : one)),
    ];
    return Math.max(choices.length, 1, ...(depth > 5 ? [] : inner.map((one) => count(one, depth + 1))));
  };
  return route.body ? count(route.body.schema, 0) : 1;
}

/** The places of a route that name something, whoever it belongs to, in one alternative of its body. */
export function referencesOf(route: Route, schemas: Schemas, branch = 0): Reference[] {
  const asked = route.parameters.filter((one) => one.in === 'query');
  const query: JsonSchema = {
    properties: Object.fromEntries(asked.map(({ name, schema }) => [name, schema])),
    required: asked.filter(({ required }) => required).map(({ name }) => name),
  };
  return [
    ...route.parameters
      .filter(({ name, in: place, schema }) => place === 'path' && namesSomebodys(name, schema))
      .map(({ name }) => inPath(route.path, name)),
    ...Object.entries(query.properties ?? {}).flatMap(([name, schema]) => referenceOf(name, schema, query, 'query')),
    ...(route.body ? inBody(route.body.schema, schemas, branch) : []),
    ...(route.body?.file === undefined ? [] : inFile(route.body.file)),
  ];
}

/** `contractId`, `contractCode` and `contract` name a contract; `id` names what the `kind` or `party` beside it says. */
function referenceOf(field: string, schema: JsonSchema, parent: JsonSchema, place: 'query' | 'body'): Reference[] {
  const optional = !(parent.required?.includes(field) ?? false);
  const coded = CODED[field] ?? /^(commissioner|provider|contract|service)Code$/.exec(field)?.[1];
  if (coded !== undefined) return [{ place, field, kind: kindOf(coded), by: 'code', optional }];
  const one = schema.type === 'array' ? (schema.items ?? {}) : schema;
  if (one.format !== 'uuid') return [];
  const beside = parent.properties?.kind ?? parent.properties?.party;
  const kind = field === 'id' ? String(beside?.const ?? beside?.enum?.[0]) : /^(\w+?)Ids?$/.exec(field)?.[1];
  return kind === undefined ? [] : [{ place, field, kind: kindOf(kind), by: 'id', optional }];
}

function inBody(schema: JsonSchema, schemas: Schemas, branch: number): Reference[] {
  const found = new Map<string, Reference>();
  const visit = (at: JsonSchema): void => {
    const it = alternativeOf(at, schemas, branch);
    if (it.items) visit(it.items);
    for (const [field, property] of Object.entries(it.properties ?? {})) {
      const inner = resolve(property, schemas);
      const references = SAMPLES[field] === undefined ? referenceOf(field, inner, it, 'body') : [];
      for (const reference of references) found.set(field, reference);
      if (references.length === 0 && SAMPLES[field] === undefined) visit(inner);
    }
  };
  visit(schema);
  return [...found.values()];
}

/** A file names a referral and a service in the cells of those columns. */
function inFile(file: string): Reference[] {
  return columnsOf(file).flatMap((field): Reference[] =>
    FILE_COLUMNS.has(field) ? [{ place: 'body', field, kind: field, by: 'code', optional: false }] : [],
  );
}

function fileNaming(file: string, valueFor: (field: string, place: 'body') => string | undefined): string {
  const [heading = '', row = ''] = file.split(/\r?\n/);
  const columns = columnsOf(file);
  const cells = row.split(',').map((cell, at) => valueFor(columns[at] ?? '', 'body') ?? cell);
  return `${heading}\n${cells.join(',')}\n`;
}

function columnsOf(file: string): string[] {
  return (/^.*/.exec(file)?.[0] ?? '').split(',');
}

/** Whether a part of a path is an id or the code of an organisation's thing, and not a word that is the same for all. */
function namesSomebodys(field: string, { format }: JsonSchema): boolean {
  return format === 'uuid' || /(Id|Code)$/.test(field);
}

/** `/v1/claim-files/{id}/failures.csv` names a claim file; `{claimId}` names a claim wherever it stands. */
function inPath(path: string, field: string): Reference {
  const [, named, by] = /^(\w+)(Id|Code)$/.exec(field) ?? [];
  const always = { place: 'path', field, optional: false } as const;
  if (named !== undefined) return { ...always, kind: kindOf(named), by: by === 'Code' ? 'code' : 'id' };
  const noun = new RegExp(`([a-z-]+)/\\{${field}\\}`).exec(path)?.[1] ?? '';
  const kind = kindOf(
    noun
      .replace(/(ch|s|x)es$/, '$1')
      .replace(/ies$/, 'y')
      .replace(/(?<!s)s$/, ''),
  );
  return { ...always, kind, by: 'id' };
}

function kindOf(word: string): string {
  return word.replaceAll('-', '_').replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}

/**
 * Makes a request of a route that its validation accepts, naming the things that `objectsFor` gives for each reference.
 *
 * @throws CannotFill when there is no such thing
 */
export function requestOf(
  route: Route,
  schemas: Schemas,
  objectsFor: (reference: Reference) => Objects,
  { branch, without }: Shape = { branch: 0, without: [] },
): RouteRequest {
  const named: RouteRequest['named'] = [];
  const references = referencesOf(route, schemas, branch);
  const valueFor = (field: string, place: Reference['place']): string | undefined => {
    const reference = references.find((one) => one.field === field && one.place === place);
    if (!reference || without.includes(field)) return undefined;
    const objects = objectsFor(reference);
    const value = reference.by === 'id' ? objects.id(reference.kind) : objects.code(reference.kind);
    if (value === undefined) throw new CannotFill(route, reference);
    named.push({ reference, value });
    return value;
  };
  let path = route.path.replace(/\{(\w+)\}/g, (_, name: string) => valueFor(name, 'path') ?? WORDS[name] ?? '');
  const query = new URLSearchParams();
  for (const { name, in: place, required, schema } of route.parameters) {
    if (place !== 'query') continue;
    const value = valueFor(name, 'query') ?? (required ? plain(name, schema, schemas) : undefined);
    if (value !== undefined) query.set(name, value);
  }
  if (query.size > 0) path += `?${query.toString()}`;
  return { method: route.method, path, named, ...bodyOf(route, schemas, branch, valueFor) };
}

function plain(name: string, schema: JsonSchema, schemas: Schemas): string {
  return String(sampleOf(name, schema) ?? exampleOf(schema, schemas, { valueOf: () => undefined, branch: 0 }));
}

function sampleOf(field: string, { enum: choices }: JsonSchema): unknown {
  const sample = SAMPLES[field];
  return choices === undefined || choices.includes(sample) ? sample : undefined;
}

function bodyOf(
  route: Route,
  schemas: Schemas,
  branch: number,
  valueFor: (field: string, place: 'body') => string | undefined,
): Pick<RouteRequest, 'contentType' | 'body'> {
  if (!route.body) return { contentType: undefined, body: undefined };
  const { contentType, schema, file } = route.body;
  if (file !== undefined) return { contentType, body: fileNaming(file, valueFor) };
  const value = exampleOf(schema, schemas, {
    branch,
    valueOf: (field, property) => {
      const named = valueFor(field, 'body');
      if (named !== undefined) return property.type === 'array' ? [named] : named;
      return sampleOf(field, property);
    },
  });
  return { contentType, body: JSON.stringify(value) };
}

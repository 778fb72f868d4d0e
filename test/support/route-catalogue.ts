import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import type { AccessKind } from '../../src/platform/access-log.js';
import { SENSITIVE } from '../../src/platform/access-log.interceptor.js';
import { GUARDED_ELSEWHERE, OPERATION, PERMIT, type OperationSpec, type Permit } from '../../src/platform/operation.js';
import type { TestApp } from './app.js';
import { resolve, type JsonSchema, type Schemas } from './route-schema.js';

export interface Parameter {
  name: string;
  in: 'path' | 'query';
  required: boolean;
  schema: JsonSchema;
}

/** An operation of the running application, as its OpenAPI document and its declared permit describe it. */
export interface Route {
  /** Such as `POST /v1/contracts/{id}/versions`. */
  name: string;
  method: string;
  path: string;
  /** Undefined where the handler declares none: a bug. */
  permit: Permit | 'public' | undefined;
  /** What an answer reveals of persons, as the handler declares it. */
  sensitive: AccessKind | undefined;
  summary: string | undefined;
  parameters: Parameter[];
  /** `file` is the text of an upload: the template that the route offers. */
  body: { contentType: string; schema: JsonSchema; file?: string; undescribed?: boolean } | undefined;
  /** Whether the document has a parameter without a name. */
  unnamed: boolean;
  success: { status: number; contentType: string | undefined; schema: JsonSchema | undefined };
  /** The codes of the errors that the document lists with it, by status. */
  errors: Map<number, string[]>;
}

export interface RouteCatalogue {
  routes: Route[];
  /** Named schemas of the document, for references. */
  schemas: Record<string, JsonSchema>;
  /** Handlers that the application serves and the document does not mention. */
  undocumented: string[];
}

interface Operation {
  operationId: string;
  summary?: string;
  parameters?: { name?: string; in: string; required?: boolean; schema: JsonSchema }[];
  requestBody?: { content: Record<string, { schema: JsonSchema }> };
  responses: Record<string, { description: string; content?: Record<string, { schema?: JsonSchema }> }>;
}

interface Document {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, JsonSchema> };
}

/** Reads every route from the document that the application serves, so that a new one needs no line here. */
export async function catalogueOf(app: TestApp): Promise<RouteCatalogue> {
  const document = (await (await fetch(`${app.url}/docs/openapi.json`)).json()) as Document;
  const handlers = handlersOf(app);
  const { schemas } = document.components;
  const routes: Route[] = [];
  const files: Route[] = [];
  for (const [path, operations] of Object.entries(document.paths)) {
    for (const [method, operation] of Object.entries(operations)) {
      const { permit, sensitive, takesCsv = false } = handlers.get(operation.operationId) ?? {};
      const route = routeOf(method.toUpperCase(), path, operation, { permit, sensitive }, schemas);
      routes.push(route);
      if (takesCsv) files.push(route);
    }
  }
  for (const route of files) await addFile(app, route, routes);
  const documented = new Set(Object.values(document.paths).flatMap((it) => Object.values(it).map(idOf)));
  const undocumented = [...handlers.keys()].filter((id) => !documented.has(id));
  return { routes, schemas, undocumented };
}

/** A route that takes a file may have its template beside it. */
async function addFile(app: TestApp, route: Route, routes: readonly Route[]): Promise<void> {
  const template = routes.find(({ name }) => name === `GET ${route.path}/template.csv`);
  const file = template ? await (await fetch(`${app.url}${template.path}`)).text() : 'heading\nvalue\n';
  const undescribed = route.body === undefined;
  route.body = { contentType: 'text/csv', schema: route.body?.schema ?? {}, file, undescribed };
}

function idOf({ operationId }: Operation): string {
  return operationId;
}

interface Handler {
  permit: Permit | 'public' | undefined;
  sensitive: AccessKind | undefined;
  takesCsv: boolean;
}

/** Each handler of a controller by its operation id, with what it declares. */
function handlersOf(app: TestApp): Map<string, Handler> {
  const found = new Map<string, Handler>();
  for (const module of app.nest.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const prototype = metatype?.prototype as Record<string, object> | undefined;
      if (!metatype || !prototype) continue;
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const handler = prototype[name];
        if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
        if (Reflect.hasMetadata(GUARDED_ELSEWHERE, handler)) continue; // a page: the pages have a matrix of their own
        const spec = Reflect.getMetadata(OPERATION, handler) as OperationSpec | undefined;
        const permit = Reflect.getMetadata(PERMIT, handler) as Handler['permit'];
        const sensitive = Reflect.getMetadata(SENSITIVE, handler) as Handler['sensitive'];
        const takesCsv = [spec?.consumes ?? []].flat().includes('text/csv');
        found.set(`${metatype.name}_${name}`, { permit, sensitive, takesCsv });
      }
    }
  }
  return found;
}

function routeOf(
  method: string,
  path: string,
  operation: Operation,
  declared: Pick<Route, 'permit' | 'sensitive'>,
  schemas: Schemas,
): Route {
  const responses = Object.entries(operation.responses).map(([status, answer]) => ({ status: Number(status), answer }));
  const success = responses.find(({ status }) => status < 300);
  const [contentType, content] = Object.entries(success?.answer.content ?? {})[0] ?? [];
  const [bodyType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  return {
    name: `${method} ${path}`,
    method,
    path,
    ...declared,
    summary: operation.summary,
    parameters: (operation.parameters ?? []).flatMap((one) => parametersOf(one, schemas)),
    unnamed: operation.parameters?.some(({ name }) => name === undefined) ?? false,
    body: body && bodyType !== undefined ? { contentType: bodyType, schema: body.schema } : undefined,
    success: { status: success?.status ?? 0, contentType, schema: content?.schema },
    errors: new Map(
      responses
        .filter(({ status }) => status >= 400)
        .map(({ status, answer }) => [status, codesIn(answer.description)]),
    ),
  };
}

/** A parameter as it is described; the fields of a whole query that is described as one. */
function parametersOf(
  { name, in: place, required = false, schema }: NonNullable<Operation['parameters']>[number],
  schemas: Schemas,
): Parameter[] {
  if (place !== 'path' && place !== 'query') return [];
  if (name !== undefined) return [{ name, in: place, required, schema }];
  const whole = resolve(schema, schemas);
  return Object.entries(whole.properties ?? {}).map(([field, property]) => {
    return { name: field, in: place, required: whole.required?.includes(field) ?? false, schema: property };
  });
}

function codesIn(description: string): string[] {
  return [...description.matchAll(/^`([a-z_.\d]+)`:/gm)].map((match) => match[1] ?? '');
}

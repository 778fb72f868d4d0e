import { METHOD_METADATA } from '@nestjs/common/constants.js';
import { ModulesContainer } from '@nestjs/core';
import { PERMIT, type Permit } from '../../src/platform/operation.js';
import type { TestApp } from './app.js';
import type { JsonSchema } from './route-schema.js';

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
  summary: string | undefined;
  parameters: Parameter[];
  /** `file` is the text of an upload: the template that the route offers. */
  body: { contentType: string; schema: JsonSchema; file?: string } | undefined;
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
  parameters?: { name: string; in: string; required?: boolean; schema: JsonSchema }[];
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
  const routes = Object.entries(document.paths).flatMap(([path, operations]) =>
    Object.entries(operations).map(([method, operation]) =>
      routeOf(method.toUpperCase(), path, operation, handlers.get(operation.operationId)),
    ),
  );
  for (const route of routes) await addFile(app, route, routes);
  const documented = new Set(Object.values(document.paths).flatMap((it) => Object.values(it).map(idOf)));
  const undocumented = [...handlers.keys()].filter((id) => !documented.has(id));
  return { routes, schemas: document.components.schemas, undocumented };
}

/** A route that takes a file has its template beside it. */
async function addFile(app: TestApp, route: Route, routes: readonly Route[]): Promise<void> {
  const template = routes.find(({ name }) => name === `GET ${route.path}/template.csv`);
  if (route.method !== 'POST' || !template) return;
  const file = await (await fetch(`${app.url}${template.path}`)).text();
  route.body = { contentType: 'text/csv', schema: route.body?.schema ?? {}, file };
}

function idOf({ operationId }: Operation): string {
  return operationId;
}

/** Each handler of a controller by its operation id, with the permit that it declares. */
function handlersOf(app: TestApp): Map<string, Permit | 'public' | undefined> {
  const found = new Map<string, Permit | 'public' | undefined>();
  for (const module of app.nest.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) {
      const prototype = metatype?.prototype as Record<string, object> | undefined;
      if (!metatype || !prototype) continue;
      for (const name of Object.getOwnPropertyNames(prototype)) {
        const handler = prototype[name];
        if (typeof handler !== 'function' || !Reflect.hasMetadata(METHOD_METADATA, handler)) continue;
        found.set(`${metatype.name}_${name}`, Reflect.getMetadata(PERMIT, handler) as Permit | 'public' | undefined);
      }
    }
  }
  return found;
}

function routeOf(method: string, path: string, operation: Operation, permit: Route['permit']): Route {
  const responses = Object.entries(operation.responses).map(([status, answer]) => ({ status: Number(status), answer }));
  const success = responses.find(({ status }) => status < 300);
  const [contentType, content] = Object.entries(success?.answer.content ?? {})[0] ?? [];
  const [bodyType, body] = Object.entries(operation.requestBody?.content ?? {})[0] ?? [];
  return {
    name: `${method} ${path}`,
    method,
    path,
    permit,
    summary: operation.summary,
    parameters: (operation.parameters ?? [])
      .filter((one) => one.in === 'path' || one.in === 'query')
      .map(({ name, in: place, required = false, schema }) => ({ name, in: place as 'path', required, schema })),
    body: body && bodyType !== undefined ? { contentType: bodyType, schema: body.schema } : undefined,
    success: { status: success?.status ?? 0, contentType, schema: content?.schema },
    errors: new Map(
      responses
        .filter(({ status }) => status >= 400)
        .map(({ status, answer }) => [status, codesIn(answer.description)]),
    ),
  };
}

function codesIn(description: string): string[] {
  return [...description.matchAll(/^`([a-z_.\d]+)`:/gm)].map((match) => match[1] ?? '');
}

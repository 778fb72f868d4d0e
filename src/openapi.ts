import { applyDecorators, type Type } from '@nestjs/common';
import { ModulesContainer } from '@nestjs/core';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import {
  ApiBearerAuth,
  ApiBody,
  ApiConsumes,
  ApiExcludeEndpoint,
  ApiHeader,
  ApiOperation,
  ApiResponse,
  ApiTags,
  DocumentBuilder,
  SwaggerModule,
  type OpenAPIObject,
} from '@nestjs/swagger';
import { z, type ZodType } from 'zod';
import type { Role } from './platform/actor.js';
import { errorCatalogue, STATUS_OF_KIND, type ErrorFactory } from './platform/errors.js';
import { errorsOf, HEADING, OPERATION, statusOf, type OperationSpec } from './platform/operation.js';
import { ProblemSchema } from './platform/problem.schemas.js';

const DESCRIPTION = `The money follows the activity: referral, delivery, claim, approval, invoice, payment, statement.

Amounts are pence as strings of digits. Days are \`YYYY-MM-DD\`, instants are UTC. Errors follow RFC 9457; their codes
are listed with each operation and are never renamed. Send \`Authorization: Bearer <key>\`.`;

/** Controllers of this process that say of themselves what the description needs to know. */
const described = new WeakSet<Type>();

/** The OpenAPI 3.1 description of the API, from the Zod schemas that validate it. */
export function describeApi(app: NestFastifyApplication, version: string): OpenAPIObject {
  for (const module of app.get(ModulesContainer).values()) {
    for (const { metatype } of module.controllers.values()) if (metatype) describeController(metatype as Type);
  }
  const config = new DocumentBuilder()
    .setTitle('Wellpaid')
    .setDescription(`${DESCRIPTION}\n\n${errorTable()}`)
    .setVersion(version)
    .setOpenAPIVersion('3.1.0')
    .addBearerAuth({ type: 'http', scheme: 'bearer', description: 'A personal or a service key.' })
    .build();
  const document = SwaggerModule.createDocument(app, config, { standardSchemaConverter: jsonSchemaOf as never });
  const { $schema: _dialect, id: _id, ...problem } = z.toJSONSchema(ProblemSchema, { io: 'output' });
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: problem as never },
  };
  return document;
}

function describeController(controller: Type): void {
  if (described.has(controller)) return;
  described.add(controller);
  const heading: unknown = Reflect.getMetadata(HEADING, controller);
  if (typeof heading === 'string') ApiTags(heading)(controller);
  const prototype = controller.prototype as object;
  for (const [name, descriptor] of Object.entries(Object.getOwnPropertyDescriptors(prototype))) {
    if (typeof descriptor.value !== 'function' || name === 'constructor') continue;
    const spec = Reflect.getMetadata(OPERATION, descriptor.value as object) as OperationSpec | undefined;
    const description = spec === undefined ? ApiExcludeEndpoint() : descriptionOf(spec);
    description(prototype, name, descriptor);
  }
}

function descriptionOf(spec: OperationSpec): MethodDecorator {
  return applyDecorators(
    ApiOperation({ summary: spec.summary, description: textOf(spec) }),
    ApiResponse(success(spec)),
    ...errorResponses(errorsOf(spec)),
    ...(spec.permit === 'public' ? [] : [ApiBearerAuth()]),
    ...(spec.idempotent ? [IDEMPOTENCY_KEY, PREFER] : []),
    ...(spec.consumes === undefined
      ? []
      : [ApiConsumes(...[spec.consumes].flat()), ApiBody({ schema: { type: 'string' }, required: true })]),
  );
}

const IDEMPOTENCY_KEY = ApiHeader({
  name: 'Idempotency-Key',
  required: false,
  description: 'The same key and request give the first answer; another request with it gives 409.',
});
const PREFER = ApiHeader({
  name: 'Prefer',
  required: false,
  description:
    '`receipt` (RFC 7240) is answered with Preference-Applied and a header Receipt: in base64, a signed note that ' +
    'names the events that were recorded.',
});

function success(spec: OperationSpec): Parameters<typeof ApiResponse>[0] {
  const answer = { status: statusOf(spec), description: 'Done.' };
  if (spec.produces !== undefined) return { ...answer, content: { [spec.produces]: { schema: { type: 'string' } } } };
  return spec.answer === undefined ? answer : { ...answer, standardSchema: spec.answer };
}

function errorResponses(errors: readonly ErrorFactory[]): MethodDecorator[] {
  const byStatus = new Map<number, Set<ErrorFactory>>();
  for (const error of errors) {
    const status = STATUS_OF_KIND[error.definition.kind];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(error));
  }
  return [...byStatus].map(([status, group]) =>
    ApiResponse({
      status,
      description: [...group]
        .map(({ definition }) => `\`${definition.code}\`: ${definition.title} ${definition.fix}`)
        .join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }),
  );
}

function textOf({ description, permit }: OperationSpec): string {
  const text = description === undefined ? '' : `${description}\n\n`;
  if (permit === 'public') return `${text}Needs no key.`;
  const sides = (['commissioner', 'provider', 'referrer'] as const)
    .filter((side) => permit[side] !== undefined)
    .map((side) => `${side} (${permit[side] === 'any' ? 'any role' : (permit[side] as Role[]).join(', ')})`);
  const scope =
    permit.scope === undefined
      ? 'A service key cannot: it needs a named person.'
      : `Service keys: \`${permit.scope}\`.`;
  return `${text}Permitted: ${sides.join('; ')}. ${scope}`;
}

function jsonSchemaOf(
  schema: ZodType | undefined,
  { schemaType }: { schemaType: 'input' | 'output' },
): { schema: object; components: object } | undefined {
  if (!schema || !('_zod' in schema)) return undefined;
  const {
    $defs,
    $schema: _dialect,
    ...rest
  } = z.toJSONSchema(schema, {
    io: schemaType,
    target: 'draft-2020-12',
    unrepresentable: 'any',
  });
  return { schema: rest, components: { ...$defs } };
}

function errorTable(): string {
  const rows = errorCatalogue().map(
    ({ code, kind, title, fix }) => `| \`${code}\` | ${STATUS_OF_KIND[kind]} | ${title} ${fix} |`,
  );
  return ['## Errors', '', '| code | status | what it means |', '|---|---|---|', ...rows].join('\n');
}

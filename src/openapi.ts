import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z, type ZodType } from 'zod';
import { errorCatalogue, STATUS_OF_KIND } from './platform/errors.js';
import { ProblemSchema } from './platform/problem.schemas.js';

const DESCRIPTION = `The money follows the activity: referral, delivery, claim, approval, invoice, payment, statement.

Amounts are pence as strings of digits. Days are \`YYYY-MM-DD\`, instants are UTC. Errors follow RFC 9457; their codes
are listed with each operation and are never renamed. Send \`Authorization: Bearer <key>\`.`;

/** The OpenAPI 3.1 description of the API, from the Zod schemas that validate it. */
export function describeApi(app: NestFastifyApplication, version: string): OpenAPIObject {
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

/** Serves the description at /docs/openapi.json and a page to browse it at /docs. */
export function serveApiDescription(app: NestFastifyApplication, version: string): void {
  SwaggerModule.setup('docs', app, () => describeApi(app, version), {
    jsonDocumentUrl: 'docs/openapi.json',
    customSiteTitle: 'Wellpaid API',
    raw: ['json'],
  });
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

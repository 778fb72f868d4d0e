import { createRequire } from 'node:module';
import { dirname } from 'node:path';
import fastifyStatic from '@fastify/static';
import type { NestFastifyApplication } from '@nestjs/platform-fastify';
import type { OpenAPIObject } from '@nestjs/swagger';

const PAGE = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8">
    <meta name="viewport" content="width=device-width, initial-scale=1">
    <title>Wellpaid API</title>
    <link rel="stylesheet" href="/docs/ui/swagger-ui.css">
    <script defer src="/docs/ui/swagger-ui-bundle.js"></script>
    <script defer src="/docs/start.js"></script>
  </head>
  <body><div id="description"></div></body>
</html>
`;
const START = `SwaggerUIBundle({ url: '/docs/openapi.json', dom_id: '#description', deepLinking: true });\n`;
const SHOWN_WITH = /^\/swagger-ui(?:-bundle\.js|\.css)$/;

/**
 * Serves the description of the API at /docs/openapi.json and a page to browse it at /docs. Whoever asks first waits for
 * what makes it: a sixth of all the modules of the program, which no other request needs.
 */
export async function serveApiDescription(app: NestFastifyApplication, version: string): Promise<void> {
  let description: Promise<OpenAPIObject> | undefined;
  const describe = async () => (await import('./openapi.js')).describeApi(app, version);
  const fastify = app.getHttpAdapter().getInstance();
  fastify.get('/docs', (_request, reply) => reply.type('text/html; charset=utf-8').send(PAGE));
  fastify.get('/docs/start.js', (_request, reply) => reply.type('text/javascript; charset=utf-8').send(START));
  fastify.get('/docs/openapi.json', async (_request, reply) => {
    const document = await (description ??= describe());
    return reply.type('application/json').send(JSON.stringify(document));
  });
  await fastify.register(fastifyStatic, {
    root: dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json')),
    prefix: '/docs/ui/',
    decorateReply: false,
    index: false,
    allowedPath: (path) => SHOWN_WITH.test(path),
  });
}

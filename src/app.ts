import { randomUUID } from 'node:crypto';
import type { Socket } from 'node:net';
import { NestFactory } from '@nestjs/core';
import { FastifyAdapter, type NestFastifyApplication } from '@nestjs/platform-fastify';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { AppModule } from './app.module.js';
import { acceptCsv } from './platform/csv-body.js';
import { Jobs } from './platform/jobs.js';
import { Metrics } from './platform/metrics.js';
import { NestLog } from './platform/log.js';
import type { AuthenticatedRequest } from './platform/operation.js';
import { problemOf } from './platform/problem.filter.js';
import { answerReceipts } from './platform/receipt-header.js';
import { ReceiptMaker } from './platform/receipts.js';
import { SECURITY_HEADERS } from './platform/security-headers.js';
import { serveApiDescription } from './openapi-routes.js';
import { servePages } from './portal/index.js';
import type { Runtime } from './platform/platform.module.js';
import { productVersion } from './platform/version.js';

const BODY_MAX_BYTES = 1_048_576;
const DRAIN_MAX_MS = 10_000;
/** From the first byte of a request to its last. */
const REQUEST_MAX_MS = 120_000;
/** Where an address leads that nothing answers: the page that says so. */
const NO_ROUTE = '/*';
const CORRELATION_ID = /^[\w-]{8,64}$/;

/** Builds the application on an open runtime; the caller listens, and closes it before the runtime. */
export async function createApp(runtime: Runtime): Promise<NestFastifyApplication> {
  const adapter = new FastifyAdapter({
    logger: false,
    bodyLimit: BODY_MAX_BYTES,
    trustProxy: (_address: string, hop: number) => hop < runtime.config.proxyHops,
    requestTimeout: REQUEST_MAX_MS,
    routerOptions: { ignoreTrailingSlash: true },
    frameworkErrors: (error: FastifyError, request: FastifyRequest, reply: FastifyReply) => {
      const problem = problemOf(error, request.id);
      void reply.status(problem.status).type('application/problem+json').send(problem);
    },
    clientErrorHandler: refuseUnreadable,
  });
  const app = await NestFactory.create<NestFastifyApplication>(AppModule.with(runtime), adapter, {
    logger: new NestLog(runtime.log),
    rawBody: true,
    abortOnError: false,
  });
  try {
    await prepare(app, runtime);
    return app;
  } catch (error) {
    await app.close();
    throw error;
  }
}

/** What Node could not even read as a request: too much of a heading, or no HTTP at all. */
function refuseUnreadable(error: Error & { code?: string }, socket: Socket): void {
  if (error.code === 'ECONNRESET' || !socket.writable) return;
  const status = error.code === 'HPE_HEADER_OVERFLOW' ? 431 : 400;
  const body = JSON.stringify(problemOf({ statusCode: status }, randomUUID()));
  socket.end(
    `HTTP/1.1 ${status} Refused\r\ncontent-type: application/problem+json\r\ncontent-length: ${Buffer.byteLength(body)}\r\nconnection: close\r\n\r\n${body}`,
  );
}

async function prepare(app: NestFastifyApplication, runtime: Runtime): Promise<void> {
  const fastify = app.getHttpAdapter().getInstance();
  speakJson(fastify);
  acceptCsv(fastify);
  await servePages(fastify);
  correlate(fastify, runtime, app.get(Metrics));
  answerReceipts(fastify, app.get(ReceiptMaker));
  drainOnClose(fastify);
  await serveApiDescription(app, productVersion());
  await app.init();
  await fastify.ready();
  await app.get(Jobs).start();
}

/** Amounts are bigint in the program and decimal strings of pence on the wire. */
function speakJson(fastify: FastifyInstance): void {
  fastify.setReplySerializer((payload) => {
    try {
      return JSON.stringify(payload);
    } catch {
      // It refuses a bigint. Most answers have none, and take a third less where nothing looks at each value.
      return JSON.stringify(payload, (_key, value: unknown) => (typeof value === 'bigint' ? value.toString() : value));
    }
  });
}

/** Each request has an id that its log lines, its errors and its answer share. */
function correlate(fastify: FastifyInstance, { log }: Runtime, metrics: Metrics): void {
  const ofEach = { ...SECURITY_HEADERS, 'cache-control': 'private, no-store' };
  fastify.addHook('onRequest', (request, reply, done) => {
    const given = request.headers['x-correlation-id'];
    const correlationId = typeof given === 'string' && CORRELATION_ID.test(given) ? given : randomUUID();
    (request as AuthenticatedRequest).correlationId = correlationId;
    void reply.headers(ofEach).header('x-correlation-id', correlationId);
    done();
  });
  fastify.addHook('onResponse', (request, reply, done) => {
    const { correlationId, actor } = request as AuthenticatedRequest;
    const milliseconds = Math.round(reply.elapsedTime);
    const { url = NO_ROUTE } = request.routeOptions;
    const route = url === NO_ROUTE ? 'none' : url;
    const { method } = request;
    metrics.request(method, route, reply.statusCode, reply.elapsedTime / 1_000);
    log.info({ correlationId, method, route, status: reply.statusCode, milliseconds, orgId: actor?.orgId }, 'request');
    done();
  });
}

/**
 * Answers what is in flight, and lets nobody else keep the process from ending: neither a client that keeps its
 * connection for later, nor one that has sent half a request, nor, after a while, one that does not go on.
 */
function drainOnClose(fastify: FastifyInstance): void {
  let closing = false;
  const quiet = new Set<Socket>();
  fastify.server.on('connection', (socket) => {
    quiet.add(socket);
    socket.once('close', () => quiet.delete(socket));
  });
  fastify.server.on('request', ({ socket }, response) => {
    quiet.delete(socket);
    response.once('close', () => {
      if (!socket.destroyed) quiet.add(socket);
    });
  });
  fastify.addHook('preClose', async () => {
    closing = true;
    for (const socket of quiet) socket.destroy();
    setTimeout(() => fastify.server.closeAllConnections(), DRAIN_MAX_MS).unref();
  });
  fastify.addHook('onSend', (_request, reply, _payload, done) => {
    if (closing) void reply.header('connection', 'close');
    done();
  });
}

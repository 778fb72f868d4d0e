import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Readable } from 'node:stream';
import { invalidRequest } from './errors.js';
import type { AuthenticatedRequest } from './operation.js';

/** Lets routes take a CSV file as it arrives: the body is handed on unread, and its reader bounds it. */
export function acceptCsv(fastify: FastifyInstance): void {
  fastify.addContentTypeParser('text/csv', (_request, payload, done) => done(null, payload));
}

/** The CSV body of this request, still arriving. */
export const CsvBody = createParamDecorator((_: unknown, context: ExecutionContext): AsyncIterable<Buffer> => {
  const { body } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (typeof (body as Readable | undefined)?.pipe !== 'function') {
    throw invalidRequest({}, 'Send the file as the body of the request, with Content-Type: text/csv.');
  }
  return body as AsyncIterable<Buffer>;
});

import { createParamDecorator, type ExecutionContext } from '@nestjs/common';
import type { FastifyInstance } from 'fastify';
import type { Readable } from 'node:stream';
import { invalidRequest } from './errors.js';
import { FILE_TYPES, fileTypeOf, type FileType } from './file-types.js';
import type { AuthenticatedRequest } from './operation.js';

/** Lets routes take a file of rows as it arrives: the body is handed on unread, and its reader bounds it. */
export function acceptCsv(fastify: FastifyInstance): void {
  fastify.addContentTypeParser([...FILE_TYPES], (_request, payload, done) => done(null, payload));
}

/** A file of rows, still arriving. */
export interface ArrivingFile {
  readonly type: FileType;
  readonly bytes: AsyncIterable<Buffer>;
}

/** The file of rows that this request sends as its body. */
export const FileBody = createParamDecorator((types: readonly FileType[], context: ExecutionContext): ArrivingFile => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  const type = fileTypeOf(request);
  if (type === undefined || !types.includes(type) || typeof (request.body as Readable | undefined)?.pipe !== 'function')
    throw invalidRequest({}, `Send the file as the body of the request, with Content-Type: ${types.join(' or ')}.`);
  return { type, bytes: request.body as AsyncIterable<Buffer> };
});

/** The CSV body of this request, still arriving. */
export const CsvBody = createParamDecorator((_: unknown, context: ExecutionContext): AsyncIterable<Buffer> => {
  const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (fileTypeOf(request) !== 'text/csv' || typeof (request.body as Readable | undefined)?.pipe !== 'function')
    throw invalidRequest({}, 'Send the file as the body of the request, with Content-Type: text/csv.');
  return request.body as AsyncIterable<Buffer>;
});

import { join } from 'node:path';
import compress from '@fastify/compress';
import cookie from '@fastify/cookie';
import multipart from '@fastify/multipart';
import fastifyStatic from '@fastify/static';
import type { FastifyInstance } from 'fastify';
import { FILE_MAX_BYTES } from './sent-form.js';

const FIELDS_MAX = 600;
const FIELD_MAX_BYTES = 20_000;

/** Prepares the server for pages: cookies, forms with files, compression for those who ask, and the assets. */
export async function servePages(fastify: FastifyInstance): Promise<void> {
  await fastify.register(cookie);
  await fastify.register(compress, { global: false, encodings: ['gzip', 'identity'] });
  await fastify.register(multipart, {
    limits: {
      fileSize: FILE_MAX_BYTES,
      files: 1,
      fields: FIELDS_MAX,
      fieldSize: FIELD_MAX_BYTES,
      parts: FIELDS_MAX + 1,
    },
  });
  await fastify.register(fastifyStatic, {
    root: join(import.meta.dirname, '..', 'public'),
    prefix: '/assets/',
    decorateReply: false,
    index: false,
    preCompressed: true,
    immutable: true,
    maxAge: '365d',
    cacheControl: true,
  });
}

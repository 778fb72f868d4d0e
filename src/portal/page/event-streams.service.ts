import { Injectable, type BeforeApplicationShutdown } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { SECURITY_HEADERS } from '../../platform/security-headers.js';
import type { EventStream } from './answer.rules.js';

const RECONNECT_MS = 3000;

/** Streams of events that are open: each ends with its source, with its reader, or with the process. */
@Injectable()
export class EventStreams implements BeforeApplicationShutdown {
  private readonly open = new Set<AbortController>();

  async send(request: FastifyRequest, reply: FastifyReply, events: EventStream['events']): Promise<void> {
    const ended = new AbortController();
    this.open.add(ended);
    request.raw.on('close', () => ended.abort());
    reply.hijack();
    const { raw } = reply;
    raw.writeHead(200, {
      ...SECURITY_HEADERS,
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'private, no-store, no-transform',
      'x-accel-buffering': 'no',
    });
    raw.write(`retry: ${RECONNECT_MS}\n\n`);
    try {
      for await (const { event, data } of events(ended.signal)) {
        if (ended.signal.aborted) break;
        raw.write(`event: ${event}\ndata: ${JSON.stringify(data)}\n\n`);
      }
    } finally {
      this.open.delete(ended);
      raw.end();
    }
  }

  beforeApplicationShutdown(): void {
    for (const ended of this.open) ended.abort();
  }
}

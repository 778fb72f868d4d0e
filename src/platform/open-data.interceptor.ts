import { createHash } from 'node:crypto';
import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { map, type Observable } from 'rxjs';

const FRESH_SECONDS = 300;
const NOT_MODIFIED = 304;

/**
 * For answers that are the same for everybody: any page may read them (the CORS protocol of the Fetch standard), caches
 * may keep them for a while (RFC 9111), and whoever has one already is told so (RFC 9110 section 13.1.2). A refusal may be
 * read by any page as well, and is not kept.
 */
@Injectable()
export class OpenData implements NestInterceptor {
  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const request = context.switchToHttp().getRequest<FastifyRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    void reply.header('access-control-allow-origin', '*').header('cross-origin-resource-policy', 'cross-origin');
    return next.handle().pipe(
      map((answer: unknown) => {
        const etag = `"${createHash('sha256').update(JSON.stringify(answer)).digest('base64url').slice(0, 22)}"`;
        void reply.header('cache-control', `public, max-age=${FRESH_SECONDS}`).header('etag', etag);
        if (!names(request.headers['if-none-match'], etag)) return answer;
        void reply.status(NOT_MODIFIED);
        return undefined;
      }),
    );
  }
}

/** Weak comparison, as RFC 9110 section 13.1.2 has it for If-None-Match. */
function names(header: string | undefined, etag: string): boolean {
  if (header === undefined) return false;
  return header.trim() === '*' || header.split(',').some((one) => one.trim().replace(/^W\//, '') === etag);
}

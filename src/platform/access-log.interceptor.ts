import {
  Injectable,
  StreamableFile,
  type CallHandler,
  type ExecutionContext,
  type NestInterceptor,
} from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyRequest } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import { AccessLog, type AccessKind } from './access-log.js';
import type { Actor } from './actor.js';

/** On a handler whose answers reveal persons: of which kind they are. */
export const SENSITIVE = Symbol('Sensitive');

/** Has each answer of a sensitive operation logged before it leaves. */
@Injectable()
export class AccessLogInterceptor implements NestInterceptor {
  constructor(
    private readonly reflector: Reflector,
    private readonly accessLog: AccessLog,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler): Observable<unknown> {
    const kind = this.reflector.get<AccessKind | undefined>(SENSITIVE, context.getHandler());
    if (kind === undefined) return next.handle();
    const { actor, method, routeOptions } = context.switchToHttp().getRequest<FastifyRequest & { actor?: Actor }>();
    if (!actor) throw new Error(`${context.getHandler().name} reveals persons, and anybody may call it`);
    const route = `${method} ${routeOptions.url ?? ''}`;
    return next.handle().pipe(
      mergeMap(async (answer: unknown) => {
        const isFile = typeof answer === 'string' || answer instanceof StreamableFile;
        await this.accessLog.write(actor, { kind, route, answer: isFile ? null : answer });
        return answer;
      }),
    );
  }
}

import { Injectable, type CallHandler, type ExecutionContext, type NestInterceptor } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { mergeMap, type Observable } from 'rxjs';
import { AccessLog, type AccessKind } from '../../platform/access-log.js';
import type { PageAnswer } from './answer.rules.js';
import { EventStreams } from './event-streams.service.js';
import { PAGE, type PageRequest, type PageSpec } from './page-spec.rules.js';
import { Renderer } from './renderer.service.js';
import { VisitsService } from './visits.service.js';

/** Makes the answer of a page into an answer of HTTP. */
@Injectable()
export class PageInterceptor implements NestInterceptor<PageAnswer, void> {
  constructor(
    private readonly renderer: Renderer,
    private readonly visits: VisitsService,
    private readonly streams: EventStreams,
    private readonly reflector: Reflector,
    private readonly accessLog: AccessLog,
  ) {}

  intercept(context: ExecutionContext, next: CallHandler<PageAnswer>): Observable<void> {
    const request = context.switchToHttp().getRequest<FastifyRequest & PageRequest>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const { sensitive } = this.reflector.get<PageSpec>(PAGE, context.getHandler());
    return next.handle().pipe(
      mergeMap(async (answer) => {
        if (sensitive !== undefined) await this.log(request, sensitive, answer);
        return this.send(request, reply, answer);
      }),
    );
  }

  /** What a page shows, sends as data or gives as a file; going on to another page reveals nothing. */
  private async log(
    { visit, method, routeOptions }: FastifyRequest & PageRequest,
    kind: AccessKind,
    answer: PageAnswer,
  ): Promise<void> {
    if (!visit || answer.answer === 'see-other' || answer.answer === 'leave') return;
    const shown = answer.answer === 'view' || answer.answer === 'json' ? answer.data : null;
    await this.accessLog.write(visit.actor, { kind, route: `${method} ${routeOptions.url ?? ''}`, answer: shown });
  }

  private async send(request: FastifyRequest & PageRequest, reply: FastifyReply, answer: PageAnswer): Promise<void> {
    const { visit } = request;
    if (!visit) throw new Error('A page without a visit');
    switch (answer.answer) {
      case 'view':
        return this.renderer.send(reply, visit, answer, this.visits.takeFlash(request, reply));
      case 'see-other':
        if (answer.flash) this.visits.keepFlash(reply, answer.flash);
        return void reply.status(303).header('location', answer.path).send();
      case 'leave':
        return void reply.status(303).header('location', answer.url).send();
      case 'json':
        return void reply.header('cache-control', 'private, no-store').send(answer.data);
      case 'download':
        return this.renderer.download(reply, answer);
      case 'events':
        return this.streams.send(request, reply, answer.events);
      default:
        throw new Error('A page that answers nothing');
    }
  }
}

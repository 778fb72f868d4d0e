import {
  applyDecorators,
  createParamDecorator,
  Res,
  SetMetadata,
  UseFilters,
  UseGuards,
  UseInterceptors,
} from '@nestjs/common';
import type { ExecutionContext } from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import { GUARDED_ELSEWHERE, type Permit } from '../../platform/operation.js';
import type { Fields } from './fields.rules.js';
import { PageFilter } from './page.filter.js';
import { PageInterceptor } from './page.interceptor.js';
import { PAGE, type PageRequest, type PageSpec } from './page-spec.rules.js';
import type { Visit } from './visit.rules.js';
import { VisitGuard } from './visit.guard.js';

/** Any member of any organisation. */
export const EVERY_MEMBER: Permit = { commissioner: 'any', provider: 'any', referrer: 'any' };

/** A page that is looked at: declares who may, and answers a View, a Download or a stream of events. */
export function Page(spec: PageSpec): MethodDecorator {
  return applyDecorators(
    SetMetadata(PAGE, spec),
    SetMetadata(GUARDED_ELSEWHERE, 'a session cookie, by the VisitGuard'),
    UseGuards(VisitGuard),
    UseInterceptors(PageInterceptor),
    UseFilters(PageFilter),
    answersItself,
  );
}

/** Nest sets a status of its own and sends what a handler gives, unless the handler takes the reply. */
const answersItself: MethodDecorator = (target, name, descriptor) => {
  Res()(target, name, (descriptor.value as unknown as { length: number }).length);
};

/** A form that is sent: what it needs besides is a token of this session, and, where money moves, a fresh sign-in. */
export function Action(spec: PageSpec): MethodDecorator {
  return Page(spec);
}

/** Who is looking. */
export const CurrentVisit = createParamDecorator((_: unknown, context: ExecutionContext): Visit => {
  const { visit } = context.switchToHttp().getRequest<FastifyRequest & PageRequest>();
  if (!visit) throw new Error('This route is no page');
  return visit;
});

/** What was typed into the form. */
export const SentFields = createParamDecorator((_: unknown, context: ExecutionContext): Fields => {
  const { fields } = context.switchToHttp().getRequest<FastifyRequest & PageRequest>();
  if (!fields) throw new Error('This route takes no form');
  return fields;
});

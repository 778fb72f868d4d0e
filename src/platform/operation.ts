import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import type { FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import { AccessLogInterceptor, SENSITIVE } from './access-log.interceptor.js';
import type { AccessKind } from './access-log.js';
import type { Actor, Role, ServiceScope } from './actor.js';
import type { FileType } from './file-types.js';
import { otherRequest } from './idempotency.js';
import { invalidRequest, notFound, notPermitted, notSignedIn, type ErrorFactory } from './errors.js';

/** Who may call an operation: roles for each side, and the scope that lets a service key call it, if any does. */
export interface Permit {
  readonly commissioner?: readonly Role[] | 'any';
  readonly provider?: readonly Role[] | 'any';
  readonly referrer?: readonly Role[] | 'any';
  /** Without a scope only a named person may call: approving and paying are such operations. */
  readonly scope?: ServiceScope;
}

export interface OperationSpec {
  readonly summary: string;
  readonly description?: string;
  readonly permit: Permit | 'public';
  /** Status of success; 200 unless given. */
  readonly status?: number;
  readonly answer?: ZodType;
  /** Content types of a body that is not JSON. */
  readonly consumes?: FileType | readonly FileType[];
  /** Content type of an answer that is not JSON. */
  readonly produces?: string;
  readonly errors?: readonly ErrorFactory[];
  /** Whether an Idempotency-Key is honoured. */
  readonly idempotent?: boolean;
  /** Set where the answer reveals who a referral is about, or how it goes with one: each answer is logged then. */
  readonly sensitive?: AccessKind;
}

export const PERMIT = Symbol('Permit');
/** On a handler that a guard of its own lets people in to: says which. */
export const GUARDED_ELSEWHERE = Symbol('GuardedElsewhere');

/** On a handler: its `OperationSpec`. Its description is made of it when somebody asks for that, by src/openapi. */
export const OPERATION = Symbol('Operation');
/** On a controller: under which heading its operations stand in the description. */
export const HEADING = Symbol('Heading');

/** Everything that a route promises, in one place: who may call it, what it answers, which errors it has. */
export function Operation(spec: OperationSpec): MethodDecorator {
  return applyDecorators(
    SetMetadata(OPERATION, spec),
    SetMetadata(PERMIT, spec.permit),
    ...(spec.sensitive === undefined ? [] : [logged(spec.sensitive)]),
    HttpCode(statusOf(spec)),
  );
}

/** The heading of a controller's operations in the description of the API. */
export function Heading(heading: string): ClassDecorator {
  return SetMetadata(HEADING, heading);
}

export function statusOf({ status = 200 }: OperationSpec): number {
  return status;
}

/** Every error that an operation may answer with: those of its own, and those that all such operations have. */
export function errorsOf({ permit, idempotent, errors = [] }: OperationSpec): readonly ErrorFactory[] {
  return [
    invalidRequest,
    ...(permit === 'public' ? [] : [notSignedIn, notPermitted, notFound]),
    ...(idempotent ? [otherRequest] : []),
    ...errors,
  ];
}

/** Only where there is something to log: what stands between a request and its handler costs each of them. */
function logged(kind: AccessKind): MethodDecorator {
  return applyDecorators(SetMetadata(SENSITIVE, kind), UseInterceptors(AccessLogInterceptor));
}

export interface AuthenticatedRequest extends FastifyRequest {
  actor?: Actor;
  correlationId?: string;
  rawBody?: Buffer;
}

/** The actor of this request. */
export const CurrentActor = createParamDecorator((_: unknown, context: ExecutionContext): Actor => {
  const { actor } = context.switchToHttp().getRequest<AuthenticatedRequest>();
  if (!actor) throw new Error('This route has no actor: it is public');
  return actor;
});

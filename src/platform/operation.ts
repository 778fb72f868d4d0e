import {
  applyDecorators,
  createParamDecorator,
  HttpCode,
  SetMetadata,
  UseInterceptors,
  type ExecutionContext,
} from '@nestjs/common';
import { ApiBearerAuth, ApiBody, ApiConsumes, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import type { FastifyRequest } from 'fastify';
import type { ZodType } from 'zod';
import { AccessLogInterceptor, SENSITIVE } from './access-log.interceptor.js';
import type { AccessKind } from './access-log.js';
import type { Actor, Role, ServiceScope } from './actor.js';
import type { FileType } from './file-types.js';
import { otherRequest } from './idempotency.js';
import { invalidRequest, notFound, notPermitted, notSignedIn, STATUS_OF_KIND, type ErrorFactory } from './errors.js';

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

/** Everything that a route promises, in one place: who may call it, what it answers, which errors it has. */
export function Operation(spec: OperationSpec): MethodDecorator {
  const status = spec.status ?? 200;
  const secured = spec.permit === 'public' ? [] : [ApiBearerAuth()];
  const keyed = spec.idempotent
    ? [
        ApiHeader({
          name: 'Idempotency-Key',
          required: false,
          description: 'The same key and request give the first answer; another request with it gives 409.',
        }),
        ApiHeader({
          name: 'Prefer',
          required: false,
          description:
            '`receipt` (RFC 7240) is answered with Preference-Applied and a header Receipt: in base64, a signed note that ' +
            'names the events that were recorded.',
        }),
      ]
    : [];
  const file = spec.consumes
    ? [ApiConsumes(...[spec.consumes].flat()), ApiBody({ schema: { type: 'string' }, required: true })]
    : [];
  const errors = [
    invalidRequest,
    ...(spec.permit === 'public' ? [] : [notSignedIn, notPermitted, notFound]),
    ...(spec.idempotent ? [otherRequest] : []),
    ...(spec.errors ?? []),
  ];
  return applyDecorators(
    SetMetadata(PERMIT, spec.permit),
    ...(spec.sensitive === undefined ? [] : [logged(spec.sensitive)]),
    HttpCode(status),
    ApiOperation({ summary: spec.summary, description: describe(spec) }),
    ApiResponse(success(spec, status)),
    ...errorResponses(errors),
    ...secured,
    ...keyed,
    ...file,
  );
}

/** Only where there is something to log: what stands between a request and its handler costs each of them. */
function logged(kind: AccessKind): MethodDecorator {
  return applyDecorators(SetMetadata(SENSITIVE, kind), UseInterceptors(AccessLogInterceptor));
}

function success(spec: OperationSpec, status: number): Parameters<typeof ApiResponse>[0] {
  const description = 'Done.';
  if (spec.produces !== undefined) {
    return { status, description, content: { [spec.produces]: { schema: { type: 'string' } } } };
  }
  return spec.answer === undefined ? { status, description } : { status, description, standardSchema: spec.answer };
}

function errorResponses(errors: readonly ErrorFactory[]): MethodDecorator[] {
  const byStatus = new Map<number, Set<ErrorFactory>>();
  for (const error of errors) {
    const status = STATUS_OF_KIND[error.definition.kind];
    byStatus.set(status, (byStatus.get(status) ?? new Set()).add(error));
  }
  return [...byStatus].map(([status, group]) =>
    ApiResponse({
      status,
      description: [...group]
        .map(({ definition }) => `\`${definition.code}\`: ${definition.title} ${definition.fix}`)
        .join('\n\n'),
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    }),
  );
}

function describe(spec: OperationSpec): string {
  const { permit } = spec;
  const text = spec.description === undefined ? '' : `${spec.description}\n\n`;
  if (permit === 'public') return `${text}Needs no key.`;
  const sides = (['commissioner', 'provider', 'referrer'] as const)
    .filter((side) => permit[side] !== undefined)
    .map((side) => `${side} (${permit[side] === 'any' ? 'any role' : (permit[side] as Role[]).join(', ')})`);
  const scope =
    permit.scope === undefined
      ? 'A service key cannot: it needs a named person.'
      : `Service keys: \`${permit.scope}\`.`;
  return `${text}Permitted: ${sides.join('; ')}. ${scope}`;
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

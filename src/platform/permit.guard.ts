import { createHash } from 'node:crypto';
import { Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { Actor, Role } from './actor.js';
import { fileTypeOf } from './file-types.js';
import { invalidRequest, notPermitted, notSignedIn } from './errors.js';
import { GUARDED_ELSEWHERE, PERMIT, type AuthenticatedRequest, type Permit } from './operation.js';

/** Who a bearer key belongs to; the module of organisations answers. */
export abstract class Authenticator {
  abstract authenticate(key: string, correlationId: string): Promise<Actor | null>;
}

/** Lets a request in when its key permits the operation. A route without a declared permit is a bug, and closed. */
@Injectable()
export class PermitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly authenticator: Authenticator,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    if (this.reflector.get(GUARDED_ELSEWHERE, context.getHandler()) !== undefined) return true;
    const permit = this.reflector.get<Permit | 'public' | undefined>(PERMIT, context.getHandler());
    if (permit === undefined) throw new Error(`${context.getHandler().name} declares no permit`);
    if (permit === 'public') return true;
    const request = context.switchToHttp().getRequest<AuthenticatedRequest>();
    const bearer = /^Bearer ([\w-]{20,200})$/i.exec(request.headers.authorization ?? '')?.[1];
    const actor =
      bearer === undefined ? null : await this.authenticator.authenticate(bearer, request.correlationId ?? '');
    if (!actor) throw notSignedIn();
    const refusal = whyNotPermitted(permit, actor);
    if (refusal) throw notPermitted(refusal);
    request.actor = withIdempotencyKey(actor, request);
    return true;
  }
}

/** What the actor lacks for this operation; undefined when nothing. */
export function whyNotPermitted(permit: Permit, actor: Actor): Record<string, unknown> | undefined {
  const needed = permit[actor.side as 'commissioner' | 'provider' | 'referrer'];
  if (needed === undefined) return { side: actor.side };
  if (actor.kind === 'service') {
    if (permit.scope === undefined) return { needs: 'a personal key' };
    return actor.scopes.includes(permit.scope) ? undefined : { scope: permit.scope };
  }
  if (needed === 'any' || needed.some((role: Role) => actor.roles.includes(role))) return undefined;
  return { roles: needed };
}

function withIdempotencyKey(actor: Actor, request: AuthenticatedRequest): Actor {
  const key = request.headers['idempotency-key'];
  // A file is still arriving, so the key cannot be bound to it; each row of a file is known by itself.
  if (key === undefined || request.method === 'GET' || fileTypeOf(request) !== undefined) return actor;
  if (typeof key !== 'string' || key.length < 8 || key.length > 200) {
    throw invalidRequest({}, 'The Idempotency-Key must be one header of 8 to 200 characters.');
  }
  const requestHash = createHash('sha256')
    .update(`${request.method} ${request.url}\n`)
    .update(request.rawBody ?? '')
    .digest();
  return { ...actor, idempotencyKey: key, requestHash };
}

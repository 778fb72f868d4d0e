import { createHash } from 'node:crypto';
import { Inject, Injectable, type CanActivate, type ExecutionContext } from '@nestjs/common';
import { Reflector } from '@nestjs/core';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { notFound, notPermitted } from '../../platform/errors.js';
import type { AuthenticatedRequest } from '../../platform/operation.js';
import { whyNotPermitted } from '../../platform/permit.guard.js';
import { CONFIG } from '../../platform/platform.module.js';
import type { Config } from '../../platform/config.js';
import type { Fields } from './fields.rules.js';
import { isFormToken } from './form-token.js';
import { Elsewhere, ForeignForm } from './page-errors.js';
import { PAGE, type PageRequest, type PageSpec } from './page-spec.rules.js';
import { readSentForm } from './sent-form.js';
import type { Visit } from './visit.rules.js';
import { VisitsService } from './visits.service.js';

type Request = AuthenticatedRequest & PageRequest;

/** Lets a visitor in when the page is for them; sends them to what is missing first: signing in, an organisation, proof. */
@Injectable()
export class VisitGuard implements CanActivate {
  constructor(
    private readonly reflector: Reflector,
    private readonly visits: VisitsService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  async canActivate(context: ExecutionContext): Promise<boolean> {
    const spec = this.reflector.get<PageSpec>(PAGE, context.getHandler());
    const request = context.switchToHttp().getRequest<Request>();
    const reply = context.switchToHttp().getResponse<FastifyReply>();
    const visit = await this.visits.begin(request, reply);
    request.visit = visit;
    const fields = isSafe(request) ? undefined : await this.readForm(request, visit);
    request.fields = fields;
    await this.admit(spec, visit, fields);
    if (visit.membership) request.actor = visit.actor;
    if (fields) this.visits.bindOnce(visit, fields.text('_once'), hashOf(request, fields));
    return true;
  }

  /** Before anything else of the form is believed: it comes from a page of ours, in this browser and session. */
  private async readForm(request: Request, visit: Visit): Promise<Fields> {
    if (!isFromHere(request, this.config)) throw new ForeignForm();
    const fields = await readSentForm(request);
    if (isFormToken(visit.browserToken, fields.text('_csrf'))) return fields;
    const ended = visit.over && this.visits.cookies.session(request);
    if (ended == null || !isFormToken(ended, fields.text('_csrf'))) throw new ForeignForm();
    await this.visits.keepForOwner(visit, fields);
    throw new Elsewhere(signInPath(visit));
  }

  private async admit(spec: PageSpec, visit: Visit, fields: Fields | undefined): Promise<void> {
    if (spec.permit === 'public') return;
    if (visit.session === null) throw new Elsewhere(signInPath(visit));
    if (spec.permit === 'operator' && !visit.session.operator) throw notFound();
    if (typeof spec.permit === 'object') {
      if (visit.membership === null) throw new Elsewhere(`/organisations/choose?to=${encodeURIComponent(visit.page)}`);
      const refusal = whyNotPermitted(spec.permit, visit.actor);
      if (refusal) throw notPermitted(refusal);
    }
    if (spec.stepUp && !visit.session.steppedUp) {
      if (fields) await this.visits.keepTyped(visit, fields);
      throw new Elsewhere(`/confirm-identity?to=${encodeURIComponent(fields ? withKept(visit.page) : visit.path)}`);
    }
  }
}

/** Signing in, with the way back: to the page, and to what was typed there when a form was sent too late. */
function signInPath({ page, path, over }: Visit): string {
  const to = page === path ? path : withKept(page);
  const why = over === null ? '' : `&why=${over.state}`;
  return `/sign-in?to=${encodeURIComponent(to)}${why}`;
}

function withKept(page: string): string {
  if (/[?&]kept=1(?:&|$)/.test(page)) return page;
  return `${page}${page.includes('?') ? '&' : '?'}kept=1`;
}

function isSafe({ method }: FastifyRequest): boolean {
  return method === 'GET' || method === 'HEAD';
}

/** A browser says where a form comes from (Fetch Metadata, and Origin for older ones); a page elsewhere cannot lie. */
function isFromHere({ headers, host }: FastifyRequest, config: Config): boolean {
  const site = headers['sec-fetch-site'];
  if (site !== undefined) return site === 'same-origin' || site === 'none';
  const { origin } = headers;
  if (origin === undefined) return true; // the token decides
  if (config.publicUrl !== undefined) return origin === new URL(config.publicUrl).origin;
  return origin === `http://${host}`;
}

function hashOf(request: FastifyRequest, fields: Fields): Buffer {
  const typed = fields.names().filter((name) => name !== '_csrf');
  const text = JSON.stringify(typed.map((name) => [name, fields.all(name)]));
  return createHash('sha256').update(`${request.method} ${request.url}\n`).update(text).digest();
}

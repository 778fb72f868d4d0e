import { Catch, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { DomainError } from '../../platform/errors.js';
import { LOG } from '../../platform/jobs.js';
import type { AuthenticatedRequest } from '../../platform/operation.js';
import { problemOf } from '../../platform/problem.filter.js';
import { WordsService, type Translate } from '../../words/index.js';
import { view, type View } from './answer.rules.js';
import { wordError } from './form.js';
import { Elsewhere, ForeignForm, TooLarge } from './page-errors.js';
import type { PageRequest } from './page-spec.rules.js';
import { Renderer } from './renderer.service.js';
import type { Visit } from './visit.rules.js';
import { VisitsService } from './visits.service.js';

type Request = AuthenticatedRequest & PageRequest;

/** What cannot be shown becomes a page that says so, in the visitor's language; what is elsewhere becomes a 303. */
@Catch()
export class PageFilter implements ExceptionFilter {
  constructor(
    private readonly renderer: Renderer,
    private readonly visits: VisitsService,
    private readonly words: WordsService,
    @Inject(LOG) private readonly log: Logger,
  ) {}

  async catch(error: unknown, host: ArgumentsHost): Promise<void> {
    const request = host.switchToHttp().getRequest<Request>();
    const reply = host.switchToHttp().getResponse<FastifyReply>();
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    if (error instanceof Elsewhere) {
      void reply.status(303).header('location', error.path).send();
      return;
    }
    const correlationId = request.correlationId ?? request.id;
    const problem = problemOf(error, correlationId);
    const own = error instanceof ForeignForm ? 403 : error instanceof TooLarge ? 413 : undefined;
    const status = own ?? problem.status;
    const route = request.routeOptions?.url;
    if (status >= 500) this.log.error({ correlationId, route, error }, 'bug');
    else if (status === 403 || status === 404) {
      this.log.warn({ correlationId, route, orgId: request.actor?.orgId, code: problem.code }, 'security');
    }
    if (!wantsPage(request)) {
      void reply.status(status).type('application/problem+json').send(problem);
      return;
    }
    const visit = request.visit ?? (await this.stranger(request));
    this.renderer.send(reply, visit, pageFor(error, status, visit, correlationId));
  }

  /** A visitor whom even the database knows nothing of, so that a page can say that it is away. */
  private async stranger(request: Request): Promise<Visit> {
    return this.visits.stranger(request, await this.words.in('en'));
  }
}

/** Whoever calls the API, or asks for anything but a page, is answered as the API answers (RFC 9457). */
function wantsPage({ url, method, headers }: Request): boolean {
  if (/^\/(?:v1|docs|problems|directory|webhooks|health)(?:[/?]|$)/.test(url)) return false;
  return method === 'POST' || (headers.accept ?? 'text/html').includes('text/html');
}

function pageFor(error: unknown, status: number, { t }: Visit, correlationId: string): View {
  const kind = kindOf(error, status);
  const text = kind === 'refused' ? wordRefusal(t, error) : t(`problems.${kind}.text`);
  return view('problem.njk', { title: t(`problems.${kind}.title`), text, kind, correlationId }, { status });
}

function wordRefusal(t: Translate, error: unknown): string {
  return error instanceof DomainError ? wordError(t, error) : t('problems.refused.text');
}

type Kind = 'form' | 'large' | 'forbidden' | 'missing' | 'away' | 'internal' | 'refused';

function kindOf(error: unknown, status: number): Kind {
  if (error instanceof ForeignForm) return 'form';
  if (error instanceof TooLarge || status === 413) return 'large';
  if (error instanceof DomainError) return GENERAL[error.code] ?? 'refused';
  if (status === 404) return 'missing';
  if (status === 503) return 'away';
  return status >= 500 ? 'internal' : 'refused';
}

/** Errors that a page says in words of its own; the others have their words by code. */
const GENERAL: Readonly<Record<string, Kind>> = { not_found: 'missing', 'request.not_permitted': 'forbidden' };

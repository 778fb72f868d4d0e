import { Catch, HttpException, Inject, type ArgumentsHost, type ExceptionFilter } from '@nestjs/common';
import type { FastifyReply } from 'fastify';
import type { Logger } from 'pino';
import { sqlState } from './constraints.js';
import { DomainError, findErrorDefinition, invalidRequest, notFound } from './errors.js';
import { LOG } from './jobs.js';
import type { AuthenticatedRequest } from './operation.js';
import type { Problem } from './problem.schemas.js';

/** The one place where an error becomes an answer: RFC 9457, no stack, no SQL. */
@Catch()
export class ProblemFilter implements ExceptionFilter {
  constructor(@Inject(LOG) private readonly log: Logger) {}

  catch(error: unknown, host: ArgumentsHost): void {
    const http = host.switchToHttp();
    const request = http.getRequest<AuthenticatedRequest>();
    const reply = http.getResponse<FastifyReply>();
    const correlationId = request.correlationId ?? request.id;
    const problem = problemOf(error, correlationId);
    this.report(error, problem, request);
    if (reply.sent || reply.raw.headersSent) {
      reply.raw.destroy();
      return;
    }
    // RFC 9110 section 11.6.1: an answer 401 names the scheme by which to sign in.
    if (problem.status === 401) void reply.header('www-authenticate', 'Bearer');
    const again = (problem.details as { retryAfterSeconds?: unknown } | undefined)?.retryAfterSeconds;
    if (typeof again === 'number') void reply.header('retry-after', String(again));
    void reply.status(problem.status).header('content-type', 'application/problem+json').send(problem);
  }

  private report(error: unknown, problem: Problem, request: AuthenticatedRequest): void {
    const { correlationId, code, status } = problem;
    const who = { orgId: request.actor?.orgId, memberId: request.actor?.memberId, keyId: request.actor?.keyId };
    const route = request.routeOptions?.url;
    if (status >= 500 && !(error instanceof DomainError))
      this.log.error({ correlationId, route, ...who, error }, 'bug');
    else if (status === 401 || status === 403 || status === 404) {
      this.log.warn({ correlationId, route, ...who, code }, 'security');
    } else this.log.debug({ correlationId, route, ...who, code }, 'refused');
  }
}

/** The problem document of any error. */
export function problemOf(error: unknown, correlationId: string): Problem {
  if (error instanceof DomainError) {
    const { errors, ...details } = error.details as { errors?: Problem['errors'] };
    return {
      type: `/problems/${error.code}`,
      title: titleOf(error),
      status: error.status,
      detail: error.message,
      code: error.code,
      correlationId,
      ...(Object.keys(details).length > 0 ? { details } : {}),
      ...(errors ? { errors } : {}),
    };
  }
  const status = statusOf(error);
  if (status === 404) return problemOf(notFound(), correlationId);
  if (status === 400) return problemOf(invalidRequest({}, shapeMessage(error)), correlationId);
  if (isAway(error)) {
    const title = 'The database does not answer';
    const detail = `${title}. Nothing was changed unless you were told so; try again in a moment.`;
    return { type: '/problems/unavailable', title, status: 503, detail, code: 'unavailable', correlationId };
  }
  if (status < 500) {
    const title = TITLES[status] ?? 'The request cannot be served';
    return { type: 'about:blank', title, status, detail: `${title}.`, code: `request.status_${status}`, correlationId };
  }
  return {
    type: '/problems/internal',
    title: 'Something went wrong on our side',
    status,
    detail: `Something went wrong on our side. Nothing was changed unless you were told so; quote ${correlationId} when you report it.`,
    code: 'internal',
    correlationId,
  };
}

/** No connection (Node's codes), a lost one (SQLSTATE class 08), or a server that stops or starts (57P01 to 57P03). */
const AWAY = /^(?:ECONNREFUSED|ECONNRESET|EPIPE|ETIMEDOUT|08...|57P0[123])$/;

const UNREACHED =
  /^Connection terminated|^timeout exceeded when trying to connect|is not currently accepting connections$/;

function isAway(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  return UNREACHED.test(error.message) || AWAY.test(sqlState(error) ?? '');
}

const TITLES: Record<number, string> = {
  413: 'The request is too large',
  415: 'The Content-Type of the request is not accepted here',
  429: 'Too many ask at once, so try again in a moment',
};

/** RFC 9457 section 3.1.3: the title of a type is the same whenever it occurs; the detail tells about this time. */
function titleOf({ code, message }: DomainError): string {
  return (findErrorDefinition(code)?.title ?? message).replace(/\.$/, '');
}

function statusOf(error: unknown): number {
  if (error instanceof HttpException) return error.getStatus();
  const status = (error as { statusCode?: unknown } | null)?.statusCode;
  return typeof status === 'number' && status >= 400 && status < 600 ? status : 500;
}

/** Nest and Fastify say what they could not parse; their messages can quote the input, so only known ones pass. */
function shapeMessage(error: unknown): string {
  const code = (error as { code?: string }).code;
  if (code === 'FST_ERR_CTP_EMPTY_JSON_BODY') return 'The body is empty but the Content-Type says JSON.';
  return 'The request cannot be read: its body must be well-formed JSON.';
}

import { Inject, Injectable } from '@nestjs/common';
import type { FastifyReply, FastifyRequest } from 'fastify';
import { OrganisationsService } from '../../organisations/index.js';
import type { Config } from '../../platform/config.js';
import { Database } from '../../platform/database.js';
import type { AuthenticatedRequest } from '../../platform/operation.js';
import { CONFIG } from '../../platform/platform.module.js';
import {
  DraftsService,
  SessionsService,
  type FoundSession,
  type Membership,
  type Session,
} from '../../sign-in/index.js';
import { WordsService, type Locale, type Translate } from '../../words/index.js';
import type { Flash } from './answer.rules.js';
import { Cookies } from './cookies.js';
import type { Fields } from './fields.rules.js';
import { keyOf } from './once.js';
import type { Visit } from './visit.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;

/** What binds the commands of one form: given by the guard once the form has been read. */
interface Once {
  readonly token: string;
  readonly requestHash: Buffer;
}

/** Finds out who visits: from the cookie to the person, the organisation, the language and what they left half done. */
@Injectable()
export class VisitsService {
  readonly cookies: Cookies;
  private readonly onces = new WeakMap<Visit, Once>();
  /** By the organisation that acts: whose words it is spoken to in. Registrars never change. */
  private readonly registrars = new Map<string, string | null>();

  constructor(
    private readonly sessions: SessionsService,
    private readonly drafts: DraftsService,
    private readonly organisations: OrganisationsService,
    private readonly words: WordsService,
    private readonly database: Database,
    @Inject(CONFIG) config: Config,
  ) {
    this.cookies = new Cookies(config);
  }

  /** Whoever the cookies say it is; a cookie that stands for nothing any more is taken away, and the page told why. */
  async begin(request: AuthenticatedRequest, reply: FastifyReply): Promise<Visit> {
    const token = this.cookies.session(request);
    const found: FoundSession = token === undefined ? { state: 'unknown' } : await this.sessions.find(token);
    if (found.state !== 'open' || token === undefined) {
      if (token !== undefined) this.cookies.forgetSession(reply);
      const t = await this.words.in(this.cookies.language(request) ?? accepted(request));
      const stranger = this.visitOf(request, t, null, this.cookies.browser(request, reply));
      return Object.assign(stranger, { over: found.state === 'unknown' || found.state === 'open' ? null : found });
    }
    const { session } = found;
    const chosen = session.memberships.find(({ memberId }) => memberId === session.memberId);
    const locale = this.cookies.language(request) ?? session.login.locale;
    const t = await this.words.in(locale, chosen ? await this.wordsOf(chosen) : null);
    const visit = this.visitOf(request, t, session, token);
    if (!chosen || !/[?&]kept=1(?:&|$)/.test(visit.path)) return visit;
    return Object.assign(visit, { kept: await this.drafts.takeTyped(visit.actor, pathOf(visit.path)) });
  }

  /** Somebody of whom nothing is known, for a page that says that nothing can be known. */
  stranger(request: AuthenticatedRequest, t: Translate): Visit {
    return this.visitOf(request, t, null, '');
  }

  /** Binds the commands that this form gives to its token. */
  bindOnce(visit: Visit, token: string, requestHash: Buffer): void {
    this.onces.set(visit, { token, requestHash });
  }

  /** Keeps what was typed where a proof of who it is comes between. */
  async keepTyped(visit: Visit, fields: Fields): Promise<void> {
    if (visit.membership) await this.drafts.keepTyped(visit.actor, pathOf(visit.page), fields.values());
  }

  /** Keeps what was typed in a session that has ended, for whoever it was: nothing else of it is believed. */
  async keepForOwner({ over, page }: Visit, fields: Fields): Promise<void> {
    if (over?.owner) await this.drafts.keepTyped(over.owner, pathOf(page), fields.values());
  }

  /** Whoever has just signed in, or proved who they are, goes on under a new token. */
  keepSession(reply: FastifyReply, token: string): void {
    this.cookies.keepSession(reply, token);
  }

  forgetSession(reply: FastifyReply): void {
    this.cookies.forgetSession(reply);
  }

  keepFlash(reply: FastifyReply, flash: Flash): void {
    this.cookies.keepFlash(reply, flash);
  }

  takeFlash(request: FastifyRequest, reply: FastifyReply): Flash | undefined {
    return this.cookies.takeFlash(request, reply);
  }

  private visitOf(request: AuthenticatedRequest, t: Translate, session: Session | null, browserToken: string): Visit {
    const onces = this.onces;
    const { sessions } = this;
    const correlationId = request.correlationId ?? request.id;
    const membership = session?.memberships.find(({ memberId }) => memberId === session.memberId) ?? null;
    return {
      t,
      correlationId,
      path: request.url,
      page: pageOf(request),
      session: session && {
        id: session.sessionId,
        loginId: session.login.id,
        displayName: session.login.displayName,
        email: session.login.email,
        operator: session.login.operator,
        method: session.method,
        memberships: session.memberships,
        steppedUp: sessions.isFresh(session),
      },
      over: null,
      membership,
      kept: {},
      browserToken,
      ip: request.ip,
      device: request.headers['user-agent'] ?? '',
      get actor() {
        if (session === null) throw new Error('Nobody has signed in to act');
        return sessions.actorOf(session, correlationId);
      },
      command(step = '') {
        const once = onces.get(this);
        const idempotencyKey = once && keyOf(once.token, step);
        return idempotencyKey === undefined
          ? this.actor
          : { ...this.actor, idempotencyKey, requestHash: once?.requestHash };
      },
    };
  }

  /** The commissioner in whose words an organisation is spoken to: its own, or that of the one that registered it. */
  private async wordsOf({ organisationId, kind }: Membership): Promise<string | null> {
    if (kind === 'commissioner') return organisationId;
    const known = this.registrars.get(organisationId);
    if (known !== undefined) return known;
    const { registeredBy } = await this.database.read(AUTH, (reader) => this.organisations.get(reader, organisationId));
    this.registrars.set(organisationId, registeredBy);
    return registeredBy;
  }
}

/** The page that a form was on, from the Referer that our policy has browsers send to ourselves; else where it went. */
function pageOf({ method, url, headers, host }: AuthenticatedRequest): string {
  const { referer } = headers;
  if (method === 'GET' || method === 'HEAD' || referer === undefined || !URL.canParse(referer)) return url;
  const from = new URL(referer);
  return from.host === host ? `${from.pathname}${from.search}` : url;
}

function pathOf(page: string): string {
  return (page.split('?')[0] ?? page).slice(0, 200);
}

/** The language that the browser asks for first, of those that there are (RFC 9110 section 12.5.4). */
function accepted({ headers }: AuthenticatedRequest): Locale {
  return /^\s*cy\b/i.test(headers['accept-language'] ?? '') ? 'cy' : 'en';
}

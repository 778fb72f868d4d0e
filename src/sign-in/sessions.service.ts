import { Injectable } from '@nestjs/common';
import type { Actor, Role } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { hashOfToken, looksLikeToken, newToken } from '../platform/secret-box.js';
import type { DraftOwner } from './drafts.service.js';
import { SecurityLog } from './security-log.service.js';
import { findSessionRow, type SessionRow } from './session.queries.js';
import { idleEndOf, isFresh, SESSION_MS, sessionState } from './session.rules.js';
import { notYourMembership, sessionOver, stepUpRequired } from './sign-in.errors.js';
import { WebSession, type Assurance, type SignInMethod } from './web-session.entity.js';

const AUTH = { side: 'auth', orgId: null } as const;
const DEVICE_MAX = 200;

/** An organisation that somebody may act for, with what they may do there now. */
export interface Membership {
  readonly memberId: string;
  readonly organisationId: string;
  readonly kind: 'commissioner' | 'provider' | 'referrer';
  readonly name: string;
  readonly code: string;
  readonly roles: readonly Role[];
  /** Pence; null is no limit. */
  readonly approvalLimitMinor: bigint | null;
}

export interface Session {
  readonly sessionId: string;
  readonly login: {
    readonly id: string;
    readonly displayName: string;
    readonly email: string;
    readonly locale: 'en' | 'cy';
    readonly operator: boolean;
  };
  /** By name. Only those of the organisation that vouched, where one did. */
  readonly memberships: readonly Membership[];
  /** For whom they act: null until they chose, and again when they no longer may. */
  readonly memberId: string | null;
  /** The organisation whose identity provider signed them in, which it is good for alone. */
  readonly confinedTo: string | null;
  readonly method: SignInMethod;
  readonly assurance: Assurance | null;
  readonly signedInAt: Date;
  /** When they last proved who they are; null when that was never more than a recovery code. */
  readonly steppedUpAt: Date | null;
  readonly idleEndsAt: Date;
  readonly endsAt: Date;
}

/**
 * What a token stands for. One that ran out names whose it was, so that what they had just typed can be kept for them, and
 * for nothing else; one that was ended on purpose does not. `unknown` never was, or another one took its place.
 */
export type FoundSession =
  | { readonly state: 'open'; readonly session: Session }
  | { readonly state: 'idle' | 'ended'; readonly owner: DraftOwner | null }
  | { readonly state: 'unknown' };

export interface NewSession {
  readonly loginId: string;
  readonly method: SignInMethod;
  /** Whether the proof was a strong one just now, so that it counts as a step-up. */
  readonly fresh: boolean;
  readonly device?: string | undefined;
  readonly confinedTo?: string | null;
  readonly assurance?: Assurance | null;
}

/** One of somebody's sessions that still run, as their list shows it. */
export interface ListedSession {
  readonly sessionId: string;
  readonly method: SignInMethod;
  readonly device: string;
  readonly signedInAt: Date;
  readonly lastSeenAt: Date;
}

/** Opaque sessions, kept here and nowhere else, so that ending one works at once. */
@Injectable()
export class SessionsService {
  constructor(
    private readonly database: Database,
    private readonly clock: Clock,
    private readonly log: SecurityLog,
  ) {}

  /** Opens a session under a new token. Who has one membership acts for it; others choose. */
  async open(
    tx: Tx,
    { device = '', confinedTo = null, assurance = null, ...given }: NewSession,
  ): Promise<OpenedSession> {
    const token = newToken();
    const now = this.clock.now();
    const sessionId = newId();
    const members = await tx.query<{ id: string }>(
      `select id from member where login_id = $1 and disabled_at is null and ($2::uuid is null or organisation_id = $2)
       limit 2`,
      [given.loginId, confinedTo],
    );
    await tx.insert(WebSession, {
      id: sessionId,
      tokenHash: hashOfToken(token),
      loginId: given.loginId,
      memberId: members.length === 1 ? (members[0]?.id ?? null) : null,
      confinedTo,
      method: given.method,
      assurance,
      device: device.slice(0, DEVICE_MAX),
      signedInAt: now,
      steppedUpAt: given.fresh ? now : null,
      lastSeenAt: now,
      endsAt: new Date(now.getTime() + SESSION_MS),
      endedAt: null,
    });
    return { token, sessionId, loginId: given.loginId };
  }

  /** What a cookie's token stands for now: memberships and roles are read anew each time. */
  async find(token: string): Promise<FoundSession> {
    if (!looksLikeToken(token)) return { state: 'unknown' };
    const now = this.clock.now();
    const row = await this.database.transaction(AUTH, (tx) => findSessionRow(tx, hashOfToken(token), now));
    if (!row) return { state: 'unknown' };
    if (row.loginDisabledAt !== null) return { state: 'ended', owner: null };
    const state = sessionState(row, now);
    if (state === 'open') return { state, session: sessionOf(row) };
    return { state, owner: row.endedAt === null ? row.owner : null };
  }

  /** @throws sign_in.session_over with the state in `details` */
  async get(token: string): Promise<Session> {
    const found = await this.find(token);
    if (found.state !== 'open') throw sessionOver({ state: found.state });
    return found.session;
  }

  /** The session of a token, when its owner proved within five minutes who they are. @throws sign_in.step_up_required */
  async getFresh(token: string): Promise<Session> {
    const session = await this.get(token);
    if (!this.isFresh(session)) throw stepUpRequired();
    return session;
  }

  /** Whether the last proof is young enough for what needs one. */
  isFresh({ steppedUpAt }: Pick<Session, 'steppedUpAt'>): boolean {
    return isFresh(steppedUpAt, this.clock.now());
  }

  /** Acts for another of one's organisations from the next request on. @throws sign_in.not_your_membership */
  async choose(token: string, memberId: string): Promise<void> {
    const session = await this.get(token);
    if (!session.memberships.some((one) => one.memberId === memberId)) throw notYourMembership();
    await this.database.transaction(AUTH, (tx) => tx.update(WebSession, { id: session.sessionId }, { memberId }));
  }

  /** Gives the session a new token; the old one stands for nothing from then on. */
  rotate(token: string): Promise<string> {
    return this.database.transaction(AUTH, (tx) => this.rotateIn(tx, token, {}));
  }

  /** Notes a proof of who they are, under a new token. @throws sign_in.session_over */
  stepUp(tx: Tx, token: string): Promise<string> {
    return this.rotateIn(tx, token, { steppedUpAt: this.clock.now() });
  }

  /** Half an hour more from now, within the twelve hours. @throws sign_in.session_over */
  async extend(token: string): Promise<{ idleEndsAt: Date; endsAt: Date }> {
    const { sessionId, endsAt } = await this.get(token);
    const lastSeenAt = this.clock.now();
    await this.database.transaction(AUTH, (tx) => tx.update(WebSession, { id: sessionId }, { lastSeenAt }));
    return { idleEndsAt: idleEndOf({ lastSeenAt, endsAt, endedAt: null }), endsAt };
  }

  /** Signs out. A token that stands for nothing is none to end. */
  async end(token: string): Promise<void> {
    await this.database.transaction(AUTH, (tx) => this.endIn(tx, token));
  }

  /** The same within a transaction. */
  async endIn(tx: Tx, token: string): Promise<void> {
    await this.endWhere(tx, 'token_hash = $2', hashOfToken(token));
  }

  /** Ends every session of a login, at once. */
  async endAll(loginId: string): Promise<void> {
    await this.database.transaction(AUTH, (tx) => this.endWhere(tx, 'login_id = $2', loginId));
    this.log.note('sessions_ended', { loginId });
  }

  /** Ends the other sessions of the same login. */
  async endOthers({ sessionId, login }: Pick<Session, 'sessionId' | 'login'>): Promise<void> {
    await this.database.transaction(AUTH, (tx) => this.endWhere(tx, 'login_id = $2 and id <> $3', login.id, sessionId));
    this.log.note('sessions_ended', { loginId: login.id, sessionId });
  }

  /** Ends one of a login's own sessions. @throws not_found */
  async endOne(loginId: string, sessionId: string): Promise<void> {
    const ended = await this.database.transaction(AUTH, (tx) =>
      this.endWhere(tx, 'login_id = $2 and id = $3', loginId, sessionId),
    );
    if (ended !== 1) throw notFound();
  }

  /** The sessions of a login that still run, the latest first. */
  async listOf(loginId: string): Promise<ListedSession[]> {
    const now = this.clock.now();
    const rows = await this.database.read(AUTH, (reader) =>
      reader.find(WebSession, { where: { loginId }, order: { signedInAt: 'DESC', id: 'DESC' } }),
    );
    return rows
      .filter((row) => sessionState(row, now) === 'open')
      .map(({ id, method, device, signedInAt, lastSeenAt }) => ({
        sessionId: id,
        method,
        device,
        signedInAt,
        lastSeenAt,
      }));
  }

  /** Who acts, for the services. @throws sign_in.not_your_membership when no organisation is chosen */
  actorOf({ memberships, memberId }: Pick<Session, 'memberships' | 'memberId'>, correlationId: string): Actor {
    const membership = memberships.find((one) => one.memberId === memberId);
    if (!membership) throw notYourMembership();
    return {
      kind: 'person',
      side: membership.kind,
      orgId: membership.organisationId,
      memberId: membership.memberId,
      keyId: null,
      roles: membership.roles,
      scopes: [],
      approvalLimitMinor: membership.approvalLimitMinor,
      correlationId,
    };
  }

  private async rotateIn(tx: Tx, token: string, change: { steppedUpAt?: Date }): Promise<string> {
    const next = newToken();
    const row = await findSessionRow(tx, hashOfToken(token), this.clock.now());
    if (!row || row.loginDisabledAt !== null) throw sessionOver({ state: 'unknown' });
    const state = sessionState(row, this.clock.now());
    if (state !== 'open') throw sessionOver({ state });
    const { affected } = await tx.update(
      WebSession,
      { id: row.sessionId, tokenHash: hashOfToken(token) },
      { tokenHash: hashOfToken(next), ...change },
    );
    if (affected !== 1) throw sessionOver({ state: 'unknown' });
    return next;
  }

  private endWhere(tx: Tx, which: string, ...values: unknown[]): Promise<number> {
    return tx.execute(`update web_session set ended_at = $1 where ended_at is null and ${which}`, [
      this.clock.now(),
      ...values,
    ]);
  }
}

/** The token is for the cookie of the browser: it is shown once. */
export interface OpenedSession {
  readonly token: string;
  readonly sessionId: string;
  readonly loginId: string;
}

function sessionOf(row: SessionRow): Session {
  const { sessionId, loginId, displayName, email, locale, operator } = row;
  const memberships = row.memberships.map(({ approvalLimitMinor, ...rest }) => ({
    ...rest,
    approvalLimitMinor: approvalLimitMinor === null ? null : BigInt(approvalLimitMinor),
  }));
  const chosen = memberships.find(({ memberId }) => memberId === row.memberId);
  return {
    sessionId,
    // An organisation's identity provider does not say who runs the instance.
    login: { id: loginId, displayName, email, locale, operator: operator && row.confinedTo === null },
    memberships,
    memberId: chosen?.memberId ?? null,
    confinedTo: row.confinedTo,
    method: row.method,
    assurance: row.assurance,
    signedInAt: row.signedInAt,
    steppedUpAt: row.steppedUpAt,
    idleEndsAt: idleEndOf(row),
    endsAt: row.endsAt,
  };
}

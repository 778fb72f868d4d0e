import { Injectable } from '@nestjs/common';
import type { PublicKeyCredentialRequestOptionsJSON } from '@simplewebauthn/server';
import { Database, type Tx } from '../platform/database.js';
import { AuthenticatorCodesService } from './authenticator-codes.service.js';
import { Login } from './login.entity.js';
import { canonicalEmail, LoginsService } from './logins.service.js';
import { PasskeysService } from './passkeys.service.js';
import { PasswordsService } from './passwords.service.js';
import { SecurityLog } from './security-log.service.js';
import { SessionsService, type NewSession, type OpenedSession } from './sessions.service.js';
import { signInRefused } from './sign-in.errors.js';
import { ThrottleService } from './throttle.service.js';
import type { Visitor } from './visitor.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;
const SIX_DIGITS = /^\s*(\d\s*){6}$/;
/** More than any password there is, and no work to hash. */
const TYPED_MAX = 512;

/** What somebody enters to sign in without a passkey. */
export interface PasswordProof {
  readonly email: string;
  readonly password: string;
  /** Six digits of the app, or a recovery code in its place. */
  readonly code: string;
}

/** Ways of proving who one is, each of which ends in a new session or a fresh one. */
@Injectable()
export class SignInService {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionsService,
    private readonly logins: LoginsService,
    private readonly passkeys: PasskeysService,
    private readonly passwords: PasswordsService,
    private readonly codes: AuthenticatorCodesService,
    private readonly throttle: ThrottleService,
    private readonly log: SecurityLog,
  ) {}

  /**
   * Signs in by password and code together: neither alone says whether it was right, nor whether the address is known.
   * Every failure has the same words, takes the same work, and counts.
   *
   * @param before the token of a session that this one takes the place of
   * @throws sign_in.refused
   */
  async withPassword(
    visitor: Visitor,
    { email, password, code }: PasswordProof,
    before?: string,
  ): Promise<OpenedSession> {
    const attempt = await this.throttle.begin(canonicalEmail(email), visitor.ip);
    if (!attempt) throw this.refuse(visitor, 'password', 'too_many');
    const login = await this.database.read(AUTH, (reader) => this.logins.findByEmail(reader, email));
    const step = this.codes.stepOf(login, code);
    const right = await this.passwords.matches(password.slice(0, TYPED_MAX), login?.passwordHash ?? null);
    const opened = await this.database.transaction(AUTH, async (tx) => {
      const loginId = right && login ? login.id : null;
      const isApp = SIX_DIGITS.test(code);
      const spent = isApp
        ? await this.codes.spend(tx, loginId, step)
        : await this.codes.spendRecoveryCode(tx, loginId, code);
      if (!spent || loginId === null) return null;
      await this.throttle.succeeded(tx, attempt);
      return this.open(tx, visitor, { loginId, method: isApp ? 'password' : 'recovery_code', fresh: isApp }, before);
    });
    if (!opened) throw this.refuse(visitor, 'password', 'wrong', login?.id);
    return opened;
  }

  /** Options for the browser: any passkey of this site. */
  offerPasskey(visitor: Visitor): Promise<PublicKeyCredentialRequestOptionsJSON> {
    return this.passkeys.ask(visitor, 'sign_in');
  }

  /** @throws sign_in.passkey_refused, sign_in.request_unusable */
  async withPasskey(visitor: Visitor, answer: unknown, before?: string): Promise<OpenedSession> {
    const proved = await this.passkeys.prove(visitor, 'sign_in', answer);
    return this.database.transaction(AUTH, async (tx) => {
      await this.passkeys.use(tx, visitor, proved);
      return this.open(tx, visitor, { loginId: proved.loginId, method: 'passkey', fresh: true }, before);
    });
  }

  /** Options for the browser: the passkeys of whoever is signed in. @throws sign_in.session_over */
  async offerStepUp(token: string, visitor: Visitor): Promise<PublicKeyCredentialRequestOptionsJSON> {
    const { login } = await this.sessions.get(token);
    return this.passkeys.ask(visitor, 'step_up', login.id);
  }

  /** Gives the session's new token. @throws sign_in.session_over, sign_in.passkey_refused, sign_in.request_unusable */
  async stepUpWithPasskey(token: string, visitor: Visitor, answer: unknown): Promise<string> {
    const { login } = await this.sessions.get(token);
    const proved = await this.passkeys.prove(visitor, 'step_up', answer);
    if (proved.loginId !== login.id) throw this.refuse(visitor, 'passkey', 'somebody_else', login.id);
    return this.database.transaction(AUTH, async (tx) => {
      await this.passkeys.use(tx, visitor, proved);
      return this.confirm(tx, token, visitor, login.id, 'passkey');
    });
  }

  /** By a code of the app: a recovery code proves too little. Gives the session's new token. @throws sign_in.refused */
  async stepUpWithCode(token: string, visitor: Visitor, code: string): Promise<string> {
    const session = await this.sessions.get(token);
    const attempt = await this.throttle.begin(`step up ${session.login.id}`, visitor.ip);
    if (!attempt) throw this.refuse(visitor, 'code', 'too_many', session.login.id);
    const next = await this.database.transaction(AUTH, async (tx) => {
      const login = await tx.findOneBy(Login, { id: session.login.id });
      const step = this.codes.stepOf(login, code);
      if (!login || !(await this.codes.spend(tx, login.id, step))) return null;
      await this.throttle.succeeded(tx, attempt);
      return this.confirm(tx, token, visitor, login.id, 'code');
    });
    if (next === null) throw this.refuse(visitor, 'code', 'wrong', session.login.id);
    return next;
  }

  /** Opens a session in the place of the one before, so that a token planted in a browser is worth nothing (fixation). */
  async open(tx: Tx, visitor: Visitor, given: Omit<NewSession, 'device'>, before?: string): Promise<OpenedSession> {
    if (before !== undefined) await this.sessions.endIn(tx, before);
    const opened = await this.sessions.open(tx, { ...given, device: visitor.device });
    const { loginId, sessionId } = opened;
    this.log.note('signed_in', { loginId, sessionId, method: given.method, correlationId: visitor.correlationId });
    return opened;
  }

  private async confirm(tx: Tx, token: string, visitor: Visitor, loginId: string, method: string): Promise<string> {
    const next = await this.sessions.stepUp(tx, token);
    this.log.note('stepped_up', { loginId, method, correlationId: visitor.correlationId });
    return next;
  }

  private refuse({ correlationId }: Visitor, method: string, reason: string, loginId: string | null = null) {
    this.log.note('refused', { method, reason, loginId, correlationId });
    return signInRefused();
  }
}

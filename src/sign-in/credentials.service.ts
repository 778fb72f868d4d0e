import { Injectable } from '@nestjs/common';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { AuthenticatorCodesService, type AppEnrolment } from './authenticator-codes.service.js';
import { Login } from './login.entity.js';
import { LoginsService } from './logins.service.js';
import { Passkey } from './passkey.entity.js';
import { PasskeysService } from './passkeys.service.js';
import { PasswordsService, type NewPassword } from './passwords.service.js';
import { SessionsService, type Session } from './sessions.service.js';
import { confined, lastWayIn } from './sign-in.errors.js';
import type { Visitor } from './visitor.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;

/** How somebody can sign in, for the page where they look after it. */
export interface WaysIn {
  readonly passkeys: readonly {
    readonly id: string;
    readonly name: string;
    readonly createdAt: Date;
    readonly lastUsedAt: Date | null;
    /** Whether it is kept on other devices too, so that losing one loses nothing. */
    readonly backedUp: boolean;
  }[];
  readonly hasPassword: boolean;
  readonly recoveryCodesLeft: number;
  /** Accounts at the identity providers of their organisations. */
  readonly identities: readonly {
    readonly issuer: string;
    readonly createdAt: Date;
    readonly lastUsedAt: Date | null;
  }[];
}

interface Owner {
  readonly session: Session;
  /** What no password of theirs may be. */
  readonly words: string[];
}

/**
 * What somebody changes about their own ways in. All of it needs proof within five minutes (ASVS 7.5.1) and a session that
 * no organisation's identity provider opened: that would let one organisation into another. Each change is told to the
 * owner by e-mail.
 */
@Injectable()
export class CredentialsService {
  constructor(
    private readonly database: Database,
    private readonly sessions: SessionsService,
    private readonly logins: LoginsService,
    private readonly passkeys: PasskeysService,
    private readonly passwords: PasswordsService,
    private readonly codes: AuthenticatorCodesService,
  ) {}

  waysOf(loginId: string): Promise<WaysIn> {
    return this.database.read(AUTH, (reader) => readWays(reader, loginId));
  }

  /** @throws sign_in.step_up_required, sign_in.confined */
  async offerPasskey(token: string, visitor: Visitor): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const { session } = await this.owner(token);
    return this.passkeys.offer(visitor, session.login);
  }

  /** @throws sign_in.passkey_refused, sign_in.request_unusable, sign_in.passkey_in_use */
  async addPasskey(token: string, visitor: Visitor, name: string, answer: unknown): Promise<string> {
    const { session } = await this.owner(token);
    const { passkey, kept } = await this.passkeys.accept(visitor, answer);
    if (kept.loginId !== session.login.id) throw notFound();
    return this.database.transaction(AUTH, async (tx) => {
      const id = await this.passkeys.store(tx, session.login.id, name, passkey);
      await this.logins.noteAdded(tx, session.login.id, 'passkey');
      return id;
    });
  }

  /** @throws not_found */
  async renamePasskey(token: string, id: string, name: string): Promise<void> {
    const { session } = await this.owner(token);
    await this.database.transaction(AUTH, async (tx) => {
      const { affected } = await tx.update(Passkey, { id, loginId: session.login.id }, { name });
      if (affected !== 1) throw notFound();
    });
  }

  /** @throws not_found, sign_in.last_way_in */
  removePasskey(token: string, id: string): Promise<void> {
    return this.remove(
      token,
      'passkey',
      async (tx, loginId) => (await tx.delete(Passkey, { id, loginId })).affected ?? 0,
    );
  }

  /** @throws sign_in.step_up_required, sign_in.confined */
  async offerPassword(token: string, visitor: Visitor): Promise<AppEnrolment> {
    const { session } = await this.owner(token);
    return this.passwords.offer(visitor, session.login.email);
  }

  /**
   * Sets a password with an app, or both anew. Gives ten recovery codes, shown once, and ends the other sessions.
   *
   * @throws sign_in.password_unsuitable, sign_in.code_wrong, sign_in.request_unusable, sign_in.email_in_use
   */
  async setPassword(token: string, visitor: Visitor, given: NewPassword): Promise<string[]> {
    const { session, words } = await this.owner(token);
    const ready = await this.passwords.prepare(visitor, given, words);
    const recoveryCodes = await this.database.transaction(AUTH, async (tx) => {
      const codes = await ready.store(tx, session.login.id);
      await this.logins.noteAdded(tx, session.login.id, 'password');
      return codes;
    });
    await this.sessions.endOthers(session);
    return recoveryCodes;
  }

  /** Another password; the app stays. Ends the other sessions. @throws not_found when there is none to change */
  async changePassword(token: string, password: string): Promise<void> {
    const { session, words } = await this.owner(token);
    const passwordHash = await this.passwords.hashOf(password, words);
    await this.database.transaction(AUTH, async (tx) => {
      const changed = await tx.execute(
        'update login set password_hash = $2 where id = $1 and password_hash is not null',
        [session.login.id, passwordHash],
      );
      if (changed !== 1) throw notFound();
      await this.logins.noteAdded(tx, session.login.id, 'password');
    });
    await this.sessions.endOthers(session);
  }

  /** Removes password, app and recovery codes together. @throws not_found, sign_in.last_way_in */
  removePassword(token: string): Promise<void> {
    return this.remove(token, 'password', async (tx, loginId) => {
      await tx.execute('delete from recovery_code where login_id = $1', [loginId]);
      return tx.execute(
        `update login set password_hash = null, totp_secret = null, totp_step = null
         where id = $1 and password_hash is not null`,
        [loginId],
      );
    });
  }

  /** Ten new recovery codes, shown once; the earlier ones work no more. @throws not_found without a password */
  async renewRecoveryCodes(token: string): Promise<string[]> {
    const { session } = await this.owner(token);
    return this.database.transaction(AUTH, async (tx) => {
      const login = await tx.findOneBy(Login, { id: session.login.id });
      if (!login?.passwordHash) throw notFound();
      const codes = await this.codes.renewRecoveryCodes(tx, login.id);
      await this.logins.noteAdded(tx, login.id, 'recovery_codes');
      return codes;
    });
  }

  /** Unlinks the accounts at one identity provider. @throws not_found, sign_in.last_way_in */
  removeIdentity(token: string, issuer: string): Promise<void> {
    return this.remove(token, 'oidc', (tx, loginId) =>
      tx.execute('delete from oidc_identity where login_id = $1 and issuer = $2', [loginId, issuer]),
    );
  }

  /** Two removals at once come one after the other, so that they do not take the last two ways in. */
  private async remove(
    token: string,
    method: string,
    take: (tx: Tx, loginId: string) => Promise<number>,
  ): Promise<void> {
    const { session } = await this.owner(token);
    await this.database.transaction(AUTH, async (tx) => {
      await tx.query('select from login where id = $1 for update', [session.login.id]);
      if ((await take(tx, session.login.id)) === 0) throw notFound();
      const left = await readWays(tx, session.login.id);
      if (left.passkeys.length === 0 && !left.hasPassword && left.identities.length === 0) throw lastWayIn();
      await this.logins.noteRemoved(tx, session.login.id, method);
    });
  }

  private async owner(token: string): Promise<Owner> {
    const session = await this.sessions.getFresh(token);
    if (session.confinedTo !== null) throw confined();
    return { session, words: [session.login.email, ...session.memberships.map(({ name }) => name)] };
  }
}

async function readWays(reader: Reader, loginId: string): Promise<WaysIn> {
  const passkeys = await reader.find(Passkey, { where: { loginId }, order: { createdAt: 'ASC', id: 'ASC' } });
  const [counts] = await reader.query<{ hasPassword: boolean; recoveryCodesLeft: number }>(
    `select password_hash is not null as "hasPassword",
            (select count(*)::int from recovery_code c where c.login_id = l.id and used_at is null) as "recoveryCodesLeft"
     from login l where id = $1`,
    [loginId],
  );
  const identities = await reader.query<WaysIn['identities'][number]>(
    `select issuer, created_at as "createdAt", last_used_at as "lastUsedAt" from oidc_identity where login_id = $1
     order by created_at`,
    [loginId],
  );
  return {
    passkeys: passkeys.map(({ id, name, createdAt, lastUsedAt, backedUp }) => ({
      id,
      name,
      createdAt,
      lastUsedAt,
      backedUp,
    })),
    hasPassword: counts?.hasPassword ?? false,
    recoveryCodesLeft: counts?.recoveryCodesLeft ?? 0,
    identities,
  };
}

import { Inject, Injectable } from '@nestjs/common';
import type { Role } from '../platform/actor.js';
import type { Config } from '../platform/config.js';
import { Database, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { CONFIG } from '../platform/platform.module.js';
import { Login } from './login.entity.js';
import { LoginsService } from './logins.service.js';
import { SessionsService, type OpenedSession } from './sessions.service.js';
import { sandboxOnly } from './sign-in.errors.js';
import { SignInService } from './sign-in.service.js';
import type { Visitor } from './visitor.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;
const OPERATOR = 'operator@sandbox.example';

/** Somebody whom the sandbox lets one be. */
export interface SandboxPerson {
  readonly memberId: string;
  readonly displayName: string;
  readonly roles: readonly Role[];
  readonly organisation: {
    readonly id: string;
    readonly kind: 'commissioner' | 'provider' | 'referrer';
    readonly code: string;
    readonly name: string;
  };
}

/** Signing in as anybody, by one click: where no money moves and every person is invented. Beside a live key it throws. */
@Injectable()
export class SandboxSignIn {
  constructor(
    private readonly database: Database,
    private readonly logins: LoginsService,
    private readonly sessions: SessionsService,
    private readonly signIn: SignInService,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** Everybody of every organisation: commissioners first, then providers, then referrers. @throws sign_in.sandbox_only */
  async list(): Promise<SandboxPerson[]> {
    this.refuseOutside();
    return this.database.read(AUTH, (reader) =>
      reader.query<SandboxPerson>(
        `select m.id as "memberId", m.display_name as "displayName", m.roles,
                json_build_object('id', o.id, 'kind', o.kind, 'code', o.code, 'name', o.name) as organisation
         from member m join organisation o on o.id = m.organisation_id where m.disabled_at is null
         order by array_position(array['commissioner', 'provider', 'referrer'], o.kind), o.name, o.id, m.created_at, m.id`,
      ),
    );
  }

  /** Becomes a member. @throws sign_in.sandbox_only, not_found */
  async become(visitor: Visitor, memberId: string, before?: string): Promise<OpenedSession> {
    this.refuseOutside();
    const opened = await this.database.transaction(AUTH, async (tx) => {
      const loginId = await this.loginOf(tx, memberId);
      return this.signIn.open(tx, visitor, { loginId, method: 'sandbox', fresh: true }, before);
    });
    await this.sessions.choose(opened.token, memberId);
    return opened;
  }

  /** Becomes somebody who runs the instance. @throws sign_in.sandbox_only */
  async becomeOperator(visitor: Visitor, before?: string): Promise<OpenedSession> {
    this.refuseOutside();
    return this.database.transaction(AUTH, async (tx) => {
      const known = await tx.findOneBy(Login, { email: OPERATOR, operator: true });
      const { id } =
        known ?? (await this.logins.create(tx, { email: OPERATOR, displayName: 'Operator', operator: true }));
      return this.signIn.open(tx, visitor, { loginId: id, method: 'sandbox', fresh: true }, before);
    });
  }

  /** Proves nothing, and gives the session's new token. @throws sign_in.sandbox_only, sign_in.session_over */
  async stepUp(token: string): Promise<string> {
    this.refuseOutside();
    return this.database.transaction(AUTH, (tx) => this.sessions.stepUp(tx, token));
  }

  /** The member's login, made where there is none. */
  private async loginOf(tx: Tx, memberId: string): Promise<string> {
    const [member] = await tx.query<{ loginId: string | null; email: string; displayName: string }>(
      `select login_id as "loginId", email, display_name as "displayName" from member
       where id = $1 and disabled_at is null for update`,
      [memberId],
    );
    if (!member) throw notFound();
    if (member.loginId !== null) return member.loginId;
    const login = await this.logins.create(tx, member);
    await tx.execute('update member set login_id = $2 where id = $1', [memberId, login.id]);
    return login.id;
  }

  private refuseOutside(): void {
    if (!this.config.sandbox) throw sandboxOnly();
  }
}

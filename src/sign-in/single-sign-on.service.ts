import { Inject, Injectable } from '@nestjs/common';
import { InvitationsService, invitationUnusable } from '../organisations/index.js';
import { Clock } from '../platform/clock.js';
import type { Config, OidcProviderConfig } from '../platform/config.js';
import { Database, type Tx } from '../platform/database.js';
import { CONFIG } from '../platform/platform.module.js';
import { ChallengesService } from './challenges.service.js';
import {
  IdentityProviderGateway,
  type AuthorisationSecrets,
  type ProvedIdentity,
} from './identity-provider.gateway.js';
import { JoiningService } from './joining.service.js';
import { LoginsService } from './logins.service.js';
import type { Newcomer } from './passkeys.service.js';
import { SecurityLog } from './security-log.service.js';
import { isFresh } from './session.rules.js';
import { SessionsService, type OpenedSession, type Session } from './sessions.service.js';
import { confined, identityRefused, identityUnknown, notYourMembership, providerUnknown } from './sign-in.errors.js';
import { SignInService } from './sign-in.service.js';
import { Site } from './site.service.js';
import type { Visitor } from './visitor.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;

/** An organisation whose people sign in with its own accounts. */
export interface SignInProvider {
  readonly organisationId: string;
  readonly kind: 'commissioner' | 'provider' | 'referrer';
  readonly code: string;
  readonly name: string;
}
type ProviderName = Pick<SignInProvider, 'kind' | 'code'>;

/** What somebody goes to the provider for. */
export type OidcPurpose =
  | { readonly purpose: 'sign_in' }
  /** To join with an invitation of this organisation. */
  | { readonly purpose: 'join'; readonly link: string; readonly newcomer: Newcomer }
  /** To link the account to the login of a session that is fresh. */
  | { readonly purpose: 'link'; readonly token: string }
  /** To prove again who they are, in a session that this provider opened. */
  | { readonly purpose: 'step_up'; readonly token: string };

interface Kept extends AuthorisationSecrets {
  readonly provider: string;
  readonly purpose: OidcPurpose['purpose'];
  readonly link?: string;
  readonly newcomer?: Newcomer;
  readonly loginId?: string;
  /** Where the page wants to go afterwards. */
  readonly to: string;
}

/** The session's token, which is new except after `link`; and where to go on. */
export interface SignedOn {
  readonly purpose: OidcPurpose['purpose'];
  readonly token: string;
  readonly to: string;
}

/**
 * Signing in with an account of one's organisation. The account is known by issuer and subject, never by its e-mail
 * address; it is linked by an invitation or from a session, never by itself; and it opens only the organisation whose
 * provider vouched, so that no organisation's administrators reach into another.
 */
@Injectable()
export class SingleSignOnService {
  constructor(
    private readonly database: Database,
    private readonly gateway: IdentityProviderGateway,
    private readonly challenges: ChallengesService,
    private readonly invitations: InvitationsService,
    private readonly joining: JoiningService,
    private readonly signIn: SignInService,
    private readonly sessions: SessionsService,
    private readonly logins: LoginsService,
    private readonly site: Site,
    private readonly log: SecurityLog,
    private readonly clock: Clock,
    @Inject(CONFIG) private readonly config: Config,
  ) {}

  /** The organisations that have one, by name. */
  async list(): Promise<SignInProvider[]> {
    const names = Object.keys(this.config.oidcProviders);
    if (names.length === 0) return [];
    return this.database.read(AUTH, (reader) =>
      reader.query<SignInProvider>(
        `select id as "organisationId", kind, code, name from organisation where kind || ':' || code = any ($1)
         order by name, id`,
        [names],
      ),
    );
  }

  /** Path of the page that the provider sends the browser back to: one for each, so that answers cannot be mixed up. */
  returnPath({ kind, code }: ProviderName): string {
    return `/sign-in/with/${kind}/${code}`;
  }

  /**
   * Begins, and gives the address that the browser goes to.
   *
   * @throws sign_in.provider_unknown, sign_in.provider_unavailable; for `join` invitation.unusable; for `link` and
   *   `step_up` what a session may lack: sign_in.session_over, sign_in.step_up_required, sign_in.confined,
   *   sign_in.not_your_membership
   */
  async begin(visitor: Visitor, name: ProviderName, purpose: OidcPurpose, to = '/'): Promise<{ url: string }> {
    const { provider, organisationId } = await this.get(name);
    const bound = await this.bind(purpose, organisationId);
    const secrets = this.gateway.newSecrets();
    const redirectUri = this.site.url(this.returnPath(name));
    const again = purpose.purpose === 'step_up';
    const url = await this.gateway.authorisationUrl(provider, redirectUri, secrets, again);
    const kept: Kept = { ...secrets, ...bound, provider: nameOf(name), purpose: purpose.purpose, to };
    await this.challenges.begin('oidc', secrets.state, visitor.browserToken, kept);
    return { url };
  }

  /**
   * Ends what was begun in this browser, with the query that the provider sent it back with.
   *
   * @param before the token of the session that the browser has: `link` and `step_up` need it, the others end it
   * @throws sign_in.request_unusable, sign_in.identity_refused, sign_in.identity_unknown, sign_in.identity_in_use,
   *   sign_in.provider_unknown, sign_in.provider_unavailable, and what the purpose may throw
   */
  async finish(visitor: Visitor, name: ProviderName, query: string, before?: string): Promise<SignedOn> {
    const { provider, organisationId } = await this.get(name);
    const returned = new URL(this.site.url(this.returnPath(name)));
    returned.search = query;
    const state = returned.searchParams.get('state') ?? '';
    const kept = await this.challenges.take<Kept>('oidc', state, visitor.browserToken);
    if (kept.provider !== nameOf(name)) throw this.refuse(visitor, 'other_provider');
    const identity = await this.gateway.exchange(provider, returned, kept, kept.purpose === 'step_up');
    const token = await this.conclude(visitor, kept, identity, organisationId, before);
    return { purpose: kept.purpose, token, to: kept.to };
  }

  private async conclude(
    visitor: Visitor,
    kept: Kept,
    identity: ProvedIdentity,
    organisationId: string,
    before: string | undefined,
  ): Promise<string> {
    const session = kept.loginId === undefined ? null : await this.sessionOf(kept, organisationId, before);
    return this.database.transaction(AUTH, async (tx) => {
      const known = await this.use(tx, identity);
      if (session !== null) {
        if (kept.purpose === 'link') {
          await this.link(tx, identity, session.login.id);
          return before ?? '';
        }
        if (known !== session.login.id) throw identityUnknown();
        return this.sessions.stepUp(tx, before ?? '');
      }
      const loginId = kept.purpose === 'join' ? await this.join(tx, kept, identity, known) : known;
      if (loginId === null) throw identityUnknown();
      return (await this.open(tx, visitor, loginId, identity, organisationId, before)).token;
    });
  }

  /** Joins with the invitation, of which it was made sure at the beginning that it is one of this organisation. */
  private async join(
    tx: Tx,
    { link = '', newcomer }: Kept,
    identity: ProvedIdentity,
    known: string | null,
  ): Promise<string> {
    const displayName = newcomer?.displayName ?? '';
    if (known !== null) {
      await this.invitations.accept(tx, link, { id: known, displayName });
      return known;
    }
    const loginId = await this.joining.enter(tx, link, { ...newcomer, displayName });
    await this.link(tx, identity, loginId);
    return loginId;
  }

  /** @throws sign_in.identity_in_use */
  private async link(tx: Tx, { issuer, subject }: ProvedIdentity, loginId: string): Promise<void> {
    await tx.execute('insert into oidc_identity (issuer, subject, login_id, created_at) values ($1, $2, $3, $4)', [
      issuer,
      subject,
      loginId,
      this.clock.now(),
    ]);
    await this.logins.noteAdded(tx, loginId, 'oidc');
  }

  /** The login that the account is linked to and that is not disabled; null when there is none. */
  private async use(tx: Tx, { issuer, subject }: ProvedIdentity): Promise<string | null> {
    const [row] = await tx.query<{ loginId: string }>(
      `update oidc_identity i set last_used_at = $3 from login l
       where i.issuer = $1 and i.subject = $2 and l.id = i.login_id and l.disabled_at is null
       returning i.login_id as "loginId"`,
      [issuer, subject, this.clock.now()],
    );
    return row?.loginId ?? null;
  }

  private open(
    tx: Tx,
    visitor: Visitor,
    loginId: string,
    { assurance }: ProvedIdentity,
    organisationId: string,
    before: string | undefined,
  ): Promise<OpenedSession> {
    const provedAt = assurance.authTime === null ? null : new Date(assurance.authTime * 1000);
    const fresh = isFresh(provedAt, this.clock.now());
    const session = { loginId, method: 'oidc', fresh, confinedTo: organisationId, assurance } as const;
    return this.signIn.open(tx, visitor, session, before);
  }

  /** What the step keeps of its purpose, once the purpose is allowed. */
  private async bind(purpose: OidcPurpose, organisationId: string): Promise<Partial<Kept>> {
    if (purpose.purpose === 'sign_in') return {};
    if (purpose.purpose === 'join') {
      const offer = await this.joining.show(purpose.link);
      if (offer.kind !== 'invitation' || offer.organisationId !== organisationId) throw invitationUnusable();
      return { link: purpose.link, newcomer: purpose.newcomer };
    }
    const session = await this.sessionOf(purpose, organisationId, purpose.token);
    return { loginId: session.login.id };
  }

  /** The session that an account is linked to or that is proved again, as far as that is allowed. */
  private async sessionOf(
    { purpose, loginId }: { purpose: OidcPurpose['purpose']; loginId?: string },
    organisationId: string,
    token = '',
  ): Promise<Session> {
    const session = purpose === 'link' ? await this.sessions.getFresh(token) : await this.sessions.get(token);
    if (loginId !== undefined && session.login.id !== loginId) throw identityRefused();
    if (purpose === 'link') {
      if (session.confinedTo !== null) throw confined();
      if (!session.memberships.some((one) => one.organisationId === organisationId)) throw notYourMembership();
    } else if (session.confinedTo !== organisationId) throw confined();
    return session;
  }

  private refuse({ correlationId }: Visitor, reason: string) {
    this.log.note('refused', { method: 'oidc', reason, correlationId });
    return identityRefused();
  }

  private async get(name: ProviderName): Promise<{ provider: OidcProviderConfig; organisationId: string }> {
    const provider = this.config.oidcProviders[nameOf(name)];
    const found = provider && (await this.list()).find(({ kind, code }) => kind === name.kind && code === name.code);
    if (!provider || !found) throw providerUnknown();
    return { provider, organisationId: found.organisationId };
  }
}

function nameOf({ kind, code }: ProviderName): string {
  return `${kind}:${code}`;
}

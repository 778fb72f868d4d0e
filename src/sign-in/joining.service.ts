import { Injectable } from '@nestjs/common';
import type { PublicKeyCredentialCreationOptionsJSON } from '@simplewebauthn/server';
import { InvitationsService, invitationUnusable, type InvitationOffer } from '../organisations/index.js';
import { notFound } from '../platform/errors.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { newToken } from '../platform/secret-box.js';
import type { AppEnrolment } from './authenticator-codes.service.js';
import { ChallengesService } from './challenges.service.js';
import { Login } from './login.entity.js';
import { canonicalEmail, LoginsService, type NewLogin } from './logins.service.js';
import { PasskeysService, type Newcomer } from './passkeys.service.js';
import { PasswordsService, type NewPassword } from './passwords.service.js';
import { SecurityLog } from './security-log.service.js';
import { SessionsService, type OpenedSession } from './sessions.service.js';
import { confined, requestUnusable } from './sign-in.errors.js';
import { SignInService } from './sign-in.service.js';
import { Site } from './site.service.js';
import type { Visitor } from './visitor.rules.js';

const AUTH = { side: 'auth', orgId: null } as const;
const SET_UP = /^wp_u_/;

/** Good once, for seven days. */
const newSetUpLink = () => `wp_u_${newToken()}`;

/** What a link offers to whoever holds it. */
export type Offer =
  /** To become a member of an organisation. */
  | ({ readonly kind: 'invitation' } & InvitationOffer)
  /** To set up a way in for a login that was made on the command line. */
  | { readonly kind: 'set_up'; readonly loginId: string; readonly email: string; readonly displayName: string };

/**
 * Using an invitation or a set-up link. Looking at it uses nothing up, so that scanners of e-mail do no harm; it is used in
 * the transaction that stores the first way in, so that it is neither lost without one nor good for two.
 */
@Injectable()
export class JoiningService {
  constructor(
    private readonly database: Database,
    private readonly invitations: InvitationsService,
    private readonly challenges: ChallengesService,
    private readonly sessions: SessionsService,
    private readonly logins: LoginsService,
    private readonly passkeys: PasskeysService,
    private readonly passwords: PasswordsService,
    private readonly signIn: SignInService,
    private readonly site: Site,
    private readonly log: SecurityLog,
  ) {}

  /** What the link offers. @throws invitation.unusable */
  async show(link: string): Promise<Offer> {
    const offer = await this.database.read(AUTH, (reader) => this.find(reader, link));
    if (!offer) throw invitationUnusable();
    return offer;
  }

  /**
   * Accepts an invitation into the login of whoever is signed in, and acts for the new organisation from then on.
   *
   * @throws invitation.unusable, member.email_taken, sign_in.session_over, sign_in.confined
   */
  async joinAs(token: string, link: string): Promise<{ memberId: string }> {
    const session = await this.sessions.get(token);
    if (session.confinedTo !== null) throw confined();
    const { id } = await this.database.transaction(AUTH, (tx) => this.invitations.accept(tx, link, session.login));
    await this.sessions.choose(token, id);
    return { memberId: id };
  }

  /** Options for the browser to make the newcomer's passkey. @throws invitation.unusable */
  async offerPasskey(
    visitor: Visitor,
    link: string,
    newcomer: Newcomer,
  ): Promise<PublicKeyCredentialCreationOptionsJSON> {
    const offer = await this.show(link);
    const user =
      offer.kind === 'set_up'
        ? { id: offer.loginId, email: offer.email, displayName: offer.displayName }
        : { id: newId(), email: offer.email, displayName: newcomer.displayName };
    return this.passkeys.offer(visitor, user, { link, newcomer });
  }

  /**
   * Joins with a passkey, and signs in.
   *
   * @throws invitation.unusable, member.email_taken, sign_in.passkey_refused, sign_in.request_unusable,
   *   sign_in.passkey_in_use
   */
  async withPasskey(
    visitor: Visitor,
    link: string,
    passkeyName: string,
    answer: unknown,
    before?: string,
  ): Promise<OpenedSession> {
    const { passkey, kept } = await this.passkeys.accept(visitor, answer);
    const { join } = kept;
    if (join?.link !== link) throw requestUnusable();
    return this.database.transaction(AUTH, async (tx) => {
      const loginId = await this.enter(tx, link, { ...join.newcomer, id: kept.loginId });
      await this.passkeys.store(tx, loginId, passkeyName, passkey);
      await this.logins.noteAdded(tx, loginId, 'passkey');
      return this.signIn.open(tx, visitor, { loginId, method: 'passkey', fresh: true }, before);
    });
  }

  /** A secret for the newcomer's authenticator app. @throws invitation.unusable */
  async offerPassword(visitor: Visitor, link: string): Promise<AppEnrolment> {
    const { email } = await this.show(link);
    return this.passwords.offer(visitor, email);
  }

  /**
   * Joins with a password and an authenticator app, and signs in. The recovery codes are shown once.
   *
   * @throws invitation.unusable, member.email_taken, sign_in.password_unsuitable, sign_in.code_wrong,
   *   sign_in.request_unusable, sign_in.email_in_use
   */
  async withPassword(
    visitor: Visitor,
    link: string,
    newcomer: Newcomer,
    given: NewPassword,
    before?: string,
  ): Promise<OpenedSession & { recoveryCodes: string[] }> {
    const offer = await this.show(link);
    const names = offer.kind === 'invitation' ? [offer.organisationName, offer.invitedByName] : [];
    const ready = await this.passwords.prepare(visitor, given, [offer.email, ...names]);
    return this.database.transaction(AUTH, async (tx) => {
      const loginId = await this.enter(tx, link, newcomer);
      const recoveryCodes = await ready.store(tx, loginId);
      await this.logins.noteAdded(tx, loginId, 'password');
      const opened = await this.signIn.open(tx, visitor, { loginId, method: 'password', fresh: true }, before);
      return { ...opened, recoveryCodes };
    });
  }

  /**
   * A link for a member who cannot sign in: an invitation for one who only had keys, else one by which they set up another
   * way in. For the command line alone, whose user has made sure whom they give it to.
   *
   * @throws not_found
   */
  makeLink(organisationCode: string, email: string): Promise<string> {
    return this.database.transaction(AUTH, async (tx) => {
      const member = await this.invitations.findMember(tx, organisationCode, email);
      if (!member) throw notFound();
      const { loginId } = member;
      const link = loginId === null ? await this.invitations.inviteMember(tx, member) : newSetUpLink();
      if (loginId !== null) await this.challenges.beginIn(tx, 'set_up', link, null, { loginId });
      return this.site.url(`/join/${link}`);
    });
  }

  /**
   * Makes somebody who runs the instance, and gives a link by which they set up how they sign in. For the command line
   * alone. An operator of that address who exists gets another link; nobody else becomes one by their address, because
   * whoever invites people chooses addresses.
   */
  makeOperator(email: string, displayName: string): Promise<string> {
    const link = newSetUpLink();
    return this.database.transaction(AUTH, async (tx) => {
      const known = await tx.findOneBy(Login, { email: canonicalEmail(email), operator: true });
      const login = known ?? (await this.logins.create(tx, { email, displayName, operator: true }));
      await this.challenges.beginIn(tx, 'set_up', link, null, { loginId: login.id });
      this.log.note('operator_made', { loginId: login.id });
      return this.site.url(`/join/${link}`);
    });
  }

  /** Uses the link up: gives the new login, with its membership, or the one that the set-up link is for. */
  async enter(tx: Tx, link: string, { id, displayName, locale }: Newcomer & Pick<NewLogin, 'id'>): Promise<string> {
    if (SET_UP.test(link)) {
      const found = await this.find(tx, link);
      if (found?.kind !== 'set_up') throw invitationUnusable();
      const { loginId } = await this.challenges.takeIn<{ loginId: string }>(tx, 'set_up', link, null);
      return loginId;
    }
    const offer = await this.invitations.find(tx, link);
    if (!offer) throw invitationUnusable();
    const login = await this.logins.create(tx, { id, email: offer.email, displayName, locale });
    await this.invitations.accept(tx, link, login);
    return login.id;
  }

  private async find(reader: Reader, link: string): Promise<Offer | null> {
    if (!SET_UP.test(link)) {
      const invitation = await this.invitations.find(reader, link);
      return invitation && { kind: 'invitation', ...invitation };
    }
    const kept = await this.challenges.find<{ loginId: string }>(reader, 'set_up', link, null);
    const login = kept && (await reader.findOneBy(Login, { id: kept.loginId }));
    if (!login || login.disabledAt !== null) return null;
    const { id: loginId, email, displayName } = login;
    return { kind: 'set_up', loginId, email, displayName };
  }
}

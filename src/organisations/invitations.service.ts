import { Injectable } from '@nestjs/common';
import { Clock } from '../platform/clock.js';
import type { Reader, Tx } from '../platform/database.js';
import { newId } from '../platform/ids.js';
import { Invitation } from './invitation.entity.js';
import { Member } from './member.entity.js';
import type { OrganisationKind } from './organisation.entity.js';
import { emailTaken, invitationUnusable } from './organisations.errors.js';
import { OrganisationsService } from './organisations.service.js';
import { hashOfSecret, newSecret } from './secrets.js';

const DAY_MS = 24 * 3_600_000;
const VALID_DAYS = 7;

/** What an invitation says to whoever holds its link; looking at it uses nothing up. */
export interface InvitationOffer {
  readonly id: string;
  readonly organisationId: string;
  readonly organisationKind: OrganisationKind;
  readonly organisationName: string;
  /** The same organisation, or the commissioner that registered it. */
  readonly invitedByName: string;
  readonly email: string;
  readonly roles: Invitation['roles'];
  readonly approvalLimitMinor: bigint | null;
  readonly expiresAt: Date;
}

/** Invitations that are accepted by signing in. Every transaction here is on the side of `auth`. */
@Injectable()
export class InvitationsService {
  constructor(
    private readonly organisations: OrganisationsService,
    private readonly clock: Clock,
  ) {}

  /** The invitation of a token that can still be used. */
  async find(reader: Reader, token: string): Promise<InvitationOffer | null> {
    const [row] = await reader.query<InvitationOffer>(
      `select i.id, o.id as "organisationId", o.kind as "organisationKind", o.name as "organisationName",
              b.name as "invitedByName", i.email, i.roles, i.approval_limit_minor as "approvalLimitMinor",
              i.expires_at as "expiresAt"
       from invitation i join organisation o on o.id = i.organisation_id join organisation b on b.id = i.invited_by
       where i.token_hash = $1 and i.used_at is null and i.expires_at > $2`,
      [hashOfSecret(token), this.clock.now()],
    );
    return row ?? null;
  }

  /**
   * Uses the invitation up and gives the login its membership. Somebody who has worked with keys alone keeps the
   * member, with its roles, where their own organisation invited them by its address.
   *
   * @throws invitation.unusable, member.email_taken
   */
  async accept(tx: Tx, token: string, login: { id: string; displayName: string }): Promise<Member> {
    const now = this.clock.now();
    const tokenHash = hashOfSecret(token);
    const used = await tx.execute(
      'update invitation set used_at = $1 where token_hash = $2 and used_at is null and expires_at > $1',
      [now, tokenHash],
    );
    const invitation = used === 1 ? await tx.findOneBy(Invitation, { tokenHash }) : null;
    if (!invitation) throw invitationUnusable();
    const member = (await this.findUnclaimed(tx, invitation)) ?? (await this.enrol(tx, invitation, login.displayName));
    const claimed = await tx.execute(
      `update member set login_id = $1 where id = $2 and login_id is null and not exists
         (select from member o where o.organisation_id = $3 and o.login_id = $1)`,
      [login.id, member.id, invitation.organisationId],
    );
    if (claimed !== 1) throw emailTaken();
    member.loginId = login.id;
    return member;
  }

  /** A link by which a member who has only worked with keys gets a way to sign in. For the operator's command line. */
  async inviteMember(
    tx: Tx,
    member: Pick<Member, 'organisationId' | 'email' | 'roles' | 'approvalLimitMinor'>,
  ): Promise<string> {
    const secret = newSecret('invitation');
    const createdAt = this.clock.now();
    await tx.insert(Invitation, {
      id: newId(),
      organisationId: member.organisationId,
      invitedBy: member.organisationId,
      email: member.email,
      roles: member.roles,
      approvalLimitMinor: member.approvalLimitMinor,
      tokenHash: secret.hash,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + VALID_DAYS * DAY_MS),
    });
    return secret.text;
  }

  /** A member who is not disabled, by the code of the organisation and the address. */
  async findMember(reader: Reader, organisationCode: string, email: string): Promise<Member | null> {
    const [row] = await reader.query<{ id: string }>(
      `select m.id from member m join organisation o on o.id = m.organisation_id
       where o.code = $1 and lower(m.email) = lower($2) and m.disabled_at is null`,
      [organisationCode, email],
    );
    return row ? reader.findOneBy(Member, { id: row.id }) : null;
  }

  private async findUnclaimed(tx: Tx, { organisationId, invitedBy, email }: Invitation): Promise<Member | null> {
    if (invitedBy !== organisationId) return null;
    const [row] = await tx.query<{ id: string }>(
      `select id from member where organisation_id = $1 and lower(email) = lower($2) and login_id is null
         and disabled_at is null`,
      [organisationId, email],
    );
    return row ? tx.findOneBy(Member, { id: row.id }) : null;
  }

  private async enrol(tx: Tx, invitation: Invitation, displayName: string): Promise<Member> {
    const { organisationId, email, roles, approvalLimitMinor } = invitation;
    const organisation = await this.organisations.get(tx, organisationId);
    return this.organisations.enrol(tx, organisation, { displayName, email, roles, approvalLimitMinor });
  }
}

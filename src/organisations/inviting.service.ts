import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor, Role } from '../platform/actor.js';
import { Clock } from '../platform/clock.js';
import { Database, type Tx } from '../platform/database.js';
import { notFound, notPermitted } from '../platform/errors.js';
import { newId } from '../platform/ids.js';
import { Invitation } from './invitation.entity.js';
import { journalHomeOf, readersOf } from './journal-home.queries.js';
import { inOrder, rolesOf, rolesThatDoNotFit } from './member.rules.js';
import { Organisation } from './organisation.entity.js';
import {
  emailTaken,
  invitationUsed,
  organisationHasAdmin,
  organisationNotFound,
  roleNotOfKind,
  shownOnce,
} from './organisations.errors.js';
import type { Invite } from './organisations.schemas.js';
import { newSecret } from './secrets.js';

const AUTH = { side: 'auth', orgId: null } as const;
const INVITATION_MS = 7 * 24 * 3_600_000;

/** An invitation that nobody has used and that still can be: without its token, which nobody can read again. */
export type PendingInvitation = Pick<
  Invitation,
  'id' | 'organisationId' | 'email' | 'roles' | 'approvalLimitMinor' | 'createdAt' | 'expiresAt'
>;

/** Where somebody may invite people to, and as what. */
export interface InvitingOffer {
  readonly organisation: Organisation;
  readonly isOwn: boolean;
  readonly roles: readonly Role[];
  /** The organisation was registered by the actor's and has an admin by now, who invites its people. */
  readonly hasAdmin: boolean;
}

const HAS_ADMIN = `
select exists (select from member where organisation_id = $1 and 'admin' = any (roles) and disabled_at is null) as yes`;

const OPEN = `
select id, organisation_id as "organisationId", email, roles, approval_limit_minor as "approvalLimitMinor",
       created_at as "createdAt", expires_at as "expiresAt"
from invitation where used_at is null and expires_at > $1 order by id`;

/** Whoever can sign in, or was disabled: an invitation could not be accepted. One who has only keys gets a way in by it. */
const TAKEN = `
select exists (select from member where organisation_id = $1 and lower(email) = lower($2)
               and (login_id is not null or disabled_at is not null)) as yes`;

const REPLACE = `
update invitation set expires_at = $3
where organisation_id = $1 and lower(email) = lower($2) and used_at is null and expires_at > $3`;

/** Invitations by those who look after people: an admin, and at first the commissioner that registered a body. */
@Injectable()
export class InvitingService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /**
   * Where the actor may invite to: its own organisation, for an admin, unless another is given that it registered.
   *
   * @throws organisation.not_found, request.not_permitted
   */
  async offer(actor: Actor, organisationId: string = actor.orgId): Promise<InvitingOffer> {
    const isOwn = organisationId === actor.orgId;
    if (isOwn && !actor.roles.includes('admin')) throw notPermitted({ roles: ['admin'] });
    const organisation = await this.database.read(actor, (reader) =>
      reader.findOneBy(Organisation, { id: organisationId }),
    );
    if (!organisation || (!isOwn && organisation.registeredBy !== actor.orgId)) throw organisationNotFound();
    return {
      organisation,
      isOwn,
      roles: rolesOf(organisation.kind),
      hasAdmin: !isOwn && (await this.hasAdmin(organisationId)),
    };
  }

  /**
   * Invites somebody to the actor's organisation, or the first people of one that it registered, until that has an admin.
   * An earlier invitation of the same address is replaced. The token is not kept: a command that was sent twice gets it
   * once.
   *
   * @throws organisation.not_found, request.not_permitted, member.role_not_of_organisation, member.email_taken,
   *   invitation.organisation_has_admin, secret.shown_once
   */
  async invite(actor: Actor, request: Invite): Promise<{ id: string; token: string; expiresAt: Date }> {
    const { organisation, isOwn, hasAdmin } = await this.offer(actor, request.organisationId);
    const { id: organisationId, kind } = organisation;
    const wrong = rolesThatDoNotFit(kind, request.roles);
    if (wrong.length > 0) throw roleNotOfKind({ wrong, roles: rolesOf(kind) });
    if (hasAdmin) throw organisationHasAdmin();
    const commissionerId = await journalHomeOf(this.database, actor);
    const wanted = { ...request, organisationId, roles: inOrder(kind, request.roles) };
    let token: string | undefined;
    const made = await this.commands.run(actor, { name: 'invitation.make', commissionerId }, async (tx) => {
      if (isOwn && (await isTrue(tx, TAKEN, organisationId, request.email))) throw emailTaken();
      const secret = newSecret('invitation');
      const invitation = await this.insert(tx, actor, wanted, secret.hash);
      const { id, roles, approvalLimitMinor, expiresAt } = invitation;
      await this.ledger.record(tx, {
        type: 'invitation.made',
        commissionerId,
        subjectId: id,
        actor,
        providerId: kind === 'provider' ? organisationId : null,
        referrerId: kind === 'referrer' ? organisationId : null,
        data: { organisationId, roles, approvalLimitMinor },
      });
      token = secret.text;
      return { id, expiresAt };
    });
    if (token === undefined) throw shownOnce();
    return { ...made, token };
  }

  /** Invitations that the actor's organisation made, to itself or to a body that it registered, and that can be used. */
  async listOpen(actor: Actor): Promise<PendingInvitation[]> {
    const all = await this.database.read(actor, (reader) => reader.query<PendingInvitation>(OPEN, [this.clock.now()]));
    return all.filter((one) => maySee(actor, one));
  }

  /** An invitation that the actor's organisation made, with what became of it. @throws not_found */
  async get(actor: Actor, id: string): Promise<PendingInvitation & { state: 'open' | 'used' | 'expired' }> {
    const invitation = await this.database.read(actor, (reader) => reader.findOneBy(Invitation, { id }));
    if (!invitation || !maySee(actor, invitation)) throw notFound();
    const { organisationId, email, roles, approvalLimitMinor, createdAt, expiresAt, usedAt } = invitation;
    const state = usedAt !== null ? 'used' : expiresAt > this.clock.now() ? 'open' : 'expired';
    return { id, organisationId, email, roles, approvalLimitMinor, createdAt, expiresAt, state };
  }

  /**
   * Takes an invitation back: it expires now. One that has expired stays so.
   *
   * @throws not_found, invitation.used
   */
  async revoke(actor: Actor, id: string): Promise<void> {
    const commissionerId = await journalHomeOf(this.database, actor);
    await this.commands.run(actor, { name: 'invitation.revoke', commissionerId, subjectId: id }, async (tx) => {
      const invitation = await tx.findOneBy(Invitation, { id });
      if (!invitation || !maySee(actor, invitation)) throw notFound();
      const now = this.clock.now();
      const ended = await tx.execute(
        'update invitation set expires_at = $2 where id = $1 and used_at is null and expires_at > $2',
        [id, now],
      );
      if (ended === 0 && invitation.usedAt !== null) throw invitationUsed();
      if (ended === 0) return null;
      const type = 'invitation.revoked';
      await this.ledger.record(tx, { type, commissionerId, subjectId: id, actor, ...readersOf(actor), data: {} });
      return null;
    });
  }

  private async hasAdmin(organisationId: string): Promise<boolean> {
    return this.database.read(AUTH, (reader) => isTrue(reader, HAS_ADMIN, organisationId));
  }

  private async insert(
    tx: Tx,
    actor: Actor,
    { organisationId, email, roles, approvalLimitMinor }: Invite & Named,
    tokenHash: Buffer,
  ): Promise<Invitation> {
    const createdAt = this.clock.now();
    await tx.execute(REPLACE, [organisationId, email, createdAt]);
    const invitation = {
      id: newId(),
      organisationId,
      invitedBy: actor.orgId,
      email,
      roles,
      approvalLimitMinor: approvalLimitMinor ?? null,
      tokenHash,
      createdAt,
      expiresAt: new Date(createdAt.getTime() + INVITATION_MS),
      usedAt: null,
    };
    await tx.insert(Invitation, invitation);
    return invitation;
  }
}

interface Named {
  readonly organisationId: string;
}

/** Those into the actor's own organisation are for its admins; others also for whoever set that body up. */
function maySee({ orgId, roles }: Actor, { organisationId }: Named): boolean {
  return organisationId !== orgId || roles.includes('admin');
}

async function isTrue(reader: Pick<Tx, 'query'>, sql: string, ...parameters: unknown[]): Promise<boolean> {
  const [row] = await reader.query<{ yes: boolean }>(sql, parameters);
  return row?.yes === true;
}

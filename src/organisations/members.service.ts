import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor, Role } from '../platform/actor.js';
import type { CanonicalObject } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { assert, notFound } from '../platform/errors.js';
import { Invitation } from './invitation.entity.js';
import { Member } from './member.entity.js';
import { inOrder, rolesOf, rolesThatDoNotFit, whyNotChange, type MemberChange } from './member.rules.js';
import { Organisation, type OrganisationKind } from './organisation.entity.js';
import { invitationUsed, lastAdmin, ownRights, roleNotOfKind } from './organisations.errors.js';

/** An invitation that nobody has used and that still can be: without its token, which nobody can read again. */
export type PendingInvitation = Pick<
  Invitation,
  'id' | 'organisationId' | 'email' | 'roles' | 'approvalLimitMinor' | 'createdAt' | 'expiresAt'
>;

const OPEN_INVITATIONS = `
select id, organisation_id as "organisationId", email, roles, approval_limit_minor as "approvalLimitMinor",
       created_at as "createdAt", expires_at as "expiresAt"
from invitation where used_at is null and expires_at > $1 order by id`;

interface ChangeOfMember {
  /** Past participle, such as `roles_changed`. */
  readonly happened: string;
  readonly rule: MemberChange;
  /** What the row becomes; undefined when it is so already. */
  readonly to: (member: Member) => { row: Partial<Member>; data: CanonicalObject } | undefined;
}

/**
 * The people of an organisation, looked after by its admins. What changes about them is journalled with ids and codes: by
 * a commissioner in its own journal, by a provider or a referrer in that of the commissioner that registered it.
 */
@Injectable()
export class MembersService {
  constructor(
    private readonly database: Database,
    private readonly commands: Commands,
    private readonly ledger: LedgerService,
    private readonly clock: Clock,
  ) {}

  /** Everybody of the actor's organisation, those who are disabled too. */
  list(actor: Actor): Promise<Member[]> {
    return this.database.read(actor, (reader) => reader.find(Member, { order: { id: 'ASC' } }));
  }

  /** @throws not_found */
  async get(actor: Actor, id: string): Promise<Member> {
    const member = await this.database.read(actor, (reader) => reader.findOneBy(Member, { id }));
    if (!member) throw notFound();
    return member;
  }

  /** Those of the reader's organisation who have one of the roles and are not disabled. */
  async withRoles(reader: Reader, roles: readonly Role[]): Promise<Member[]> {
    const all = await reader.find(Member, { order: { id: 'ASC' } });
    return all.filter((one) => one.disabledAt === null && one.roles.some((role) => roles.includes(role)));
  }

  /**
   * Gives a member other roles, from the next request on.
   *
   * @throws not_found, member.role_not_of_organisation, member.own_rights, member.last_admin
   */
  changeRoles(actor: Actor, id: string, roles: readonly Role[]): Promise<Member> {
    const kind = actor.side as OrganisationKind;
    const wrong = rolesThatDoNotFit(kind, roles);
    if (wrong.length > 0) throw roleNotOfKind({ wrong, roles: rolesOf(kind) });
    const wanted = inOrder(kind, roles);
    return this.change(actor, 'member.change_roles', id, {
      happened: 'roles_changed',
      rule: { kind: 'roles', roles: wanted },
      to: (member) => {
        const before = inOrder(kind, member.roles);
        if (before.join() === wanted.join()) return undefined;
        return { row: { roles: wanted }, data: { before, roles: wanted } };
      },
    });
  }

  /**
   * Sets the most that a member may approve at once, in pence; null is no limit.
   *
   * @throws not_found, member.own_rights
   */
  changeLimit(actor: Actor, id: string, approvalLimitMinor: bigint | null): Promise<Member> {
    return this.change(actor, 'member.change_limit', id, {
      happened: 'limit_changed',
      rule: { kind: 'limit' },
      to: ({ approvalLimitMinor: beforeMinor }) => {
        if (beforeMinor === approvalLimitMinor) return undefined;
        return { row: { approvalLimitMinor }, data: { beforeMinor, approvalLimitMinor } };
      },
    });
  }

  /**
   * Ends what a member can do, at once. Their keys are revoked, so that enabling the member later revives none.
   *
   * @throws not_found, member.last_admin
   */
  disable(actor: Actor, id: string): Promise<Member> {
    return this.change(actor, 'member.disable', id, {
      happened: 'disabled',
      rule: { kind: 'disable' },
      to: ({ disabledAt }) => (disabledAt === null ? { row: { disabledAt: this.clock.now() }, data: {} } : undefined),
    });
  }

  /**
   * Lets a member in again, with the roles and the limit that they had.
   *
   * @throws not_found
   */
  enable(actor: Actor, id: string): Promise<Member> {
    return this.change(actor, 'member.enable', id, {
      happened: 'enabled',
      rule: { kind: 'enable' },
      to: ({ disabledAt }) => (disabledAt === null ? undefined : { row: { disabledAt: null }, data: {} }),
    });
  }

  /** Invitations that the actor's organisation made, to itself or to a body that it registered, and that can be used. */
  openInvitations(actor: Actor): Promise<PendingInvitation[]> {
    return this.database.read(actor, (reader) => reader.query<PendingInvitation>(OPEN_INVITATIONS, [this.clock.now()]));
  }

  /**
   * Takes an invitation back: it expires now. One that has expired stays so.
   *
   * @throws not_found, invitation.used
   */
  async revokeInvitation(actor: Actor, id: string): Promise<void> {
    await this.database.transaction(actor, async (tx) => {
      const ended = await tx.execute(
        'update invitation set expires_at = least(expires_at, $2) where id = $1 and used_at is null',
        [id, this.clock.now()],
      );
      if (ended === 1) return;
      throw (await tx.existsBy(Invitation, { id })) ? invitationUsed() : notFound();
    });
  }

  private async change(actor: Actor, name: string, id: string, what: ChangeOfMember): Promise<Member> {
    const commissionerId = await this.journalOf(actor);
    return this.commands.run(actor, { name, commissionerId, subjectId: id }, async (tx) => {
      const all = await lockMembers(tx);
      const member = all.find((one) => one.id === id);
      if (!member) throw notFound();
      const refusal = whyNotChange(what.rule, factsOf(member), actor.memberId, all.map(factsOf));
      if (refusal !== undefined) throw refusal === 'own_rights' ? ownRights() : lastAdmin();
      const change = what.to(member);
      if (!change) return member;
      await tx.update(Member, { id }, change.row);
      if (what.rule.kind === 'disable') await this.revokeKeysOf(tx, id);
      await this.ledger.record(tx, {
        type: `member.${what.happened}`,
        commissionerId,
        subjectId: id,
        actor,
        providerId: actor.side === 'provider' ? actor.orgId : null,
        referrerId: actor.side === 'referrer' ? actor.orgId : null,
        data: change.data,
      });
      return Object.assign(member, change.row);
    });
  }

  private async revokeKeysOf(tx: Tx, memberId: string): Promise<void> {
    await tx.execute('update api_key set revoked_at = $2 where member_id = $1 and revoked_at is null', [
      memberId,
      this.clock.now(),
    ]);
  }

  /** The commissioner whose journal remembers what the actor's organisation does with its people. */
  private async journalOf(actor: Actor): Promise<string> {
    if (actor.side === 'commissioner') return actor.orgId;
    const own = await this.database.read(actor, (reader) => reader.findOneBy(Organisation, { id: actor.orgId }));
    assert(own?.registeredBy, 'a commissioner registers every provider and referrer');
    return own.registeredBy;
  }
}

/** Everybody of the organisation, locked to the end of `tx`: of two admins who disable each other, one comes second. */
function lockMembers(tx: Tx): Promise<Member[]> {
  return tx.find(Member, { order: { id: 'ASC' }, lock: { mode: 'pessimistic_write' } });
}

function factsOf({ id, roles, disabledAt }: Member) {
  return { id, roles, isDisabled: disabledAt !== null };
}

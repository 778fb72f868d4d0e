import { Injectable } from '@nestjs/common';
import { Commands, LedgerService } from '../ledger/index.js';
import type { Actor, Role } from '../platform/actor.js';
import type { CanonicalObject } from '../platform/canonical-json.js';
import { Clock } from '../platform/clock.js';
import { Database, type Reader, type Tx } from '../platform/database.js';
import { notFound } from '../platform/errors.js';
import { journalHomeOf, readersOf } from './journal-home.queries.js';
import { Member } from './member.entity.js';
import { inOrder, rolesOf, rolesThatDoNotFit, whyNotChange, type MemberChange } from './member.rules.js';
import type { OrganisationKind } from './organisation.entity.js';
import { lastAdmin, ownRights, roleNotOfKind } from './organisations.errors.js';

interface ChangeOfMember {
  /** Past participle, such as `roles_changed`. */
  readonly happened: string;
  readonly rule: MemberChange;
  /** What the row becomes at an instant; undefined when it is so already. */
  readonly to: (member: Member, now: Date) => { row: Partial<Member>; data: CanonicalObject } | undefined;
}

type Refusal = ReturnType<typeof whyNotChange>;

/** Why a member may not be changed in a way; undefined where they may. */
export interface MemberRefusals {
  readonly roles: Refusal;
  /** Of roles without `admin`. */
  readonly withoutAdmin: Refusal;
  readonly limit: Refusal;
  readonly disable: Refusal;
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

  /**
   * A member, with what the actor may not do to them and why, so that a page can say so before they try.
   *
   * @throws not_found
   */
  async getWithRefusals(actor: Actor, id: string): Promise<{ member: Member; refusals: MemberRefusals }> {
    const all = await this.list(actor);
    const member = all.find((one) => one.id === id);
    if (!member) throw notFound();
    const facts = all.map(factsOf);
    const why = (change: MemberChange) => whyNotChange(change, factsOf(member), actor.memberId, facts);
    return {
      member,
      refusals: {
        roles: why({ kind: 'roles', roles: ['admin'] }),
        withoutAdmin: why({ kind: 'roles', roles: [] }),
        limit: why({ kind: 'limit' }),
        disable: why({ kind: 'disable' }),
      },
    };
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
      to: ({ disabledAt }, now) => (disabledAt === null ? { row: { disabledAt: now }, data: {} } : undefined),
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

  private async change(actor: Actor, name: string, id: string, what: ChangeOfMember): Promise<Member> {
    const commissionerId = await journalHomeOf(this.database, actor);
    return this.commands.run(actor, { name, commissionerId, subjectId: id }, async (tx) => {
      const all = await lockMembers(tx);
      const member = all.find((one) => one.id === id);
      if (!member) throw notFound();
      const refusal = whyNotChange(what.rule, factsOf(member), actor.memberId, all.map(factsOf));
      if (refusal !== undefined) throw refusal === 'own_rights' ? ownRights() : lastAdmin();
      const occurredAt = this.clock.now();
      const change = what.to(member, occurredAt);
      if (!change) return member;
      await tx.update(Member, { id }, change.row);
      if (what.rule.kind === 'disable') await this.revokeKeysOf(tx, id);
      await this.ledger.record(tx, {
        type: `member.${what.happened}`,
        commissionerId,
        subjectId: id,
        actor,
        ...readersOf(actor),
        occurredAt,
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
}

/** Everybody of the organisation, locked to the end of `tx`: of two admins who disable each other, one comes second. */
function lockMembers(tx: Tx): Promise<Member[]> {
  return tx.find(Member, { order: { id: 'ASC' }, lock: { mode: 'pessimistic_write' } });
}

function factsOf({ id, roles, disabledAt }: Member) {
  return { id, roles, isDisabled: disabledAt !== null };
}

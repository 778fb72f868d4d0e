import type { Role } from '../platform/actor.js';
import type { OrganisationKind } from './organisation.entity.js';

const ROLES_OF_KIND: Record<OrganisationKind, readonly Role[]> = {
  commissioner: ['contract_manager', 'approver', 'finance', 'auditor', 'admin'],
  provider: ['coordinator', 'treasurer', 'auditor', 'admin'],
  referrer: ['referrer', 'admin'],
};

/** The roles that members of an organisation of this kind can have. */
export function rolesOf(kind: OrganisationKind): readonly Role[] {
  return ROLES_OF_KIND[kind];
}

/** Those of the roles that an organisation of this kind does not have. */
export function rolesThatDoNotFit(kind: OrganisationKind, roles: readonly Role[]): Role[] {
  return roles.filter((role) => !ROLES_OF_KIND[kind].includes(role));
}

/** The roles without repetition, in one order, so that the same set is always the same list. */
export function inOrder(kind: OrganisationKind, roles: readonly Role[]): Role[] {
  return ROLES_OF_KIND[kind].filter((role) => roles.includes(role));
}

export interface MemberFacts {
  readonly id: string;
  readonly roles: readonly Role[];
  readonly isDisabled: boolean;
}

export type MemberChange =
  | { readonly kind: 'roles'; readonly roles: readonly Role[] }
  | { readonly kind: 'limit' | 'disable' | 'enable' };

/**
 * Why a member may not be changed so; undefined when they may. Nobody gives themselves more, or takes a limit off
 * themselves. An organisation keeps one admin who is not disabled: without one nobody could ever be let in again.
 *
 * @param by the member who asks
 * @param all the members of the organisation, the one to change among them
 */
export function whyNotChange(
  change: MemberChange,
  member: MemberFacts,
  by: string | null,
  all: readonly MemberFacts[],
): 'own_rights' | 'last_admin' | undefined {
  const isOwn = member.id === by;
  if (isOwn && (change.kind === 'roles' || change.kind === 'limit')) return 'own_rights';
  const staysAdmin =
    change.kind === 'limit' || change.kind === 'enable' || (change.kind === 'roles' && change.roles.includes('admin'));
  if (staysAdmin || !isActiveAdmin(member)) return undefined;
  return all.some((one) => one.id !== member.id && isActiveAdmin(one)) ? undefined : 'last_admin';
}

function isActiveAdmin({ roles, isDisabled }: MemberFacts): boolean {
  return !isDisabled && roles.includes('admin');
}

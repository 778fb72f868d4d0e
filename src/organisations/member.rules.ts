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

import type { OrganisationKind } from '../../organisations/index.js';
import type { Role, ServiceScope } from '../../platform/actor.js';
import type { Translate } from '../../words/index.js';

/** A box to tick. */
export interface Choice {
  readonly value: string;
  readonly text: string;
  readonly hint: string;
}

const HINTS: Readonly<Record<OrganisationKind, Readonly<Partial<Record<Role, string>>>>> = {
  commissioner: {
    contract_manager: 'people.role.contractManager',
    approver: 'people.role.approver',
    finance: 'people.role.finance',
    auditor: 'people.role.auditor',
    admin: 'people.role.adminOfCommissioner',
  },
  provider: {
    coordinator: 'people.role.coordinator',
    treasurer: 'people.role.treasurer',
    auditor: 'people.role.auditor',
    admin: 'people.role.adminOfProvider',
  },
  referrer: { referrer: 'people.role.referrer', admin: 'people.role.adminOfReferrer' },
};

/** What always takes two people, whatever their roles are. */
const DUTIES: Readonly<Record<OrganisationKind, readonly string[]>> = {
  commissioner: ['people.duties.batch', 'people.duties.bankPayment', 'people.duties.ownRights'],
  provider: ['people.duties.bankDetails', 'people.duties.ownRights'],
  referrer: ['people.duties.ownRights'],
};

const SCOPE_HINTS: Readonly<Record<ServiceScope, string>> = {
  'contracts:read': 'keys.scope.contractsRead',
  'contracts:write': 'keys.scope.contractsWrite',
  'referrals:read': 'keys.scope.referralsRead',
  'referrals:write': 'keys.scope.referralsWrite',
  'delivery:read': 'keys.scope.deliveryRead',
  'delivery:write': 'keys.scope.deliveryWrite',
  'claims:read': 'keys.scope.claimsRead',
  'claims:write': 'keys.scope.claimsWrite',
  'invoices:read': 'keys.scope.invoicesRead',
  'payouts:read': 'keys.scope.payoutsRead',
  'statements:read': 'keys.scope.statementsRead',
  'events:read': 'keys.scope.eventsRead',
};

/** Terms that stand for many in general: “claims”. */
const MANY = { count: 2 };

/** Roles to choose from, each with what it is for. */
export function roleChoicesIn(t: Translate, kind: OrganisationKind, roles: readonly Role[]): Choice[] {
  return roles.map((role) => ({ value: role, text: t(`roles.${role}`), hint: t(HINTS[kind][role] ?? '', MANY) }));
}

/** Roles in one line. */
export function rolesIn(t: Translate, roles: readonly Role[]): string {
  return roles.map((role) => t(`roles.${role}`)).join(', ');
}

export function dutiesIn(t: Translate, kind: OrganisationKind): string[] {
  return DUTIES[kind].map((key) => t(key, MANY));
}

/** What a program may be allowed to do, each with what that means. */
export function scopeChoicesIn(t: Translate, scopes: readonly ServiceScope[]): Choice[] {
  return scopes.map((scope) => ({ value: scope, text: t(`states.scope.${scope}`), hint: t(SCOPE_HINTS[scope], MANY) }));
}

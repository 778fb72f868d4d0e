import type { ServiceScope } from '../platform/actor.js';
import type { OrganisationKind } from './organisation.entity.js';

/** What a program of each kind of organisation can be allowed to do: other scopes would open no operation to it. */
const SCOPES_OF_KIND: Readonly<Record<OrganisationKind, readonly ServiceScope[]>> = {
  commissioner: [
    'contracts:read',
    'contracts:write',
    'referrals:read',
    'referrals:write',
    'delivery:read',
    'claims:read',
    'invoices:read',
    'payouts:read',
    'statements:read',
    'events:read',
  ],
  provider: [
    'contracts:read',
    'contracts:write',
    'referrals:read',
    'referrals:write',
    'delivery:read',
    'delivery:write',
    'claims:read',
    'claims:write',
    'invoices:read',
    'payouts:read',
    'statements:read',
    'events:read',
  ],
  referrer: ['contracts:read', 'referrals:read', 'referrals:write', 'events:read'],
};

/** The scopes that a key of an organisation of this kind can use. */
export function scopesOf(kind: OrganisationKind): readonly ServiceScope[] {
  return SCOPES_OF_KIND[kind];
}

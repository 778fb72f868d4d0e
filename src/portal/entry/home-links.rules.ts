import type { Role } from '../../platform/actor.js';
import type { Visit } from '../page/visit.rules.js';

interface HomeLink {
  readonly key: string;
  readonly href: string;
  readonly kind: 'commissioner' | 'provider' | 'referrer';
  readonly roles: readonly Role[] | 'any';
}

/** What each comes for most, whether or not something waits. */
const LINKS: readonly HomeLink[] = [
  { key: 'entry.links.refer', href: '/referrals/new', kind: 'referrer', roles: ['referrer'] },
  { key: 'entry.links.services', href: '/services', kind: 'referrer', roles: 'any' },
  { key: 'entry.links.session', href: '/sessions/new', kind: 'provider', roles: ['coordinator'] },
  { key: 'entry.links.claim', href: '/claims/new', kind: 'provider', roles: ['coordinator'] },
  { key: 'entry.links.upload', href: '/claims/upload', kind: 'provider', roles: ['coordinator'] },
  { key: 'entry.links.reviews', href: '/batches', kind: 'provider', roles: 'any' },
  { key: 'entry.links.listings', href: '/listings', kind: 'provider', roles: ['coordinator', 'admin'] },
  { key: 'entry.links.invoices', href: '/invoices', kind: 'provider', roles: ['treasurer', 'auditor'] },
  { key: 'entry.links.payouts', href: '/payouts', kind: 'provider', roles: ['treasurer', 'auditor'] },
  { key: 'entry.links.account', href: '/payout-accounts', kind: 'provider', roles: ['treasurer', 'admin'] },
  { key: 'entry.links.makeBatches', href: '/batches/new', kind: 'commissioner', roles: ['contract_manager'] },
  { key: 'entry.links.contract', href: '/contracts/new', kind: 'commissioner', roles: ['contract_manager'] },
  {
    key: 'entry.links.organisations',
    href: '/organisations',
    kind: 'commissioner',
    roles: ['contract_manager', 'admin'],
  },
  { key: 'entry.links.referrals', href: '/referrals', kind: 'commissioner', roles: ['contract_manager'] },
  { key: 'entry.links.listings', href: '/listings', kind: 'commissioner', roles: ['contract_manager'] },
  { key: 'entry.links.run', href: '/payment-runs/new', kind: 'commissioner', roles: ['finance'] },
  { key: 'entry.links.invoices', href: '/invoices', kind: 'commissioner', roles: ['finance', 'auditor'] },
  { key: 'entry.links.follow', href: '/follow', kind: 'commissioner', roles: 'any' },
  { key: 'entry.links.follow', href: '/follow', kind: 'provider', roles: 'any' },
  { key: 'entry.links.keys', href: '/keys', kind: 'commissioner', roles: ['admin'] },
  { key: 'entry.links.keys', href: '/keys', kind: 'provider', roles: ['admin'] },
  { key: 'entry.links.words', href: '/words', kind: 'commissioner', roles: ['admin'] },
];

/** The links of a visitor's home page. */
export function linksOf({ membership }: Pick<Visit, 'membership'>): Pick<HomeLink, 'key' | 'href'>[] {
  if (membership === null) return [];
  return LINKS.filter(
    ({ kind, roles }) =>
      kind === membership.kind && (roles === 'any' || roles.some((role) => membership.roles.includes(role))),
  ).map(({ key, href }) => ({ key, href }));
}

import type { Role } from '../platform/actor.js';
import type { Visit } from './page/visit.rules.js';

type Kind = 'commissioner' | 'provider' | 'referrer';

/** A place in the main menu: for whom it is, and its name in `navigation.<key>`. */
interface Place {
  readonly key: string;
  readonly href: string;
  readonly kinds: readonly Kind[];
  /** Anybody of these kinds unless given. */
  readonly roles?: readonly Role[];
}

const ALL: readonly Kind[] = ['commissioner', 'provider', 'referrer'];

const PLACES: readonly Place[] = [
  { key: 'home', href: '/', kinds: ALL },
  { key: 'referrals', href: '/referrals', kinds: ['referrer'] },
  { key: 'referrals', href: '/referrals', kinds: ['provider'], roles: ['coordinator'] },
  { key: 'sessions', href: '/sessions', kinds: ['provider'], roles: ['coordinator'] },
  { key: 'claims', href: '/claims', kinds: ['provider'], roles: ['coordinator', 'treasurer', 'auditor'] },
  { key: 'money', href: '/money', kinds: ['provider'] },
  { key: 'batches', href: '/batches', kinds: ['commissioner'] },
  { key: 'payments', href: '/payments', kinds: ['commissioner'], roles: ['finance', 'auditor'] },
  { key: 'contracts', href: '/contracts', kinds: ['commissioner', 'provider'] },
  {
    key: 'statements',
    href: '/statements',
    kinds: ['commissioner'],
    roles: ['finance', 'contract_manager', 'auditor'],
  },
  { key: 'statements', href: '/statements', kinds: ['provider'], roles: ['treasurer', 'coordinator', 'auditor'] },
  {
    key: 'insights',
    href: '/insights',
    kinds: ['commissioner'],
    roles: ['contract_manager', 'approver', 'finance', 'auditor'],
  },
  { key: 'insights', href: '/insights', kinds: ['provider'], roles: ['coordinator', 'treasurer', 'auditor'] },
  { key: 'journal', href: '/journal', kinds: ['commissioner', 'provider'], roles: ['auditor', 'finance', 'admin'] },
  { key: 'people', href: '/people', kinds: ALL, roles: ['admin'] },
];

/** The main menu of a visitor: only places that they may enter. */
export function navigationOf({ membership, session, path }: Pick<Visit, 'membership' | 'session' | 'path'>) {
  const places = membership
    ? PLACES.filter(
        ({ kinds, roles }) =>
          kinds.includes(membership.kind) && (roles?.some((role) => membership.roles.includes(role)) ?? true),
      )
    : [];
  const all = session?.operator ? [...places, { key: 'operations', href: '/operations' }] : places;
  return all.map(({ key, href }) => ({ key: `navigation.${key}`, href, current: isBelow(path, href) }));
}

function isBelow(path: string, href: string): boolean {
  const [at = ''] = path.split('?');
  return at === href || (href !== '/' && at.startsWith(`${href}/`));
}

import type { Actor } from '../platform/actor.js';
import type { Database } from '../platform/database.js';
import { assert } from '../platform/errors.js';
import { Organisation } from './organisation.entity.js';

/**
 * The commissioner whose journal remembers what an organisation does with its people and its keys: a commissioner's own;
 * for a provider or a referrer that of the commissioner that registered it.
 */
export async function journalHomeOf(database: Database, { side, orgId }: Actor): Promise<string> {
  if (side === 'commissioner') return orgId;
  const own = await database.read({ side, orgId }, (reader) => reader.findOneBy(Organisation, { id: orgId }));
  assert(own, 'whoever acts has an organisation');
  return homeOf(own);
}

/** The same of an organisation that was read already. */
export function homeOf({ id, kind, registeredBy }: Pick<Organisation, 'id' | 'kind' | 'registeredBy'>): string {
  if (kind === 'commissioner') return id;
  assert(registeredBy, 'a commissioner registers every provider and referrer');
  return registeredBy;
}

/** Beside what is remembered of an organisation: it may read that itself. */
export function readersOfOrganisation({ id, kind }: Pick<Organisation, 'id' | 'kind'>) {
  return { providerId: kind === 'provider' ? id : null, referrerId: kind === 'referrer' ? id : null };
}

/** Beside what an actor's organisation did: it may read that itself. */
export function readersOf({ side, orgId }: Actor): { providerId: string | null; referrerId: string | null } {
  return { providerId: side === 'provider' ? orgId : null, referrerId: side === 'referrer' ? orgId : null };
}
